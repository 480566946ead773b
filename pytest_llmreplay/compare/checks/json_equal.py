"""`json`: both answers are the same JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import ClassVar

from pytest_llmreplay.compare.answers.answer_view import JsonAnswer
from pytest_llmreplay.compare.answers.arguments import differing, same
from pytest_llmreplay.compare.check import Aspect, Finding, Pair
from pytest_llmreplay.event import Json

from .base import Rule

__all__ = ["JsonEqual"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonEqual(Rule):
    """The parsed answers are equal; white space and the order of keys do not count."""

    judges: ClassVar[tuple[Aspect, ...]] = ("text",)

    def judge(self, pair: Pair) -> Finding:
        """Compare the words of every choice as JSON."""
        then, now = pair.then.json, pair.now.json
        if not then or any(one.problem for one in then):
            return self.not_measured("the recorded answer is no JSON")
        if len(then) != len(now):
            return self.diverged(f"{len(now)} of {len(then)} choices", "structure")
        found = (self._compare_choice(one, other) for one, other in zip(then, now, strict=True))
        return next((one for one in found if one is not None), self.held())

    def _compare_choice(self, then: JsonAnswer, now: JsonAnswer) -> Finding | None:
        if now.problem or now.fenced > then.fenced:
            problem = now.problem or "no JSON: it stands in a code fence"
            return self.diverged(
                f"the answer is {problem}", "structure", cause=problem.partition(":")[0]
            )
        if same(then.value, now.value):
            return None
        changes = differing("", then.value, now.value)
        more = f" (and {len(changes) - 1} more)" if len(changes) > 1 else ""
        return self.diverged(
            changes[0].sentence + more,
            "structure",
            cause=changes[0].cause,
            recorded=_lines(then.value),
            replayed=_lines(now.value),
        )


def _lines(value: Json) -> tuple[str, ...]:
    return tuple(json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True).split("\n"))
