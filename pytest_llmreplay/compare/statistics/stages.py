"""Looking at a run more often than once without crying wolf more often.

Each look spends a part of the chance to be wrong, by the information that there is so far (Lan and
DeMets 1983). Regressions are spent for late, by the square of the information, an `ok` evenly. The
schedule is fixed before the run, and all events have the same number of samples at each look:
asking only for those that failed again would make a bad target look good.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from math import ceil, erfc, exp, pi, sqrt

from .halving import last_place
from .rules import Look

__all__ = ["levels", "looks"]

_FEWEST_CELLS = 200
"""Of the grid on which the density of a run that goes on is kept; more where looks are close."""
_FAR = 8.0
"""Standard deviations beyond which nothing is left."""


def looks(
    schedule: Sequence[int], calibration_samples: int, alpha: float = 0.05, *, metrics: int = 1
) -> tuple[Look, ...]:
    """The looks of a schedule, each with its levels.

    Args:
        schedule: Samples of the target per event at each look, rising.
        calibration_samples: Of the recorded model per event; 0 where there is none.
        alpha: To spend on either side.
        metrics: Gating metrics that are judged together: the first one that is worse stops the
            run, so that each has its share of the chance to be wrong.
    """
    known = [_information(samples, calibration_samples) for samples in schedule]
    times = tuple(each / known[-1] for each in known)
    worse = levels(times, tuple(alpha / metrics * t * t for t in times))
    ok = levels(times, tuple(alpha * t for t in times))
    return tuple(
        Look(samples=samples, time=time, regression=regression, ok=good)
        for samples, time, regression, good in zip(schedule, times, worse, ok, strict=True)
    )


def _information(samples: int, calibration_samples: int) -> float:
    if not calibration_samples:
        return float(samples)
    return 1 / (1 / samples + 1 / calibration_samples)


@cache
def levels(times: tuple[float, ...], spent: tuple[float, ...]) -> tuple[float, ...]:
    """The level of each look, from what all looks up to it may have spent.

    By the recursion of Armitage, McPherson and Rowe 1969: the density of a run that no look has
    stopped yet is carried from look to look.

    Args:
        times: Information at each look, as a share of the last one's.
        spent: Chance to be wrong at this look or an earlier one.
    """
    density: _Density = _start
    finest = min(time - before for before, time in pairwise((0.0, *times)))
    cells = max(_FEWEST_CELLS, 2 * ceil(_FAR / sqrt(finest)))
    found, before, gone = [], 0.0, 0.0
    for time, spend in zip(times, spent, strict=True):
        bound = _bound(density, time - before, spend - gone)
        found.append(_tail(bound / sqrt(time)))
        density = _carried(density, time - before, _grid(bound, sqrt(time), cells))
        before, gone = time, spend
    return tuple(found)


_Density = Sequence[tuple[float, float]]
"""Places of a run, each with the share of runs that are there."""

_start: _Density = ((0.0, 1.0),)


def _tail(z: float) -> float:
    return erfc(z / sqrt(2)) / 2


def _bound(density: _Density, step: float, spend: float) -> float:
    """The place beyond which as many runs are as may be stopped."""
    width = sqrt(step)

    def beyond(place: float) -> float:
        return sum(share * _tail((place - at) / width) for at, share in density)

    return last_place(lambda place: beyond(place) > spend, -_FAR, 2 * _FAR)


def _grid(bound: float, deviation: float, cells: int) -> _Density:
    """Places up to a bound, weighted by Simpson's rule."""
    low = -_FAR * deviation
    cell = (bound - low) / cells
    inner = [4, 2] * (cells // 2)
    weights = [1, *inner[: cells - 1], 1]
    return [(low + number * cell, weight * cell / 3) for number, weight in enumerate(weights)]


def _carried(density: _Density, step: float, grid: _Density) -> _Density:
    """The runs that go on, after one more step."""
    factor = 1 / sqrt(2 * pi * step)
    return [(place, factor * weight * _reached(density, place, 2 * step)) for place, weight in grid]


def _reached(density: _Density, place: float, twice: float) -> float:
    return sum(share * exp(-((place - at) ** 2) / twice) for at, share in density)
