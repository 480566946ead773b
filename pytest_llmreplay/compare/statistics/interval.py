"""Where the true change lies: the interval that proves an `ok`.

Each side gets Clopper-Pearson limits with an effective sample size (Korn and Graubard 1998), and
both are put together by MOVER (Newcombe 1998, Statistics in Medicine 17:873). A shuffle cannot
prove that nothing changed: turned round for that it calls a drop as large as the margin `ok` far
too often.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, sqrt

from .beta import beta_quantile, t_quantile
from .scores import Sides, mean, spread

__all__ = [
    "Arm",
    "Interval",
    "arm",
    "event_interval",
    "lower_bound",
    "session_interval",
    "session_sums",
]

_MOST_GAIN = 10
"""Events that differ little from sample to sample count at most so many times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A change and the bounds of the true one."""

    change: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """The mean of one side, and how many independent answers it is worth."""

    mean: float
    size: float

    def lower(self, level: float) -> float:
        """The bound that the true mean is below with this chance at most."""
        held = self.mean * self.size
        return beta_quantile(level, held, self.size - held + 1) if held > 0 else 0.0

    def upper(self, level: float) -> float:
        """The bound that the true mean is above with this chance at most."""
        failed = self.size - self.mean * self.size
        return 1 - beta_quantile(level, failed, self.size - failed + 1) if failed > 0 else 1.0


def arm(scores: Sequence[Sequence[float]], weights: Sequence[float] | None = None) -> Arm:
    """One side of a run: the scores of each event, and how many events each stands for."""
    weights = weights or [1.0] * len(scores)
    total = sum(weights)
    means = [mean(each) for each in scores]
    middle = sum(w * m for w, m in zip(weights, means, strict=True)) / total
    answers = total**2 / sum(w * w / len(each) for w, each in zip(weights, scores, strict=True))
    noise = middle * (1 - middle)
    if noise <= 0 or (len(scores) == 1 and len(scores[0]) == 1):
        return Arm(mean=middle, size=answers)
    variance = _variance(scores, weights, means) / total**2
    most = _MOST_GAIN * answers
    return Arm(mean=middle, size=max(answers, min(noise / variance, most) if variance else most))


def _variance(
    scores: Sequence[Sequence[float]], weights: Sequence[float], means: Sequence[float]
) -> float:
    """Of the weighted sum of means: from sample to sample where that shows, else among events."""
    if all(len(each) > 1 for each in scores):
        each_noise = zip(weights, scores, strict=True)
        return sum(w * w * spread(each) / len(each) for w, each in each_noise)
    if len(scores) == 1:
        return 0.0
    return spread([w * m for w, m in zip(weights, means, strict=True)]) * len(scores)


def event_interval(events: Sequence[Sides], level: float) -> Interval:
    """The change on these events, each bound wrong with the chance `level` at most."""
    weights = [event.weight for event in events]
    now = arm([event.target for event in events], weights)
    then = arm([event.calibration for event in events], weights)
    change = now.mean - then.mean
    up = hypot(now.upper(level) - now.mean, then.mean - then.lower(level))
    return Interval(change=change, low=lower_bound(now, then, level), high=change + up)


def lower_bound(now: Arm, then: Arm | None, level: float) -> float:
    """The lower bound of the change; without a calibration, from a model that always holds."""
    if then is None:
        return now.lower(level) - 1
    down = hypot(now.mean - now.lower(level), then.upper(level) - then.mean)
    return now.mean - then.mean - down


def session_sums(events: Sequence[Sides]) -> list[float]:
    """The change of each session, summed over its events; sessions in the order of their names."""
    sums: dict[str, float] = {}
    for event in events:
        sums[event.session] = sums.get(event.session, 0.0) + event.weight * event.change
    return [sums[name] for name in sorted(sums)]


def session_interval(events: Sequence[Sides], level: float) -> Interval:
    """The change in sessions like these.

    The lower bound counts one session more, of average size, in which everything broke: so many
    good sessions must outweigh one that was not met. The upper bound is plain: it proves nothing.
    """
    sums, total = session_sums(events), sum(event.weight for event in events)
    size = total / len(sums)
    change = sum(sums) / total
    low, _ = _t_bounds([*sums, -size], total + size, level)
    high = _t_bounds(sums, total, level)[1] if len(sums) > 1 else 1.0
    return Interval(change=change, low=max(-1.0, low), high=min(1.0, max(change, high)))


def _t_bounds(sums: Sequence[float], total: float, level: float) -> tuple[float, float]:
    middle = sum(sums) / total
    error = sqrt(len(sums) * spread(sums)) / total
    reach = t_quantile(level, len(sums) - 1) * error
    return middle - reach, middle + reach
