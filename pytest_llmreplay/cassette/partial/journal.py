"""Appends to a partial file: every finished call is on disk before the next one."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Self

from pytest_llmreplay.cassette.places.locks import lock_at_once, unlock
from pytest_llmreplay.errors import CassetteError

from .file import KeptPlace, first_line

__all__ = ["Journal"]

_FLAGS = os.O_CREAT | os.O_APPEND | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC


class Journal:
    """Appends lines to a partial file; safe to share between threads.

    Forked processes may share it too, where only one of them appends at a time.

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
        self._process = os.getpid()

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
        try:
            return cls._locked(path, descriptor, test, fsync=fsync)
        except BaseException:
            os.close(descriptor)
            raise

    @classmethod
    def _locked(cls, path: Path, descriptor: int, test: str | None, *, fsync: bool) -> Journal:
        if not lock_at_once(descriptor):
            raise CassetteError(
                f"{path}: another process is recording into this file; if that is another run of "
                "pytest, wait for its end; two tests that share one cassette need different names"
            )
        journal = cls(path, descriptor, fsync=fsync)
        if os.fstat(descriptor).st_size == 0:
            journal.append(first_line(test))
        return journal

    def append(self, entry: bytes) -> KeptPlace:
        """Write the line of a call, its line feed included, in one go; where it stands.

        Raises:
            CassetteError: It could not be written whole, as on a full disk.
        """
        with self._lock:
            try:
                return self._appended(entry)
            except OSError as error:
                problem = f"{self.path}: cannot be written: {error.strerror}"
                raise CassetteError(problem) from error

    def _appended(self, entry: bytes) -> KeptPlace:
        size = os.fstat(self._descriptor).st_size
        data = b"\n" + entry if self._is_torn(size) else entry
        written = os.write(self._descriptor, data)
        if written < len(data):
            problem = f"only {written} of {len(data)} bytes were written; is the disk full?"
            raise CassetteError(f"{self.path}: {problem}")
        if self._fsync:
            os.fsync(self._descriptor)
        return KeptPlace(self.path, size + len(data) - len(entry), len(entry))

    def _is_torn(self, size: int) -> bool:
        return size > 0 and os.pread(self._descriptor, 1, size - 1) != b"\n"

    def close(self) -> None:
        """Stop writing; the file stays."""
        with self._lock:
            if self._descriptor >= 0:
                unlock(self._descriptor, self._process)
                os.close(self._descriptor)
                self._descriptor = -1

    def discard(self) -> None:
        """Remove the file: what it held is in the cassette now, or is not wanted."""
        self.path.unlink(missing_ok=True)
        self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
