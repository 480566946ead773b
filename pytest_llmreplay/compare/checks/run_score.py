"""`run:judge>=0.8`, `run:judge>=-0.05`: what a judge gives the answers of a run on average."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from pytest_llmreplay.compare.check import Finding
from pytest_llmreplay.compare.figures.call_figures import EventFigures, Figures
from pytest_llmreplay.compare.statistics.means import MeanVerdict, mean_at_least, mean_change
from pytest_llmreplay.compare.statistics.rules import RULES, GateRules
from pytest_llmreplay.compare.statistics.scores import EventScores, measured
from pytest_llmreplay.compare.syntax.bad_spec import BadSpec

from .base import Rule

__all__ = ["RunScore"]

_LEAST = re.compile(r">=([+-]?)(0(?:\.[0-9]{1,9})?|1(?:\.0{1,9})?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunScore(Rule):
    """The mean score is high enough, as far as so many scores can tell.

    An event without a score leaves it unknown.
    """

    least: float
    relative: bool
    """Whether `least` counts from the mean score of the recorded answers."""

    @classmethod
    def read(cls, written: str, **asked: Any) -> Self:
        """Read what stands behind `judge`.

        Raises:
            BadSpec: It is no score.
        """
        found = _LEAST.fullmatch(written)
        if found is None:
            raise BadSpec("a score follows here: judge>=0.8, or judge>=-0.05 for a drop")
        return cls(least=float(found[1] + found[2]), relative=bool(found[1]), **asked)

    def judge(self, figures: Sequence[EventFigures], rules: GateRules = RULES) -> Finding:
        """Hold the mean, or its change, against the least that is asked for."""
        now = [_scores(event.replayed) for event in figures]
        then = [_scores(event.baseline) for event in figures]
        if not figures or not all(map(_is_scored, figures)):
            return self.not_measured("not every answer has a score")
        if self.relative and not all(then):
            return self.not_measured("not every recorded answer has a score")
        events = [
            EventScores(
                key=event.key,
                session=event.session or event.key,
                calibration=before,
                target=scores,
            )
            for event, scores, before in zip(figures, now, then, strict=True)
        ]
        if self.relative:
            return self._finding(mean_change(events, self.least, rules))
        return self._finding(mean_at_least(events, self.least, rules))

    def _finding(self, verdict: MeanVerdict) -> Finding:
        shown = "" if verdict.then is None else f", recorded {verdict.then:.2f}"
        average = f"{verdict.now:.2f} on average{shown}"
        asked = f"at least {verdict.least:.2f} asked for"
        if verdict.outcome == "ok":
            return self.held(f"{verdict.now:.2f}")
        if verdict.outcome == "regression":
            return self.diverged(f"{average}, {asked}", "wording", cause="scored too low")
        if verdict.reason == "too_few_sessions":
            return self.not_measured("a mean of other sessions takes at least 5 of them")
        between = f"truly between {verdict.low:.2f} and {verdict.high:.2f}"
        return self.not_measured(f"undecided: {average}, {between}, {asked}; more samples decide")


def _is_scored(event: EventFigures) -> bool:
    return 0 < len(event.replayed) == len(_scores(event.replayed))


def _scores(samples: Sequence[Figures]) -> tuple[float, ...]:
    """The scores of an event; the recorded model's may have gaps, which are left out."""
    return measured(one.of("judge") for one in samples)
