"""A cheap look at a stream: whether its pieces, read as one, could hold a secret."""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["might_join"]

_OTHER_INDEX = re.compile(r"\"(?:index|contentBlockIndex)\"\s*:\s*[1-9]")
_BACKSLASHES, _QUOTE = "\x00", "\x01"
"""Stand for an escaped backslash and an escaped quote; JSON has no such characters."""
_OPENINGS = frozenset({"data: {", "data:{", "{"})
"""What stands before the first name of an event."""


def might_join(text: str, might_change: Callable[[str], bool]) -> bool:
    """Whether pieces of a stream, read as one, could be what no piece is; no is always right.

    Args:
        text: The whole stream, none of whose letters is hidden behind an escape.
        might_change: Whether redaction could change a text or JSON text; no is always right.
    """
    if _OTHER_INDEX.search(text):
        return True
    places: dict[tuple[str, int], list[str]] = {}
    inner = text.replace("\\\\", _BACKSLASHES).replace('\\"', _QUOTE)
    lines = [line for line in inner.split("\n") if '"' in line]
    if not lines or not all(_sorted_in(line, places) for line in lines):
        return True
    joined = ("".join(pieces) for pieces in places.values())
    return any(might_change(_with_escapes(one)) for one in joined)


def _sorted_in(line: str, places: dict[tuple[str, int], list[str]]) -> bool:
    """Put the texts of one event to those at the same places of others; no where that is unclear.

    A place is the name of a field and how often it was met in this event. Lists of texts, and
    what is no JSON, are left to those who parse.
    """
    parts = line.split('"')
    if len(parts) % 2 == 0 or parts[0].strip() not in _OPENINGS:
        return False
    name, value_follows = "", False
    met: list[str] = []
    for piece, after in zip(parts[1::2], parts[2::2], strict=True):
        if after[:1] == ":" or after.lstrip()[:1] == ":":
            name, value_follows = piece, after.strip() == ":"
        elif value_follows:
            places.setdefault((name, met.count(name)), []).append(piece)
            met.append(name)
            value_follows = False
        else:
            return False
    return True


def _with_escapes(text: str) -> str:
    return text.replace(_QUOTE, '\\"').replace(_BACKSLASHES, "\\\\")
