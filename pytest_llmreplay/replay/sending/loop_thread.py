"""A daemon thread with an asyncio loop of its own, for one piece of work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, suppress
from threading import Thread
from typing import Any, TypeAlias

__all__ = ["STOPPED", "LoopThread", "Work", "tell"]

STOPPED = "the replay was stopped"
"""Why the work ended, where nothing went wrong."""

Work: TypeAlias = Callable[[], Coroutine[Any, Any, None]]


class LoopThread:
    """Works until it is done or stopped, and keeps no process alive.

    Args:
        aside: Entered by the thread.
    """

    def __init__(self, aside: Callable[[], AbstractContextManager[object]]) -> None:
        self._aside = aside
        self._thread: Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    def start(self, work: Work, *, close: Work, ended: Callable[[str], None]) -> None:
        """Begin to work; returns at once.

        Args:
            work: What is done.
            close: What is done in the loop when the work has ended, however it did.
            ended: Is told before that why it ended.
        """
        self._thread = Thread(
            target=self._run_aside, args=(work, close, ended), name="llmreplay", daemon=True
        )
        self._thread.start()

    @property
    def started(self) -> bool:
        """Whether the work was ever begun."""
        return self._thread is not None

    def is_alive(self) -> bool:
        """Whether the work is under way."""
        return self._thread is not None and self._thread.is_alive()

    def soon(self, act: Callable[[], object]) -> None:
        """Do something in the loop, where there is one."""
        if self._loop is not None:
            tell(self._loop, act)

    def join(self, limit: float) -> None:
        """Wait for the end of the work, this many seconds at most."""
        if self._thread is not None:
            self._thread.join(limit)

    def stop(self, limit: float) -> None:
        """End the work.

        Args:
            limit: Seconds to wait for the thread.
        """
        # Set before the look: a thread that has no task yet finds it when it has one.
        self._stopping = True
        loop, task = self._loop, self._task
        if loop is not None and task is not None:
            tell(loop, task.cancel)
        self.join(limit)

    def _run_aside(self, work: Work, close: Work, ended: Callable[[str], None]) -> None:
        with self._aside():
            self._run(work, close, ended)

    def _run(self, work: Work, close: Work, ended: Callable[[str], None]) -> None:
        cause = STOPPED
        loop = asyncio.new_event_loop()
        self._loop = loop
        try:
            self._task = loop.create_task(work())
            if self._stopping:
                self._task.cancel()
            loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        except BaseException as error:  # noqa: BLE001 - whatever it was, nobody may wait for ever
            cause = f"the replay engine broke: {_first(error)!r}"
        finally:
            ended(cause)
            # A task of its own: the cancelling of a stop must not reach it.
            loop.run_until_complete(_closed(close))
            loop.close()


async def _closed(close: Work) -> None:
    await close()
    # Layers below an answer that was refused half way through are generators, too.
    await asyncio.get_running_loop().shutdown_asyncgens()
    # A transport that was closed is gone only after a few rounds of its loop.
    for _ in range(3):
        await asyncio.sleep(0)


def tell(loop: asyncio.AbstractEventLoop, act: Callable[[], object]) -> None:
    """Do something in the loop of another thread; nothing where that loop is closed."""
    # Looking first would not do: it may close between the look and the call.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(act)


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    return error
