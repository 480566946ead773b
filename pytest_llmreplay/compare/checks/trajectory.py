"""`session:trajectory`: the calls of all answers of a session, whatever the turns say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Self, cast, get_args

from pytest_llmreplay.compare.answers.arguments import same
from pytest_llmreplay.compare.answers.content import calls_of, texts_of
from pytest_llmreplay.compare.answers.differences import normalized
from pytest_llmreplay.compare.check import Diverged, Finding, Pair
from pytest_llmreplay.compare.syntax.bad_spec import BadSpec
from pytest_llmreplay.event import Event, ToolCallPart

from .base import Rule
from .text import Text
from .tool_calls import ToolCalls, call_lines

__all__ = ["Trajectory"]

Way = Literal["any", "ordered", "subset", "final"]

_READS = re.compile(
    r"(?:check|count|describe|fetch|find|get|list|look_?up|query|read|search|show|view)(?![a-z])",
)
"""Names of tools that only look."""

Calls = Sequence[ToolCallPart]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectory(Rule):
    """The session makes the recorded calls.

    * any: the same calls with equal arguments, in any order.
    * ordered: in the recorded order.
    * subset: none of a tool that was not called in the recording.
    * final: the same last words, and the same calls of tools whose names do not say that they
      only look: `get_order` and `search` may be called more or less often.
    """

    way: Way = "any"

    @classmethod
    def read(cls, written: str, **asked: Any) -> Self:
        """Read what stands behind `trajectory`.

        Raises:
            BadSpec: It is no way to compare.
        """
        word = written.removeprefix(":") if written else "any"
        ways = get_args(Way)[1:]
        if written and (word not in ways or written == word):
            raise BadSpec(f"nothing follows here, or :{', :'.join(ways)}")
        return cls(way=cast("Way", word), **asked)

    def judge(self, pairs: Sequence[Pair]) -> Finding:
        """Compare the calls of all turns."""
        if not pairs:
            return self.not_measured("the session has no answer")
        cut = next((n for n, pair in enumerate(pairs) if pair.replayed.response.error), None)
        if cut is not None:
            return self.not_measured(f"call {cut + 1} of {len(pairs)} has no answer")
        then = _calls(event for pair in pairs for event in pair.course[0])
        now = _calls(event for pair in pairs for event in pair.course[1])
        if self.way == "subset":
            return self._subset(then, now)
        if self.way == "final":
            return self._final(pairs, then, now)
        found = self._same(then, now, pairs[0].baseline)
        if isinstance(found, Diverged) or self.way == "any":
            return found
        return self._ordered(then, now)

    def _same(self, then: Calls, now: Calls, baseline: Event) -> Finding:
        rule = ToolCalls(spec=self.spec, gated=self.gated, asked=self.asked)
        return rule.over(then, now, baseline)

    def _ordered(self, then: Calls, now: Calls) -> Finding:
        for place, (one, other) in enumerate(zip(then, now, strict=True)):
            if one.name != other.name or not same(one.arguments or {}, other.arguments or {}):
                return self.diverged(
                    f"call {place + 1} is {other.name}, recorded {one.name}: another order",
                    "tool_calls",
                    cause="another order",
                    recorded=call_lines(then),
                    replayed=call_lines(now),
                )
        return self.held()

    def _subset(self, then: Calls, now: Calls) -> Finding:
        known = {call.name for call in then}
        strange = [call for call in now if call.name not in known]
        if not strange:
            return self.held()
        names = ", ".join(dict.fromkeys(call.name for call in strange))
        return self.diverged(
            f"calls {names}, which the recording never does",
            "tool_calls",
            replayed=call_lines(strange),
        )

    def _final(self, pairs: Sequence[Pair], then: Calls, now: Calls) -> Finding:
        found = self._same(_acting(then), _acting(now), pairs[0].baseline)
        if isinstance(found, Diverged):
            return found
        old, new = pairs[-1].course
        if _words(old[-1]) == _words(new[-1]):
            return self.held()
        last = replace(pairs[-1], baseline=old[-1], replayed=new[-1])
        return Text(spec=self.spec, gated=self.gated, normalized=True).judge(last)


def _calls(events: Iterable[Event]) -> Calls:
    return [call for event in events for call in calls_of(event.response)]


def _acting(calls: Calls) -> Calls:
    return [call for call in calls if _READS.match(call.name.lower()) is None]


def _words(event: Event) -> list[str]:
    return [normalized(text) for text in texts_of(event.response)]
