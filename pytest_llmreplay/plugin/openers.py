"""Opens the cassette of a test or of a wide fixture: where it is, its header, its mode."""

from __future__ import annotations

import hashlib
import inspect
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from pytest_llmreplay.cassette.header import Header
from pytest_llmreplay.cassette.keys import MatchRules
from pytest_llmreplay.cassette.locks import cassette_lock
from pytest_llmreplay.cassette.naming import (
    cassette_path,
    fixture_cassette_path,
    named_cassette_path,
    project_of,
)
from pytest_llmreplay.cassette.own_directory import subdirectory
from pytest_llmreplay.cassette.redaction import Redactor
from pytest_llmreplay.event import Session
from pytest_llmreplay.playback.commit import Place
from pytest_llmreplay.playback.open_cassette import OpenCassette
from pytest_llmreplay.playback.tape import RecordMode

from .failures import Misses
from .markers import MARKER, CassetteMark, uses_cassette
from .settings import Settings

__all__ = ["Opener"]

_OWN_MARKS = {MARKER, "usefixtures", "parametrize", "filterwarnings"}


class Opener:
    """Knows where every cassette of a run is and how it is opened."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self.settings = settings
        self._width = config.get_terminal_writer().fullwidth
        self._run = getattr(config, "workerinput", {}).get("testrunuid", f"pid {os.getpid()}")
        self._here = config.invocation_params.dir

    def for_test(self, item: pytest.Item) -> OpenCassette | None:
        """The cassette of a test; none where the test has none.

        Raises:
            ConfigError: Its marker is wrong.
            CassetteError: The cassette cannot be read.
        """
        if not uses_cassette(item, self.settings):
            return None
        mark = CassetteMark.of(item)
        mode = mark.mode_under(self.settings)
        if mode == "live":
            return None
        project = self._project(item.path)
        header = Header(
            test=_node_id(item, project),
            session=None if mark.session == Session() else mark.session,
            checks=mark.checks or (),
            marks=tuple(sorted({mark.name for mark in item.iter_markers()} - _OWN_MARKS)),
        )
        return self._open(self._path(item, mark, project), project, header, mode, mark.match_ignore)

    @contextmanager
    def for_fixture(
        self, fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
    ) -> Iterator[OpenCassette]:
        """The cassette of a fixture with a wider scope, for as long as it is set up.

        Where it is recorded, one process does so at a time, and the others of the same run play.
        """
        file = Path(inspect.getfile(inspect.unwrap(fixturedef.func)))
        item = request.node
        project = self._project(file if file.is_relative_to(self.settings.rootdir) else item.path)
        parameter = getattr(request, "param", None)
        named = None if parameter is None else str(getattr(request, "param_index", parameter))
        path = fixture_cassette_path(
            project, self.settings.cassettes, file, fixturedef.argname, named
        )
        header = Header(test=f"{_relative(file, project)}::fixture.{fixturedef.argname}")
        mode = self.settings.command_line_mode or "none"
        lock = nullcontext() if mode == "none" else cassette_lock(self.settings.rootdir, path)
        with lock:
            stamp = _Stamp(self.settings.rootdir, path)
            recorded = mode != "none" and stamp.is_of(self._run)
            yield self._open(path, project, header, "none" if recorded else mode, ())
            if mode != "none":
                stamp.write(self._run)

    def _open(
        self,
        path: Path,
        project: Path,
        header: Header,
        mode: RecordMode,
        ignore: tuple[str, ...],
    ) -> OpenCassette:
        settings = self.settings
        redactor = Redactor(settings.redact, settings.redact_allow)
        return OpenCassette(
            place=Place(
                path=path,
                root=project,
                rootdir=settings.rootdir,
                shown=_relative(path, self._here),
                record=_record_command(header, self._here, project),
            ),
            header=header,
            mode=mode,
            rules=MatchRules(
                ignore=(*settings.match_ignore, *ignore),
                replace=settings.match_replace,
                redaction=redactor.fingerprint,
            ),
            redactor=redactor,
            hosts=frozenset(settings.hosts),
            explain=Misses(self._here, self._width),
        )

    def _project(self, file: Path) -> Path:
        return project_of(file, self.settings.rootdir)

    def _path(self, item: pytest.Item, mark: CassetteMark, project: Path) -> Path:
        if mark.name is not None:
            return named_cassette_path(project, self.settings.cassettes, mark.name)
        inner = item.nodeid.partition("::")[2] or item.name
        return cassette_path(project, self.settings.cassettes, item.path, inner)


def _node_id(item: pytest.Item, project: Path) -> str:
    """The node id as it is when pytest is started in the project."""
    inner = item.nodeid.partition("::")[2]
    return f"{_relative(item.path, project)}::{inner}"


def _relative(path: Path, base: Path) -> str:
    return Path(os.path.relpath(path, base)).as_posix()


def _record_command(header: Header, here: Path, project: Path) -> str:
    file, _, inner = (header.test or "").partition("::")
    file = _relative(project / file, here)
    if inner.startswith("fixture."):
        return f"pytest {file} --llm-record"
    return (
        f"pytest '{file}::{inner}' --llm-record"
        if "[" in inner or " " in inner
        else (f"pytest {file}::{inner} --llm-record")
    )


class _Stamp:
    """Which run recorded a cassette last, beside its lock."""

    def __init__(self, rootdir: Path, cassette: Path) -> None:
        name = hashlib.sha256(os.fsencode(cassette)).hexdigest()[:24]
        self._path = subdirectory(rootdir, "locks") / f"{name}.run"

    def is_of(self, run: str) -> bool:
        """Whether this very run recorded it."""
        return self._path.is_file() and self._path.read_text(encoding="utf-8") == run

    def write(self, run: str) -> None:
        """Say that this run recorded it."""
        self._path.write_text(run, encoding="utf-8")
