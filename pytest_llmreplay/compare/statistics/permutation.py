"""Whether the target is worse: the labels calibration and target, shuffled inside each event.

If the target is the same model, every way of calling k of an event's scores the target's is
equally likely. The share of all ways that look at least as bad is exact for any number of samples
on either side, and sees one event that broke every time as well as a drop everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import combinations
from math import comb, gcd, lcm
from random import Random
from sys import float_info

from .scores import Sides
from .shuffles import Chance, lower_tail

__all__ = ["permute"]

_SLACK = 1e-9
_MOST_STEPS = 20_000_000
"""Of the exact convolution, about a second; beyond it there are draws."""
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
    counts = [(len(event.target), len(event.calibration)) for event in events]
    sizes = {(k, k0): Fraction(1, k) + Fraction(1, k0) for k, k0 in {*counts}}
    unit = lcm(*(size.denominator for size in sizes.values()))
    common = gcd(*(int(size * unit) for size in sizes.values()))
    steps = {count: int(size * unit) // common for count, size in sizes.items()}
    return [steps[count] for count in counts]


def _work(events: Sequence[Sides], steps: Sequence[int]) -> int:
    width, work = 1, 0
    for event, step in zip(events, steps, strict=True):
        ways = len(_shares(*_counts(event)).shares)
        work += width * ways
        width += step * (ways - 1)
    return work


def _exact(events: Sequence[Sides], steps: Sequence[int]) -> float:
    """The share of all shuffles by a convolution, event by event; one event's is Fisher's test."""
    shares, observed = [1.0], 0
    for event, step in zip(events, steps, strict=True):
        luck = _shares(*_counts(event))
        shares = _convolved(shares, step, luck.shares)
        observed += step * (int(sum(event.target)) - luck.fewest)
    return min(1.0, max(sum(shares[: observed + 1]), float_info.min))


def _counts(event: Sides) -> tuple[int, int, int]:
    successes = int(sum(event.target)) + int(sum(event.calibration))
    return successes, len(event.target), len(event.calibration)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shares:
    """The shares of shuffles in which the target has so many successes, from the fewest on."""

    fewest: int
    shares: tuple[float, ...]


@cache
def _shares(successes: int, k: int, k0: int) -> _Shares:
    failures, every = k + k0 - successes, comb(k + k0, k)
    possible = range(max(0, k - failures), min(k, successes) + 1)
    shares = tuple(comb(successes, x) * comb(failures, k - x) / every for x in possible)
    return _Shares(fewest=possible[0], shares=shares)


def _convolved(shares: Sequence[float], step: int, more: Sequence[float]) -> list[float]:
    made = [0.0] * (len(shares) + step * (len(more) - 1))
    for x, times in enumerate(more):
        part = slice(step * x, step * x + len(shares))
        made[part] = [old + times * new for old, new in zip(made[part], shares, strict=True)]
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
            luck = _shares(int(total), k, k0)
            changes = [change((luck.fewest + more,)) for more in range(len(luck.shares))]
            return lot.choices(changes, luck.shares, k=count)
        if ways <= _MOST_KEPT:
            return lot.choices(every(), k=count)
        return [change(lot.sample(scores, k)) for _ in range(count)]

    ways = comb(k + k0, k)
    return Chance(ways=ways, every=every, draw=draw)
