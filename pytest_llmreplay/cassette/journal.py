"""The partial file of a recording: every finished call is on disk before the next one.

It is a cassette in the order of finishing. A killed process leaves it behind; a torn last document
has no closing `...` and is left out when the file is read.
"""

from __future__ import annotations

import fcntl
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Self

from pytest_llmreplay.errors import CassetteError

from .naming import recorded_by, safe_name
from .own_directory import OWN_DIRECTORY, subdirectory

__all__ = ["Journal", "Kept", "Unfinished", "partial_path", "unfinished"]

_PARTIAL = "partial"
_FLAGS = os.O_CREAT | os.O_APPEND | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a partial file holds."""

    header: str = ""
    documents: tuple[str, ...] = ()
    """Each from its `---` line to its `...` line."""
    torn: int = 0
    """Documents without an end, left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """A partial file that no living process is writing."""

    path: Path
    test: str | None
    """Node id of the test that was being recorded."""
    events: int


def partial_path(rootdir: Path, cassette: Path) -> Path:
    """Where the partial file of a cassette is; makes its directory."""
    try:
        parts = cassette.relative_to(rootdir).parts
    except ValueError:
        parts = (safe_name(f"{cassette.stem} of {cassette.parent.as_posix()}") + cassette.suffix,)
    return subdirectory(rootdir, _PARTIAL, *parts[:-1]) / parts[-1]


class Journal:
    """Appends documents to a partial file; safe to share between threads.

    Args:
        path: The partial file.
        descriptor: The open file, locked.
        fsync: Whether a document is on the disk when `append` returns. Without, it survives the
            death of the process but not of the machine.
    """

    def __init__(self, path: Path, descriptor: int, *, fsync: bool) -> None:
        self.path = path
        self._descriptor = descriptor
        self._fsync = fsync
        self._lock = threading.Lock()
        self._torn = not _ends_with_newline(descriptor)

    @classmethod
    def open(cls, path: Path, header: str, *, fsync: bool = True) -> Journal:
        """Open a partial file to append to; documents that it holds stay.

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
        if os.fstat(descriptor).st_size == 0:
            journal.append(header)
        return journal

    def append(self, document: str) -> None:
        """Write a document in one go.

        Raises:
            CassetteError: It could not be written whole, as on a full disk.
        """
        data = document.encode()
        with self._lock:
            if self._torn:
                data = b"\n" + data
            written = self._write(data)
            self._torn = written < len(data)
            if self._torn:
                raise CassetteError(
                    f"{self.path}: only {written} of {len(data)} bytes were written"
                )
            if self._fsync:
                os.fsync(self._descriptor)

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
        """What a partial file holds; nothing where there is none."""
        try:
            text = path.read_bytes().decode(errors="replace")
        except FileNotFoundError:
            return Kept()
        return _kept(text)


_START = re.compile(r"^--- ?", re.MULTILINE)
_END = "\n...\n"
_NUMBER = re.compile(r"\nevent: ([0-9]+)\n")


def _kept(text: str) -> Kept:
    # A write may have been cut between the last mark and its line feed.
    header, *documents = _cut(text if text.endswith("\n") else f"{text}\n")
    whole = [document.partition(_END) for document in documents]
    documents = [document + end for document, end, _ in whole if end]
    return Kept(
        header=header,
        documents=tuple(_numbered_once(documents)),
        torn=len(whole) - len(documents),
    )


def _numbered_once(documents: list[str]) -> list[str]:
    """Documents of several runs, each of which counted from 1, numbered through."""
    numbers = [found[1] for found in map(_NUMBER.search, documents) if found]
    if len(set(numbers)) == len(documents):
        return documents
    return [
        _NUMBER.sub(f"\\nevent: {number}\\n", document, count=1)
        for number, document in enumerate(documents, start=1)
    ]


def _cut(text: str) -> Iterator[str]:
    """The header, then each document with whatever stands before the next one."""
    starts = [0, *(match.start() for match in _START.finditer(text)), len(text)]
    yield from (text[start:end] for start, end in pairwise(starts))


def _ends_with_newline(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def unfinished(rootdir: Path) -> list[Unfinished]:
    """Partial files that earlier runs left behind."""
    directory = rootdir / OWN_DIRECTORY / _PARTIAL
    if not directory.is_dir():
        return []
    found = (_unfinished(path) for path in sorted(directory.rglob("*.yaml")))
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
    return Unfinished(path=path, test=recorded_by(path), events=len(Journal.read(path).documents))
