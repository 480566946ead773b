"""Where run files are, which number the next one has, and which of them are old enough to go."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from pytest_llmreplay.cassette.places.own_directory import OWN_DIRECTORY, subdirectory, written
from pytest_llmreplay.errors import CassetteError, ConfigError, LlmReplayError
from pytest_llmreplay.replay.baselines.calibration import calibrating_runs

from .header import RunHeader
from .run_file import RunFile, is_being_written
from .stored import StoredRun

__all__ = ["KEPT", "Runs"]

KEPT = 50
"""Runs; older ones are removed."""

_WEEK = 7 * 24 * 3600.0
_NAME = re.compile(r"run-([1-9][0-9]{0,8})\.jsonl")
_TRIES = 1000


class Runs:
    """The run files of a project.

    Args:
        rootdir: Of the project.
        directory: Another place for them than `.llmreplay/runs`.
    """

    def __init__(self, rootdir: Path, directory: Path | None = None) -> None:
        self._rootdir = rootdir
        self._own = directory is None
        self.directory = directory or rootdir / OWN_DIRECTORY / "runs"

    def create(self, header: Callable[[str], RunHeader]) -> RunFile:
        """The file of a new run, with its first line, under a number that no other has.

        Args:
            header: Makes the header of the run with an id.

        Raises:
            CassetteError: Nothing can be written there.
        """
        self._make()
        number = max((number for number, _ in self._numbered()), default=0) + 1
        for name in (f"run-{one}" for one in range(number, number + _TRIES)):
            with suppress(FileExistsError):  # another run that began just now
                return _begun(self.directory / f"{name}.jsonl", header(name))
        raise CassetteError(f"{self.directory}: no number is free; remove old run files")

    def newest_first(self, fits: Callable[[RunHeader], bool]) -> Iterator[StoredRun]:
        """The runs whose header fits, down to the last one that came to its end.

        One that was stopped may have taken over only a part of what those before it have. Runs
        that are being written are left out.

        Args:
            fits: Looks at the header, before the calls are read.

        Raises:
            CassetteError: One cannot be read, or a later version of this package wrote it.
        """
        for _, path in sorted(self._numbered(), reverse=True):
            try:
                run = _fitting(path, fits)
            except (FileNotFoundError, CassetteError):
                if path.exists():
                    raise
                continue  # another process has removed it
            if run is not None:
                yield run
                if run.whole:
                    return

    def named(self, name: str, here: Path) -> StoredRun:
        """A run by its id, or by the path of its file.

        Raises:
            ConfigError: There is none.
            CassetteError: It cannot be read.
        """
        file = f"{name}.jsonl"
        path = self.directory / file if _NAME.fullmatch(file) else here / name
        if not path.is_file():
            raise ConfigError(f"no run {name!r} in {self.directory}{self._nearest()}")
        return StoredRun.open(path)

    def has(self, name: str) -> bool:
        """Whether the file of a run is there."""
        file = f"{name}.jsonl"
        return _NAME.fullmatch(file) is not None and (self.directory / file).is_file()

    def remove_old(self) -> None:
        """Remove all but the last 50, and those that a calibration is in.

        One that is unfinished stays for a week at least, and all do where nobody knows which were
        for a calibration.
        """
        old = sorted(self._numbered(), reverse=True)[KEPT:]
        with suppress(ConfigError):
            needed = calibrating_runs(self._rootdir) if old else frozenset()
            for path in (path for _, path in old if path.stem not in needed):
                with suppress(OSError):
                    if _may_go(path):
                        path.unlink()

    def _make(self) -> None:
        if self._own:
            subdirectory(self._rootdir, "runs")
            return
        if self.directory.is_dir():
            return
        with written(self.directory):
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.directory / ".gitignore").write_text("*\n", encoding="utf-8")

    def _numbered(self) -> Iterator[tuple[int, Path]]:
        if not self.directory.is_dir():
            return
        for path in self.directory.iterdir():
            found = _NAME.fullmatch(path.name)
            if found and not path.is_symlink():
                yield int(found[1]), path

    def _nearest(self) -> str:
        numbers = sorted((number for number, _ in self._numbered()), reverse=True)
        if not numbers:
            return "; there is none yet: a replay against a target that is asked makes one"
        return f"; the last ones are {', '.join(f'run-{number}' for number in numbers[:5])}"


def _begun(path: Path, header: RunHeader) -> RunFile:
    """A file with its first line; nothing is left where that cannot be written whole."""
    file = RunFile(path)
    try:
        file.begin(header)
    except CassetteError:
        file.close()
        path.unlink()
        raise
    return file


def _fitting(path: Path, fits: Callable[[RunHeader], bool]) -> StoredRun | None:
    """A run whose header fits; none where it does not, or is still to be written."""
    if is_being_written(path) or not path.stat().st_size:
        return None
    return StoredRun.open(path) if fits(StoredRun.header_of(path)) else None


def _may_go(path: Path) -> bool:
    if is_being_written(path):
        return False
    if time.time() - path.stat().st_mtime > _WEEK:
        return True
    try:
        return StoredRun.open(path).whole
    except LlmReplayError:
        return False
