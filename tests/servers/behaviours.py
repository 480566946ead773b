"""Ways in which the imitated provider answers one request, or does not."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import threading
from collections.abc import Awaitable, Iterable, Mapping
from typing import Any

from servers.exchange import Behaviour, Exchange, Seen
from servers.packing import packed
from servers.wire_shapes import Said, error_body, last_user_text, plain_body, stream_events

__all__ = [
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


def says(
    text: str = "",
    *,
    calls: Iterable[tuple[str, Mapping[str, Any]]] = (),
    delay: float = 0.0,
    compressed: bool | str = False,
    headers: Mapping[str, str] | None = None,
) -> Behaviour:
    """Answer in the format of the path, as a stream where one is asked for.

    Args:
        text: The words.
        calls: Tool calls.
        delay: Seconds before a plain answer, or before each event of a stream.
        compressed: The content-encoding of the body; true is gzip.
        headers: More headers of the answer.
    """
    asked, encoding = tuple(calls), "gzip" if compressed is True else compressed or ""

    async def behave(exchange: Exchange) -> None:
        seen, zipped = exchange.seen, {"content-encoding": encoding} if encoding else {}
        said = _said(seen, text, asked)
        known = {**zipped, **(headers or {})}
        if seen.streams:
            events = stream_events(seen.api, said)
            await exchange.chunked(packed(encoding, events), delay=delay, headers=known)
            return
        await asyncio.sleep(delay)
        body = json.dumps(plain_body(seen.api, said)).encode()
        await exchange.plain(b"".join(packed(encoding, [body])), headers=known)

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


def holds(text: str, go_on: threading.Event) -> Behaviour:
    """Answer with a stream that stops after its first word until it is told to go on."""
    first = text.split(maxsplit=1)[0].encode()

    async def behave(exchange: Exchange) -> None:
        events = stream_events(exchange.seen.api, _said(exchange.seen, text, ()))
        after = next(number for number, event in enumerate(events, 1) if first in event)
        await exchange.chunked(events[:after], finish=False)
        while not go_on.is_set():  # noqa: ASYNC110  # it is set in another thread
            await asyncio.sleep(0.01)
        await exchange.more(events[after:])

    return behave


def streams(text: str, delay: float) -> Behaviour:
    """Answer in chat completions with another id each time, each event after so many seconds."""

    async def behave(exchange: Exchange) -> None:
        own = f"chatcmpl-{secrets.token_hex(12)}1".encode()
        events = stream_events(exchange.seen.api, _said(exchange.seen, text, ()))
        renamed = [re.sub(rb"chatcmpl-\d+", own, event) for event in events]
        await exchange.chunked(renamed, delay=delay)

    return behave


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


def breaks_head(*lines: str) -> Behaviour:
    """Close the connection amid the head of an answer, after these lines of it."""
    return lambda exchange: exchange.broken_head(*lines)


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


def _said(seen: Seen, text: str, calls: tuple[tuple[str, Mapping[str, Any]], ...]) -> Said:
    body = seen.json if isinstance(seen.json, dict) else {}
    usage = bool((body.get("stream_options") or {}).get("include_usage"))
    model = str(body.get("model", "imitated-1"))
    return Said(text=text, calls=calls, model=model, number=seen.number, usage=usage)
