"""Simulates models and counts how often the verdicts about them are right.

The package's own `decide` and `looks` judge runs of models whose true change is known: none (a
`regression` is a false alarm), as large as the margin (an `ok` is wrong), or larger. Beside what
was counted stands what the specification of the verdicts says, and whether both agree within three
standard errors; the specification's figures were counted too, over some two thousand runs.

    python benchmarks/characteristics.py                    about a minute: thirty events
    python benchmarks/characteristics.py --all --runs 1000  every row: an hour and a half
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from random import Random
from statistics import fmean, pvariance

from pytest_llmreplay.compare.statistics.decide import decide
from pytest_llmreplay.compare.statistics.rules import GateRules, Verdict
from pytest_llmreplay.compare.statistics.scores import EventScores
from pytest_llmreplay.compare.statistics.stages import looks

CALIBRATION = 10
SCHEDULE = (1, 2, 3, 5)
DROPS = (0.0, 0.05, 0.1, 0.2)
SPECIFIED_RUNS = 2_000
CLOSE = 3.0
"""Standard errors."""
FLAKINESS = 0.9
"""Sum of both parameters of the beta distribution of mixed events: most are stable, few flaky.

The specification does not name it; with this one its rows of mixed events come out as it says.
"""
RULES = GateRules()
LOOKS = looks(SCHEDULE, CALIBRATION)

Figures = tuple[float, float, float, float, float]
"""Per cent: false alarm, ok at no change, ok at a drop of 0.05, power at 0.1, at 0.2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One model and what the specification says of the verdicts about it, in per cent."""

    events: int
    agreement: float
    """How often an answer of the recorded model holds."""
    mixed: bool = False
    three: Figures
    five: Figures
    staged: tuple[float, float, float]
    """False alarm, ok at no change, power at 0.1."""
    calls: tuple[float, float, float]
    """Mean calls of the schedule at a drop of 0, 0.1 and 0.2, of five per event."""

    @property
    def name(self) -> str:
        """`30 events, 0.95 mixed`."""
        kind = " mixed" if self.mixed else ""
        return f"{self.events} events, {self.agreement:.2f}{kind}"


def row(  # noqa: PLR0917 - a line of a table
    events: int,
    agreement: float,
    three: Figures,
    five: Figures,
    staged: tuple[float, float, float],
    calls: tuple[float, float, float],
    *,
    mixed: bool = False,
) -> Row:
    """A row as the specification prints it."""
    return Row(
        events=events,
        agreement=agreement,
        mixed=mixed,
        three=three,
        five=five,
        staged=staged,
        calls=calls,
    )


ROWS = (
    row(10, 1.00, (0, 0, 0, 61, 95), (0, 0, 0, 89, 100), (0, 0, 89), (100, 68, 40)),
    row(
        10, 0.95, (1.4, 9, 2.8, 52, 90), (1.3, 27, 3.8, 69, 97), (1.0, 14, 68), (98, 76, 48),
        mixed=True,
    ),
    row(10, 0.90, (2.8, 11, 3.3, 33, 74), (2.9, 18, 4.0, 40, 86), (2.6, 12, 40), (98, 90, 67)),
    row(
        10, 0.80, (2.7, 17, 4.2, 34, 77), (2.6, 23, 4.4, 46, 89), (2.1, 21, 44), (94, 86, 60),
        mixed=True,
    ),
    row(30, 1.00, (0, 100, 0.7, 96, 100), (0, 100, 1.9, 99, 100), (0, 100, 100), (60, 30, 21)),
    row(
        30, 0.95, (1.3, 70, 4.0, 92, 100), (0.2, 88, 3.4, 97, 100), (0.8, 83, 97), (73, 43, 23),
        mixed=True,
    ),
    row(30, 0.90, (3.1, 30, 3.6, 72, 99), (3.2, 45, 4.4, 86, 100), (3.8, 37, 85), (88, 68, 33)),
    row(
        30, 0.80, (3.0, 38, 4.9, 77, 99), (3.4, 52, 4.9, 87, 100), (3.8, 44, 86), (85, 63, 30),
        mixed=True,
    ),
    row(30, 0.60, (3.8, 19, 4.4, 47, 95), (3.9, 25, 4.9, 62, 99), (3.4, 21, 57), (91, 83, 47)),
    row(
        100, 0.95, (0, 100, 5.1, 99, 100), (0, 100, 5.0, 100, 100), (0.1, 100, 100), (39, 22, 20),
        mixed=True,
    ),
    row(100, 0.90, (0.7, 76, 4.6, 98, 100), (0.1, 89, 4.6, 99, 100), (1.3, 85, 100), (63, 33, 20)),
    row(100, 0.60, (4.6, 43, 5.1, 93, 100), (3.0, 57, 4.1, 97, 100), (3.7, 49, 97), (81, 50, 23)),
)  # fmt: skip


def scores(lot: Random, chance: float, samples: int) -> tuple[float, ...]:
    """Samples that each hold with a chance."""
    return tuple(float(lot.random() < chance) for _ in range(samples))


def run_of(lot: Random, model: Row, drop: float, flakiness: float = FLAKINESS) -> list[EventScores]:
    """A run of the most samples of a target that is worse by a drop, on average."""
    events = []
    for number in range(model.events):
        then = model.agreement
        if model.mixed:
            then = lot.betavariate(model.agreement * flakiness, (1 - model.agreement) * flakiness)
            now = then * (1 - drop / model.agreement)
        else:
            now = then - drop
        events.append(
            EventScores(
                key=f"{number:04d}",
                session="one",
                calibration=scores(lot, then, CALIBRATION),
                target=scores(lot, now, SCHEDULE[-1]),
            )
        )
    return events


def first(events: Sequence[EventScores], samples: int) -> list[EventScores]:
    """The same run after fewer samples."""
    return [
        EventScores(
            key=event.key,
            session=event.session,
            calibration=event.calibration,
            target=event.target[:samples],
        )
        for event in events
    ]


def once(events: Sequence[EventScores], samples: int) -> Verdict:
    """The verdict of a run that is judged at its end."""
    return decide("simulated", first(events, samples), RULES)


def staged(events: Sequence[EventScores]) -> Verdict:
    """The verdict of the first look that decides, else of the last."""
    for look in LOOKS:
        verdict = decide("simulated", first(events, look.samples), RULES, LOOKS)
        if verdict.outcome != "inconclusive":
            break
    return verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One figure beside the specification's, both in per cent."""

    name: str
    specified: float
    values: tuple[float, ...]
    at_most: bool = False
    """Whether the specification names a bound."""

    @property
    def measured(self) -> float:
        """The mean over all runs."""
        return fmean(self.values)

    @property
    def errors(self) -> float:
        """How many standard errors both are apart; both were counted."""
        runs = len(self.values)
        if self.name.startswith("calls"):
            variance = pvariance(self.values)
        else:
            together = self.measured * runs + self.specified * SPECIFIED_RUNS
            share = (together + 50) / (100 * (runs + SPECIFIED_RUNS) + 100)
            variance = 100**2 * share * (1 - share)
        rounding = 0.5 if self.specified >= 1 else 0.05
        off = self.measured - self.specified
        apart = max(0.0, (off if self.at_most else abs(off)) - rounding)
        error = sqrt(variance * (1 / runs + 1 / SPECIFIED_RUNS))
        return apart / error if error else 0.0


