"""The partial file of a recording: every finished call is on disk before the next one.

One line of JSON for each call, in the order of finishing, behind a line that says which test is
being recorded. A killed process leaves the file behind; a torn last line is no JSON and is left
out when the file is read.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from pytest_llmreplay.errors import CassetteError, CassetteTooNew
from pytest_llmreplay.event import Json

from .naming import SUFFIX, recorded_by, safe_name
from .own_directory import OWN_DIRECTORY, subdirectory

__all__ = ["Journal", "Kept", "KeptEntry", "KeptPlace", "Unfinished", "partial_path", "unfinished"]

_PARTIAL = "partial"
_SUFFIX = ".jsonl"
_FLAGS = os.O_CREAT | os.O_APPEND | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC

_VERSION = 1
_KIND = "partial"
"""The key of the first line; its value is the version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEntry:
    """One call of a partial file, as JSON."""

    path: Path
    line: int | None
    """Counted from 1, where that is known."""
    value: dict[str, Json]

    def read(self) -> KeptEntry:
        """The call, which is at hand already."""
        return self


class KeptPlace(NamedTuple):
    """Where a call stands in a partial file."""

    path: Path
    begin: int
    size: int

    def read(self) -> KeptEntry:
        """The call.

        Raises:
            CassetteError: The file was taken away or changed since the call was written.
        """
        try:
            with self.path.open("rb") as file:
                file.seek(self.begin)
                found = list(_objects(file.read(self.size)))
        except OSError as error:
            raise CassetteError(f"{self.path}: cannot be read: {error.strerror}") from error
        if not found:
            raise CassetteError(f"{self.path}: was changed by somebody else while a test recorded")
        return KeptEntry(path=self.path, line=None, value=found[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a partial file holds."""

    test: str | None = None
    """Node id of the test that was being recorded."""
    entries: tuple[KeptEntry, ...] = ()
    torn: int = 0
    """Lines without an end, left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """A partial file that no living process is writing."""

    path: Path
    test: str | None
    """Node id of the test that was being recorded."""
    events: int | None
    """None where this version cannot read it."""


def partial_path(rootdir: Path, cassette: Path) -> Path:
    """Where the partial file of a cassette is; makes its directory."""
    try:
        parts = cassette.relative_to(rootdir).with_suffix(_SUFFIX).parts
    except ValueError:
        parts = (safe_name(f"{cassette.stem} of {cassette.parent.as_posix()}") + _SUFFIX,)
    return subdirectory(rootdir, _PARTIAL, *parts[:-1]) / parts[-1]


class Journal:
    """Appends lines to a partial file; safe to share between threads.

    Args:
        path: The partial file.
        descriptor: The open file, locked.
        fsync: Whether a line is on the disk when `append` returns. Without, it survives the
            death of the process but not of the machine.
    """

    def __init__(self, path: Path, descriptor: int, *, fsync: bool) -> None:
        self.path = path
        self._descriptor = descriptor
        self._fsync = fsync
        self._lock = threading.Lock()
        self._size = os.fstat(descriptor).st_size
        self._torn = self._size > 0 and os.pread(descriptor, 1, self._size - 1) != b"\n"

    @classmethod
    def open(cls, path: Path, test: str | None, *, fsync: bool = True) -> Journal:
        """Open a partial file to append to; calls that it holds stay.

        Raises:
            CassetteError: Another process is writing it, or a link is in its place.
        """
        try:
            descriptor = os.open(path, _FLAGS, 0o600)
        except OSError as error:
            raise CassetteError(f"{path}: cannot be written: {error.strerror}") from error
        if not _locked(descriptor):
            os.close(descriptor)
            raise CassetteError(
                f"{path}: another process is recording into this file; two tests cannot record "
                "one cassette at the same time, give them different names"
            )
        journal = cls(path, descriptor, fsync=fsync)
        if journal._size == 0:
            journal.append(f"{json.dumps({_KIND: _VERSION, 'test': test})}\n".encode())
        return journal

    def append(self, entry: bytes) -> KeptPlace:
        """Write the line of a call, its line feed included, in one go; where it stands.

        Raises:
            CassetteError: It could not be written whole, as on a full disk.
        """
        with self._lock:
            data = b"\n" + entry if self._torn else entry
            written = self._write(data)
            self._size += written
            self._torn = written < len(data)
            if self._torn:
                raise CassetteError(
                    f"{self.path}: only {written} of {len(data)} bytes were written"
                )
            if self._fsync:
                os.fsync(self._descriptor)
            return KeptPlace(self.path, self._size - len(entry), len(entry))

    def _write(self, data: bytes) -> int:
        try:
            return os.write(self._descriptor, data)
        except OSError as error:
            raise CassetteError(f"{self.path}: cannot be written: {error.strerror}") from error

    def close(self) -> None:
        """Stop writing; the file stays."""
        with self._lock:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1

    def discard(self) -> None:
        """Remove the file: what it held is in the cassette now, or is not wanted."""
        self.path.unlink(missing_ok=True)
        self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @staticmethod
    def read(path: Path) -> Kept:
        """What a partial file holds; nothing where there is none.

        Raises:
            CassetteTooNew: A later version of this package wrote it.
        """
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return Kept()
        return _kept(path, data)


def _kept(path: Path, data: bytes) -> Kept:
    lines = [(number, text) for number, text in enumerate(data.split(b"\n"), start=1) if text]
    whole = [(number, value) for number, text in lines for value in _objects(text)]
    heads = [value for _, value in whole if _KIND in value]
    for head in heads:
        _refuse_later(path, head[_KIND])
    tests = (head.get("test") for head in heads)
    return Kept(
        test=next((test for test in tests if isinstance(test, str)), None),
        entries=tuple(
            KeptEntry(path=path, line=number, value=value)
            for number, value in whole
            if _KIND not in value
        ),
        torn=len(lines) - len(whole),
    )


def _objects(text: bytes) -> Iterator[dict[str, Json]]:
    """The object that a line is; nothing where it was torn."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    if isinstance(value, dict):
        yield value


def _refuse_later(path: Path, version: Json) -> None:
    if version != _VERSION:
        raise CassetteTooNew(
            f"{path}: a partial file of format {version!r}, but this version of pytest-llmreplay "
            f"reads format {_VERSION}; upgrade it (pip install --upgrade pytest-llmreplay), or "
            "delete the file to forget the calls that it holds"
        )


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def unfinished(rootdir: Path) -> list[Unfinished]:
    """Partial files that earlier runs left behind, those of other versions of ours included."""
    directory = rootdir / OWN_DIRECTORY / _PARTIAL
    if not directory.is_dir():
        return []
    endings = {_SUFFIX, SUFFIX}
    paths = (path for path in directory.rglob("*") if path.suffix in endings and path.is_file())
    found = (_unfinished(path) for path in sorted(paths))
    return [each for each in found if each is not None]


def _unfinished(path: Path) -> Unfinished | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if not _locked(descriptor):
            return None
    finally:
        os.close(descriptor)
    if path.suffix == SUFFIX:  # as partial files were before they were lines of JSON
        return Unfinished(path=path, test=recorded_by(path), events=None)
    return _counted(path)


def _counted(path: Path) -> Unfinished:
    try:
        kept = Journal.read(path)
    except CassetteTooNew:
        return Unfinished(path=path, test=None, events=None)
    return Unfinished(path=path, test=kept.test, events=len(kept.entries))
