"""Putting a stream of responses together."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.answers import json_object
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.growing import Place, ToldEvents
from pytest_llmreplay.providers.sse import split

from .draft import GROWING, Draft

__all__ = ["assemble", "is_end"]

_ENDS = frozenset({"response.completed", "response.incomplete", "response.failed"})
"""Events that end a stream."""


def assemble(chunks: Sequence[bytes]) -> Assembled:
    """The whole answer; one of three events ends it."""
    draft = Draft()
    complete = False
    events = ToldEvents(b"".join(chunks), _grows)
    for event, _, data in events:
        if isinstance(data, dict):
            kind = _kind(data) or event or ""
            complete = complete or kind in _ENDS
            draft.add(kind, data)
    return Assembled(body=draft.body(), complete=complete, broken=events.broken)


def is_end(chunk: bytes) -> bool:
    """Whether this is one of the events that end a stream."""
    if not any(end.encode() in chunk for end in _ENDS):
        return False
    return any(_kind(json_object(event.data)) in _ENDS for event in split(chunk))


def _kind(data: dict[str, Json]) -> str | None:
    kind = data.get("type")
    return kind if isinstance(kind, str) and kind else None


def _grows(data: dict[str, Json]) -> Place | None:
    """The words that a delta adds, if it says nothing else."""
    if _kind(data) not in GROWING or not isinstance(data.get("delta"), str):
        return None
    return None if data.get("logprobs") else (data, "delta")
