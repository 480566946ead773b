"""Finding where a condition ends, by halving."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["last_place"]


def last_place(
    holds: Callable[[float], bool], low: float, high: float, *, halvings: int = 60
) -> float:
    """The place between `low`, where a condition holds, and `high`, where it does not."""
    for _ in range(halvings):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return (low + high) / 2
