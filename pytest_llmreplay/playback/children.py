"""What forked children of a test let its cassette know: which calls they played, which they missed.

A child has a copy of the tape, and what happens to a copy nobody sees. So a file without a name is
opened before the fork; children append lines to it, and the process of the test reads them.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final
from weakref import WeakSet

from pytest_llmreplay.event import Json

__all__ = ["Children"]


class Children:
    """The forked children of the process that made this."""

    def __init__(self) -> None:
        self._process = os.getpid()
        self._file: int | None = None
        self._read = 0
        _expecting.add(self)

    @property
    def am_one(self) -> bool:
        """Whether this process is one of them."""
        return os.getpid() != self._process

    def expect(self) -> None:
        """Be ready for one more; where no file can be written, nothing will be heard of it."""
        if self._file is None:
            with suppress(OSError):
                self._file = _file_without_name()

    def tell(self, word: Json) -> None:
        """Let the parent know, from a child."""
        if self._file is not None:
            with suppress(OSError):
                os.write(self._file, f"{json.dumps(word)}\n".encode())

    def heard(self) -> list[Json]:
        """What the children have said since this was last asked, in the parent."""
        if self._file is None:
            return []
        data = os.pread(self._file, os.fstat(self._file).st_size - self._read, self._read)
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        return [json.loads(line) for line in whole.splitlines()]

    def close(self) -> None:
        """Hear nothing any more."""
        _expecting.discard(self)
        if self._file is not None:
            os.close(self._file)
            self._file = None


_expecting: Final[WeakSet[Children]] = WeakSet()


def _file_without_name() -> int:
    descriptor, name = tempfile.mkstemp()
    os.close(descriptor)
    try:
        return os.open(name, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
    finally:
        Path(name).unlink()


def _expect_children() -> None:
    for children in list(_expecting):
        children.expect()


os.register_at_fork(before=_expect_children)
