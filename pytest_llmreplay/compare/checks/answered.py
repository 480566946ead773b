"""`answered`: there is a whole answer."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_llmreplay.compare.answers import has_answer
from pytest_llmreplay.compare.check import Finding, Pair

from .base import Rule

__all__ = ["Answered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Rule):
    """The answer is not empty, and not cut by length where the recorded one was not."""

    def judge(self, pair: Pair) -> Finding:
        """Look at the answer; errors never come here."""
        then, now = pair.baseline.response, pair.replayed.response
        if not has_answer(now) and has_answer(then):
            lines = tuple("\n".join(pair.then.texts).split("\n"))
            return self.diverged("the answer is empty", "error", recorded=lines)
        if now.finish_reason == "length" and then.finish_reason != "length":
            limit = pair.replayed.request.max_tokens
            room = f" at max_tokens {limit}" if limit is not None else ""
            return self.diverged(
                f"the answer was cut by length{room}", "finish_reason", cause="cut by length"
            )
        return self.held()
