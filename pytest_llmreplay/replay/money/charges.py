"""What one attempt cost, by what came of it."""

from __future__ import annotations

from pytest_llmreplay.compare.figures.own_price import priced
from pytest_llmreplay.compare.figures.prices import cost
from pytest_llmreplay.event import FIRST_ERROR, FIRST_SERVER_ERROR, Event
from pytest_llmreplay.providers.registry import decoder_of
from pytest_llmreplay.replay.calls.decode import exchange_of
from pytest_llmreplay.replay.calls.result import CallFailed, FailureKind, Reply

__all__ = ["charge_of"]

_NOT_BEGUN: frozenset[FailureKind] = frozenset({"connect", "stale", "dns", "tls", "redirect"})
"""Failures before any model had the request."""

_UNAVAILABLE = frozenset({503, 529})
"""Answers of servers that took no more work; all other 5xx may come after it was done."""
_SLOW = 408


def charge_of(came: Reply | CallFailed) -> float | None:
    """USD of one attempt; none where nobody knows, as the provider may have charged it."""
    if isinstance(came, CallFailed):
        return 0.0 if came.kind in _NOT_BEGUN else None
    if _is_refusal(came.status):
        return 0.0
    return _cost(came)


def _is_refusal(status: int) -> bool:
    return (
        FIRST_ERROR <= status < FIRST_SERVER_ERROR and status != _SLOW
    ) or status in _UNAVAILABLE


def _cost(reply: Reply) -> float | None:
    sent, exchange = reply.outgoing, exchange_of(reply)
    decoder = decoder_of(sent.api)
    answer = decoder.response(exchange)
    if answer.truncated:
        return None  # usage that came so far is not all
    event = Event(
        number=0,
        provider=sent.endpoint.provider,
        model=sent.model,
        api=sent.api,
        exchange=exchange,
        decoder=decoder,
    )
    return cost(event.decoded_as(priced(answer, sent.price)))
