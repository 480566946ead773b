"""A model server on loopback, in a process of its own: plain answers at once, slow streams."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from made_calls import answer_of, stream_of

__all__ = ["live_server"]

FIRST = 0.05
"""Seconds to the first piece of a stream."""
STEP = 0.02
"""Seconds between pieces."""
PIECES = 20


@contextmanager
def live_server() -> Iterator[str]:
    """The base URL of a running server."""
    process = subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


class _Connection(asyncio.Protocol):
    """Answers each request that is whole."""

    def __init__(self) -> None:
        self.pieces = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in stream_of(PIECES)]
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
        if b'"stream":' in body:
            self._stream()
        else:
            self.transport.write(next(PLAIN))

    def _stream(self) -> None:
        loop, write = asyncio.get_running_loop(), self.transport.write
        write(_head("text/event-stream", "transfer-encoding: chunked"))
        for number, piece in enumerate([*self.pieces, b"0\r\n\r\n"]):
            loop.call_later(FIRST + number * STEP, write, piece)


def _head(kind: str, length: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\n{length}\r\n\r\n".encode()


def _plain(number: int) -> bytes:
    body = json.dumps(answer_of(number)).encode()
    return _head("application/json", f"content-length: {len(body)}") + body


PLAIN = itertools.cycle([_plain(number) for number in range(1000)])
"""Each with words of its own, as what was seen before is not looked at again."""


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
