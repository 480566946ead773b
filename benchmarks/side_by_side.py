"""Times several ways of doing the same work in turns, and prints them side by side.

Other programs use the machine too, and it may run twice as fast in one second as in the next. So
the ways take turns, in an order drawn by lot, each is compared with the first one of its own round,
and of all rounds the median counts. Each way has a process of its own: the interpreter adapts its
code to the classes it meets, and no program is patched back and forth as ways in one would be.
Where a process happens to lie in memory makes some per cent, so there are several of each way.
"""

from __future__ import annotations

import multiprocessing
import random
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping
from multiprocessing.connection import Connection
from time import perf_counter
from typing import NamedTuple

__all__ = ["Figure", "compared", "in_turns", "table", "timed"]

PROCESSES = 5
"""Of each way, one after the other."""

Way = Callable[[], Iterator[list[float]]]
"""Does the work once or more often in every turn; the seconds of each time."""


class Figure(NamedTuple):
    """What came of one way."""

    seconds: float
    """Median of all times."""
    ratio: float
    """Median over the rounds: of the way's median, divided by that of the first way."""


def timed(work: Callable[[], object]) -> float:
    """The seconds that some work takes."""
    began = perf_counter()
    work()
    return perf_counter() - began


def in_turns(ways: Mapping[str, Way], rounds: int) -> dict[str, Figure]:
    """The figure of each way; the first round of its processes is not counted."""
    taken: dict[str, list[list[float]]] = {name: [] for name in ways}
    lot = random.Random(0)
    for _ in range(PROCESSES):
        processes = {name: _Process(way) for name, way in ways.items()}
        for number in range(1 + -(-rounds // PROCESSES)):
            for name in lot.sample(list(ways), len(ways)):
                seconds = processes[name].turn()
                if number:
                    taken[name].append(seconds)
        for process in processes.values():
            process.end()
    return compared(taken)


class _Process:
    """One way in a process of its own, which works when it is its turn."""

    def __init__(self, way: Way) -> None:
        self._pipe, far = multiprocessing.Pipe()
        context = multiprocessing.get_context("fork")
        self._process = context.Process(target=_work, args=(way, far), daemon=True)
        self._process.start()
        far.close()

    def turn(self) -> list[float]:
        """The seconds of one turn."""
        self._pipe.send("go on")
        seconds: list[float] = self._pipe.recv()
        return seconds

    def end(self) -> None:
        """No more turns."""
        self._pipe.send(None)
        self._process.join()


def _work(way: Way, pipe: Connection) -> None:
    turns = way()
    while pipe.recv():
        pipe.send(next(turns))
    close = getattr(turns, "close", None)
    if close is not None:
        close()


def compared(taken: Mapping[str, list[list[float]]]) -> dict[str, Figure]:
    """The figure of each way, from its seconds in each round."""
    first = taken[next(iter(taken))]
    return {name: _figure(turns, first) for name, turns in taken.items()}


def _figure(turns: list[list[float]], first: list[list[float]]) -> Figure:
    median = statistics.median
    return Figure(
        seconds=median(second for turn in turns for second in turn),
        ratio=median(median(turn) / median(base) for turn, base in zip(turns, first, strict=True)),
    )


def table(
    title: str, rows: Iterable[tuple[str, Mapping[str, Figure]]], *, unit: str = "ms"
) -> None:
    """Print one line per row: each figure, and its ratio to the first of the row."""
    rows = list(rows)
    names = list(dict.fromkeys(name for _, figures in rows for name in figures))
    scale, places = {"ms": (1e3, 3), "s": (1, 3)}[unit]
    print(f"\n{title}")
    print(f"{'':28}" + "".join(f"{f'{name} {unit}':>20}{'ratio':>8}" for name in names))
    for label, figures in rows:
        cells = [_cell(figures.get(name), scale, places) for name in names]
        print(f"{label:28}" + "".join(cells), flush=True)


def _cell(figure: Figure | None, scale: float, places: int) -> str:
    if figure is None:
        return f"{'-':>20}{'':8}"
    return f"{figure.seconds * scale:>20.{places}f}{figure.ratio:>8.3f}"
