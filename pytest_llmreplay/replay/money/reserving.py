"""The most that a call can cost, before it is made."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_llmreplay.compare.figures.prices import price
from pytest_llmreplay.compare.figures.tokens import tokens_of_request
from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.event import (
    Exchange,
    HttpRequest,
    HttpResponse,
    JsonBody,
    Request,
    Usage,
)
from pytest_llmreplay.providers.registry import decoder_of
from pytest_llmreplay.replay.calls.outgoing import Outgoing

__all__ = ["Most", "is_free", "most"]

_UNLIMITED = 4096
"""Tokens of an answer that nothing limits and nothing recorded tells of."""

_COUNTLESS = 1_000_000_000
"""More tokens than any answer has; a request may name a number that no price can be told of."""

_MARGIN = 1.25
"""Tokenizers differ: a text takes so much more where it was not this model that counted."""

_TIMES = 4
"""How many times the recorded answer another one may be long, where no limit is asked for."""


def is_free(outgoing: Outgoing) -> bool:
    """Whether nobody is paid: a server on this machine, unless a person gave it a price."""
    return outgoing.endpoint.loopback and outgoing.price is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Most:
    """What a call can cost, or is taken to cost where its request names no limit."""

    amount: float
    """USD."""
    limited: bool
    """Whether the request names a limit."""


def most(outgoing: Outgoing) -> Most:
    """What a call can cost, or is taken to cost where its request names no limit.

    Raises:
        ReplayError: Nobody knows a price, so nobody can say.
    """
    request = _request(outgoing)
    usage = Usage(
        input_tokens=_input(request, outgoing),
        output_tokens=_output(request, outgoing.recorded.usage.output_tokens),
    )
    if outgoing.price is not None:
        amount = outgoing.price.of(usage)
    else:
        amount = price(outgoing.endpoint.provider, outgoing.model or "", usage)
    if amount is None:
        raise ReplayError(
            f"--llm-max-cost: no list price for {outgoing.endpoint.provider}/{outgoing.model}, "
            "so nothing is sent; give its target a `price:` in llmreplay.yaml"
        )
    return Most(amount=amount, limited=_limit(request) > 0)


def _input(request: Request, outgoing: Outgoing) -> int:
    recorded = outgoing.recorded
    counted, _ = tokens_of_request(request, outgoing.model)
    recorded_tokens = recorded.usage.input_tokens or 0
    if recorded_tokens and recorded.model == outgoing.model:
        return max(recorded_tokens, counted)
    return round(_MARGIN * max(recorded_tokens, counted))


def _output(request: Request, recorded: int | None) -> int:
    if limit := _limit(request):
        return min(limit * max(request.choice_count or 1, 1), _COUNTLESS)
    return _UNLIMITED if recorded is None else _TIMES * recorded


def _limit(request: Request) -> int:
    """Tokens of a choice at most; 0 where the request names no limit, as Ollama's -1 does."""
    return max(request.max_tokens or 0, 0)


def _request(outgoing: Outgoing) -> Request:
    asked = HttpRequest(method="POST", url=outgoing.url, body=JsonBody(value=dict(outgoing.body)))
    exchange = Exchange(request=asked, response=HttpResponse(status=200))
    return decoder_of(outgoing.api).request(exchange)
