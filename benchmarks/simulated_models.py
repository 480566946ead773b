"""Models whose true change is known, and how often the package's verdicts about them come up."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from math import sqrt
from random import Random

from pytest_llmreplay.compare.statistics.decide import decide
from pytest_llmreplay.compare.statistics.rules import GateRules, Look, Verdict
from pytest_llmreplay.compare.statistics.scores import EventScores
from pytest_llmreplay.compare.statistics.stages import looks

__all__ = ["CALIBRATION", "SCHEDULE", "Cell", "Found", "Model", "Schedule", "Share", "judged"]

CALIBRATION = 10
"""Samples of the recorded model, of each event."""

Schedule = tuple[int, ...]
"""Samples of each event after which a run is judged; a single number is judged once."""

SCHEDULE: Schedule = (1, 2, 3, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A recorded model, as a check sees it."""

    events: int
    agreement: float
    """How often one of its answers holds, on average."""
    flakiness: float | None = None
    """Events differ by a beta distribution with this sum of parameters: the smaller, the more of
    them always hold or always fail. None is the same chance in each event."""

    @property
    def name(self) -> str:
        """`30 events, 0.95 mixed by 0.9`."""
        kind = "" if self.flakiness is None else f" mixed by {self.flakiness:g}"
        return f"{self.events} events, {self.agreement:.2f}{kind}"

    def chances(self, lot: Random, drop: float) -> tuple[float, float]:
        """How often an answer of one event holds: of this model, and of one worse by a drop.

        Where events differ, the drop is in proportion to how often each holds.
        """
        if self.flakiness is None:
            return self.agreement, self.agreement - drop
        size = self.flakiness
        then = lot.betavariate(self.agreement * size, (1 - self.agreement) * size)
        return then, then * (1 - drop / self.agreement)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A model, a true drop, a margin, and when a run is judged."""

    model: Model
    drop: float
    schedules: tuple[Schedule, ...]
    margin: float = 0.05

    @property
    def name(self) -> str:
        """What it is kept by."""
        ways = "; ".join(",".join(map(str, schedule)) for schedule in self.schedules)
        return f"{self.model.name}, drop {self.drop:g}, margin {self.margin:g}, samples {ways}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A figure in per cent, with its standard error."""

    value: float
    error: float
    runs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How runs that are judged by one schedule came out."""

    runs: int
    outcomes: dict[str, int]
    calls: int
    """Of each run, per event, summed."""
    squares: int
    """The same, squared."""

    def __add__(self, other: Found) -> Found:
        """Both together."""
        return Found(
            runs=self.runs + other.runs,
            outcomes=dict(Counter(self.outcomes) + Counter(other.outcomes)),
            calls=self.calls + other.calls,
            squares=self.squares + other.squares,
        )

    def share(self, outcome: str) -> Share:
        """How often an outcome came up; an error is never 0, however alike all runs are."""
        held = self.outcomes.get(outcome, 0)
        likely = (held + 0.5) / (self.runs + 1)
        error = 100 * sqrt(likely * (1 - likely) / self.runs)
        return Share(value=100 * held / self.runs, error=error, runs=self.runs)

    def sent(self, most: int) -> Share:
        """Calls in per cent of those of the last look."""
        mean = self.calls / self.runs
        variance = max(0.0, self.squares / self.runs - mean * mean)
        scale = 100 / most
        return Share(value=scale * mean, error=scale * sqrt(variance / self.runs), runs=self.runs)


def judged(cell: Cell, runs: int, seed: str) -> dict[Schedule, Found]:
    """Simulate a cell: the same runs are judged by each schedule."""
    lot, rules = Random(f"{seed} {cell.name}"), GateRules(margin=cell.margin)
    found: dict[Schedule, list[Verdict]] = {schedule: [] for schedule in cell.schedules}
    most = max(map(max, cell.schedules))
    for _ in range(runs):
        events = list(_run(lot, cell, most))
        for schedule, verdicts in found.items():
            verdicts.append(_verdict(events, schedule, rules))
    return {schedule: _counted(verdicts) for schedule, verdicts in found.items()}


def _run(lot: Random, cell: Cell, samples: int) -> Iterator[EventScores]:
    for number in range(cell.model.events):
        then, now = cell.model.chances(lot, cell.drop)
        yield EventScores(
            key=f"{number:04d}",
            session="one",
            calibration=_scores(lot, then, CALIBRATION),
            target=_scores(lot, now, samples),
        )


def _scores(lot: Random, chance: float, samples: int) -> tuple[float, ...]:
    return tuple(float(lot.random() < chance) for _ in range(samples))


def _verdict(events: Sequence[EventScores], schedule: Schedule, rules: GateRules) -> Verdict:
    """The verdict of the first look that decides, else of the last."""
    planned = _looks(schedule)
    for samples in schedule:
        so_far = [replace(event, target=event.target[:samples]) for event in events]
        verdict = decide("simulated", so_far, rules, planned)
        if verdict.outcome != "inconclusive":
            break
    return verdict


@cache
def _looks(schedule: Schedule) -> tuple[Look, ...]:
    return looks(schedule, CALIBRATION) if len(schedule) > 1 else ()


def _counted(verdicts: Sequence[Verdict]) -> Found:
    return Found(
        runs=len(verdicts),
        outcomes=dict(Counter(verdict.outcome for verdict in verdicts)),
        calls=sum(verdict.samples for verdict in verdicts),
        squares=sum(verdict.samples**2 for verdict in verdicts),
    )


def kept_line(name: str, found: dict[Schedule, Found]) -> str:
    """What came of a cell as a line of JSON."""
    return json.dumps({"cell": name, "found": [(way, asdict(each)) for way, each in found.items()]})


def read_line(line: str) -> tuple[str, dict[Schedule, Found]]:
    """The name of a cell and what came of it."""
    kept = json.loads(line)
    return kept["cell"], {tuple(way): Found(**each) for way, each in kept["found"]}
