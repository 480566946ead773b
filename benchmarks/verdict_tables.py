"""Counted figures of verdicts beside the specified ones, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from simulated_models import CALIBRATION, SCHEDULE, Cell, Found, Model, Schedule, Share
from specified_verdicts import RUNS, SAMPLES_FOR_90, WRONG_OK, Said, Specified

from pytest_llmreplay.compare.statistics.reach import preflight
from pytest_llmreplay.compare.statistics.rules import GateRules
from pytest_llmreplay.compare.statistics.scores import EventScores

__all__ = [
    "MOST_DROP",
    "Counted",
    "cell_of",
    "figure",
    "often_found",
    "often_ok",
    "promises",
    "rows",
    "told",
]

CLOSE = 3.0
"""Standard errors within which two figures agree."""
MOST_DROP = 0.3
"""At which only the calls of the schedule are counted."""

Counted = Mapping[str, Mapping[Schedule, Found]]
"""What came of each cell, by its name."""

Column = tuple[str, str, float]
"""A title, what is counted, and at which true drop."""

OUTCOMES: tuple[Column, ...] = (
    ("false alarm", "regression", 0.0),
    ("`ok`, no change", "ok", 0.0),
    ("`ok` at a drop of 5", "ok", 0.05),
    ("drop of 10 found", "regression", 0.1),
    ("drop of 20 found", "regression", 0.2),
)
CALLS: tuple[Column, ...] = (
    ("calls, no change", "calls", 0.0),
    ("at a drop of 10", "calls", 0.1),
    ("at a drop of 20", "calls", 0.2),
)
TABLES = (
    ("Three samples of each event", (3,), OUTCOMES),
    ("Five samples of each event", (5,), OUTCOMES),
    ("Looks after 1, 2, 3 and 5 samples", SCHEDULE, OUTCOMES),
    ("Calls of these looks, in per cent of five samples", SCHEDULE, CALLS),
)


def cell_of(model: Model, drop: float, *, margin: float = 0.05) -> Cell:
    """The cell of a model and a drop, with all schedules that are judged in it."""
    schedules = (SCHEDULE,) if drop == MOST_DROP else ((3,), (5,), SCHEDULE)
    return Cell(model=model, drop=drop, margin=margin, schedules=schedules)


def figure(counted: Counted, cell: Cell, schedule: Schedule, what: str) -> Share | None:
    """A figure of a cell; None where it was not simulated."""
    found = counted.get(cell.name, {}).get(schedule)
    if found is None:
        return None
    return found.sent(max(schedule)) if what == "calls" else found.share(what)


def agrees(share: Share, said: Said, column: Column) -> bool:
    """Whether a figure is the specified one, give or take rounding and the luck of both counts."""
    apart = share.value - said.value if said.at_most else abs(share.value - said.value)
    return apart <= _rounding(column) + CLOSE * _error(share, said, column)


def _rounding(column: Column) -> float:
    """Half of the last digit that the specification prints."""
    return 0.05 if column[1:] in {("regression", 0.0), ("ok", 0.05)} else 0.5


def _error(share: Share, said: Said, column: Column) -> float:
    together = sqrt(1 / share.runs + 1 / RUNS)
    if column[1] == "calls":
        return share.error * sqrt(share.runs) * together
    held = (share.value * share.runs + said.value * RUNS) / 100
    likely = (held + 0.5) / (share.runs + RUNS + 1)
    return 100 * sqrt(likely * (1 - likely)) * together


@dataclass(slots=True)
class Tally:
    """How many figures agree, apart for models without a fitted law and with one."""

    plain: int = 0
    plain_all: int = 0
    mixed: int = 0
    mixed_all: int = 0

    def add(self, model: Model, *, close: bool) -> None:
        """Count a figure."""
        if model.flakiness is None:
            self.plain, self.plain_all = self.plain + close, self.plain_all + 1
        else:
            self.mixed, self.mixed_all = self.mixed + close, self.mixed_all + 1


def rows(counted: Counted, specified: Sequence[Specified]) -> Iterator[str]:
    """All tables: the counted figure, its standard error, and in brackets the specified one."""
    tally, found = Tally(), sorted(specified, key=lambda row: row.model.events)
    for title, schedule, columns in TABLES:
        yield f"\n{title}:\n"
        yield _line("events", "self-agreement", *(column[0] for column in columns))
        yield "|---" * (2 + len(columns)) + "|"
        for row in found:
            shown = [_shown(counted, row, schedule, column, tally) for column in columns]
            if any(shown):
                yield _line(str(row.model.events), _kind(row.model), *shown)
    yield (
        f"\n{tally.plain} of {tally.plain_all} figures of uniform events and {tally.mixed} of "
        f"{tally.mixed_all} of mixed ones agree within {CLOSE:g} standard errors"
    )


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _kind(model: Model) -> str:
    return f"{model.agreement:.2f}" + ("" if model.flakiness is None else ", few flaky events")


def _shown(
    counted: Counted, row: Specified, schedule: Schedule, column: Column, tally: Tally
) -> str:
    _, what, drop = column
    share = figure(counted, cell_of(row.model, drop), schedule, what)
    if share is None:
        return ""
    text = f"{share.value:.1f} ± {share.error:.1f}"
    said = row.figures.get((schedule, what, drop))
    if said is None:
        return text
    close = agrees(share, said, column)
    tally.add(row.model, close=close)
    told = f"{text} ({'≤ ' if said.at_most else ''}{said.value:g})"
    return told if close else f"**{told}**"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """How often a wrong verdict may come up, whatever the model."""

    name: str
    what: str
    of_margin: int
    """The true drop, in margins."""
    schedules: tuple[Schedule, ...]
    most: float


BOUNDS = (
    Bound(name="false alarm", what="regression", of_margin=0, schedules=((3,), (5,)), most=5.0),
    Bound(name="false alarm", what="regression", of_margin=0, schedules=(SCHEDULE,), most=4.0),
    Bound(name="wrong ok", what="ok", of_margin=1, schedules=((3,), (5,)), most=5.7),
    Bound(name="wrong ok", what="ok", of_margin=1, schedules=(SCHEDULE,), most=WRONG_OK),
)


def promises(counted: Counted, cells: Sequence[Cell]) -> Iterator[str]:
    """Each bound that the verdicts promise, and the worst that was counted."""
    for bound in BOUNDS:
        yield from _kept(counted, cells, bound)
    for agreement in (1.00, 0.98):
        cell = cell_of(Model(events=30, agreement=agreement), 0.1)
        yield from _often(counted, cell, (3,), "regression", 90)
    for cell in often_found():
        yield from _often(counted, cell, cell.schedules[0], "regression", 90)
    for cell in often_ok():
        yield from _often(counted, cell, cell.schedules[0], "ok", 80)


def _kept(counted: Counted, cells: Sequence[Cell], bound: Bound) -> Iterator[str]:
    found = [
        (share, f"{cell.model.name}, margin {cell.margin:g}, samples {told(schedule)}")
        for cell in cells
        for schedule in bound.schedules
        if cell.drop == bound.of_margin * cell.margin
        if (share := figure(counted, cell, schedule, bound.what))
    ]
    over = sum(share.value > bound.most for share, _ in found)
    for share, where in sorted(found, key=lambda each: -each[0].value)[:1]:
        yield (
            f"{bound.name}: {share.value:.1f} ± {share.error:.1f} at most ({where}); "
            f"{bound.most:g} promised: {_word(share.value - bound.most, share.error)}, "
            f"{over} of {len(found)} above it"
        )


def _often(
    counted: Counted, cell: Cell, schedule: Schedule, what: str, least: float
) -> Iterator[str]:
    share = figure(counted, cell, schedule, what)
    if share is not None:
        yield (
            f"{what} at a drop of {100 * cell.drop:g}, {cell.model.name}, margin {cell.margin:g}, "
            f"samples {told(schedule)}: {share.value:.1f} ± {share.error:.1f}; "
            f"{least:g} promised: {_word(least - share.value, share.error)}"
        )


def told(schedule: Schedule) -> str:
    """`1, 2, 3, 5`."""
    return ", ".join(map(str, schedule))


def often_found() -> Iterator[Cell]:
    """Runs with so many samples that a drop of 10 points is found nine times in ten."""
    for agreement, samples in SAMPLES_FOR_90:
        model = Model(events=30, agreement=agreement)
        yield Cell(model=model, drop=0.1, schedules=((samples,),))


def often_ok() -> Iterator[Cell]:
    """Runs with so many samples that, says the pre-flight, nothing new is ok 8 times in 10."""
    for events, held, margin in ((30, 9, 0.05), (100, 9, 0.05), (30, 9, 0.10), (30, 8, 0.10)):
        floor = (1.0,) * held + (0.0,) * (CALIBRATION - held)
        known = [EventScores(key="", session="", calibration=floor) for _ in range(events)]
        samples = preflight(known, 1, GateRules(margin=margin)).samples_for_ok
        if samples is not None:
            model = Model(events=events, agreement=held / CALIBRATION)
            yield Cell(model=model, drop=0.0, margin=margin, schedules=((samples,),))


def _word(over: float, error: float) -> str:
    if over <= 0:
        return "holds"
    return f"within {CLOSE:g} standard errors" if over <= CLOSE * error else "MISSED"
