"""`judge>=0.8`, `judge>=-0.1`: a judge gives the answer enough, or not much less than before."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from pytest_llmreplay.compare.answers.content import texts_of
from pytest_llmreplay.compare.check import Aspect, Finding, Pair
from pytest_llmreplay.compare.judged import Score
from pytest_llmreplay.compare.syntax.bad_spec import BadSpec
from pytest_llmreplay.event import Event

from .base import Rule

__all__ = ["JUDGED", "JudgedWell"]

JUDGED = "a judge gives 0 to 1: write judge>=0.8, or judge>=-0.1 for a drop"
"""How the check is written."""
_SCORE = re.compile(r"([+-]?)(0?\.[0-9]{1,9}|[01](?:\.[0-9]{0,9})?)")
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedWell(Rule):
    """The score of the answer is high enough; where there is no score, that is no pass."""

    judges: ClassVar[tuple[Aspect, ...]] = ("text",)
    asks_judge: ClassVar[bool] = True

    least: float
    relative: bool = False
    """Whether `least` counts from the score of the recorded answer."""

    @classmethod
    def read(cls, written: str, **asked: Any) -> Self:
        """Read what stands behind `judge>=`; with a sign it counts from the recorded score.

        Raises:
            BadSpec: It is no score.
        """
        found = _SCORE.fullmatch(written)
        if found is None or float(found[2]) > 1:
            raise BadSpec(JUDGED)
        return cls(least=float(written), relative=bool(found[1]), **asked)

    def judge(self, pair: Pair) -> Finding:
        """Compare the scores, or the score with the least that is asked for."""
        if pair.scores is None:
            return self.not_measured(_unasked(pair))
        now, then = pair.scores.get("replayed"), pair.scores.get("baseline")
        if now is None or now.value is None:
            return self.not_measured(_missing(now))
        if not self.relative:
            return self._compared(pair, now, then, self.least)
        if then is None or then.value is None:
            return self.not_measured(f"the recorded answer has no score: {_missing(then)}")
        return self._compared(pair, now, then, then.value + self.least)

    def _compared(self, pair: Pair, now: Score, then: Score | None, limit: float) -> Finding:
        value = now.value or 0.0
        before = "" if then is None or then.value is None else f"{then.value:.2f} \u2192 "
        score = f"{before}{value:.2f}"
        if value >= limit - _ROUNDING:
            return self.held(score)
        return self.diverged(
            f"{score}, at least {limit:.2f} asked for",
            "wording",
            cause="the judge scored it too low",
            recorded=_lines(pair.baseline),
            replayed=_lines(pair.replayed),
            note=f"{now.target}: {now.explanation}" if now.explanation else None,
        )


def _lines(event: Event) -> tuple[str, ...]:
    return tuple("\n".join(filter(None, texts_of(event.response))).splitlines())


def _unasked(pair: Pair) -> str:
    if pair.live:
        return (
            "no judge was asked: name one with --llm-judge, or for live targets by `judge:` in "
            "llmreplay.yaml"
        )
    return "nothing was replayed, so no judge was asked"


def _missing(score: Score | None) -> str:
    return score.problem if score is not None and score.problem else "the judge gave no score"
