"""Threads that call users' functions, and keep no process alive."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
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
        self._queue: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self._threads: list[Thread] = []
        self._lock = Lock()
        self._stopped = False

    def begin(self, function: Callable[[], T]) -> Future[T]:
        """Call a function, which never raises, when its turn comes; cancelled if it never does."""
        future: Future[T] = Future()
        with self._lock:
            if self._stopped:
                future.cancel()
                return future
            self._queue.put(partial(self._call, function, future))
            if len(self._threads) < self._most:
                thread = Thread(target=self._work, name="llmreplay judge", daemon=True)
                self._threads.append(thread)
                thread.start()
        return future

    def stop(self) -> None:
        """Call nothing more; what is being called goes on."""
        with self._lock:
            self._stopped = True
        with suppress(Empty):
            while True:
                self._queue.get_nowait()()
        for _ in self._threads:
            self._queue.put(lambda: None)

    def _call(self, function: Callable[[], T], future: Future[T]) -> None:
        if self._stopped:
            future.cancel()
        else:
            future.set_result(function())

    def _work(self) -> None:
        while not self._stopped:
            self._queue.get()()
