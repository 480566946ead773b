"""`tool_calls`, `tool_calls:names`, `tool_calls:except=…`: the same functions are asked for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from pytest_llmreplay.compare.answers.answer_view import CallKey, call_key
from pytest_llmreplay.compare.answers.arguments import Change, changes
from pytest_llmreplay.compare.answers.left_out import without
from pytest_llmreplay.compare.check import Aspect, Diverged, Finding, Pair
from pytest_llmreplay.compare.schemas.places import at
from pytest_llmreplay.compare.syntax.bad_spec import BadSpec
from pytest_llmreplay.event import Event, ToolCallPart

from .base import Rule

__all__ = ["ToolCalls", "call_lines"]

_ONE_LINE = 200
_NAMES = 4
_ARGUMENT = re.compile(r"[^\s.,][^\s,]*\.[^\s.,]+")

Calls = Sequence[ToolCallPart]
Keys = Sequence[CallKey]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCalls(Rule):
    """Holds where the same tools are called, with equal arguments or by name alone.

    The ids of calls, the order of parallel calls and the white space of their JSON do not count.
    """

    judges: ClassVar[tuple[Aspect, ...]] = ("tool_calls",)

    names_only: bool = False
    besides: tuple[str, ...] = ()
    """Arguments that do not count, as `refund_order.reason`."""

    @classmethod
    def read(cls, written: str, **asked: Any) -> Self:
        """Read what stands behind `tool_calls:except=`.

        Raises:
            BadSpec: It names no arguments.
        """
        place = 0
        for name in written.split(","):
            if _ARGUMENT.fullmatch(name) is None:
                raise BadSpec("an argument follows here: NAME.ARG, refund_order.reason", place)
            place += len(name) + 1
        return cls(besides=tuple(written.split(",")), **asked)

    def judge(self, pair: Pair) -> Finding:
        """Compare the calls of the answers."""
        if pair.unread:
            return self.unread()
        then, now = pair.then, pair.heard
        if then.sorted_calls == now.sorted_calls:
            return self.held()
        if self.besides or self.names_only:
            return self.over(then.calls, now.calls, pair.baseline)
        keys = then.call_keys, now.call_keys
        return self._compared(then.calls, now.calls, keys, pair.baseline)

    def over(self, then: Calls, now: Calls, baseline: Event) -> Finding:
        """Compare calls whatever their order, each as often as it was made.

        Args:
            then: The recorded ones.
            now: The replayed ones.
            baseline: An event whose request knows the tools.
        """
        if self.besides:
            then, now = (without(calls, self.besides) for calls in (then, now))
        keys = [self._key(call) for call in then], [self._key(call) for call in now]
        return self._compared(then, now, keys, baseline)

    def _compared(
        self, then: Calls, now: Calls, keys: tuple[Keys, Keys], baseline: Event
    ) -> Finding:
        before, after = keys
        old, new = _unmatched(then, before, after), _unmatched(now, after, before)
        if not old and not new:
            return self.held()
        if _names(old) == _names(new):
            return self._other_arguments(baseline, old, new)
        return self._other_names(then, now, old, new)

    def _key(self, call: ToolCallPart) -> CallKey:
        return (call.name, "") if self.names_only else call_key(call)

    def _other_names(self, then: Calls, now: Calls, old: Calls, new: Calls) -> Diverged:
        gone, came = _names(old) - _names(new), _names(new) - _names(old)
        what = _sentence(_listed(gone), _listed(came), then=bool(then), now=bool(now))
        return self.diverged(what, "tool_calls", recorded=call_lines(old), replayed=call_lines(new))

    def _other_arguments(self, baseline: Event, old: Calls, new: Calls) -> Diverged:
        found = [
            change
            for one, other in zip(_sorted(old), _sorted(new), strict=True)
            for change in changes(one, other)
        ]
        first, values = found[0], _choices(baseline, found[0])
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        recorded, replayed = _shown(_sorted(old), _sorted(new), found)
        return self.diverged(
            first.sentence + more,
            "tool_calls",
            cause=f"{first.cause} (enum)" if values else first.cause,
            recorded=recorded,
            replayed=replayed,
            note=_note(first, values),
        )


def _unmatched(calls: Calls, keys: Keys, others: Keys) -> list[ToolCallPart]:
    """The calls that have no equal among the others."""
    left = Counter(others)
    alone: list[ToolCallPart] = []
    for call, key in zip(calls, keys, strict=True):
        if left[key]:
            left[key] -= 1
        else:
            alone.append(call)
    return alone


def _names(calls: Calls) -> Counter[str]:
    return Counter(call.name for call in calls)


def _sorted(calls: Calls) -> Calls:
    return sorted(calls, key=lambda call: call.name)


def _listed(names: Counter[str]) -> str:
    counted = [f"{count} x {name}" if count > 1 else name for name, count in names.items()]
    more = f" and {len(counted) - _NAMES} more" if len(counted) > _NAMES else ""
    return ", ".join(counted[:_NAMES]) + more


def _sentence(gone: str, came: str, *, then: bool, now: bool) -> str:
    if not now:
        return f"no call, recorded {gone}"
    if not then:
        return f"calls {came}, recorded without a call"
    if not gone:
        return f"also calls {came}"
    return f"calls {came}, recorded {gone}" if came else f"does not call {gone}"


def call_lines(calls: Iterable[ToolCallPart]) -> tuple[str, ...]:
    """Calls as a programmer would write them."""
    return tuple(_line(call) for call in calls)


def _line(call: ToolCallPart) -> str:
    if isinstance(call.arguments, dict):
        inside = ", ".join(f"{name}={value!r}" for name, value in call.arguments.items())
    else:
        inside = "" if call.arguments is None else repr(call.arguments)
    return f"{call.name}({inside})"


def _shown(
    old: Calls, new: Calls, found: Sequence[Change]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Whole calls where they fit on a line, else the values that differ."""
    recorded, replayed = call_lines(old), call_lines(new)
    if max(map(len, (*recorded, *replayed))) <= _ONE_LINE:
        return recorded, replayed
    return (
        tuple(f"{c.place} = {c.recorded!r}" for c in found if c.kind != "is new"),
        tuple(f"{c.place} = {c.replayed!r}" for c in found if c.kind != "is missing"),
    )


def _choices(baseline: Event, change: Change) -> str | None:
    """The values that the tool's schema lists for an argument."""
    schemas = {tool.name: tool.parameters for tool in baseline.request.tools}
    schema = at(schemas.get(change.tool), change.path)
    listed = schema.get("enum") if isinstance(schema, dict) else None
    return ", ".join(map(str, listed)) if isinstance(listed, list) else None


def _note(change: Change, values: str | None) -> str | None:
    if values is None or change.kind == "is new":
        return None
    if change.kind == "differs" and str(change.replayed) not in values.split(", "):
        return f"{change.replayed!r} is no value of the tool's schema: {values}."
    return f"The tool's schema lists its values ({values}), so it must be equal."
