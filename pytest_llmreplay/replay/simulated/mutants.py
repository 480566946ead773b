"""Recorded answers with a fault in them, made without a server."""

from __future__ import annotations

from pytest_llmreplay.compare.check import Pair
from pytest_llmreplay.event import Chunk, Event
from pytest_llmreplay.loopback.reply import Reply as Simulated
from pytest_llmreplay.providers.endpoints.routes import path_of
from pytest_llmreplay.providers.registry import FORMATS
from pytest_llmreplay.replay.calls.decode import replayed_event
from pytest_llmreplay.replay.calls.endpoint import Endpoint
from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.calls.result import CallFailed, Reply
from pytest_llmreplay.replay.unsent.unsendable import recorded_body

from .faults import FAULTS, steady
from .take import Call, RecordedTake

__all__ = ["mutant"]

_ENDPOINT = "http://127.0.0.1"


def mutant(event: Event, fault: str) -> Pair | CallFailed | None:
    """A recorded call beside the same call as a simulated model would answer it.

    Args:
        event: The recording, which can be sent again.
        fault: Name of the simulated model.

    Returns:
        The pair; why there is no answer to compare; none where the fault finds nothing to spoil.
    """
    take = _take(event)
    reply = FAULTS[fault](take)
    if FAULTS[fault] is not steady and reply == take.steady:
        return None
    try:
        replayed = replayed_event(event, _received(reply, take.call, event), target=fault)
    except CallFailed as failure:
        return failure
    return Pair(baseline=event, replayed=replayed, live=True)


def _take(event: Event) -> RecordedTake:
    """The call as a replay makes it: with the usage of a stream asked for."""
    api = FORMATS[event.api]
    body = api.asking_for_usage(recorded_body(event) or {})
    path = path_of(event.exchange.request.url)
    return RecordedTake(Call(api=api, path=path, body=body), event, seed=0)


def _received(reply: Simulated, call: Call, event: Event) -> Reply:
    """An answer of a simulated model, as it would have come over the wire."""
    moments = [piece.after for piece in reply.pieces] or [0.0]
    return Reply(
        status=reply.status,
        headers={name.lower(): text for name, text in reply.headers},
        chunks=tuple(Chunk(at=piece.after, data=piece.data) for piece in reply.pieces),
        at="",
        duration=moments[-1],
        time_to_first_chunk=moments[0],
        outgoing=_sent(call, event),
    )


def _sent(call: Call, event: Event) -> Outgoing:
    return Outgoing(
        endpoint=Endpoint(provider=event.provider, base_url=_ENDPOINT),
        api=event.api,
        path=call.path,
        headers={},
        body=call.body,
        content=b"",
        stream=call.streams,
        model=event.model,
    )
