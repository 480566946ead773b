"""A real HTTP server on loopback that answers as a test tells it to."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from servers.connections import Received, ThreadedServer, read_request

from pytest_llmreplay.event import Json
from pytest_llmreplay.replay.calls.endpoint import AuthStyle, Endpoint, Secret
from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.sending.job import Job

CHAT: dict[str, Json] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1790000000,
    "model": "gpt-5-mini-2026-08-14",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Good morning."},
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15},
}

MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-opus-5-5",
    "content": [{"type": "text", "text": "Good morning."}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 12, "output_tokens": 3},
}


@dataclass
class Seen:
    """A request as the server read it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    number: int
    """Counted from 0 in the order of arrival."""

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


@dataclass
class Answer:
    """What the server writes."""

    status: int = 200
    body: bytes | list[bytes] = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    between: float = 0.0
    """Seconds between the pieces of a body."""
    cut: bool = False
    """Close the connection before the promised end."""
    raw: bytes | None = None
    """Instead of all that: these bytes, then close."""


def as_json(value: Any, status: int = 200, **headers: str) -> Answer:
    """An answer with a JSON body."""
    head = {"content-type": "application/json"}
    head |= {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status=status, body=json.dumps(value).encode(), headers=head)


class Loopback(ThreadedServer):
    """An HTTP/1.1 server that counts its connections and what it answers at once."""

    def __init__(self, answer: Callable[[Seen], Answer | Awaitable[Answer]]) -> None:
        super().__init__()
        self.seen: list[Seen] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self._answer = answer
        self.start()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (request := await read_request(reader)) is not None:
            if not await self._write(await self._answered(request), writer):
                return

    async def _answered(self, request: Received) -> Answer:
        seen = Seen(*request, number=len(self.seen))
        self.seen.append(seen)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            answer = self._answer(seen)
            if not isinstance(answer, Answer):
                answer = await answer
            await asyncio.sleep(answer.delay)
        finally:
            self.in_flight -= 1
        return answer

    async def _write(self, answer: Answer, writer: asyncio.StreamWriter) -> bool:
        if answer.raw is not None:
            writer.write(answer.raw)
            await writer.drain()
            return False
        pieces = [answer.body] if isinstance(answer.body, bytes) else answer.body
        length = {"content-length": str(sum(map(len, pieces)) + answer.cut)}
        framing = length if isinstance(answer.body, bytes) else {"transfer-encoding": "chunked"}
        head = [f"HTTP/1.1 {answer.status} X"]
        head += [f"{k}: {v}" for k, v in {**answer.headers, **framing}.items()]
        writer.write("\r\n".join(head).encode() + b"\r\n\r\n")
        await self._pieces(answer, pieces, writer)
        return not answer.cut

    async def _pieces(
        self, answer: Answer, pieces: list[bytes], writer: asyncio.StreamWriter
    ) -> None:
        chunked = not isinstance(answer.body, bytes)
        for number, piece in enumerate(pieces):
            if number:
                await asyncio.sleep(answer.between)
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
            await writer.drain()
        if chunked and not answer.cut:
            writer.write(b"0\r\n\r\n")
        await writer.drain()


@contextmanager
def answering_in_clear() -> Iterator[int]:
    """The port of a server that answers one client without a look at what it says."""

    def answer(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=answer, args=(listening,), daemon=True).start()
        yield listening.getsockname()[1]


def outgoing(
    url: str,
    api: str = "chat_completions",
    *,
    auth: AuthStyle = "bearer",
    key: str | None = "sk-test-1234567890",
    stream: bool = False,
    model: str = "gpt-5-mini",
) -> Outgoing:
    """A request to a server, without the stages that make one of an event."""
    body: dict[str, Any] = {"model": model, "messages": [{"role": "user", "content": "Hello"}]}
    if stream:
        body["stream"] = True
    endpoint = Endpoint(
        provider="openai", base_url=url, key=None if key is None else Secret(key), auth=auth
    )
    return Outgoing(
        endpoint=endpoint,
        api=api,
        path="/v1/messages" if api == "messages" else "/chat/completions",
        headers={"anthropic-version": "2023-06-01"} if api == "messages" else {},
        body=body,
        content=json.dumps(body).encode(),
        stream=stream,
        model=model,
    )


def jobs_to(url: str, count: int, api: str = "chat_completions", **more: Any) -> list[Job]:
    """Jobs that all ask the same."""
    request = outgoing(url, api, **more)
    return [Job(target="local", prepare=lambda: request) for _ in range(count)]
