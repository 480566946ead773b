"""`run:judge>=0.8`, `run:judge>=-0.05`: what a judge gives the answers of a run on average."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Self

from pytest_llmreplay.compare.call_figures import EventFigures, Figures
from pytest_llmreplay.compare.check import Finding
from pytest_llmreplay.compare.statistics.rules import RULES, GateRules
from pytest_llmreplay.compare.syntax import BadSpec

from .base import Rule

__all__ = ["RunScore"]

_LEAST = re.compile(r">=([+-]?)(0(?:\.[0-9]{1,9})?|1(?:\.0{1,9})?)")
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class RunScore(Rule):
    """The mean score is high enough; an event without a score leaves it unknown."""

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

    def judge(
        self,
        figures: Sequence[EventFigures],
        rules: GateRules = RULES,  # noqa: ARG002 - two means are compared as they are
    ) -> Finding:
        """Compare the means."""
        now = _mean([event.replayed for event in figures])
        then = _mean([event.baseline for event in figures])
        if now is None:
            return self.not_measured("not every answer has a score")
        if then is None and self.relative:
            return self.not_measured("not every recorded answer has a score")
        least = self.least + (then or 0.0) if self.relative else self.least
        if now >= least - _ROUNDING:
            return self.held(f"{now:.2f}")
        recorded = "" if then is None else f", recorded {then:.2f}"
        return self.diverged(
            f"{now:.2f} on average{recorded}, at least {least:.2f} asked for",
            "wording",
            cause="scored too low",
        )


def _mean(events: Sequence[Sequence[Figures]]) -> float | None:
    """The mean over events, of which each counts once; none where a score is missing."""
    means = [_known(samples) for samples in events]
    return None if None in means or not means else fmean(one for one in means if one is not None)


def _known(samples: Sequence[Figures]) -> float | None:
    known = [score for one in samples if (score := one.of("judge")) is not None]
    return fmean(known) if known and len(known) == len(samples) else None
