"""Where the cassettes of an import go: no name of a log leads anywhere else.

A session has `<out>/<id>.yaml`, calls without one `<out>/<name of their file>.yaml`, the calls of
a test the cassette that the test looks for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from os.path import commonpath, relpath
from pathlib import Path

from pytest_llmreplay.cassette.places.naming import SUFFIX, cassette_path, project_of, safe_name
from pytest_llmreplay.event import Session
from pytest_llmreplay.importers.source import Test

__all__ = ["Names", "node_id", "part_of", "session_key", "test_cassette"]

_PART = re.compile(r"\.part-\d+$")


class Names:
    """Names of the cassettes of one import.

    Args:
        out: The directory that they are written to.
        files: The files that are read.
        endings: Endings of their names that say nothing.
    """

    def __init__(self, out: Path, files: Sequence[Path], endings: Sequence[str]) -> None:
        self._out = out
        self._base = Path(commonpath([file.absolute().parent for file in files]))
        self._endings = endings
        shared = Counter(self._file(file, self._stem(file)) for file in files)
        self._shared = {path for path, count in shared.items() if count > 1}
        self._of_files = {self.of_file(file) for file in files}
        self._redacted: Counter[str] = Counter()

    def of_file(self, file: Path) -> Path:
        """The cassette of the calls of a file that belong to no session."""
        path = self._file(file, self._stem(file))
        return self._file(file, file.name) if path in self._shared else path

    def of_session(self, shown: str) -> Path:
        """The cassette of a session, by its name after redaction."""
        path = self._out / _file_of(shown)
        if path in self._of_files:
            return self._out / _file_of(f"session {shown}")
        return path

    def apart(self, shown: str) -> str:
        """A name of its own for a session whose name redaction made the same as others'."""
        self._redacted[shown] += 1
        count = self._redacted[shown]
        return shown if count == 1 else f"{shown}-{count}"

    def _stem(self, file: Path) -> str:
        stem = file.name.removesuffix(".gz")
        for ending in self._endings:
            stem = stem.removesuffix(ending)
        return stem

    def _file(self, file: Path, name: str) -> Path:
        folders = file.absolute().parent.relative_to(self._base).parts
        return self._out.joinpath(*map(safe_name, folders), _file_of(name))


def session_key(session: Session | None) -> str | None:
    """What tells a session apart: its id, else its name and path; none where it has neither."""
    if session is None:
        return None
    return session.id or " ".join(filter(None, (session.name, session.path))) or None


def _file_of(name: str) -> str:
    """The file of a cassette; a name like that of a part of another one is told by a hash."""
    folding = name.upper() if _PART.search(name) else name
    return f"{safe_name(name, folding=folding)}{SUFFIX}"


def part_of(path: Path, number: int) -> Path:
    """The cassette of the n-th part of what is too much for one."""
    return path if number == 1 else path.with_name(f"{path.stem}.part-{number}{SUFFIX}")


def test_cassette(rootdir: Path, name_in: Callable[[Path], str], test: Test) -> Path:
    """The cassette that a test looks for."""
    project = project_of(test.file, rootdir)
    return cassette_path(project, name_in(project), test.file, test.name)


def node_id(rootdir: Path, test: Test) -> str:
    """The node id of a test, as pytest says it in the test's project."""
    project = project_of(test.file, rootdir)
    return f"{Path(relpath(test.file, project)).as_posix()}::{test.name}"
