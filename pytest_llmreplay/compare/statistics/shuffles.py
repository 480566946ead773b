"""How often luck alone gives a sum this low: every way that luck has, or draws of them.

Signs are one such luck: of differences of sessions, of preferences, of single pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from operator import add
from random import Random

__all__ = ["Chance", "lower_tail", "sign_flip"]

_DRAWS = 9_999
"""One less than a round number: what was observed counts as a draw too, so p is never 0.

Phipson and Smyth 2010, https://doi.org/10.2202/1544-6115.1585
"""
_MOST_WAYS = 200_000
"""Up to so many ways, all of them are looked at."""

_SLACK = 1e-9
_MOST_SIGNS = 2**16


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """What luck may make of one part of a sum."""

    ways: int
    """Equally likely ways."""
    every: Callable[[], Sequence[float]]
    """The value of each way."""
    draw: Callable[[Random, int], Sequence[float]]
    """Values of so many ways, drawn."""


def lower_tail(
    parts: Sequence[Chance], observed: float, *, seed: str, slack: float, most: int = _MOST_WAYS
) -> float:
    """The share of all ways whose sum is at most the observed one, give or take the slack."""
    if prod(part.ways for part in parts) <= most:
        return _share(_all_sums(parts), observed + slack)
    lot = Random(seed)  # noqa: S311 - a lot that can be drawn again, no secret
    sums = [0.0] * _DRAWS
    for part in parts:
        sums = list(map(add, sums, part.draw(lot, _DRAWS)))
    hits = sum(total <= observed + slack for total in sums)
    return (1 + hits) / (1 + _DRAWS)


def _all_sums(parts: Sequence[Chance]) -> list[float]:
    sums = [0.0]
    for part in parts:
        values = part.every()
        sums = [total + value for total in sums for value in values]
    return sums


def _share(sums: Sequence[float], bound: float) -> float:
    return sum(total <= bound for total in sums) / len(sums)


def sign_flip(sums: Sequence[float], *, seed: str = "") -> float:
    """How often sums this low come up when each might as well have the other sign.

    Zeros say nothing and are left out; when none are left it is 1. Up to 16 sums all signs are
    tried, beyond it they are drawn.
    """
    kept = [value for value in sums if value]
    if not kept:
        return 1.0
    slack = _SLACK * sum(map(abs, kept))
    parts = [_either_sign(value) for value in kept]
    return lower_tail(parts, sum(kept), seed=seed, slack=slack, most=_MOST_SIGNS)


def _either_sign(value: float) -> Chance:
    both = (value, -value)

    def draw(lot: Random, count: int) -> list[float]:
        return lot.choices(both, k=count)

    return Chance(ways=2, every=lambda: both, draw=draw)
