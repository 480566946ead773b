"""A model server on loopback, in a process of its own: plain answers at once, slow streams.

It speaks chat completions and, where the path says so, messages. With `--at-once` its streams are
long and come as fast as they can.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from made_calls import PIECES as MANY
from made_calls import answer_of, stream_of

from pytest_llmreplay.event import Exchange, HttpRequest, HttpResponse, JsonBody, Response
from pytest_llmreplay.providers.chat_completions import CHAT_COMPLETIONS
from pytest_llmreplay.providers.messages import MESSAGES
from pytest_llmreplay.providers.retelling.answer import without_extra

__all__ = ["live_server"]

FIRST = 0.05
"""Seconds to the first piece of a stream."""
STEP = 0.02
"""Seconds between pieces."""
PIECES = 20


@contextmanager
def live_server(*options: str) -> Iterator[str]:
    """The address of a running server."""
    process = subprocess.Popen([sys.executable, __file__, *options], stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


class _Connection(asyncio.Protocol):
    """Answers each request that is whole."""

    def __init__(self) -> None:
        self.read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer when the body is here."""
        self.read += data
        head, gap, body = self.read.partition(b"\r\n\r\n")
        found = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        if not gap or found is None or len(body) < int(found[1]):
            return
        self.read = b""
        api = MESSAGES.name if b"/messages" in head.partition(b"\r\n")[0] else CHAT_COMPLETIONS.name
        if re.search(rb'"stream": *true', body):
            self._stream(STREAMED[api])
        else:
            self.transport.write(next(PLAIN[api]))

    def _stream(self, pieces: list[bytes]) -> None:
        loop, write = asyncio.get_running_loop(), self.transport.write
        write(_head("text/event-stream", "transfer-encoding: chunked"))
        for number, piece in enumerate(pieces):
            if AT_ONCE:
                write(piece)
            else:
                loop.call_later(FIRST + number * STEP, write, piece)


def _head(kind: str, length: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\n{length}\r\n\r\n".encode()


def _plain(body: object) -> bytes:
    data = json.dumps(body).encode()
    return _head("application/json", f"content-length: {len(data)}") + data


def _neutral(body: dict[str, object]) -> Response:
    """What an answer in chat completions says."""
    request = HttpRequest(method="POST", url="http://127.0.0.1/v1/chat/completions")
    answered = HttpResponse(status=200, body=JsonBody(value=body))  # type: ignore[arg-type]
    exchange = Exchange(request=request, response=answered)
    return without_extra(CHAT_COMPLETIONS.response(exchange))


def _chunked(pieces: list[bytes]) -> list[bytes]:
    return [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces] + [b"0\r\n\r\n"]


AT_ONCE = "--at-once" in sys.argv
_COUNT = MANY if AT_ONCE else PIECES
_ANSWERS = [answer_of(number) for number in range(1000)]

PLAIN = {
    "chat_completions": itertools.cycle(map(_plain, _ANSWERS)),
    "messages": itertools.cycle(
        [_plain(MESSAGES.encode_response(_neutral(answer))) for answer in _ANSWERS]
    ),
}
"""Each with words of its own, as what was seen before is not looked at again."""
STREAMED = {
    "chat_completions": _chunked(stream_of(_COUNT)),
    "messages": _chunked(MESSAGES.encode_stream(_neutral(_ANSWERS[0]), pieces=_COUNT)),
}


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
