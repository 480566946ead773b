"""A stream where none is expected: its last object is the answer."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.growing import Place, told_events

__all__ = ["assemble"]


def assemble(chunks: Sequence[bytes]) -> Assembled:
    """The last object that is told; no provider streams vectors."""
    body: dict[str, Json] = {}
    for told in told_events(b"".join(chunks), _grows):
        if isinstance(told.value, dict):
            body = told.value
    return Assembled(body=body, complete=bool(body))


def _grows(chunk: dict[str, Json]) -> Place | None:  # what other formats ask
    """Nowhere do words grow."""
