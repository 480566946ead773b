"""Putting a stream of interactions together.

https://ai.google.dev/gemini-api/docs/interactions/streaming
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.answers import json_object
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.fields import as_text
from pytest_llmreplay.providers.growing import Place, ToldEvents
from pytest_llmreplay.providers.sse import split

from .draft import Draft

__all__ = ["assemble", "is_end"]

_ENDS = frozenset({"interaction.completed", "interaction.complete"})
"""Events that end an answer, the second until June 2026; behind them only `[DONE]` comes."""
_GROWING = {"text": "text", "arguments_delta": "arguments"}
"""Deltas that only bring more words, and where these stand."""


def assemble(chunks: Sequence[bytes]) -> Assembled:
    """The whole answer; one event ends it."""
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
    """Whether this is the event that ends an answer."""
    if b"interaction.complete" not in chunk:
        return False
    return any(_kind(json_object(event.data)) in _ENDS for event in split(chunk))


def _kind(data: dict[str, Json]) -> str | None:
    return as_text(data.get("event_type"))


def _grows(data: dict[str, Json]) -> Place | None:
    """The words that a delta adds, if it says nothing else."""
    delta = data.get("delta")
    if _kind(data) != "step.delta" or not isinstance(delta, dict):
        return None
    key = _GROWING.get(str(delta.get("type")))
    if key is None or delta.keys() != {"type", key} or not isinstance(delta[key], str):
        return None
    return delta, key
