"""Whether the target is worse: the labels calibration and target, shuffled inside each event.

If the target is the same model, every way of calling k of an event's scores the target's is
equally likely. The share of all ways that look at least as bad is exact for any number of samples
on either side, and sees one event that broke every time as well as a drop everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations
from math import comb, lcm
from random import Random

from .scores import Sides
from .shuffles import Chance, lower_tail

__all__ = ["permute"]

_SLACK = 1e-9
_MOST_STEPS = 20_000_000
"""Of the exact convolution, some seconds; beyond it there are draws."""
_MOST_KEPT = 20_000
"""Ways of one event whose values are kept to draw from."""


def permute(events: Sequence[Sides], *, seed: str) -> float:
    """How often an unchanged model looks at least as bad as this target; 1 when nothing varies."""
    varied = [event for event in events if len({*event.calibration, *event.target}) > 1]
    if not varied:
        return 1.0
    if all(event.weight == 1 and _is_binary(event) for event in varied):
        steps = _steps(varied)
        if _work(varied, steps) <= _MOST_STEPS:
            return _exact(varied, steps)
    parts = [_chance(event) for event in varied]
    observed = sum(event.weight * event.change for event in varied)
    return lower_tail(parts, observed, seed=seed, slack=_SLACK)


def _is_binary(event: Sides) -> bool:
    return {*event.calibration, *event.target} <= {0, 1}


def _steps(events: Sequence[Sides]) -> list[int]:
    """What one success of the target adds in each event, in the largest unit common to all."""
    sizes = [
        Fraction(1, len(event.target)) + Fraction(1, len(event.calibration)) for event in events
    ]
    unit = lcm(*(size.denominator for size in sizes))
    return [int(size * unit) for size in sizes]


def _work(events: Sequence[Sides], steps: Sequence[int]) -> int:
    width, work = 1, 0
    for event, step in zip(events, steps, strict=True):
        work += width * (len(event.target) + 1)
        width += step * len(event.target)
    return work


def _exact(events: Sequence[Sides], steps: Sequence[int]) -> float:
    """The exact share, in whole numbers."""
    if len(events) == 1:
        return _fisher(*_counts(events[0]))
    ways, observed = {0: 1}, 0
    for event, step in zip(events, steps, strict=True):
        successes, k, k0, held = _counts(event)
        ways = _convolved(ways, step, _ways(successes, k, k0))
        observed += step * held
    low = sum(count for value, count in ways.items() if value <= observed)
    return low / sum(ways.values())


def _counts(event: Sides) -> tuple[int, int, int, int]:
    held = int(sum(event.target))
    successes = held + int(sum(event.calibration))
    return successes, len(event.target), len(event.calibration), held


@cache
def _ways(successes: int, k: int, k0: int) -> tuple[tuple[int, int], ...]:
    """Each number of successes that the target may have, and the ways to it."""
    failures = k + k0 - successes
    possible = range(max(0, k - failures), min(k, successes) + 1)
    return tuple((x, comb(successes, x) * comb(failures, k - x)) for x in possible)


@cache
def _fisher(successes: int, k: int, k0: int, held: int) -> float:
    """Fisher's exact test of one event."""
    ways = _ways(successes, k, k0)
    return sum(count for x, count in ways if x <= held) / sum(count for _, count in ways)


def _convolved(
    ways: dict[int, int], step: int, more: tuple[tuple[int, int], ...]
) -> dict[int, int]:
    made: dict[int, int] = {}
    for value, count in ways.items():
        for x, times in more:
            at = value + step * x
            made[at] = made.get(at, 0) + count * times
    return made


def _chance(event: Sides) -> Chance:
    scores = event.calibration + event.target
    k, k0 = len(event.target), len(event.calibration)
    total = sum(scores)

    def change(chosen: Sequence[float]) -> float:
        held = sum(chosen)
        return event.weight * (held / k - (total - held) / k0)

    def every() -> list[float]:
        return [change(chosen) for chosen in combinations(scores, k)]

    def draw(lot: Random, count: int) -> list[float]:
        if _is_binary(event):
            held, times = zip(*_ways(int(total), k, k0), strict=True)
            return lot.choices([change((x,)) for x in held], times, k=count)
        if ways <= _MOST_KEPT:
            return lot.choices(every(), k=count)
        return [change(lot.sample(scores, k)) for _ in range(count)]

    ways = comb(k + k0, k)
    return Chance(ways=ways, every=every, draw=draw)
