"""The run file of a replay: opened before the first call, closed with the outcomes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pytest_llmreplay.cassette.redaction import Redactor
from pytest_llmreplay.errors import CassetteError, ConfigError
from pytest_llmreplay.event import Json
from pytest_llmreplay.replay.calls import Call, Identity
from pytest_llmreplay.replay.identities import Identities
from pytest_llmreplay.replay.result import CallFailed, Reply
from pytest_llmreplay.replay.targets import Kind, Target
from pytest_llmreplay.runs.keeping import Keeping
from pytest_llmreplay.runs.place import Runs
from pytest_llmreplay.runs.run_file import RunFile, RunHeader, RunTarget
from pytest_llmreplay.runs.stored import StoredRun

from .as_typed import paths_as_typed, relative
from .collection import ReplayItem
from .settings import Settings

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
        self._problem: str | None = None
        self._rejudged = None if settings.rejudge is None else self._stored_run(settings.rejudge)

    @property
    def stored_targets(self) -> tuple[Target, ...]:
        """Those of the run that is judged again, as far as `--llm-model` names them.

        Raises:
            ConfigError: It has none of them.
        """
        return () if self._rejudged is None else targets_of(self._rejudged, self._settings.models)

    @property
    def id(self) -> str | None:
        """Of the run, once it is kept."""
        return None if self._file is None else self._file.path.stem

    def identity(self, item: ReplayItem) -> Identity:
        """What the calls of an item are kept under."""
        return self._identities.of(item.parent.cassette, item.place, item.label)

    def begin(self, items: Sequence[ReplayItem]) -> list[str]:
        """Open the run file, if anything is asked; what is to be said about it.

        Raises:
            CassetteError: The place that a person named cannot be written, or the run that is
                gone on with cannot be read.
        """
        asked = [item for item in items if item.target.kind != "recorded"]
        if not asked:
            return []
        if self._rejudged is not None:
            self._keeping = Keeping(None, Redactor(), [self._rejudged])
            return [self._said(line) for line in self._announced([self._rejudged])]
        self._asked = len(asked)
        selection = self._selection(asked)
        earlier = list(self._earlier(selection))
        try:
            self._file = self._runs.create(lambda name: self._header(name, asked, selection))
        except CassetteError as error:
            if self._settings.runs is not None or self._settings.resume:
                raise
            self._problem = str(error)
        redactor = Redactor(self._settings.redact, self._settings.redact_allow)
        self._keeping = Keeping(self._file, redactor, earlier)
        return [self._said(line) for line in self._announced(earlier)]

    def find(self, call: Call) -> Reply | None:
        """What was answered to a call before."""
        return None if self._keeping is None else self._keeping.find(call)

    def keep(self, call: Call, outcome: Reply | CallFailed) -> None:
        """Take what came of a call."""
        if self._keeping is not None:
            self._keeping.keep(call, outcome)

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
            yield f"{withheld:,} answers are not kept: a secret shows in them"

    def _said(self, text: str) -> str:
        return paths_as_typed(text, self._config.invocation_params.dir)

    def _announced(self, earlier: Sequence[StoredRun]) -> Iterator[str]:
        for run in earlier:
            answers = sum(one.answered for one in run.calls)
            use = "are judged again" if self._rejudged else "need not be asked for again"
            yield f"{run.header.id} has {answers:,} answers that {use}"
            if run.damaged:
                lines = ", ".join(map(str, run.damaged[:5]))
                more = f" and {len(run.damaged) - 5} more" if len(run.damaged) > 5 else ""  # noqa: PLR2004
                yield f"{run.path}: damaged and left out: line {lines}{more}"
        if self._settings.resume and not earlier:
            yield "nothing to resume: no unfinished run of this selection is kept"
        if self._problem is not None:
            yield f"this run is not kept: {self._problem}"

    def _stored_run(self, name: str) -> StoredRun:
        settings, here = self._settings, self._config.invocation_params.dir
        sends = {
            "--llm-resume": settings.resume,
            "--llm-set": settings.overrides,
            "--llm-base-url": settings.base_url,
        }
        if flag := next((flag for flag, given in sends.items() if given), None):
            raise ConfigError(f"--llm-rejudge sends nothing: leave {flag} out")
        return self._runs.named(name, here)

    def _earlier(self, selection: Mapping[str, Json]) -> Iterator[StoredRun]:
        """The runs whose answers are taken over."""
        if self._settings.resume:
            run = self._runs.newest(lambda one: one.selection == selection, unfinished=True)
            if run is not None:
                yield run
        elif self._config.getoption("lf", default=False):
            names = selection["targets"]
            assert isinstance(names, list)  # made below
            run = self._runs.newest(lambda one: any(each.name in names for each in one.targets))
            if run is not None:
                yield run

    def _selection(self, asked: Sequence[ReplayItem]) -> dict[str, Json]:
        option, rootdir = self._config.option, self._settings.rootdir
        names: list[Json] = [target.name for target in _targets(asked)]
        paths: list[Json] = [_from(rootdir, argument) for argument in self._config.args]
        return {
            "paths": paths,
            "keyword": option.keyword,
            "marks": option.markexpr,
            "targets": names,
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


def targets_of(run: StoredRun, names: Sequence[str]) -> tuple[Target, ...]:
    """The targets of a stored run; those that are named, where any is.

    Raises:
        ConfigError: The run has none of a name, or none at all.
    """
    kinds: dict[str, Kind] = {"same": "same", "live": "live", "simulated": "simulated"}
    found = {
        one.name: Target(
            name=one.name, kind=kinds[one.kind], provider=one.provider, model=one.model
        )
        for one in run.header.targets
        if one.kind in kinds
    }
    missing = next((name for name in names if name not in found), None)
    if missing is not None or not found:
        has = ", ".join(found) or "none"
        raise ConfigError(f"{run.header.id} has no target {missing!r}; its targets are: {has}")
    return tuple(found[name] for name in names) or tuple(found.values())


def _targets(items: Sequence[ReplayItem]) -> tuple[RunTarget, ...]:
    found = {item.target.name: item.target for item in items}
    return tuple(
        RunTarget(name=name, kind=target.kind, provider=target.provider, model=target.model)
        for name, target in found.items()
    )


def _from(rootdir: Path, argument: str) -> str:
    path, colons, rest = argument.partition("::")
    return relative(Path(path), rootdir) + colons + rest
