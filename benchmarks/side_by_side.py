"""Times several ways of doing the same work in turns, and prints them side by side.

Other programs use the machine too: taking turns spreads what they cost over all ways, and a
median leaves out the moments that were worst.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping
from time import perf_counter

__all__ = ["in_turns", "table", "timed"]

Way = Callable[[], list[float]]
"""Does the work once or more often; the seconds of each time."""


def timed(work: Callable[[], object]) -> float:
    """The seconds that some work takes."""
    began = perf_counter()
    work()
    return perf_counter() - began


def in_turns(ways: Mapping[str, Way], rounds: int) -> dict[str, float]:
    """The median seconds of each way; one round of each that is not counted comes first."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            taken = way()
            if number:
                seconds[name] += taken
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def table(title: str, rows: Iterable[tuple[str, Mapping[str, float]]], *, unit: str = "ms") -> None:
    """Print one line per row: each figure, and its ratio to the first of the row."""
    rows = list(rows)
    names = list(dict.fromkeys(name for _, figures in rows for name in figures))
    scale, places = {"ms": (1e3, 3), "s": (1, 3)}[unit]
    print(f"\n{title}")
    print(f"{'':28}" + "".join(f"{f'{name} {unit}':>20}{'ratio':>8}" for name in names))
    for label, figures in rows:
        first = figures[names[0]]
        cells = [_cell(figures.get(name), first, scale, places) for name in names]
        print(f"{label:28}" + "".join(cells), flush=True)


def _cell(seconds: float | None, first: float, scale: float, places: int) -> str:
    if seconds is None:
        return f"{'-':>20}{'':8}"
    return f"{seconds * scale:>20.{places}f}{seconds / first:>8.3f}"
