"""What a run can see, told before it is paid for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log, sqrt
from statistics import NormalDist

from .interval import Arm, arm, lower_bound
from .rules import FEWEST_SESSIONS, GateRules
from .scores import EventScores, mean, measured, spread

__all__ = [
    "Preflight",
    "drop_in_reach",
    "fewest_passes",
    "noise",
    "preflight",
    "smallest_drop",
]

_GRID = 200
"""Drops are told in steps of half a point."""
_OFTEN = NormalDist().inv_cdf(0.8)
"""Standard errors of bad luck that 8 of 10 runs stay within."""
_MOST_SAMPLES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """What a planned run can come to."""

    ok_in_reach: bool
    """Whether it says `ok` when every answer of the target holds."""
    ok_when_unchanged: bool
    """Whether it says `ok` at least 8 times in 10 when nothing changed."""
    fewest_passes: int
    """Answers that must all hold to prove an `ok`; groups, where these count."""
    samples_for_ok: int | None
    """Samples per event, up to 100, with which it does where it is judged once, after them."""
    smallest_drop: float | None
    """The drop that it sees at least 8 times in 10; none where nobody knows, as of sessions."""
    aim: float
    """A drop worth seeing: twice the margin."""
    samples_for_aim: int | None
    """Samples per event, up to 100, with which it is seen."""
    by_groups: bool = False
    """Whether an `ok` fails for want of events, or of sessions, that count once each, however many
    samples they have."""
    decidable: bool = True
    """Whether it can say anything but `inconclusive`: about other sessions it takes five."""


def fewest_passes(margin: float, level: float) -> int:
    """How many answers in a row must hold to rule out a drop as large as the margin."""
    return ceil(log(level) / log(1 - margin))


def noise(calibrations: Sequence[Sequence[float]]) -> float:
    """How much one event differs from sample to sample, on average, as a variance."""
    repeated = [spread(scores) for scores in calibrations if len(scores) > 1]
    if repeated:
        return mean(repeated)
    middle = mean([mean(scores) for scores in calibrations])
    return middle * (1 - middle)


def smallest_drop(
    *, events: int, k: float, k0: float, noise: float, margin: float = 0.05, level: float = 0.05
) -> float | None:
    """The smallest drop that a run sees at least 8 times in 10, in steps of half a point.

    Args:
        events: How many.
        k: Samples of the target per event.
        k0: Samples of the calibration per event.
        noise: Variance of one event from sample to sample.
        margin: The smallest drop that matters.
        level: How often an unchanged model may be called worse.
    """
    sure = NormalDist().inv_cdf(1 - level)
    for step in range(1, _GRID + 1):
        drop = step / _GRID
        error = sqrt((noise + drop * (1 - drop)) * (1 / k + 1 / k0) / events)
        if max(sure * error, margin) + _OFTEN * error <= drop:
            return drop
    return None


def drop_in_reach(
    calibrations: Sequence[Sequence[float]], k: float, *, margin: float, level: float
) -> float:
    """The smallest drop that k samples per event see, from calibrations; 1 where none is seen."""
    drop = smallest_drop(
        events=len(calibrations),
        k=k,
        k0=_harmonic(calibrations),
        noise=noise(calibrations),
        margin=margin,
        level=level,
    )
    return 1.0 if drop is None else drop


def _harmonic(calibrations: Sequence[Sequence[float]]) -> float:
    return len(calibrations) / sum(1 / len(scores) for scores in calibrations)


def preflight(
    events: Sequence[EventScores], samples: int, rules: GateRules, *, level: float | None = None
) -> Preflight:
    """What a run of so many samples per event can come to, from its calibration alone.

    Args:
        events: With their calibration; scores of a target are not looked at.
        samples: Of the target, per event.
        rules: How the run will be judged.
        level: Of the interval's lower bound at the last look; else `rules.alpha`.
    """
    once = _Plan(events, rules, rules.alpha)
    plan = once if level is None else _Plan(events, rules, level)
    aim, counts = 2 * rules.margin, range(1, _MOST_SAMPLES + 1)
    return Preflight(
        ok_in_reach=plan.is_ok_when_perfect(samples),
        ok_when_unchanged=plan.is_ok_when_unchanged(samples),
        fewest_passes=plan.passes,
        samples_for_ok=next(filter(once.is_ok_when_unchanged, counts), None),
        smallest_drop=plan.smallest_drop(samples),
        aim=aim,
        samples_for_aim=next((k for k in counts if plan.sees(aim, k)), None),
        by_groups=plan.lacks_sessions,
        decidable=plan.decidable,
    )


class _Plan:
    """A run that is not paid for yet."""

    def __init__(self, events: Sequence[EventScores], rules: GateRules, level: float) -> None:
        passes, by_events = fewest_passes(rules.margin, level), rules.scope == "events"
        self.passes = passes if by_events else max(passes, FEWEST_SESSIONS)
        sessions = {event.session for event in events}
        self.decidable = by_events or len(sessions) >= FEWEST_SESSIONS
        self.lacks_sessions = bool(events) and not by_events and len(sessions) < self.passes
        self._events = len(events)
        self._rules, self._level = rules, level
        self._calibrations = [scores for event in events if (scores := measured(event.calibration))]
        self._then = arm(self._calibrations) if self._calibrations else None
        self._can = bool(events) and not self.lacks_sessions

    def is_ok_when_perfect(self, samples: int) -> bool:
        return self._is_ok(Arm(mean=1.0, size=float(self._events * samples)))

    def is_ok_when_unchanged(self, samples: int) -> bool:
        if self._then is None:
            return self.is_ok_when_perfect(samples)
        worth = self._then.size / sum(map(len, self._calibrations))
        now = Arm(mean=self._then.mean, size=self._events * samples * worth)
        k0 = _harmonic(self._calibrations)
        error = sqrt(noise(self._calibrations) * (1 / samples + 1 / k0) / self._events)
        return self._is_ok(now, bad_luck=_OFTEN * error)

    def smallest_drop(self, samples: int) -> float | None:
        rules = self._rules
        if not self._calibrations or rules.scope == "sessions":
            return None
        return drop_in_reach(self._calibrations, samples, margin=rules.margin, level=rules.alpha)

    def sees(self, drop: float, samples: int) -> bool:
        smallest = self.smallest_drop(samples)
        return smallest is not None and smallest <= drop

    def _is_ok(self, now: Arm, bad_luck: float = 0.0) -> bool:
        low = lower_bound(now, self._then, self._level) - bad_luck
        return self._can and low > -self._rules.margin
