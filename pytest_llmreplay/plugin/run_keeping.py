"""The run file of a replay: opened before the first call, closed with the outcomes."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.event import Json
from pytest_llmreplay.replay.calls import Call, Identity
from pytest_llmreplay.replay.entry import Result
from pytest_llmreplay.replay.gate_plan import StoredFloor
from pytest_llmreplay.replay.identities import Identities
from pytest_llmreplay.replay.result import CallFailed, Reply
from pytest_llmreplay.replay.targets import Target
from pytest_llmreplay.runs.place import Runs
from pytest_llmreplay.runs.run_file import RunFile, RunHeader, RunTarget
from pytest_llmreplay.runs.stored import StoredRun

from .as_typed import paths_as_typed, relative
from .collection import ReplayItem
from .rejudged import Rejudged
from .settings import Settings

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
        self._identities = Identities(settings.rootdir)
        self._file: RunFile | None = None
        self._keeping: Keeping | None = None
        self._asked = 0
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
        """Those of the run that is judged again, as far as `--llm-model` names them.

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
    def takes_over(self) -> bool:
        """Whether answers of earlier runs stand for calls, where there are any."""
        return self._settings.resume or bool(self._config.getoption("lf", default=False))

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

    def begin(self, items: Sequence[ReplayItem], answers: int) -> list[str]:
        """Open the run file, if anything is asked; what is to be said about it.

        Args:
            items: What will be judged.
            answers: How many it takes at most.

        Raises:
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
        selection = self._selection(asked)
        earlier = list(self._earlier(selection))
        try:
            self._file = self._runs.create(lambda name: self._header(name, asked, selection))
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
        if self._keeping is not None:
            self._keeping.note(result)

    def end(self, outcomes: Mapping[str, int], *, whole: bool) -> None:
        """Close the run file; files of old runs go.

        Args:
            outcomes: Events by outcome.
            whole: Whether every event that was selected has one.
        """
        if self._file is None or self._keeping is None:
            return
        try:
            if self._keeping.problem is None:
                self._file.end(outcomes, whole=whole)
        except CassetteError as error:
            self._problem = str(error)
        self._file.close()
        self._runs.remove_old()

    def lines(self) -> list[str]:
        """What the summary says of the run."""
        return [self._said(line) for line in self._told()]

    def _kept(self, earlier: Sequence[StoredRun], asked: Sequence[ReplayItem]) -> list[str]:
        # What redacts is loaded where something is kept.
        from pytest_llmreplay.runs.keeping import Keeping  # noqa: PLC0415

        self._keeping = Keeping(self._file, self._settings.redactor(), earlier)
        return [self._said(line) for line in self._announced(earlier, asked)]

    def _told(self) -> Iterator[str]:
        if self._keeping is None:
            return
        parts = [self.id] if self.id else []
        parts += [
            f"{count:,} of {self._asked:,} answers taken over from {run}"
            for run, count in self._keeping.taken.items()
        ]
        if parts:
            yield " \u00b7 ".join(parts)
        if problem := self._problem or self._keeping.problem:
            yield f"not all of this run is kept: {problem}"
        if withheld := self._keeping.withheld:
            kept, them = ("answer is", "it") if withheld == 1 else ("answers are", "them")
            yield f"{withheld:,} {kept} not kept: a secret shows in {them}"

    def _said(self, text: str) -> str:
        return paths_as_typed(text, self._config.invocation_params.dir)

    def _announced(
        self, earlier: Sequence[StoredRun], asked: Sequence[ReplayItem]
    ) -> Iterator[str]:
        if earlier:
            answers = len(self._answered(earlier, asked))
            more = f" and {len(earlier) - 1} before it have" if len(earlier) > 1 else " has"
            use = _judged_again(answers) if self._rejudged else _not_asked(answers)
            yield f"{earlier[0].header.id}{more} {answers:,} {use}"
        for run in earlier:
            if run.damaged:
                lines = ", ".join(map(str, run.damaged[:5]))
                more = f" and {len(run.damaged) - 5} more" if len(run.damaged) > 5 else ""  # noqa: PLR2004
                yield f"{run.path}: damaged and left out: line {lines}{more}"
        if self._settings.resume and not earlier:
            yield "nothing to resume: no unfinished run of this selection is kept"
        if self._problem is not None:
            yield f"this run is not kept: {self._problem}"

    def _answered(self, runs: Sequence[StoredRun], asked: Sequence[ReplayItem]) -> set[Call]:
        """The answers that runs have to what is asked now."""
        events = {(identity, item.target.name) for item in asked if (identity := self._known(item))}
        return {
            one.call
            for run in runs
            for one in run.calls
            if one.answered and (one.call.identity, one.call.target) in events
        }

    def _known(self, item: ReplayItem) -> Identity | None:
        """The identity of an event that can be read."""
        try:
            return self.identity(item)
        except CassetteError:
            return None

    def _earlier(self, selection: Mapping[str, Json]) -> Iterator[StoredRun]:
        """The runs whose answers are taken over."""
        if self._settings.resume:
            found = self._runs.newest_first(lambda one: one.selection == selection)
            yield from (run for run in found if not run.whole)
        elif self._config.getoption("lf", default=False):
            names = selection["targets"]
            assert isinstance(names, list)  # made below
            yield from self._runs.newest_first(
                lambda one: any(each.name in names for each in one.targets)
            )

    def _selection(self, asked: Sequence[ReplayItem]) -> dict[str, Json]:
        option, rootdir = self._config.option, self._settings.rootdir
        names: list[Json] = [target.name for target in _targets(asked)]
        paths: list[Json] = [_from(rootdir, argument) for argument in self._config.args]
        free: dict[str, Json] = (
            {} if self._settings.history == "recorded" else {"history": self._settings.history}
        )
        return {
            **free,
            "paths": paths,
            "keyword": option.keyword,
            "marks": option.markexpr,
            "targets": names,
            **({"filters": list(self._settings.filters)} if self._settings.filters else {}),
        }

    def _header(
        self, name: str, asked: Sequence[ReplayItem], selection: Mapping[str, Json]
    ) -> RunHeader:
        overrides = "\n".join(self._settings.overrides)
        return RunHeader(
            id=name,
            started=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            targets=_targets(asked),
            selection=selection,
            overrides=hashlib.sha256(overrides.encode()).hexdigest()[:16] if overrides else "",
            calls=len(asked),
        )


def _judged_again(answers: int) -> str:
    return "answer that is judged again" if answers == 1 else "answers that are judged again"


def _not_asked(answers: int) -> str:
    one = answers == 1
    return f"answer{'' if one else 's'} that need{'s' if one else ''} not be asked for again"


def _targets(items: Sequence[ReplayItem]) -> tuple[RunTarget, ...]:
    found = {item.target.name: item.target for item in items}
    return tuple(
        RunTarget(
            name=name,
            kind=target.kind,
            provider=target.provider,
            model=target.model,
            variant=target.variant.name if target.variant else None,
        )
        for name, target in found.items()
    )


def _from(rootdir: Path, argument: str) -> str:
    path, colons, rest = argument.partition("::")
    return relative(Path(path), rootdir) + colons + rest
