"""Putting a stream of Ollama together: JSON lines, of which the last is done."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.fields import as_object
from pytest_llmreplay.providers.streams.json_lines import JsonLines, values_of

__all__ = ["assemble", "is_end"]

_GROWING = frozenset({"content", "response", "thinking"})
_LISTS = frozenset({"tool_calls", "logprobs"})


def assemble(chunks: Sequence[bytes]) -> Assembled:
    """The whole answer; the line with `"done": true` ends it."""
    body: dict[str, Json] = {}
    complete = False
    lines = JsonLines(b"".join(chunks))
    for line in lines.values:
        piece = line.pop("message", None)
        _merge(body, line)
        complete = complete or line.get("done") is True
        if isinstance(piece, dict):
            body["message"] = message = dict(as_object(body.get("message")))
            _merge(message, piece)
    return Assembled(body=body, complete=complete, broken=lines.broken)


def is_end(chunk: bytes) -> bool:
    """Whether this is the line with `"done": true`."""
    return any(line.get("done") is True for line in values_of(chunk))


def _merge(body: dict[str, Json], piece: dict[str, Json]) -> None:
    """Words and calls are added to those before; of all else, what comes last counts."""
    for key, value in piece.items():
        before = body.get(key)
        if key in _GROWING and isinstance(before, str) and isinstance(value, str):
            body[key] = before + value
        elif key in _LISTS and isinstance(before, list) and isinstance(value, list):
            body[key] = [*before, *value]
        elif value is not None or key not in body:
            body[key] = value
