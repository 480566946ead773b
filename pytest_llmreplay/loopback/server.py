"""An HTTP server on a loopback port, in a thread of its own."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Callable
from typing import Self
from weakref import WeakSet

from .connection import Connection, HttpCall
from .gate import Gate
from .outlet import LiveReply
from .reply import Reply

__all__ = ["LoopbackServer"]

_BACKLOG = 1024
_LAST_WORDS = 5.0  # seconds that an answer under way has to note that its client is gone


class LoopbackServer:
    """Answers HTTP calls on 127.0.0.1, for clients that know the address.

    Args:
        respond: Makes the answer to a call. It runs on the server's thread and must not wait; an
            answer that has to be waited for is a `LiveReply`, which runs on a thread of its own.
        port: Where to listen; 0 for a port that the system chooses.
        files: Whether files are taken, which come in bodies that are no JSON, and are deleted.
    """

    def __init__(
        self,
        respond: Callable[[HttpCall], Reply | LiveReply],
        *,
        port: int = 0,
        files: bool = False,
    ) -> None:
        self._respond, self._port, self._files = respond, port, files
        self._connections: set[Connection] = set()
        self._live: WeakSet[threading.Thread] = WeakSet()
        self._thread: threading.Thread | None = None
        self._url = ""

    @property
    def url(self) -> str:
        """Address with the secret segment, without a slash at its end; empty until started."""
        return self._url

    def start(self) -> str:
        """Listen, and give the address.

        Raises:
            OSError: The port cannot be had.
        """
        self._loop = asyncio.new_event_loop()
        try:
            self._loop.run_until_complete(self._listen())
        except OSError:
            self._loop.close()
            raise
        self._thread = threading.Thread(target=self._run, name="llmreplay-loopback", daemon=True)
        self._thread.start()
        return self._url

    def stop(self) -> None:
        """Close the port and every connection; a second call does nothing."""
        if self._thread is None:
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._thread = None
        for live in self._live:
            live.join(_LAST_WORDS)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def _listen(self) -> None:
        secret = secrets.token_urlsafe(16)
        gate: Gate

        def connection() -> Connection:
            return Connection(gate, self._respond, self._connections, self._live)

        self._server = await self._loop.create_server(
            connection, "127.0.0.1", self._port, backlog=_BACKLOG
        )
        port = self._server.sockets[0].getsockname()[1]
        gate = Gate(host=f"127.0.0.1:{port}", secret=secret, files=self._files)
        self._url = f"http://127.0.0.1:{port}/{secret}"

    def _run(self) -> None:
        self._loop.run_forever()
        self._loop.run_until_complete(self._close())
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        for connection in tuple(self._connections):
            connection.drop()
        await asyncio.sleep(0)
