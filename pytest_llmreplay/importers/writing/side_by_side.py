"""Writes cassettes side by side: most of the time that one takes is spent waiting for its disk."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

__all__ = ["Outcome", "Writing"]

_AT_ONCE: Final = 16
_MOST_CHARACTERS: Final = 8 * 1024 * 1024
"""Of cassettes that wait together."""

Outcome: TypeAlias = Callable[[], bool]
"""Whether writing changed anything; raises what writing raised."""


class _Write(NamedTuple):
    path: Path
    size: int
    future: Future[bool]
    done: Callable[[Outcome], None]


class Writing:
    """Cassettes on their way to the disk; each is there whole, or not at all, as if alone."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="llmreplay-import")
        self._waiting: deque[_Write] = deque()

    def begin(self, path: Path, size: int, write: Outcome, done: Callable[[Outcome], None]) -> None:
        """Write a cassette in a thread of its own.

        Args:
            path: Its place.
            size: Its characters, which stay in memory meanwhile.
            write: Writes it.
            done: Hears in this thread what came of it, sooner or later.
        """
        while self._waiting and self._is_too_much(size):
            self._end_first()
        self._waiting.append(_Write(path, size, self._threads.submit(write), done))

    def end(self, path: Path | None = None) -> None:
        """Wait for the cassette at a place, or for all."""
        while self._waiting and (path is None or any(one.path == path for one in self._waiting)):
            self._end_first()

    def close(self) -> None:
        """Begin no more; those that were begun are written to their end, and told."""
        self._threads.shutdown(cancel_futures=True)
        self._waiting = deque(one for one in self._waiting if not one.future.cancelled())
        self.end()

    def _is_too_much(self, size: int) -> bool:
        together = size + sum(one.size for one in self._waiting)
        return len(self._waiting) >= _AT_ONCE or together > _MOST_CHARACTERS

    def _end_first(self) -> None:
        first = self._waiting.popleft()
        first.done(first.future.result)
