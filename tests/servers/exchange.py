"""A request as the imitated provider saw it, and the means to answer it."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from http.client import responses
from typing import Any

__all__ = ["Behaviour", "Exchange", "Seen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request as it came."""

    number: int
    """Counted from 1 in the order of arrival."""
    method: str
    path: str
    """With the query."""
    headers: Mapping[str, str]
    """Lower-case names."""
    body: bytes

    @property
    def json(self) -> Any:
        """The parsed body; none where it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def api(self) -> str:
        """The format that the path belongs to."""
        found = (api for api in ("messages", "responses") if f"/{api}" in self.path)
        return next(found, "chat_completions")

    @property
    def streams(self) -> bool:
        """Whether the client asked for a stream."""
        return isinstance(self.json, dict) and self.json.get("stream") is True


class Exchange:
    """One request, and the means to answer it."""

    def __init__(self, seen: Seen, writer: asyncio.StreamWriter) -> None:
        self.seen = seen
        self._writer = writer
        self.closed = False

    async def plain(
        self, body: bytes, *, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        """Send a body with its length."""
        length = {"content-length": str(len(body))}
        self._head(status, {"content-type": "application/json", **length, **(headers or {})})
        await self._write(body)

    async def json(self, value: Any, **options: Any) -> None:
        """Send a JSON body."""
        await self.plain(json.dumps(value).encode(), **options)

    async def chunked(
        self,
        chunks: Iterable[bytes],
        *,
        delay: float = 0.0,
        headers: Mapping[str, str] | None = None,
        finish: bool = True,
    ) -> None:
        """Send a body in chunks, each after a delay and on its own."""
        kept = {"content-type": "text/event-stream", "transfer-encoding": "chunked"}
        self._head(200, {**kept, **(headers or {})})
        await self.more(chunks, delay=delay, finish=finish)

    async def more(
        self, chunks: Iterable[bytes], *, delay: float = 0.0, finish: bool = True
    ) -> None:
        """Send more chunks of a body that has begun."""
        for chunk in chunks:
            if delay:
                await asyncio.sleep(delay)
            await self._write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        if finish:
            await self._write(b"0\r\n\r\n")

    async def broken_head(self, *lines: str) -> None:
        """Close the connection amid the head of an answer, after these lines of it."""
        await self._write("\r\n".join(["HTTP/1.1 200 OK", *lines]).encode())
        self.close()

    def close(self, *, reset: bool = False) -> None:
        """Close the connection; with a reset, not even politely."""
        self.closed = True
        if reset:
            sock = self._writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._writer.transport.abort()

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        own = {} if "x-amzn-requestid" in headers else {"x-request-id": f"req_{self.seen.number}"}
        known = own | dict(headers)
        lines = [f"HTTP/1.1 {status} {responses.get(status, 'Status')}"]
        lines += [f"{name}: {value}" for name, value in known.items()]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    async def _write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()


Behaviour = Callable[[Exchange], Awaitable[None]]
"""Answers one request, or does not."""
