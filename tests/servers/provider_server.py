"""A loopback server that imitates OpenAI and Anthropic, and misbehaves when a test asks for it.

    with ProviderServer() as server:
        server.next(fails(429, retry_after=0.01), says("Hello."))
        OpenAI(base_url=server.openai, api_key="k").chat.completions.create(...)
        assert 2 == len(server.seen)

Without `next`, every call is answered by `Echo: ` and the user's last words.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import struct
import threading
import zlib
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.client import responses
from typing import Any, Self

from servers.wire_shapes import Said, error_body, last_user_text, plain_body, stream_events

__all__ = [
    "Behaviour",
    "Exchange",
    "ProviderServer",
    "Seen",
    "cuts",
    "echoes_headers",
    "fails",
    "hangs",
    "huge",
    "raw",
    "redirects",
    "resets",
    "says",
]


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
        return "messages" if "/messages" in self.path else "chat_completions"

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
        for chunk in chunks:
            if delay:
                await asyncio.sleep(delay)
            await self._write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        if finish:
            await self._write(b"0\r\n\r\n")

    def close(self, *, reset: bool = False) -> None:
        """Close the connection; with a reset, not even politely."""
        self.closed = True
        if reset:
            sock = self._writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._writer.transport.abort()

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        known = {"x-request-id": f"req_{self.seen.number}"} | dict(headers)
        lines = [f"HTTP/1.1 {status} {responses.get(status, 'Status')}"]
        lines += [f"{name}: {value}" for name, value in known.items()]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    async def _write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()


Behaviour = Callable[[Exchange], Awaitable[None]]
"""Answers one request, or does not."""


def says(
    text: str = "",
    *,
    calls: Iterable[tuple[str, Mapping[str, Any]]] = (),
    delay: float = 0.0,
    compressed: bool = False,
    headers: Mapping[str, str] | None = None,
) -> Behaviour:
    """Answer in the format of the path, as a stream where one is asked for.

    Args:
        text: The words.
        calls: Tool calls.
        delay: Seconds before a plain answer, or before each event of a stream.
        compressed: Whether the body is sent with gzip.
        headers: More headers of the answer.
    """
    asked = tuple(calls)

    async def behave(exchange: Exchange) -> None:
        seen, zipped = exchange.seen, {"content-encoding": "gzip"} if compressed else {}
        said = _said(seen, text, asked)
        known = {**zipped, **(headers or {})}
        if seen.streams:
            events = stream_events(seen.api, said)
            pieces = _gzip_members(events) if compressed else events
            await exchange.chunked(pieces, delay=delay, headers=known)
            return
        await asyncio.sleep(delay)
        body = json.dumps(plain_body(seen.api, said)).encode()
        await exchange.plain(gzip.compress(body) if compressed else body, headers=known)

    return behave


def echo(exchange: Exchange) -> Awaitable[None]:
    """Say what the user said."""
    return says(f"Echo: {last_user_text(exchange.seen.json)}")(exchange)


def raw(
    body: bytes, *, status: int = 200, content_type: str = "application/json", **headers: str
) -> Behaviour:
    """Answer exactly this."""
    known = {"content-type": content_type} | {k.replace("_", "-"): v for k, v in headers.items()}
    return lambda exchange: exchange.plain(body, status=status, headers=known)


def fails(
    status: int, message: str = "imitated failure", *, retry_after: float | None = None
) -> Behaviour:
    """Answer with an error; the wait goes into `retry-after-ms` and `retry-after`."""
    wait = {}
    if retry_after is not None:
        wait = {"retry-after-ms": f"{retry_after * 1000:.0f}", "retry-after": f"{retry_after:g}"}

    async def behave(exchange: Exchange) -> None:
        body = error_body(exchange.seen.api, status, message)
        await exchange.json(body, status=status, headers=wait)

    return behave


def redirects(to: str, *, status: int = 307) -> Behaviour:
    """Send the client elsewhere."""
    return lambda exchange: exchange.plain(b"", status=status, headers={"location": to})


def cuts(text: str = "one two three four five six", *, after: int = 4) -> Behaviour:
    """Close the connection in the middle: after so many events, or half of a plain body."""

    async def behave(exchange: Exchange) -> None:
        seen = exchange.seen
        said = _said(seen, text, ())
        if seen.streams:
            await exchange.chunked(stream_events(seen.api, said)[:after], finish=False)
        else:
            body = json.dumps(plain_body(seen.api, said)).encode()
            length = {"content-length": str(len(body))}
            await exchange.plain(body[: len(body) // 2], headers=length)
        exchange.close()

    return behave


async def resets(exchange: Exchange) -> None:
    """Reset the connection without a word."""
    exchange.close(reset=True)


async def hangs(exchange: Exchange) -> None:
    """Say nothing until the server stops or the client leaves."""
    await asyncio.Event().wait()


def huge(size: int = 100 * 1024 * 1024) -> Behaviour:
    """Answer with so many bytes of valid JSON."""

    async def behave(exchange: Exchange) -> None:
        await exchange.plain(b'{"filler":"' + b"x" * (size - 13) + b'"}')

    return behave


async def echoes_headers(exchange: Exchange) -> None:
    """Answer with the request's own headers and path."""
    seen = exchange.seen
    await exchange.json({"path": seen.path, "headers": dict(seen.headers)})


@dataclass(slots=True)
class _State:
    seen: list[Seen] = field(default_factory=list)
    queue: deque[Behaviour] = field(default_factory=deque)
    lock: threading.Lock = field(default_factory=threading.Lock)


class ProviderServer:
    """The server, in a thread of its own.

    Args:
        usually: Answers when no other behaviour is waiting.
    """

    def __init__(self, usually: Behaviour = echo) -> None:
        self._usually = usually
        self._state = _State()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

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
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=512, limit=2**20)
        )
        self.port: int = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever, name="provider-server")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (request := await _request(reader)) is not None:
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


async def _request(
    reader: asyncio.StreamReader,
) -> tuple[str, str, Mapping[str, str], bytes] | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").rstrip().split("\r\n")
    method, path, _ = first.split(" ")
    pairs = (line.partition(":") for line in lines)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    if headers.get("transfer-encoding") == "chunked":
        return method, path, headers, await _chunks(reader)
    return method, path, headers, await reader.readexactly(int(headers.get("content-length", 0)))


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readline(), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return body


def _said(seen: Seen, text: str, calls: tuple[tuple[str, Mapping[str, Any]], ...]) -> Said:
    body = seen.json if isinstance(seen.json, dict) else {}
    usage = bool((body.get("stream_options") or {}).get("include_usage"))
    model = str(body.get("model", "imitated-1"))
    return Said(text=text, calls=calls, model=model, number=seen.number, usage=usage)


def _gzip_members(events: Iterable[bytes]) -> list[bytes]:
    """The events compressed as one stream, flushed after each so that none has to wait."""
    squeeze = zlib.compressobj(wbits=31)
    pieces = [squeeze.compress(event) + squeeze.flush(zlib.Z_SYNC_FLUSH) for event in events]
    return [*pieces, squeeze.flush()]
