"""The run file of a replay: opened before the first call, closed with the outcomes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pytest

from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.plugin.as_typed import paths_as_typed
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.settings.settings import Settings
from pytest_llmreplay.replay.baselines.identities import Identities
from pytest_llmreplay.replay.calls.call import Call, Identity
from pytest_llmreplay.replay.calls.result import CallFailed, Reply
from pytest_llmreplay.replay.entry import Result
from pytest_llmreplay.replay.gate_plan import StoredFloor
from pytest_llmreplay.replay.targets.target import Target
from pytest_llmreplay.runs.place import Runs
from pytest_llmreplay.runs.run_file import RunFile
from pytest_llmreplay.runs.stored import StoredRun

from .earlier_runs import EarlierRuns
from .notices import kept_lines
from .rejudged import Rejudged
from .selection import RunSelection

if TYPE_CHECKING:
    from pytest_llmreplay.runs.keeping import Keeping

__all__ = ["RunKeeping"]


class RunKeeping:
    """Keeps the calls of a replay, and takes over those of earlier ones.

    Args:
        config: Of pytest.
        settings: The options of the run.
    """

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self._config, self._settings = config, settings
        self._runs = Runs(settings.rootdir, settings.runs)
        self._earlier = EarlierRuns(config, settings, self._runs)
        self._identities = Identities(settings.rootdir)
        self._file: RunFile | None = None
        self._keeping: Keeping | None = None
        self._asked = self._missing = self._unjudged = 0
        self._labels: list[str] = []
        self._problem: str | None = None
        self._rejudged = (
            None
            if settings.rejudge is None
            else Rejudged.of(settings, self._runs, config.invocation_params.dir)
        )

    @property
    def settings(self) -> Settings:
        """The options of the run; what ran freely is judged again as it ran.

        Raises:
            ConfigError: It did not, and that is asked for.
        """
        run = self._rejudged
        return self._settings if run is None else run.settings

    @property
    def stored_targets(self) -> tuple[Target, ...]:
        """The targets of the run that is judged again, as far as `--llm-model` names them.

        Raises:
            ConfigError: It has none of them.
        """
        return () if self._rejudged is None else self._rejudged.targets

    @property
    def stored_floor(self) -> StoredFloor | None:
        """The calibration of the run that is judged again.

        Raises:
            ConfigError: It has none, and one is asked for.
        """
        return None if self._rejudged is None else self._rejudged.floor

    @property
    def id(self) -> str | None:
        """Of the run, once it is kept."""
        return None if self._file is None else self._file.path.stem

    @property
    def told_by(self) -> str | None:
        """The run that holds every answer that is judged; none where one is missing there."""
        if self._rejudged is not None:
            return self._settings.rejudge
        kept = self._keeping is not None and not (self._keeping.problem or self._keeping.withheld)
        return self.id if kept else None

    @property
    def shown(self) -> str | None:
        """The run, where it is kept and has answers that can be shown."""
        return self.id if self._keeping is not None and self._keeping.answers else None

    @property
    def takes_over(self) -> bool:
        """Whether answers of earlier runs stand for calls, where there are any."""
        return self._earlier.are_taken_over

    def has(self, name: str) -> bool:
        """Whether the file of a run is there, as old ones are not."""
        return self._runs.has(name)

    def named_alone(self, label: str) -> bool:
        """Whether no other event or target of the run has a label that begins like this one."""
        at = bisect_left(self._labels, label)
        return sum(name.startswith(label) for name in self._labels[at : at + 2]) == 1

    def identity(self, item: ReplayItem) -> Identity:
        """What the calls of an item are kept under."""
        return self._identities.of(item.parent.cassette, item.place, item.label)

    def session(self, item: ReplayItem) -> str | None:
        """Id of the session in which an item was asked by the run that is judged again."""
        if self._rejudged is None:
            return None
        call = Call(identity=self.identity(item), target=item.target.name, digest=None)
        return self._rejudged.run.session(call)

    def begin(
        self, items: Sequence[ReplayItem], answers: int, stages: tuple[int, ...]
    ) -> list[str]:
        """Open the run file, if anything is asked; what is to be said about it.

        Args:
            items: What will be judged.
            answers: How many it takes at most.
            stages: Samples of each event after each stage of a verdict over the run, if any.

        Raises:
            ConfigError: The run that is gone on with has other stages.
            CassetteError: The place that a person named cannot be written, or the run that is
                gone on with cannot be read.
        """
        asked = [item for item in items if item.target.kind != "recorded"]
        if not asked:
            return []
        self._labels = sorted(item.label for item in asked)
        if self._rejudged is not None:
            return self._kept([self._rejudged.run], asked)
        self._asked = answers
        selection = RunSelection.of(self._config, self._settings, asked, stages)
        earlier = self._earlier.runs(selection)
        try:
            self._file = self._runs.create(selection.header)
        except CassetteError as error:
            if self._settings.runs is not None or self._settings.resume:
                raise
            self._problem = str(error)
        return self._kept(earlier, asked)

    def find(self, call: Call) -> Reply | CallFailed | None:
        """What came of a call before; none where it was not made."""
        return None if self._keeping is None else self._keeping.find(call)

    def keep(self, call: Call, outcome: Reply | CallFailed) -> None:
        """Take what came of a call."""
        if self._keeping is not None:
            self._keeping.keep(call, outcome)

    def note(self, result: Result) -> None:
        """Keep what was thought of an answer."""
        scores = {} if result.pair is None else result.pair.scores or {}
        self._unjudged += any(one.value is None and not one.run for one in scores.values())
        if self._keeping is not None:
            self._keeping.note(result)

    def end(self, outcomes: Mapping[str, int], *, selected: int) -> None:
        """Close the run file; files of old runs go.

        Args:
            outcomes: Events by outcome.
            selected: How many events there are.
        """
        missing = selected - sum(outcomes.values())
        left = outcomes.get("not_run", 0)
        # A session that left its recording is no further after another run.
        self._missing = missing + (left if self._settings.history == "recorded" else 0)
        if self._file is None or self._keeping is None:
            return
        try:
            if self._keeping.problem is None:
                self._file.end(outcomes, whole=not (missing or left or self._unjudged))
        except CassetteError as error:
            self._problem = str(error)
        self._file.close()
        self._runs.remove_old()

    def lines(self) -> list[str]:
        """What the summary says of the run."""
        if (keeping := self._keeping) is None:
            return []
        lines = kept_lines(
            self.id,
            asked=self._asked,
            taken=keeping.taken,
            missing=self._missing,
            unjudged=self._unjudged,
            problem=self._problem or keeping.problem,
            withheld=keeping.withheld,
        )
        return [self._said(line) for line in lines]

    def _kept(self, earlier: Sequence[StoredRun], asked: Sequence[ReplayItem]) -> list[str]:
        from pytest_llmreplay.runs.keeping import Keeping  # noqa: PLC0415 - it loads what redacts

        redactor = self._settings.redactor(*{item.parent.folder for item in asked})
        self._keeping = Keeping(self._file, redactor, earlier)
        events = {(identity, item.target.name) for item in asked if (identity := self._known(item))}
        again = self._rejudged is not None
        lines = self._earlier.lines(earlier, events, judges_again=again)
        if self._problem is not None:
            lines.append(f"this run is not kept: {self._problem}")
        return [self._said(line) for line in lines]

    def _said(self, text: str) -> str:
        return paths_as_typed(text, self._config.invocation_params.dir)

    def _known(self, item: ReplayItem) -> Identity | None:
        """The identity of an event that can be read."""
        try:
            return self.identity(item)
        except CassetteError:
            return None
