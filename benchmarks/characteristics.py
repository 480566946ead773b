"""Simulates models and counts how often the verdicts about them are right.

The package's own `decide` and `looks` judge runs of models whose true change is known: none (a
`regression` is a false alarm), as large as the margin (an `ok` is wrong), or larger. Beside what
was counted stand its standard error and, in brackets, what the specification of the verdicts says;
bold is what does not agree within three standard errors of both counts. What else is promised
stands below the tables.

What is evidence and what is not: rows of uniform events have no free parameter. For mixed events
the specification names a beta distribution without its parameters; one number was chosen so that
its rows come out, so these rows show less: only that one number explains all of them. Bounds do
not depend on it: events that are mixed in other ways are simulated too.

    python benchmarks/characteristics.py                                a minute: thirty events
    python benchmarks/characteristics.py --all --runs 1000 --jobs 2 --keep FILE
        everything, half an hour of two idle cores; what is in FILE is not simulated again
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from itertools import product
from multiprocessing import Pool
from pathlib import Path

from simulated_models import (
    CALIBRATION,
    SCHEDULE,
    Cell,
    Found,
    Model,
    Schedule,
    judged,
    kept_line,
    read_line,
)
from specified_verdicts import FITTED, ROWS, Specified
from verdict_tables import (
    MOST_DROP,
    Counted,
    cell_of,
    figure,
    often_found,
    often_ok,
    promises,
    rows,
    told,
)

BATCH = 250
"""Runs of a cell that are simulated and kept together."""
DROPS = (0.0, 0.05, 0.1, 0.2, MOST_DROP)
SAVED = ((30, 46, 67), (100, 66, 80))
"""Events, and the least and most calls in per cent that the schedule is said to save."""
NOT_SPECIFIED = tuple(
    Specified(model=model, figures={})
    for model in (
        Model(events=30, agreement=0.98),
        Model(events=100, agreement=1.00),
        Model(events=100, agreement=0.80, flakiness=FITTED),
    )
)
"""Rows that the specification speaks of and does not print."""
WIDE = 0.10
WIDE_MODELS = (
    Model(events=30, agreement=0.95, flakiness=FITTED),
    Model(events=30, agreement=0.90),
    Model(events=30, agreement=0.80, flakiness=FITTED),
)
"""Judged with a margin of 10 points as well."""
OTHERWISE_MIXED = tuple(
    Model(events=30, agreement=agreement, flakiness=flakiness)
    for agreement, flakiness in product((0.95, 0.80), (0.3, 5.0))
)


def cells() -> Iterator[Cell]:
    """Everything that is simulated, thirty events first."""
    for row in sorted((*ROWS, *NOT_SPECIFIED), key=lambda row: row.model.events != 30):
        yield from (cell_of(row.model, drop) for drop in DROPS)
    yield from (*often_found(), *often_ok())
    for model in WIDE_MODELS:
        yield from (cell_of(model, drop, margin=WIDE) for drop in (0.0, WIDE, 2 * WIDE))
    for model in OTHERWISE_MIXED:
        yield from (cell_of(model, drop) for drop in (0.0, 0.05))


class Kept:
    """What came of each cell so far, also in a file where there is one."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.found: dict[str, dict[Schedule, Found]] = {}
        if path and path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                self._add(*read_line(line))

    def runs(self, cell: Cell) -> int:
        """How often a cell was simulated."""
        return next((way.runs for way in self.found.get(cell.name, {}).values()), 0)

    def add(self, name: str, found: dict[Schedule, Found]) -> None:
        """Keep what came of some more runs."""
        self._add(name, found)
        if self.path:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(kept_line(name, found) + "\n")

    def _add(self, name: str, found: dict[Schedule, Found]) -> None:
        before = self.found.get(name)
        together = {way: before[way] + each for way, each in found.items()} if before else found
        self.found[name] = together


def simulate(kept: Kept, wanted: Sequence[Cell], runs: int, seed: int, jobs: int) -> None:
    """Simulate each cell as often as is missing, all of them a little before any of them more."""
    missing = [
        (cell, first, min(BATCH, runs - first), seed)
        for cell in wanted
        for first in range(kept.runs(cell), runs, BATCH)
    ]
    work = sorted(missing, key=lambda each: each[1])
    with Pool(jobs) as pool:
        for name, found in pool.imap_unordered(_some, work):
            kept.add(name, found)


def _some(work: tuple[Cell, int, int, int]) -> tuple[str, dict[Schedule, Found]]:
    cell, first, runs, seed = work
    return cell.name, judged(cell, runs, f"{seed} {first}")


def saved(found: Counted) -> Iterator[str]:
    """Calls that the schedule saves, on average over all drops, at each self-agreement."""
    for events, least, most in SAVED:
        models = [row.model for row in (*ROWS, *NOT_SPECIFIED) if row.model.events == events]
        for model in (each for each in models if each.agreement >= 0.8):
            drops = [drop for drop in DROPS if drop != 0.05]
            shares = [figure(found, cell_of(model, drop), SCHEDULE, "calls") for drop in drops]
            if all(shares):
                mean = 100 - sum(share.value for share in shares if share) / len(drops)
                yield f"calls saved, {model.name}: {mean:.0f} % (specified: {least} to {most})"


def wide(found: Counted) -> Iterator[str]:
    """What a margin of 10 points changes."""
    for model, schedule in product(WIDE_MODELS, ((3,), (5,), SCHEDULE)):
        still = figure(found, cell_of(model, 0.0, margin=WIDE), schedule, "ok")
        drop = figure(found, cell_of(model, 2 * WIDE, margin=WIDE), schedule, "regression")
        if still and drop:
            yield (
                f"margin of 10, {model.name}, samples {told(schedule)}: "
                f"ok at no change {still.value:.0f}, drop of 20 found {drop.value:.0f}"
            )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="How often verdicts are right.")
    parser.add_argument("--runs", type=int, default=40, help="simulated runs per cell")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--all", action="store_true", help="10 and 100 events too")
    parser.add_argument("--events", type=int, default=30, help="only rows of so many events")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--keep", type=Path, help="a file that keeps what was simulated")
    given = parser.parse_args()
    wanted = [cell for cell in cells() if given.all or cell.model.events == given.events]
    kept = Kept(given.keep)
    simulate(kept, wanted, given.runs, given.seed, given.jobs)
    fewest = min(map(kept.runs, wanted))
    print(f"{fewest:,} runs per cell or more, {CALIBRATION} samples of calibration; per cent")
    found = kept.found
    parts = (
        rows(found, (*ROWS, *NOT_SPECIFIED)),
        promises(found, wanted),
        saved(found),
        wide(found),
    )
    for lines in parts:
        print(*lines, sep="\n", end="\n\n")


if __name__ == "__main__":
    main()
