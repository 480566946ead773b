"""How many answers are asked for to every event, and which target is the noise floor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from pytest_llmreplay.compare.statistics.samples_rule import SamplesRule
from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.replay.config.gate import GateEntry
from pytest_llmreplay.replay.targets.target import SIMULATED, Target

__all__ = [
    "CALIBRATION",
    "SAME",
    "SCHEDULE",
    "Gate",
    "GatePlan",
    "SamplePlan",
    "StoredFloor",
    "floor_model",
    "models_of",
    "refuse_changed_floor",
]

Gate = Literal["each", "run"]
"""What samples decide about: each event, or the run."""

CALIBRATION = 10
"""Answers of the recorded model per event that make a noise floor."""

SCHEDULE = (1, 2, 3, 5)
"""Samples of each event after each stage, where a verdict over the run may stop early."""

SAME, STEADY = "same", f"{SIMULATED}steady"


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePlan:
    """How many answers are asked for to one event."""

    rule: SamplesRule = field(default_factory=SamplesRule)
    first: int = 1
    """Those that are sent without a look at any answer."""
    most: int = 1
    """Those that may be sent in all."""
    early: bool = False
    """Whether the others are sent one by one, and only as long as they can decide."""
    only_reports: bool = False
    """Whether no divergence fails the event."""
    stages: tuple[int, ...] = ()
    """Answers after each of which a verdict over the run may be told, where there is one."""
    confirming: int = 0
    """Answers of the recorded model that are asked for only if a regression shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFloor:
    """The calibration in a stored run."""

    target: str
    answers: int
    """Of each event, at most."""


class GatePlan:
    """Knows how often the events of a folder go to a target.

    Args:
        models: Targets as they were typed.
        entry: What the config file above a folder says.
        gate: What samples decide about.
        samples: Answers to each event; none where nobody says.
        calibrate: Whether the recorded model is asked for the noise floor.
        stored: The calibration of the stored run that is judged again; none where it has none.
        elsewhere: Whether `--llm-base-url` names the server of the targets: nobody knows whether it
            has the recorded model, too.
    """

    def __init__(
        self,
        models: tuple[str, ...],
        entry: Callable[[Path], GateEntry],
        *,
        gate: Gate = "each",
        samples: int | None = None,
        calibrate: bool = False,
        stored: StoredFloor | None = None,
        elsewhere: bool = False,
    ) -> None:
        self.entry = entry
        self.by_run = gate == "run"
        """Whether verdicts are over the run, and events only report."""
        self._samples, self._stored, self._elsewhere = samples, stored, elsewhere
        measured = floor_model(models) if calibrate else None
        self.floor = measured if stored is None else stored.target
        """Name of the target whose answers are the noise floor, where it is measured."""
        self._alone = set(models) <= {self.floor}
        self._plan = cache(self._planned)

    def has_verdict(self, target: Target) -> bool:
        """Whether a target is judged over the run."""
        return self.by_run and target.kind != "recorded" and not self.calibrates(target)

    def calibrates(self, target: Target) -> bool:
        """Whether the answers of a target are the noise floor."""
        return target.name == self.floor

    def only_reports(self, target: Target) -> bool:
        """Whether no divergence of a target fails its event."""
        return self.calibrates(target) or self.has_verdict(target)

    def confirms(self, folder: Path) -> bool:
        """Whether the recorded model is asked anew before a regression is told."""
        asked = self.entry(folder).confirm is not False
        return asked and self.floor is None and not self._elsewhere

    def stages(self, folder: Path) -> tuple[int, ...]:
        """Samples of each event after each stage of the gate over the run."""
        if self._samples is not None:
            return (self._samples,)
        schedule = self.entry(folder).schedule
        return (SCHEDULE if schedule is None else schedule) or (1,)

    def planned(self, folder: Path, target: Target) -> SamplePlan:
        """How many answers of a target are asked for to each event of a folder."""
        if target.kind == "recorded":
            return SamplePlan()
        return self._plan(folder, self.calibrates(target), target.live)

    def _planned(self, folder: Path, calibrates: bool, live: bool) -> SamplePlan:  # noqa: FBT001 - is cached
        if not (self.by_run or calibrates):
            return self._each(folder, self._samples or 1)
        stages = (self._answers_of_floor,) if calibrates else self.stages(folder)
        confirms = live and not calibrates and self.confirms(folder)
        return SamplePlan(
            rule=self._rule(folder, stages[0]),
            first=stages[0],
            most=stages[-1],
            only_reports=True,
            stages=() if calibrates else stages,
            confirming=CALIBRATION if confirms else 0,
        )

    def _each(self, folder: Path, samples: int) -> SamplePlan:
        if samples == 1:
            return SamplePlan()
        rule = self._rule(folder, samples)
        return SamplePlan(rule=rule, first=rule.deciding(0, 0), most=samples, early=True)

    def _rule(self, folder: Path, samples: int) -> SamplesRule:
        return SamplesRule(samples=samples, pass_rate=self.entry(folder).pass_rate or 1.0)

    @property
    def _answers_of_floor(self) -> int:
        if self._stored is not None:
            return self._stored.answers
        return (self._samples if self._alone else None) or CALIBRATION


def floor_model(models: tuple[str, ...]) -> str:
    """The target whose answers are the noise floor: the recorded model, or its simulation."""
    simulated = bool(models) and all(model.startswith(SIMULATED) for model in models)
    return STEADY if simulated else SAME


def models_of(models: tuple[str, ...], *, calibrate: bool) -> tuple[str, ...]:
    """The targets of a run, with the recorded model in front where it is calibrated."""
    if not calibrate or (floor := floor_model(models)) in models:
        return models
    return (floor, *models)


def refuse_changed_floor(asked_by: str, changes: Mapping[str, object]) -> None:
    """Refuse what changes requests where the noise floor of the recorded ones is measured.

    Args:
        asked_by: The option that asks for the noise floor.
        changes: Options that change requests, each with what was given; nothing counts as absent.

    Raises:
        ConfigError: One was given.
    """
    if flag := next((flag for flag, given in changes.items() if given), None):
        raise ConfigError(
            f"{asked_by}: the noise floor is that of the requests as recorded; leave {flag} out, "
            "and use it when the target is judged"
        )
