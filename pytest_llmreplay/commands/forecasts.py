"""What judges would be asked about answers that nobody has yet."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.commands.projects.event_checks import EventChecks
from pytest_llmreplay.commands.projects.project import Project
from pytest_llmreplay.judge.asking.calls import Asking
from pytest_llmreplay.judge.forecast import Forecast
from pytest_llmreplay.judge.given import judge_of
from pytest_llmreplay.judge.own.workers import Workers
from pytest_llmreplay.replay.config.file import Config
from pytest_llmreplay.replay.gate_plan import SamplePlan
from pytest_llmreplay.replay.money.estimate import Estimate
from pytest_llmreplay.replay.money.question import usage_of
from pytest_llmreplay.replay.sending.engine import Engine
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.replay.targets.target import Target

if TYPE_CHECKING:
    from pytest_llmreplay.plugin.terms.named_judges import NamedJudges

__all__ = ["Forecasts"]


class Forecasts:
    """Finds the judge of each event, as a replay does, and adds up its questions.

    Args:
        project: Its hooks and config files name judges.
        checks: What events are judged by.
        judge: The judge's target, where a person names one; it is asked about every answer. That
            of a config file is asked about live targets alone, where a check wants it.
    """

    def __init__(self, project: Project, checks: EventChecks, judge: str | None) -> None:
        self._project, self._checks, self._named = project, checks, judge
        self._endpoints = Endpoints(os.environ)
        self._found: dict[Path | None, Forecast | None] = {}

    @property
    def all(self) -> Sequence[Estimate]:
        """An estimate for each judge that is asked."""
        return [found.estimate() for found in self._found.values() if found is not None]

    def add(
        self,
        config: Config,
        path: Path,
        document: EventDocument,
        target: Target,
        plan: SamplePlan,
    ) -> None:
        """Take the answers of a target to an event in.

        Args:
            config: That of the cassette.
            path: The cassette.
            document: The event.
            target: Who answers.
            plan: How often.

        Raises:
            ConfigError: The judge is none, or a check cannot be read.
            CassetteError: The event cannot be read.
        """
        if not self._asks(path, document, target):
            return
        if config.path not in self._found:
            self._found[config.path] = self._forecast(config)
        if (forecast := self._found[config.path]) is not None:
            usage, _ = usage_of(document, forecast.model)
            event = path, document.place.line
            forecast.add(event, usage, plan, over_run=plan.only_reports)

    def _asks(self, path: Path, document: EventDocument, target: Target) -> bool:
        if target.kind == "recorded":
            return False
        if self._named is not None:
            return True
        return target.live and self._checks.in_force(document, path).asks_judge

    def _forecast(self, config: Config) -> Forecast | None:
        """None where nobody judges, or a function that asks no model."""
        named = self._judges.of(config)
        asking = None
        if named.target is not None:
            asking = Asking(named.target, engine=Engine(), endpoints=self._endpoints)
        judge = judge_of(named.given, named.settings, asking, timeout=0, workers=Workers(1))
        if judge is None or judge.asking is None:
            return None
        judge.asking.target.check_without_key()
        return Forecast(judge, judge.asking.target, pairwise=named.settings.pairwise)

    @cached_property
    def _judges(self) -> NamedJudges:
        return self._project.hooks.judges(self._named)
