"""Opens the cassette of a test or of a wide fixture: where it is, its header, its mode."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from pytest_llmreplay.cassette.documents.header import Header
from pytest_llmreplay.cassette.places.locks import cassette_lock
from pytest_llmreplay.cassette.places.naming import (
    cassette_path,
    fixture_cassette_path,
    named_cassette_path,
    recorded_by,
    root_of,
)
from pytest_llmreplay.cassette.record_mode import RecordMode
from pytest_llmreplay.playback.open_cassette import OpenCassette
from pytest_llmreplay.playback.place import Place
from pytest_llmreplay.plugin.as_typed import record_command, relative
from pytest_llmreplay.plugin.markers import CassetteMark
from pytest_llmreplay.plugin.screen import Screen
from pytest_llmreplay.plugin.settings.setting_values import unused_word
from pytest_llmreplay.plugin.settings.settings import Settings
from pytest_llmreplay.plugin.uses import MARKER, uses_cassette

from .failing import Misses
from .fixture_place import FixturePlace
from .names import SharedNames, class_alike, inner_id
from .run_marks import RunMark

__all__ = ["Opener"]

_OWN_MARKS = {MARKER, "usefixtures", "parametrize", "filterwarnings"}


class Opener:
    """Knows where every cassette of a run is and how it is opened.

    Args:
        config: Of the run.
        settings: What the user asked for.
        items: The collected tests.

    Raises:
        ConfigError: A rule in the ini file is wrong, or cassettes would be outside of a project.
    """

    def __init__(
        self, config: pytest.Config, settings: Settings, items: Iterable[pytest.Item]
    ) -> None:
        self.settings, self._config = settings, config
        self._width = Screen(config).width
        self._run = getattr(config, "workerinput", {}).get("testrunuid", secrets.token_hex(8))
        self.here = config.invocation_params.dir
        self._project = settings.projects.home
        self.projects = {self._project(path) for path in {item.path for item in items}}
        """Of the collected tests."""
        for project in self.projects:  # what is wrong there is said before any test
            of_project = settings.projects.of(project)
            root = root_of(project, of_project.cassettes)
            of_project.rules(settings.redactor(root))
            unused_word(of_project.unused)
        self._shared = SharedNames(items, self._project)

    def for_test(self, item: pytest.Item) -> OpenCassette | None:
        """The cassette of a test; none where the test has none, or runs live.

        Raises:
            ConfigError: Its marker is wrong, or another test records the same cassette.
            CassetteError: The cassette cannot be read.
        """
        if not uses_cassette(item, autouse=self.settings.autouse):
            return None
        mark = CassetteMark.of(item)
        mode = mark.mode_under(self.settings)
        if mode == "live":
            return None
        if mark.name is not None and mode != "none":
            self._shared.refuse(item, mark.name)
        project = self._project(item.path)
        if mark.checks and mode != "none":
            from pytest_llmreplay.plugin.users.checks import refuse_unreadable  # noqa: PLC0415 - imports the stage of compare

            refuse_unreadable(mark.checks, self._config, project)
        return self._open(
            self._path(item, mark, project),
            project,
            _header(item, mark, project),
            mode,
            mark.match_ignore,
        )

    @contextmanager
    def for_fixture(
        self, place: FixturePlace, mode: RecordMode, phase: str
    ) -> Iterator[OpenCassette]:
        """The cassette of a fixture with a wider scope, until it is committed.

        Where it is recorded, one process does so at a time, and the others of the same run play.

        Args:
            place: Of the fixture.
            mode: What to do with calls that the cassette does not hold.
            phase: Empty for its set-up, `.teardown` for what follows its `yield`.
        """
        project = self._project(place.file)
        path = self.fixture_path(place, mode, phase)
        header = Header(test=f"{relative(place.file, project)}::fixture.{place.name}{phase}")
        if mode == "none":
            yield self._open(path, project, header, mode, ())
            return
        with cassette_lock(project, path):
            recorded = RunMark(project, path)
            by_this_run = recorded.is_of(self._run)
            yield self._open(path, project, header, "none" if by_this_run else mode, ())
            recorded.set(self._run)

    def fixture_path(self, place: FixturePlace, mode: RecordMode, phase: str) -> Path:
        """Where the cassette of a fixture is.

        One that is named after the fixture alone serves all its users until they have their own.
        """
        project = self._project(place.file)
        in_folder = partial(
            fixture_cassette_path,
            project,
            self._root(project),
            place.file,
            parameter=place.parameter,
        )
        own, shared = in_folder(f"{place.name}{phase}"), in_folder(f"{place.fixture}{phase}")
        plays = mode in {"none", "once"}
        return shared if plays and not own.exists() and shared.exists() else own

    def _open(
        self,
        path: Path,
        project: Path,
        header: Header,
        mode: RecordMode,
        ignore: tuple[str, ...],
    ) -> OpenCassette:
        settings = self.settings
        redactor = settings.redactor(path.parent)
        return OpenCassette(
            place=Place(
                path=path,
                root=project,
                shown=relative(path, self.here),
                record=record_command(header.test or "", project, self.here),
            ),
            header=header,
            mode=mode,
            rules=settings.projects.of(project).rules(redactor, ignore),
            redactor=redactor,
            hosts=settings.hosts,
            explain=Misses(self.here, self._width),
        )

    def _root(self, project: Path) -> str:
        """Root of the cassettes of a project, relative to it."""
        return self.settings.projects.of(project).cassettes

    def _path(self, item: pytest.Item, mark: CassetteMark, project: Path) -> Path:
        if mark.name is not None:
            return named_cassette_path(project, self._root(project), mark.name)
        inner = inner_id(item)
        in_folder = partial(cassette_path, project, self._root(project), item.path, inner)
        plain = in_folder()
        if class_alike(item) and recorded_by(plain) != _test(item, project):
            return in_folder(class_alike=True)
        return plain


def _header(item: pytest.Item, mark: CassetteMark, project: Path) -> Header:
    return Header(
        test=_test(item, project),
        session=mark.session,
        checks=mark.checks,
        marks=tuple(sorted({mark.name for mark in item.iter_markers()} - _OWN_MARKS)),
    )


def _test(item: pytest.Item, project: Path) -> str:
    return f"{relative(item.path, project)}::{inner_id(item)}"
