"""Putting a stream of interactions together.

https://ai.google.dev/gemini-api/docs/interactions/streaming
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.streams.growing import Place
from pytest_llmreplay.providers.streams.named_events import assemble_events, has_end

from .draft import Draft

__all__ = ["assemble", "is_end"]

_ENDS = frozenset({"interaction.completed", "interaction.complete"})
"""Events that end an answer, the second until June 2026; behind them only `[DONE]` comes."""
_KIND = "event_type"
_GROWING = {"text": "text", "arguments_delta": "arguments"}
"""Deltas that only bring more words, and where these stand."""


def assemble(chunks: Sequence[bytes]) -> Assembled:
    """The whole answer; one event ends it."""
    return assemble_events(Draft(), chunks, grows=_grows, ends=_ENDS, kind_in=_KIND)


def is_end(chunk: bytes) -> bool:
    """Whether this is the event that ends an answer."""
    return has_end(chunk, _ENDS, kind_in=_KIND)


def _grows(data: dict[str, Json]) -> Place | None:
    """The words that a delta adds, if it says nothing else."""
    delta = data.get("delta")
    if data.get(_KIND) != "step.delta" or not isinstance(delta, dict):
        return None
    key = _GROWING.get(str(delta.get("type")))
    if key is None or delta.keys() != {"type", key} or not isinstance(delta[key], str):
        return None
    return delta, key
