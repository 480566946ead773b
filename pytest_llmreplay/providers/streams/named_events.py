"""Streams whose server-sent events have a kind each, told in their JSON or beside it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.fields import as_text
from pytest_llmreplay.providers.json_values import json_object

from .growing import Grows, StreamEvents
from .sse import split

__all__ = ["Draft", "assemble_events", "has_end"]


class Draft(Protocol):
    """The answer so far."""

    def add(self, kind: str, data: dict[str, Json]) -> None:
        """Take in the next event."""
        ...

    def body(self) -> dict[str, Json]:
        """The plain body that says the same."""
        ...


def assemble_events(
    draft: Draft,
    chunks: Sequence[bytes],
    *,
    grows: Grows,
    ends: Collection[str],
    kind_in: str = "type",
) -> Assembled:
    """The whole answer of a stream.

    Args:
        draft: Puts it together.
        chunks: The stream.
        grows: Finds the words that may be taken together.
        ends: Kinds of the events that end it.
        kind_in: Key under which an event tells its kind.
    """
    complete = False
    events = StreamEvents(b"".join(chunks), grows)
    for event, _, data in events:
        if isinstance(data, dict):
            kind = as_text(data.get(kind_in)) or event or ""
            complete = complete or kind in ends
            draft.add(kind, data)
    return Assembled(body=draft.body(), complete=complete, broken=events.broken)


def has_end(chunk: bytes, ends: Collection[str], *, kind_in: str = "type") -> bool:
    """Whether an event of a chunk is one of those that end a stream."""
    if not any(end.encode() in chunk for end in ends):
        return False
    return any(as_text(json_object(event.data).get(kind_in)) in ends for event in split(chunk))
