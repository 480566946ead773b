"""What differs between the arguments of two tool calls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from pytest_llmreplay.event import Json, ToolCallPart

__all__ = ["Change", "canonical", "changes", "differing", "dotted", "same"]

_SHOWN = 48
_LARGE = 20_000
"""Characters above which deepdiff takes seconds."""

Path = tuple[str | int, ...]

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One value that is not the recorded one."""

    tool: str
    path: Path
    kind: Literal["differs", "is missing", "is new"]
    recorded: Json = None
    replayed: Json = None

    @property
    def place(self) -> str:
        """`refund_order.items[2].reason`."""
        return (self.tool + dotted(self.path)).removeprefix(".") or "the answer"

    @property
    def cause(self) -> str:
        """The change without the place in a list: `refund_order.items[].reason differs`."""
        path = tuple("[]" if isinstance(step, int) else step for step in self.path)
        place = f"{self.tool}{dotted(path)}".removeprefix(".") or "the answer"
        return f"{place} {self.kind}"

    @property
    def sentence(self) -> str:
        """`refund_order.reason is 'unwanted', recorded 'damaged'`."""
        if self.kind == "is new":
            return f"{self.place} is new: {_short(self.replayed)}"
        if self.kind == "is missing":
            return f"{self.place} is missing, recorded {_short(self.recorded)}"
        return f"{self.place} is {_short(self.replayed)}, recorded {_short(self.recorded)}"


def same(one: Json, other: Json) -> bool:
    """Equal as JSON: `1` is `1.0`, and neither is `true`."""
    if isinstance(one, str):
        return one == other
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def canonical(value: Json) -> str:
    """The same text for all that `same` calls equal."""
    text = _encode(value)
    # Whole numbers may be written as `2.0` and `1e+16`; hardly any are.
    return _encode(_folded(value)) if ".0" in text or "e+" in text else text


def changes(recorded: ToolCallPart, replayed: ToolCallPart) -> tuple[Change, ...]:
    """Every value that differs between two calls of one tool, in the order of the recorded call."""
    return differing(recorded.name, recorded.arguments or {}, replayed.arguments or {})


def differing(name: str, then: Json, now: Json) -> tuple[Change, ...]:
    """Every place where two values differ, in the order of the recorded one."""
    return tuple(_Search(name, then, now).places(then, now, ()))


class _Search:
    """A search for all places where two values differ."""

    def __init__(self, tool: str, *whole: Json) -> None:
        self._tool, self._whole = tool, whole

    @cached_property
    def _small(self) -> bool:
        """Whether the lists are small enough to look for items that have moved."""
        return max(map(len, map(_encode, self._whole))) <= _LARGE

    def places(self, then: Json, now: Json, path: Path) -> Iterator[Change]:
        if isinstance(then, dict) and isinstance(now, dict):
            yield from self._keys(then, now, path)
        elif isinstance(then, list) and isinstance(now, list):
            yield from self._items(then, now, path)
        elif not same(then, now):
            yield self._differs(then, now, path)

    def _keys(self, then: dict[str, Json], now: dict[str, Json], path: Path) -> Iterator[Change]:
        for key, value in then.items():
            if key in now:
                yield from self.places(value, now[key], (*path, key))
            else:
                yield self._missing(value, (*path, key))
        for key, value in now.items():
            if key not in then:
                yield self._new(value, (*path, key))

    def _items(self, then: list[Json], now: list[Json], path: Path) -> Iterator[Change]:
        both = enumerate(zip(then, now, strict=False))
        apart = [place for place, (one, other) in both if not same(one, other)]
        if (len(then) != len(now) or len(apart) > 1) and _is_plain(then) and _is_plain(now):
            yield from self._moved(then, now, path)
            return
        for place in apart:
            yield from self.places(then[place], now[place], (*path, place))
        for place, item in enumerate(then[len(now) :], len(now)):
            yield self._missing(item, (*path, place))
        for place, item in enumerate(now[len(then) :], len(then)):
            yield self._new(item, (*path, place))

    def _moved(self, then: list[Json], now: list[Json], path: Path) -> Iterator[Change]:
        """What differs between plain items, of which one more may move all that follow."""
        found = [*self._deep(then, now, path)] if self._small else []
        found.sort(key=lambda one: (int(one.path[-1]), one.kind))
        yield from found or [self._differs(then, now, path)]

    def _deep(self, then: list[Json], now: list[Json], path: Path) -> Iterator[Change]:
        from deepdiff import DeepDiff  # noqa: PLC0415 - 0.1 s, paid only when items have moved

        found = DeepDiff(then, now, view="tree", threshold_to_diff_deeper=0)
        for kind, levels in found.items():
            for level in levels:
                here = (*path, *level.path(output_format="list"))
                if "added" in kind:
                    yield self._new(level.t2, here)
                elif "removed" in kind:
                    yield self._missing(level.t1, here)
                elif not same(level.t1, level.t2):
                    yield self._differs(level.t1, level.t2, here)

    def _differs(self, then: Json, now: Json, path: Path) -> Change:
        return Change(tool=self._tool, path=path, kind="differs", recorded=then, replayed=now)

    def _missing(self, then: Json, path: Path) -> Change:
        return Change(tool=self._tool, path=path, kind="is missing", recorded=then)

    def _new(self, now: Json, path: Path) -> Change:
        return Change(tool=self._tool, path=path, kind="is new", replayed=now)


def _is_plain(items: list[Json]) -> bool:
    return not any(isinstance(item, dict | list) for item in items)


def _folded(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _folded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_folded(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def dotted(path: Path) -> str:
    """`.items[2].reason`."""
    steps = (
        f"[{step}]" if isinstance(step, int) else step if step == "[]" else f".{step}"
        for step in path
    )
    return "".join(steps)


def _short(value: Json) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
