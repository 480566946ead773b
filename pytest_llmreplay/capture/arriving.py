"""The body of an answer that is still coming, between the thread that gets it and its reader.

Whoever stops waiting for what another thread is getting takes his wish back.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import TypeVar

from pytest_llmreplay.event import Ended

__all__ = ["Arriving", "waited", "waited_async"]

T = TypeVar("T")


def waited(wish: Future[T]) -> T:
    """What came of it; Ctrl-C ends the waiting."""
    try:
        return wish.result()
    except BaseException:
        wish.cancel()
        raise


async def waited_async(wish: Future[T]) -> T:
    """What came of it, while other tasks go on."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:  # trio's loop
        return await _waited_in_trio(wish)
    return await asyncio.wrap_future(wish)


async def _waited_in_trio(wish: Future[T]) -> T:
    import anyio.to_thread  # noqa: PLC0415  (httpx depends on it; needed in this one case)

    try:
        return await anyio.to_thread.run_sync(wish.result, abandon_on_cancel=True)
    except BaseException:
        wish.cancel()
        raise


class Arriving:
    """Pieces in the order in which they come; one thread or loop reads them, once.

    Args:
        leave: Called where the reader closes the body before its end.
        fetch: Gets the next piece or the end, in the thread of a reader that does nothing else
            meanwhile; none where another thread gets them.
    """

    def __init__(
        self, leave: Callable[[], object], fetch: Callable[[], object] | None = None
    ) -> None:
        self._leave, self._fetch = leave, fetch
        self._lock = threading.Lock()
        self._pieces: deque[bytes] = deque()
        self._news: Future[None] | None = None
        self.ended: Ended | None = None
        """How the body ended; none as long as more may come."""
        self.problem = ""
        """Why it is not whole."""

    def put(self, piece: bytes) -> None:
        """Add a piece that has come."""
        with self._lock:
            self._pieces.append(piece)
            news, self._news = self._news, None
        _tell(news)

    def end(
        self, ended: Ended = "complete", problem: str = "", *, last: Iterable[bytes] = ()
    ) -> None:
        """No more pieces come after the last ones; the first end counts."""
        with self._lock:
            if self.ended is None:
                self._pieces.extend(last)
                self.ended, self.problem = ended, problem
            news, self._news = self._news, None
        _tell(news)

    def close(self) -> None:
        """The reader has had enough."""
        if self.ended is None:
            self._leave()
        self.end("left")

    def next_piece(self) -> bytes | None:
        """The next piece, when it is here; none after the last."""
        while isinstance(found := self._at_hand(), Future):
            if self._fetch is None:
                waited(found)
            else:
                self._fetch()
        return found

    async def anext_piece(self) -> bytes | None:
        """The next piece, when it is here, while other tasks go on; none after the last."""
        while isinstance(found := self._at_hand(), Future):
            await waited_async(found)
        return found

    def __iter__(self) -> Iterator[bytes]:
        while (piece := self.next_piece()) is not None:
            yield piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (piece := await self.anext_piece()) is not None:
            yield piece

    def _at_hand(self) -> bytes | Future[None] | None:
        """A piece, nothing after the last, or what tells when to look again."""
        with self._lock:
            if self._pieces:
                return self._pieces.popleft()
            if self.ended is not None:
                return None
            self._news = Future()
            return self._news


def _tell(news: Future[None] | None) -> None:
    if news is not None and news.set_running_or_notify_cancel():
        news.set_result(None)
