"""A run file that is being written: each line in one write, as soon as there is anything to say.

The file is locked as long as its process lives, so that nobody takes a run for one that was left.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from pytest_llmreplay.cassette.json_dump import json_bytes
from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.event import Json

from .header import RunHeader

__all__ = ["RunFile", "is_being_written"]

_FLAGS = os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC


class RunFile:
    """Appends to a run file; safe to share between threads.

    Args:
        path: Where it is; a file that is there is another run's.

    Raises:
        FileExistsError: There is such a file.
        CassetteError: It cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        try:
            self._descriptor = os.open(path, _FLAGS, 0o600)
        except FileExistsError:
            raise
        except OSError as error:
            raise CassetteError(f"{path}: cannot be written: {error.strerror}") from error
        with suppress(OSError):  # a file system without locks: others may take it for unfinished
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def begin(self, header: RunHeader) -> None:
        """Write the first line."""
        self.append(json_bytes(header.value()) + b"\n")

    def append(self, line: bytes) -> None:
        """Write a line, its line feed included.

        Raises:
            CassetteError: It could not be written whole, as on a full disk.
        """
        with self._lock:
            if self._descriptor < 0:
                return  # a call that ends after the run has
            try:
                written = os.write(self._descriptor, line)
            except OSError as error:
                raise CassetteError(f"{self.path}: cannot be written: {error.strerror}") from error
            if written < len(line):
                problem = f"only {written} of {len(line)} bytes were written; is the disk full?"
                raise CassetteError(f"{self.path}: {problem}")

    def end(self, outcomes: Mapping[str, int], *, whole: bool) -> None:
        """Write the last line.

        Args:
            outcomes: Events by outcome.
            whole: Whether every event that was selected has one.
        """
        counts: dict[str, Json] = dict(outcomes)
        self.append(json_bytes({"end": {"whole": whole, "outcomes": counts}}) + b"\n")

    def close(self) -> None:
        """Stop writing; the file stays."""
        with self._lock:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1


def is_being_written(path: Path) -> bool:
    """Whether a living process writes a run file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
