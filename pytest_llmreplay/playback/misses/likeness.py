"""How much of two request bodies is equal, to find the nearest among many."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from pytest_llmreplay.cassette.matching.counted_body import canonical_json
from pytest_llmreplay.event import Json

__all__ = ["closeness", "common", "likeness", "shared"]

_COMPARED = 2000
"""Words that are looked at one by one."""
_WORD = re.compile(r"\w+")
_NEARLY = 0.9
"""What a part that is only alike counts at most."""


def likeness(recorded: Json, now: Json) -> float:
    """How much of two bodies is equal, from 0 to 1; cheap, for many candidates."""
    if recorded == now:
        return 1.0
    if isinstance(recorded, dict) and isinstance(now, dict):
        names = recorded.keys() | now.keys()
        return sum(likeness(recorded.get(name), now.get(name)) for name in names) / len(names)
    if isinstance(recorded, list) and isinstance(now, list) and recorded and now:
        start = common(recorded, now)
        pair = [part[start : start + 1] for part in (recorded, now)]
        first = likeness(pair[0][0], pair[1][0]) if all(pair) else 0.0
        return _NEARLY * (start + first) / max(len(recorded), len(now))
    if isinstance(recorded, str) and isinstance(now, str):
        return _NEARLY * sum(shared(recorded, now)) / max(len(recorded), len(now))
    return 0.0


def closeness(recorded: Json, now: Json) -> float:
    """As `likeness`, but with an eye on every word; for few candidates."""
    one, other = canonical_json(recorded), canonical_json(now)
    total = max(len(one), len(other))
    start, end = shared(one, other)
    rests = (text[start : len(text) - end] for text in (one, other))
    before, after = (_WORD.findall(rest[:_COMPARED]) for rest in rests)
    ratio = difflib.SequenceMatcher(None, before, after, autojunk=False).ratio()
    return (start + end + ratio * (total - start - end)) / total


def common(one: Sequence[Json], other: Sequence[Json]) -> int:
    """How many members two lists share at the start."""
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def shared(one: str, other: str) -> tuple[int, int]:
    """How many characters two texts share at the start, and how many more at the end."""
    start = _prefix(one, other)
    return start, _prefix(one[start:][::-1], other[start:][::-1])


def _prefix(one: str, other: str) -> int:
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
