"""What one process asks a target by, in the place of the servers that its tests mean."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import TypeVar

from pytest_llmreplay.replay.calls.endpoint import Endpoint
from pytest_llmreplay.replay.sending.blocking import BlockingClient
from pytest_llmreplay.replay.sending.bounds import Limits
from pytest_llmreplay.replay.sending.client import Client

from .call import BlockingCall

__all__ = ["Clients"]

_PATIENCE = 0.5
"""Seconds that calls which nobody waits for have to end."""

T = TypeVar("T")


class Clients:
    """Clients, by where they ask, and a loop in a thread for those of them that need one.

    They are of one process: one that is forked gets copies of their connections, on which both
    would speak to the same server at once, and no copy of the thread.

    Args:
        concurrency: Connections at most.
        timeout: Seconds that a call may take.
    """

    def __init__(self, *, concurrency: int, timeout: float) -> None:
        self._new_client = partial(
            Client,
            concurrency=concurrency,
            timeout=timeout,
            limits=Limits(),
            turn=asyncio.Lock(),
        )
        self._new_blocking = partial(
            BlockingClient, concurrency=concurrency, timeout=timeout, limits=Limits()
        )
        self._lock = threading.Lock()
        self._clients: dict[Endpoint, Client] = {}
        self._blocking: dict[Endpoint, BlockingClient] = {}
        self._thread: Thread | None = None
        self._loop: asyncio.AbstractEventLoop
        self.blocking_calls: set[BlockingCall] = set()
        """Calls of clients that wait, under way."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """A loop that runs in a thread of its own, from the first time it is needed."""
        with self._lock:
            if self._thread is None:
                self._loop = asyncio.new_event_loop()
                self._thread = Thread(
                    target=self._loop.run_forever, name="llmreplay-reroute", daemon=True
                )
                self._thread.start()
            return self._loop

    def of_loop(self, endpoint: Endpoint) -> Client:
        """The client that asks an endpoint, used in the thread of the loop only."""
        return self._found(self._clients, endpoint, self._new_client)

    def blocking(self, endpoint: Endpoint) -> BlockingClient:
        """The client that asks an endpoint in the thread which waits."""
        return self._found(self._blocking, endpoint, self._new_blocking)

    def stop(self) -> None:
        """End all calls and close all connections; a second call does nothing."""
        for call in list(self.blocking_calls):
            call.leave()
        while self._blocking:
            _, client = self._blocking.popitem()
            client.close()
        if self._thread is not None and not self._loop.is_closed():
            asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def _found(
        self, known: dict[Endpoint, T], endpoint: Endpoint, make: Callable[[Endpoint], T]
    ) -> T:
        with self._lock:
            if endpoint not in known:
                known[endpoint] = make(endpoint)
            return known[endpoint]

    async def _close(self) -> None:
        calls = asyncio.all_tasks() - {asyncio.current_task()}
        if calls:  # a client that has read its stream to the end does not wait for ours
            _, left = await asyncio.wait(calls, timeout=_PATIENCE)
            for call in left:
                call.cancel()
            await asyncio.gather(*left, return_exceptions=True)
        for client in self._clients.values():
            await client.close()
        await asyncio.get_running_loop().shutdown_asyncgens()
        # A transport that was closed is gone only after a few rounds of its loop.
        for _ in range(3):
            await asyncio.sleep(0)
