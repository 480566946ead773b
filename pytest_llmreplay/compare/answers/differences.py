"""The smallest useful difference between two texts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TypeVar

__all__ = ["MARKS", "Hunk", "Segment", "edges", "hunks", "normalized", "segments", "similar"]

MARKS = "[\u0300-\u036f\u1ab0-\u1aff\u20d0-\u20ff\ufe0e\ufe0f]"
"""What stays with the character before it: combining marks and forms of signs."""

_TOKEN = re.compile(rf"(?:\w{MARKS}*)+|\s+|(?s:.){MARKS}*")
_QUOTES = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4\u0060", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
)
_RUN = 64  # compared at once, which is quicker than one by one
_MOST_TOKENS = 400
"""More than this is not worth the quadratic time of a word-by-word comparison."""
_MOST_LINES = 400
_LIKE = 0.5

ItemT = TypeVar("ItemT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A piece of a line."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """Neighbouring lines that differ."""

    line: int
    """First line of it in the recorded text, counted from 1."""
    recorded: tuple[str, ...]
    replayed: tuple[str, ...]


def normalized(text: str) -> str:
    """Text without differences that nobody reads: NFKC, quotes and dashes, runs of white space."""
    if text.isascii():  # has one such quote, and forms of nothing
        return " ".join(text.replace("`", "'").split())
    return " ".join(unicodedata.normalize("NFKC", text.translate(_QUOTES)).split())


def hunks(recorded: Sequence[str], replayed: Sequence[str]) -> tuple[Hunk, ...]:
    """Where two texts differ, line by line, in their order."""
    head, left, right, _ = edges(recorded, replayed)
    codes: Iterable[tuple[str, int, int, int, int]] = [("replace", 0, len(left), 0, len(right))]
    if max(len(left), len(right)) <= _MOST_LINES:
        codes = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    return tuple(
        Hunk(line=head + i + 1, recorded=tuple(left[i:j]), replayed=tuple(right[k:m]))
        for tag, i, j, k, m in codes
        if tag != "equal" and j + m > i + k
    )


def segments(recorded: str, replayed: str) -> tuple[tuple[Segment, ...], tuple[Segment, ...]]:
    """Both lines cut where they differ, by words."""
    old, new = _tokens(recorded), _tokens(replayed)
    left: list[Segment] = []
    right: list[Segment] = []
    for tag, i, j, k, m in _opcodes(old, new):
        changed = tag != "equal"
        _append(left, "".join(old[i:j]), changed=changed)
        _append(right, "".join(new[k:m]), changed=changed)
    return tuple(left), tuple(right)


def similar(recorded: Sequence[Segment], replayed: Sequence[Segment]) -> bool:
    """Whether the lines have more in common than not, so that marks under them help."""
    same = sum(len(piece.text) for piece in recorded if not piece.changed)
    both = [*recorded, *replayed]
    return 2 * same >= _LIKE * sum(len(piece.text) for piece in both)


def _append(pieces: list[Segment], text: str, *, changed: bool) -> None:
    if text:
        pieces.append(Segment(text=text, changed=changed))


def _tokens(text: str) -> list[str]:
    """Words, runs of blanks and single signs."""
    return _TOKEN.findall(text)


def _opcodes(old: list[str], new: list[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """How one list becomes the other; a blank between two changes counts as changed."""
    head, left, right, tail = edges(old, new)
    yield "equal", 0, head, 0, head
    if max(len(left), len(right)) > _MOST_TOKENS:
        yield "replace", head, head + len(left), head, head + len(right)
    else:
        for tag, i, j, k, m in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
            lonely = tag == "equal" and not "".join(left[i:j]).strip()
            yield ("replace" if lonely else tag), head + i, head + j, head + k, head + m
    yield "equal", len(old) - tail, len(old), len(new) - tail, len(new)


def edges(
    old: Sequence[ItemT], new: Sequence[ItemT]
) -> tuple[int, Sequence[ItemT], Sequence[ItemT], int]:
    """Length of the common beginning, what differs of each, length of the common end."""
    head = _common(old, new)
    left, right = old[head:], new[head:]
    tail = _common(left[::-1], right[::-1])
    return head, left[: len(left) - tail], right[: len(right) - tail], tail


def _common(one: Sequence[ItemT], other: Sequence[ItemT]) -> int:
    most, start = min(len(one), len(other)), 0
    while start < most and one[start : start + _RUN] == other[start : start + _RUN]:
        start += _RUN
    return next((at for at in range(start, most) if one[at] != other[at]), most)
