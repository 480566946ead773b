"""How far a long command is: one line on a terminal, written over in place."""

from __future__ import annotations

import sys
import time
from typing import Final

__all__ = ["Progress"]

_EVERY: Final = 0.2
"""Seconds between two updates."""
_START_OF_LINE: Final = "\r\x1b[K"


class Progress:
    """Bytes read of a known total, with a word on what came of them.

    Args:
        total: Bytes of all files.
    """

    def __init__(self, total: int) -> None:
        self._total = max(total, 1)
        self._shows = sys.stderr.isatty()
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
            sys.stderr.write(f"{_START_OF_LINE}{percent:3d} % read, {done}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Make room for other lines."""
        if self._shows:
            sys.stderr.write(_START_OF_LINE)
            sys.stderr.flush()
