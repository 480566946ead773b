"""Putting a stream of responses together."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.fields import as_text
from pytest_llmreplay.providers.streams.growing import Place
from pytest_llmreplay.providers.streams.named_events import assemble_events, has_end

from .draft import GROWING, Draft

__all__ = ["assemble", "is_end"]

_ENDS = frozenset({"response.completed", "response.incomplete", "response.failed"})
"""Events that end a stream."""


def assemble(chunks: Sequence[bytes]) -> Assembled:
    """The whole answer; one of three events ends it."""
    return assemble_events(Draft(), chunks, grows=_grows, ends=_ENDS)


def is_end(chunk: bytes) -> bool:
    """Whether this is one of the events that end a stream."""
    return has_end(chunk, _ENDS)


def _grows(data: dict[str, Json]) -> Place | None:
    """The words that a delta adds, if it says nothing else."""
    if as_text(data.get("type")) not in GROWING or not isinstance(data.get("delta"), str):
        return None
    return None if data.get("logprobs") else (data, "delta")
