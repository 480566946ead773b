"""What differs between the arguments of two tool calls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pytest_llmreplay.event import Json, ToolCallPart

__all__ = ["Change", "canonical", "changes", "differing", "dotted", "same"]

_SHOWN = 48
_LARGE = 20_000
"""Characters above which deepdiff takes seconds."""

Path = tuple[str | int, ...]


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
        """The same for every element of a list: `refund_order.items[].reason differs`."""
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
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def canonical(value: Json) -> str:
    """The same text for all that `same` calls equal."""
    return json.dumps(_folded(value), sort_keys=True, separators=(",", ":"))


def changes(recorded: ToolCallPart, replayed: ToolCallPart) -> tuple[Change, ...]:
    """Every value that differs between two calls of one tool, in the order of the recorded call."""
    return differing(recorded.name, recorded.arguments or {}, replayed.arguments or {})


def differing(name: str, then: Json, now: Json) -> tuple[Change, ...]:
    """Every place where two values differ, in the order of the recorded one."""
    found: tuple[Change, ...] = ()
    if isinstance(then, dict | list) and type(then) is type(now):
        large = max(len(canonical(then)), len(canonical(now))) > _LARGE
        found = tuple(_in_place(name, then, now, ()) if large else _deep(name, then, now))
    if found and isinstance(then, dict) and isinstance(now, dict):
        order = {key: place for place, key in enumerate([*then, *now])}
        found = tuple(
            sorted(found, key=lambda one: order.get(str(one.path[0]), 0) if one.path else 0)
        )
    return found or (Change(tool=name, path=(), kind="differs", recorded=then, replayed=now),)


def _deep(tool: str, then: Json, now: Json) -> Iterator[Change]:
    from deepdiff import DeepDiff  # noqa: PLC0415 - 0.1 s, paid only when arguments differ

    found = DeepDiff(then, now, view="tree", threshold_to_diff_deeper=0)
    for kind, levels in found.items():
        for level in levels:
            path = tuple(level.path(output_format="list"))
            if "added" in kind:
                yield Change(tool=tool, path=path, kind="is new", replayed=level.t2)
            elif "removed" in kind:
                yield Change(tool=tool, path=path, kind="is missing", recorded=level.t1)
            elif not same(level.t1, level.t2):
                yield Change(
                    tool=tool, path=path, kind="differs", recorded=level.t1, replayed=level.t2
                )


def _in_place(tool: str, then: Json, now: Json, path: Path) -> Iterator[Change]:
    """What differs at each place, without a search for what has moved."""
    if isinstance(then, dict) and isinstance(now, dict):
        for key in (*then, *(key for key in now if key not in then)):
            here = (*path, key)
            if key not in now:
                yield Change(tool=tool, path=here, kind="is missing", recorded=then[key])
            elif key not in then:
                yield Change(tool=tool, path=here, kind="is new", replayed=now[key])
            else:
                yield from _in_place(tool, then[key], now[key], here)
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for place, (one, other) in enumerate(zip(then, now, strict=True)):
            yield from _in_place(tool, one, other, (*path, place))
    elif not same(then, now):
        yield Change(tool=tool, path=path, kind="differs", recorded=then, replayed=now)


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
