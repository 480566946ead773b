"""A call by an asynchronous client of the user's, whose answer is read while it comes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Self

from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.calls.result import CallFailed, Reply
from pytest_llmreplay.replay.sending.bounds import Limits
from pytest_llmreplay.replay.sending.client import Client

from .means import Means

__all__ = ["ThreadedCall"]

_LIMIT = 5.0
"""Seconds to wait for the thread of a call that is ended."""


class ThreadedCall:
    """One call, made in a thread of its own; it ends when the block is left.

    Args:
        outgoing: The request, with the client.
        target: Name of the target, for messages.
        means: What the call is made with.
    """

    def __init__(self, outgoing: Outgoing, *, target: str, means: Means) -> None:
        self._outgoing, self._target, self._means = outgoing, target, means
        self._pieces: SimpleQueue[bytes | None] = SimpleQueue()
        self._came: Reply | Exception = CallFailed("the stream was closed", kind="stopped")
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(self._ask())
        self._thread = Thread(target=self._run, name="llmreplay stream", daemon=True)
        self.headers: Mapping[str, str] = {}
        """Of the answer, once its first piece is there."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(RuntimeError):  # the call is over, and its loop closed
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(_LIMIT)

    def __iter__(self) -> Iterator[bytes]:
        """The pieces of the body, as they come."""
        return iter(self._pieces.get, None)

    def reply(self) -> Reply:
        """All that came, after the last piece.

        Raises:
            CallFailed: No whole answer came.
        """
        if isinstance(self._came, Exception):
            raise self._came
        return self._came

    def head(self, status: int, headers: Mapping[str, str]) -> None:  # noqa: ARG002 - the reply has it
        """The answer began."""
        self.headers = headers

    def piece(self, data: bytes) -> None:
        """Bytes of it came."""
        self._pieces.put(data)

    def _run(self) -> None:
        try:
            with self._means.aside():
                self._came = self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        except Exception as error:  # noqa: BLE001 - whoever reads the answer meets it
            self._came = error
        finally:
            self._loop.close()
            self._pieces.put(None)

    async def _ask(self) -> Reply:
        client = Client(
            self._outgoing.endpoint,
            concurrency=1,
            timeout=self._means.timeout,
            limits=Limits(),
            turn=asyncio.Lock(),
        )
        try:
            return await client.attempt(self._outgoing, target=self._target, hearer=self)
        finally:
            await client.close()
            await asyncio.get_running_loop().shutdown_asyncgens()
