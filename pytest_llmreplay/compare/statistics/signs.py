"""Tests by the signs of differences: of sessions, of preferences, of single pairs."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from .shuffles import Chance, lower_tail

__all__ = ["sign_flip"]

_SLACK = 1e-9
_MOST_SIGNS = 2**16


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
