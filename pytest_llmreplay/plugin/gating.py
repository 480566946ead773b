"""How samples become verdicts in this run: how many are asked for, and who may fail."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pytest_llmreplay.compare.statistics.rules import GateRules
from pytest_llmreplay.compare.statistics.samples_rule import SamplesRule
from pytest_llmreplay.replay.gate_config import GateEntry
from pytest_llmreplay.replay.targets import SIMULATED, Target

from .collection import ReplayItem
from .gate_options import GateOptions
from .sampled import SamplePlan, deciding

__all__ = ["CALIBRATION", "SCHEDULE", "Gating", "StoredFloor", "floor_model", "models_of"]

CALIBRATION = 10
"""Answers of the recorded model per event that make a noise floor."""

SCHEDULE = (1, 2, 3, 5)
"""Samples of each event after each stage, where a verdict over the run may stop early."""

SAME, STEADY = "same", f"{SIMULATED}steady"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFloor:
    """The calibration in a stored run."""

    target: str
    answers: int
    """Of each event, at most."""


class Gating:
    """Knows the gate of every item.

    Args:
        options: Of the command line and the ini file.
        models: Targets as they were typed.
        entry: What the config file above a folder says.
        stored: The calibration of the stored run that is judged again; none where it has none.
    """

    def __init__(
        self,
        options: GateOptions,
        models: tuple[str, ...],
        entry: Callable[[Path], GateEntry],
        stored: StoredFloor | None = None,
    ) -> None:
        self.options = options
        self.entry = entry
        self._stored = stored
        measured = floor_model(models) if options.calibrate else None
        self._floor = measured if stored is None else stored.target
        self._alone = set(models) <= {self._floor}
        self._plan = cache(self._planned)

    @property
    def by_run(self) -> bool:
        """Whether verdicts are over the run, and events only report."""
        return self.options.gate == "run"

    @property
    def floor(self) -> str | None:
        """Name of the target whose answers are the noise floor, where it is measured."""
        return self._floor

    def has_verdict(self, target: Target) -> bool:
        """Whether a target is judged over the run."""
        return self.by_run and target.kind != "recorded" and not self.calibrates(target)

    def rules(self, folder: Path) -> GateRules:
        """How a run is judged."""
        said, stages = self.entry(folder), self.stages(folder)
        return said.rules(margin=self.options.margin, schedule=stages if len(stages) > 1 else None)

    def fails_undecided(self, folder: Path) -> bool:
        """Whether a run that cannot tell fails."""
        said = self.entry(folder).inconclusive or self.options.inconclusive
        return said != "warn"

    def judges_together(self, folder: Path) -> bool:
        """Whether all targets of the run are one question."""
        return self.entry(folder).family == "run"

    def confirms(self, folder: Path) -> bool:
        """Whether the recorded model is asked anew before a regression is told."""
        return self.floor is None and self.entry(folder).confirm is not False

    def confirmed(self, items: Iterable[ReplayItem]) -> set[str]:
        """Targets whose regressions are told only after the recorded model was asked anew."""
        judged = (item for item in items if item.target.live and self.has_verdict(item.target))
        return {item.target.name for item in judged if self.confirms(item.path.parent)}

    def calibrates(self, target: Target) -> bool:
        """Whether the answers of a target are the noise floor."""
        return target.name == self._floor

    def only_reports(self, target: Target) -> bool:
        """Whether no divergence of a target fails its event."""
        return self.calibrates(target) or self.has_verdict(target)

    def plan(self, item: ReplayItem) -> SamplePlan:
        """How many answers are asked for to an event."""
        if item.target.kind == "recorded":
            return SamplePlan()
        return self._plan(item.path.parent, self.calibrates(item.target))

    def stages(self, folder: Path) -> tuple[int, ...]:
        """Samples of each event after each stage of the gate over the run."""
        if self.options.samples is not None:
            return (self.options.samples,)
        schedule = self.entry(folder).schedule
        return (SCHEDULE if schedule is None else schedule) or (1,)

    def _planned(self, folder: Path, calibrates: bool) -> SamplePlan:  # noqa: FBT001 - is cached
        if not (self.by_run or calibrates):
            return self._each(folder, self.options.samples or 1)
        stages = (self._answers_of_floor,) if calibrates else self.stages(folder)
        rule = self._rule(folder, stages[0])
        return SamplePlan(rule=rule, first=stages[0], most=stages[-1], only_reports=True)

    def _each(self, folder: Path, samples: int) -> SamplePlan:
        if samples == 1:
            return SamplePlan()
        rule = self._rule(folder, samples)
        return SamplePlan(rule=rule, first=deciding(rule, 0, 0), most=samples, early=True)

    def _rule(self, folder: Path, samples: int) -> SamplesRule:
        return SamplesRule(samples=samples, pass_rate=self.entry(folder).pass_rate or 1.0)

    @property
    def _answers_of_floor(self) -> int:
        if self._stored is not None:
            return self._stored.answers
        return (self.options.samples if self._alone else None) or CALIBRATION


def floor_model(models: tuple[str, ...]) -> str:
    """The target whose answers are the noise floor: the recorded model, or its simulation."""
    simulated = bool(models) and all(model.startswith(SIMULATED) for model in models)
    return STEADY if simulated else SAME


def models_of(models: tuple[str, ...], options: GateOptions) -> tuple[str, ...]:
    """The targets of a run, with the recorded model in front where it is calibrated."""
    if not options.calibrate or (floor := floor_model(models)) in models:
        return models
    return (floor, *models)
