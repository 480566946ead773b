"""What differs between a recorded request body and the one asked now, by the smallest path."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from pytest_llmreplay.cassette.json_paths import shown_path
from pytest_llmreplay.cassette.matching.counted_body import canonical_json
from pytest_llmreplay.event import Json

from .likeness import common

__all__ = ["Difference", "differences", "equal_parts"]

_ALIGNED = 200
"""Lists and texts longer than this are not aligned but compared from both ends."""
_WINDOW = 160
_LONGEST = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One place where two bodies differ."""

    path: str
    """As `messages[1].content`; empty for the body itself."""
    recorded: tuple[str, ...]
    """Lines as recorded; empty where only the call now has something there."""
    now: tuple[str, ...]
    line: int | None = None
    """Of the recorded text, counted from 1, where it has several."""

    @property
    def words(self) -> str:
        """As `body.system differs in line 2`."""
        place = f"body.{self.path}" if self.path and self.path[0] != "[" else f"body{self.path}"
        if not self.recorded:
            return f"{place} is new"
        if not self.now:
            return f"{place} is missing"
        return f"{place} differs" + (f" in line {self.line}" if self.line else "")


def differences(recorded: Json, now: Json) -> Iterator[Difference]:
    """Every difference, in the order of the recorded body."""
    yield from _differences(recorded, now, ())


_Path = tuple[str | int, ...]


def _differences(recorded: Json, now: Json, path: _Path) -> Iterator[Difference]:
    if _same(recorded, now):
        return
    if isinstance(recorded, dict) and isinstance(now, dict):
        yield from _fields(recorded, now, path)
    elif isinstance(recorded, list) and isinstance(now, list):
        yield from _items(recorded, now, path)
    elif isinstance(recorded, str) and isinstance(now, str):
        yield from _texts(recorded, now, path)
    else:
        yield Difference(path=shown_path(path), recorded=_shown(recorded), now=_shown(now))


def _same(one: Json, other: Json) -> bool:
    """Whether two values count as equal: Python holds `True == 1`, JSON does not."""
    return one == other and canonical_json(one) == canonical_json(other)


def _fields(recorded: dict[str, Json], now: dict[str, Json], path: _Path) -> Iterator[Difference]:
    for name in (*recorded, *(name for name in now if name not in recorded)):
        here = (*path, name)
        if name not in now:
            yield _gone(recorded[name], here)
        elif name not in recorded:
            yield _new(now[name], here)
        else:
            yield from _differences(recorded[name], now[name], here)


def _gone(value: Json, path: _Path) -> Difference:
    return Difference(path=shown_path(path), recorded=_shown(value), now=())


def _new(value: Json, path: _Path) -> Difference:
    return Difference(path=shown_path(path), recorded=(), now=_shown(value))


def _items(recorded: list[Json], now: list[Json], path: _Path) -> Iterator[Difference]:
    for start, end, now_start, now_end in _changed_ranges(recorded, now):
        for at in range(max(end - start, now_end - now_start)):
            here = (*path, start + at if start + at < end else now_start + at)
            if start + at >= end:
                yield _new(now[now_start + at], here)
            elif now_start + at >= now_end:
                yield _gone(recorded[start + at], here)
            else:
                yield from _differences(recorded[start + at], now[now_start + at], here)


def _changed_ranges(
    recorded: Sequence[Json], now: Sequence[Json]
) -> Iterator[tuple[int, int, int, int]]:
    """Stretches that differ: from and to in the one, from and to in the other."""
    if max(len(recorded), len(now)) > _ALIGNED:
        start = common(recorded, now)
        rest = min(len(recorded), len(now)) - start
        back = min(rest, common(recorded[::-1], now[::-1]))
        yield start, len(recorded) - back, start, len(now) - back
        return
    before, after = ([canonical_json(item) for item in items] for items in (recorded, now))
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, *where in matcher.get_opcodes():
        if kind != "equal":
            yield where[0], where[1], where[2], where[3]


def _texts(recorded: str, now: str, path: _Path) -> Iterator[Difference]:
    before, after = recorded.split("\n"), now.split("\n")
    several = len(before) > 1 or len(after) > 1
    for start, end, now_start, now_end in _changed_ranges(before, after):
        pairs = _narrowed(before[start:end], after[now_start:now_end])
        yield Difference(
            path=shown_path(path),
            recorded=tuple(pair[0] for pair in pairs if pair[0] is not None),
            now=tuple(pair[1] for pair in pairs if pair[1] is not None),
            line=start + 1 if several else None,
        )


def _narrowed(recorded: Sequence[str], now: Sequence[str]) -> list[tuple[str | None, str | None]]:
    """Lines side by side; of long ones what is around their first difference."""
    count = max(len(recorded), len(now))
    padded = (
        (recorded[n] if n < len(recorded) else None, now[n] if n < len(now) else None)
        for n in range(count)
    )
    return [_window(one, other) for one, other in padded]


def _window(recorded: str | None, now: str | None) -> tuple[str | None, str | None]:
    if recorded is None or now is None:
        return _cut(recorded, 0), _cut(now, 0)
    if max(len(recorded), len(now)) <= _LONGEST:
        return recorded, now
    pairs = zip(recorded, now, strict=False)
    first = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(recorded), len(now)))
    start = max(0, first - _WINDOW)
    return _cut(recorded, start), _cut(now, start)


def _cut(text: str | None, start: int) -> str | None:
    if text is None:
        return None
    end = start + _LONGEST
    return ("…" if start else "") + text[start:end] + ("…" if len(text) > end else "")


def _shown(value: Json) -> tuple[str, ...]:
    if isinstance(value, str) and value:
        lines = value.split("\n")
    else:
        lines = [json.dumps(value, ensure_ascii=False)]
    return tuple(str(_cut(line, 0)) for line in lines)


_SINGULAR = {"messages": "message", "tools": "tool", "contents": "content", "input": "input item"}
_PLURAL = {"input": "input items"}


def equal_parts(recorded: Json, now: Json) -> tuple[str, ...]:
    """What is equal, in words: `model`, `2 tools`, `1 message`."""
    if not isinstance(recorded, dict) or not isinstance(now, dict):
        return ()
    both = (name for name in recorded if name in now)
    words = (_equal(name, recorded[name], now[name]) for name in both)
    return tuple(word for word in words if word)


def _equal(name: str, recorded: Json, now: Json) -> str | None:
    if isinstance(recorded, list) and isinstance(now, list):
        count = sum(1 for item in islice(recorded, _ALIGNED) if item in now)
        if _same(recorded, now):
            count = len(recorded)
        return f"{count} {_counted(name, count)}" if count else None
    return name if _same(recorded, now) else None


def _counted(name: str, count: int) -> str:
    return _SINGULAR.get(name, name) if count == 1 else _PLURAL.get(name, name)
