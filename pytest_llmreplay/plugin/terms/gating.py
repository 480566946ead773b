"""How samples become verdicts in this run: what the options and the config files say of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytest_llmreplay.compare.statistics.rules import GateRules
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.settings.run_options import GateOptions
from pytest_llmreplay.replay.config.gate import GateEntry
from pytest_llmreplay.replay.gate_plan import GatePlan, SamplePlan, StoredFloor

__all__ = ["Gating"]


class Gating(GatePlan):
    """Knows the gate of every item.

    Args:
        options: Of the command line and the ini file.
        models: Targets as they were typed.
        entry: What the config file above a folder says.
        stored: The calibration of the stored run that is judged again; none where it has none.
        elsewhere: Whether `--llm-base-url` names the server of the targets.
    """

    def __init__(
        self,
        options: GateOptions,
        models: tuple[str, ...],
        entry: Callable[[Path], GateEntry],
        stored: StoredFloor | None = None,
        *,
        elsewhere: bool = False,
    ) -> None:
        super().__init__(
            models,
            entry,
            gate=options.gate,
            samples=options.samples,
            calibrate=options.calibrate,
            stored=stored,
            elsewhere=elsewhere,
        )
        self.options = options

    def rules(self, folder: Path) -> GateRules:
        """The rules by which a run over the cassettes of a folder is judged."""
        said, stages = self.entry(folder), self.stages(folder)
        schedule = stages if len(stages) > 1 else None
        return said.rules(margin=self.options.margin, schedule=schedule)

    def fails_undecided(self, folder: Path) -> bool:
        """Whether a run that cannot tell fails."""
        said = self.entry(folder).inconclusive or self.options.inconclusive
        return said != "warn"

    def judges_together(self, folder: Path) -> bool:
        """Whether all targets of the run are one question."""
        return self.entry(folder).family == "run"

    def plan(self, item: ReplayItem) -> SamplePlan:
        """How many answers are asked for to an event."""
        return self.planned(item.parent.folder, item.target)
