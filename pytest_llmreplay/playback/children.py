"""What the processes of a test let each other know: what was played, recorded and missed.

A forked child has a copy of the tape, and what happens to a copy nobody sees. So a file without a
name is opened before the first fork. From then on only one process takes a recording at a time: it
reads in the file what the others have taken, and appends what it takes itself.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol
from weakref import WeakSet

from pytest_llmreplay.event import Json

__all__ = ["Children", "before_forks", "before_forks_no_more"]

_turns: Final = threading.RLock()
"""Held by the thread whose turn it is, and while a process forks: no child finds it taken."""


class Children:
    """The process that made this and its forked children, each of which has a copy.

    Within `with` all is heard that was told before, and only one of these processes is there at a
    time. (A generator would make every played call wait longer.)

    Args:
        hear: Takes what another of these processes has told.
    """

    def __init__(self, hear: Callable[[Json], None]) -> None:
        self._hear = hear
        self._process = os.getpid()
        self._file: int | None = None
        self._locked: int | None = None
        self._depth = 0
        """How many turns of this thread are in each other."""
        self._inode = self._read = 0
        self.over = False
        """Whether the process that made this hears nothing any more."""

    @property
    def am_one(self) -> bool:
        """Whether this process is a child."""
        return os.getpid() != self._process

    @property
    def are_heard(self) -> bool:
        """Whether what is told reaches the others; only in a turn."""
        return self._locked is not None

    def expect(self) -> None:
        """Be ready for one more; where no file can be written, nothing will be heard of it."""
        if self._file is None:
            with suppress(OSError):
                self._file = _file_without_name()
                self._inode = os.fstat(self._file).st_ino

    def __enter__(self) -> None:
        """Wait for the turn, and hear; in a turn that this thread has already, do nothing."""
        _turns.acquire()
        self._depth += 1
        if self._depth == 1 and self._file is not None and self._is_open(self._file):
            try:
                self._lock(self._file)
            except BaseException:
                self.__exit__()
                raise

    def __exit__(self, *_: object) -> None:
        """Let the next one have its turn."""
        self._depth -= 1
        if self._depth == 0 and self._locked is not None:
            fcntl.lockf(self._locked, fcntl.LOCK_UN)
            self._locked = None
        _turns.release()

    def _lock(self, file: int) -> None:
        fcntl.lockf(file, fcntl.LOCK_EX)  # flock would take parent and child for one
        self._locked = file
        self._read_on(file)

    def catch_up(self) -> None:
        """Hear all that was told so far."""
        with self:
            pass

    def tell(self, word: Json) -> None:
        """Let the others know; only in a turn."""
        if self._locked is not None:
            with suppress(OSError):
                self._read += os.write(self._locked, f"{json.dumps(word)}\n".encode())

    def close(self) -> None:
        """Hear nothing any more; in a child, that is up to its parent."""
        if self.am_one:
            return
        with self:
            self.tell({"over": True})
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _is_open(self, file: int) -> bool:
        """Whether a descriptor is still that file: a child may have closed all it inherited."""
        try:
            return os.fstat(file).st_ino == self._inode
        except OSError:
            return False

    def _read_on(self, file: int) -> None:
        data = os.pread(file, os.fstat(file).st_size - self._read, self._read)
        self._read += len(data)
        for line in data.splitlines():
            with suppress(ValueError):  # torn, as on a full disk
                word = json.loads(line)
                self.over = self.over or "over" in word
                self._hear(word)


class Expecting(Protocol):
    """Gets ready before this process forks."""

    def expect(self) -> None:
        """Be ready for one more process."""
        ...


_expecting: Final[WeakSet[Expecting]] = WeakSet()


def before_forks(one: Expecting) -> None:
    """Let it expect every fork of this process from now on."""
    _expecting.add(one)


def before_forks_no_more(one: Expecting) -> None:
    """Let it expect forks of this process no more."""
    _expecting.discard(one)


def _file_without_name() -> int:
    descriptor, name = tempfile.mkstemp()
    os.close(descriptor)
    try:
        return os.open(name, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
    finally:
        Path(name).unlink()


def _before_fork() -> None:
    _turns.acquire()
    for one in list(_expecting):
        with suppress(BaseException):  # what cannot be made ready is told once it is needed
            one.expect()


os.register_at_fork(
    before=_before_fork, after_in_parent=_turns.release, after_in_child=_turns.release
)
