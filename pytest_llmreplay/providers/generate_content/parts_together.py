"""Parts of a stream, put together: neighbouring words become one part."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.google.keys import Names

__all__ = ["add_parts"]

_SIGNATURE = "thoughtSignature"
_OF_WORDS = frozenset({"text", "thought", _SIGNATURE})


def add_parts(parts: list[Json], more: Iterable[Json]) -> None:
    """Append parts to those of the events before."""
    for value in more:
        part = Names(value).rest if isinstance(value, dict) else value
        last = parts[-1] if parts else None
        if not isinstance(part, dict) or not isinstance(last, dict) or not _joined(last, part):
            parts.append(part)


def _joined(last: dict[str, Json], part: dict[str, Json]) -> bool:
    """Whether a part only went on with the last one, and is now told there."""
    text = part.get("text")
    if not isinstance(text, str) or part.keys() - _OF_WORDS:
        return False
    signed = _SIGNATURE in part
    if signed and _SIGNATURE in last:
        return False
    if text:
        if not _same_kind(last, part):
            return False
        last["text"] = f"{last['text']}{text}"
    if signed:  # with or without words it signs what was said before
        last[_SIGNATURE] = part[_SIGNATURE]
    return True


def _same_kind(last: dict[str, Json], part: dict[str, Json]) -> bool:
    words = isinstance(last.get("text"), str) and not last.keys() - _OF_WORDS
    return words and last.get("thought", False) == part.get("thought", False)
