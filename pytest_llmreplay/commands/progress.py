"""How far a long command is: one line on a terminal, written over in place."""

from __future__ import annotations

import sys
import time
from typing import Final, TextIO

__all__ = ["Progress"]

_EVERY: Final = 0.2
"""Seconds between two updates."""
_START_OF_LINE: Final = "\r\x1b[K"


class Progress:
    """Bytes read of a known total, with a word on what came of them.

    Args:
        total: Bytes of all files.
        stream: Nothing is written where it is no terminal.
    """

    def __init__(self, total: int, stream: TextIO | None = None) -> None:
        self._total = max(total, 1)
        self._stream = sys.stderr if stream is None else stream
        self._shows = self._stream.isatty()
        self._read = 0
        self._next = 0.0

    def advance(self, count: int) -> None:
        """So many more bytes have been read."""
        self._read += count

    def show(self, done: str) -> None:
        """Say how far it is, unless that was said just now."""
        if self._shows and time.monotonic() >= self._next:
            self._next = time.monotonic() + _EVERY
            percent = min(100, 100 * self._read // self._total)
            self._stream.write(f"{_START_OF_LINE}{percent:3d} % read, {done}")
            self._stream.flush()

    def clear(self) -> None:
        """Make room for other lines."""
        if self._shows:
            self._stream.write(_START_OF_LINE)
            self._stream.flush()
