"""Threads that call users' functions, and keep no process alive."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TypeVar

__all__ = ["Workers"]

T = TypeVar("T")


class Workers:
    """Calls functions in the order in which they come.

    The threads are daemons, as those of an executor are not: a function that never comes back
    would keep pytest from ending.

    Args:
        most: Functions that are called at once.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._queue: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._threads: list[Thread] = []
        self._lock = Lock()
        self._stopped = False

    def begin(self, function: Callable[[], T]) -> Future[T]:
        """Call a function, which never raises, when its turn comes."""
        future: Future[T] = Future()
        self._queue.put(lambda: None if self._stopped else future.set_result(function()))
        with self._lock:
            if len(self._threads) < self._most:
                thread = Thread(target=self._work, name="llmreplay judge", daemon=True)
                self._threads.append(thread)
                thread.start()
        return future

    def stop(self) -> None:
        """Call nothing more; what is being called goes on."""
        self._stopped = True
        for _ in self._threads:
            self._queue.put(lambda: None)

    def _work(self) -> None:
        while not self._stopped:
            self._queue.get()()
