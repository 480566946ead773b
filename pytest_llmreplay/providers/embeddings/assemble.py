"""A stream where none is expected: its last object is the answer."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.streams.growing import Place, StreamEvents
from pytest_llmreplay.providers.streams.writing import event_bytes

__all__ = ["assemble", "one_event"]


def assemble(chunks: Sequence[bytes]) -> Assembled:
    """The last object that is told; no provider streams vectors."""
    body: dict[str, Json] = {}
    events = StreamEvents(b"".join(chunks), _grows)
    for event in events:
        if isinstance(event.value, dict):
            body = event.value
    return Assembled(body=body, complete=bool(body), broken=events.broken)


def one_event(
    body: dict[str, Json],
    *,
    pieces: int | None,  # noqa: ARG001  # other formats need it
    whole: bool,  # noqa: ARG001  # other formats need it
) -> list[bytes]:
    """The whole answer in one event."""
    return [event_bytes(body)]


def _grows(chunk: dict[str, Json]) -> Place | None:  # what other formats ask
    """Nowhere do words grow."""
