"""Several questions at once: how rare the rarest of many findings is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

__all__ = ["benjamini_hochberg", "holm"]


def holm(ps: Sequence[float]) -> list[float]:
    """Each p adjusted so that even one false alarm among all of them is as rare as it says."""
    order = sorted(range(len(ps)), key=ps.__getitem__)
    steps = [min(1.0, (len(ps) - rank) * ps[at]) for rank, at in enumerate(order)]
    return _back(order, accumulate(steps, max))


def benjamini_hochberg(ps: Sequence[float]) -> list[float]:
    """Each p adjusted so that of all that are listed at a level, that share is false at most."""
    order = sorted(range(len(ps)), key=ps.__getitem__, reverse=True)
    steps = [min(1.0, len(ps) / (len(ps) - rank) * ps[at]) for rank, at in enumerate(order)]
    return _back(order, accumulate(steps, min))


def _back(order: Sequence[int], adjusted: Sequence[float] | accumulate[float]) -> list[float]:
    placed = dict(zip(order, adjusted, strict=True))
    return [placed[at] for at in range(len(order))]