def figures(model: Row, runs: int, seed: int) -> Iterator[Counted]:
    """Every figure of a row."""
    lot = Random(f"{seed} {model.name}")
    made = {drop: [run_of(lot, model, drop) for _ in range(runs)] for drop in DROPS}
    for samples, said in ((3, model.three), (5, model.five)):
        found = {drop: [once(events, samples) for events in made[drop]] for drop in DROPS}
        yield from counted(f"k = {samples}", found, said)
    found = {drop: [staged(events) for events in made[drop]] for drop in DROPS}
    alarm, ok, power = model.staged
    yield outcome("staged: false alarm", found[0.0], "regression", alarm)
    yield outcome("staged: ok, no change", found[0.0], "ok", ok)
    yield outcome("staged: wrong ok", found[0.05], "ok", 5.4, at_most=True)
    yield outcome("staged: power at 0.1", found[0.1], "regression", power)
    for drop, said in zip((0.0, 0.1, 0.2), model.calls, strict=True):
        share = tuple(100 * verdict.samples / SCHEDULE[-1] for verdict in found[drop])
        yield Counted(name=f"calls at {drop:g}, % of five", specified=said, values=share)


def counted(name: str, found: dict[float, list[Verdict]], said: Figures) -> Iterator[Counted]:
    """The figures of a run that is judged once."""
    alarm, ok, wrong, power, strong = said
    yield outcome(f"{name}: false alarm", found[0.0], "regression", alarm)
    yield outcome(f"{name}: ok, no change", found[0.0], "ok", ok)
    yield outcome(f"{name}: wrong ok", found[0.05], "ok", wrong)
    yield outcome(f"{name}: power at 0.1", found[0.1], "regression", power)
    yield outcome(f"{name}: power at 0.2", found[0.2], "regression", strong)


def outcome(
    name: str, verdicts: Sequence[Verdict], wanted: str, said: float, *, at_most: bool = False
) -> Counted:
    """How often a verdict came up; a bound is met by whatever is below it."""
    values = tuple(100.0 * (verdict.outcome == wanted) for verdict in verdicts)
    return Counted(name=name, specified=said, values=values, at_most=at_most)


def show(rows: Sequence[Row], runs: int, seed: int, say: Callable[..., None] = print) -> int:
    """Print every figure beside the specification's; how many do not agree."""
    strangers = every = 0
    say(f"{runs:,} runs per cell, seed {seed}, {CALIBRATION} samples of calibration\n")
    for model in rows:
        say(f"{model.name:28}{'specified':>10}{'measured':>10}{'apart by':>10}")
        for figure in figures(model, runs, seed):
            agrees = figure.errors <= CLOSE
            every, strangers = every + 1, strangers + (not agrees)
            say(
                f"  {figure.name:26}{figure.specified:>10.1f}{figure.measured:>10.1f}"
                f"{figure.errors:>7.1f} SE  {'agrees' if agrees else 'DOES NOT AGREE'}",
                flush=True,
            )
    say(f"\n{every - strangers} of {every} figures agree within {CLOSE:g} standard errors")
    return strangers


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="How often verdicts are right.")
    parser.add_argument("--runs", type=int, default=40, help="simulated runs per cell")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--all", action="store_true", help="10 and 100 events too")
    parser.add_argument("--events", type=int, help="only the rows of so many events")
    given = parser.parse_args()
    wanted = given.events or (None if given.all else 30)
    rows = [model for model in ROWS if wanted in {None, model.events}]
    raise SystemExit(1 if show(rows, given.runs, given.seed) else 0)


if __name__ == "__main__":
    main()
