"""What a judge is asked about answers, ahead of the items that wait for its scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Generic, Protocol, TypeVar

from pytest_llmreplay.compare.check import Pair
from pytest_llmreplay.compare.judged import Score
from pytest_llmreplay.replay.calls.result import Reply

__all__ = ["Arrivals", "Scoring"]

E_contra = TypeVar("E_contra", contravariant=True)
E = TypeVar("E")


class Scoring(Protocol[E_contra]):
    """Asks judges about the answers to entries."""

    def wants(self, entry: E_contra) -> bool:
        """Whether a judge is asked about an entry."""
        ...

    def begin(self, entry: E_contra, pair: Pair) -> None:
        """Begin to ask; returns at once."""
        ...

    def scores(self, entry: E_contra, pair: Pair) -> Mapping[str, Score]:
        """Wait for what the judge says."""
        ...

    def stop(self) -> None:
        """End all that is under way."""
        ...


class Arrivals(Generic[E]):
    """Hands on answers as they arrive, in a thread of its own, where there is time to read them.

    Args:
        act: What is done with an answer. Whatever it raises, the item that waits for the answer
            meets as well, and tells.
    """

    def __init__(self, act: Callable[[E, Reply | None], None]) -> None:
        self._act = act
        self._queue: SimpleQueue[tuple[E, Reply | None] | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="llmreplay arrivals", daemon=True)

    def start(self) -> None:
        """Begin to hand on answers, as they arrive."""
        self._thread.start()

    def take(self, entry: E, reply: Reply | None = None) -> None:
        """Hand an answer on, or an entry whose answer is stored; returns at once."""
        self._queue.put((entry, reply))

    def stop(self) -> None:
        """Hand on nothing more, once what has arrived is done with."""
        self._queue.put(None)

    def _work(self) -> None:
        while (arrived := self._queue.get()) is not None:
            with suppress(Exception):
                self._act(*arrived)
