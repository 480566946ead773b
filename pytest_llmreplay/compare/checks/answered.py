"""`answered`: there is a whole answer."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

from pytest_llmreplay.compare.answers.content import alone, has_answer
from pytest_llmreplay.compare.check import Finding, Pair
from pytest_llmreplay.event import Response

from .base import Rule, choice_named

__all__ = ["Answered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Rule):
    """No choice is empty, or cut by length, where the recorded one was not."""

    def judge(self, pair: Pair) -> Finding:
        """Look at each choice; errors never come here."""
        recorded = alone(pair.baseline.response)
        both = zip_longest(recorded, alone(pair.replayed.response))
        for place, (then, now) in enumerate(both):
            which = choice_named(place, len(recorded))
            if then and has_answer(then) and not (now and has_answer(now)):
                return self._empty(pair, place, which)
            if now and _is_cut(now) and not (then and _is_cut(then)):
                return self._cut(pair, which)
        return self.held()

    def _empty(self, pair: Pair, place: int, which: str) -> Finding:
        lines = tuple(pair.then.texts[place].split("\n"))
        return self.diverged(
            f"{which} is empty", "error", cause="the answer is empty", recorded=lines
        )

    def _cut(self, pair: Pair, which: str) -> Finding:
        limit = pair.replayed.request.max_tokens
        room = f" at max_tokens {limit}" if limit is not None else ""
        return self.diverged(
            f"{which} was cut by length{room}", "finish_reason", cause="cut by length"
        )


def _is_cut(response: Response) -> bool:
    return response.finish_reason == "length"
