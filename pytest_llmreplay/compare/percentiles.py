"""Percentiles, and how many values they need."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["fewest", "percentile"]


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of all does not exceed."""
    return sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]


def fewest(share: float, alpha: float = 0.05) -> int:
    """How many values a percentile needs, to have an upper limit: 59 for p95.

    That none of n values reaches the true percentile has the chance share ** n.
    """
    return math.ceil(math.log(alpha) / math.log(share))
