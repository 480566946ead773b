"""A loopback server that imitates OpenAI and Anthropic, and misbehaves when a test asks for it.

    with ProviderServer() as server:
        server.next(fails(429, retry_after=0.01), says("Hello."))
        OpenAI(base_url=server.openai, api_key="k").chat.completions.create(...)
        assert 2 == len(server.seen)

Without `next`, every call is answered by `Echo: ` and the user's last words.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from servers.behaviours import (
    breaks_head,
    cuts,
    echo,
    echoes_headers,
    fails,
    hangs,
    holds,
    huge,
    raw,
    redirects,
    resets,
    says,
    streams,
)
from servers.connections import ThreadedServer, read_request
from servers.exchange import Behaviour, Exchange, Seen

__all__ = [
    "Behaviour",
    "Exchange",
    "ProviderServer",
    "Seen",
    "breaks_head",
    "cuts",
    "echo",
    "echoes_headers",
    "fails",
    "hangs",
    "holds",
    "huge",
    "raw",
    "redirects",
    "resets",
    "says",
    "streams",
]


@dataclass(slots=True)
class _State:
    seen: list[Seen] = field(default_factory=list)
    queue: deque[Behaviour] = field(default_factory=deque)
    lock: threading.Lock = field(default_factory=threading.Lock)


class ProviderServer(ThreadedServer):
    """The server.

    Args:
        usually: Answers when no other behaviour is waiting.
        tls: How connections are encrypted, where they are.
    """

    def __init__(self, usually: Behaviour = echo, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self._usually = usually
        self._state = _State()

    @property
    def openai(self) -> str:
        """Base URL for OpenAI's SDK."""
        return f"{self.url}/v1"

    @property
    def anthropic(self) -> str:
        """Base URL for Anthropic's SDK."""
        return self.url

    @property
    def seen(self) -> list[Seen]:
        """All requests so far."""
        with self._state.lock:
            return list(self._state.seen)

    @property
    def talking(self) -> int:
        """Connections that are open."""
        return len(self._tasks)

    def next(self, *behaviours: Behaviour) -> None:
        """Answer the next requests this way, in this order."""
        with self._state.lock:
            self._state.queue.extend(behaviours)

    def reset(self) -> None:
        """Forget what was seen and what was asked for."""
        with self._state.lock:
            self._state.seen.clear()
            self._state.queue.clear()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (request := await read_request(reader)) is not None:
            exchange = Exchange(self._note(*request), writer)
            behave = self._pick()
            gone = asyncio.ensure_future(_gone(writer))
            answered = asyncio.ensure_future(behave(exchange))
            try:
                await asyncio.wait({gone, answered}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                gone.cancel()
                answered.cancel()
            if exchange.closed or not answered.done() or answered.cancelled():
                return
            answered.result()

    def _note(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Seen:
        with self._state.lock:
            number = len(self._state.seen) + 1
            seen = Seen(number=number, method=method, path=path, headers=headers, body=body)
            self._state.seen.append(seen)
        return seen

    def _pick(self) -> Behaviour:
        with self._state.lock:
            return self._state.queue.popleft() if self._state.queue else self._usually


async def _gone(writer: asyncio.StreamWriter) -> None:
    """Return when the client has closed the connection."""
    while not writer.is_closing():  # noqa: ASYNC110  # a stream has no event for it
        await asyncio.sleep(0.05)
