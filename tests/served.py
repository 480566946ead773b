"""A cassette behind a loopback server, and raw HTTP to talk to it."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from pytest_llmreplay.cassette.header import Header
from pytest_llmreplay.cassette.keys import MatchRules
from pytest_llmreplay.cassette.redaction import Redactor
from pytest_llmreplay.playback.commit import Place
from pytest_llmreplay.playback.open_cassette import OpenCassette
from pytest_llmreplay.playback.tape import RecordMode
from pytest_llmreplay.serve import CassetteServer, Places

__all__ = ["ASK", "MissedCall", "opened", "request", "served", "status_of", "talk"]

ASK = json.dumps({"model": "m", "messages": [{"role": "user", "content": "hi"}]}).encode()


class MissedCall(BaseException):
    """A call that the cassette does not hold."""


def opened(path: Path, mode: RecordMode) -> OpenCassette:
    """The cassette at a path."""
    place = Place(path=path, root=path.parent, shown=path.name, record="r")
    return OpenCassette(
        place=place,
        header=Header(),
        mode=mode,
        rules=MatchRules(),
        redactor=Redactor(),
        explain=lambda _, raw, number: MissedCall(f"call {number} to {raw.url} is not recorded"),
    )


@contextmanager
def served(
    path: Path, mode: RecordMode, environ: Mapping[str, str], upstream: str | None = None
) -> Iterator[CassetteServer]:
    """A server in front of the cassette, whose calls are committed at the end."""
    cassette = opened(path, mode)
    with CassetteServer(cassette.tape, Places(environ, upstream)) as server:
        yield server
    cassette.close()
    if cassette.called:
        cassette.commit()


def talk(base_url: str, data: bytes) -> bytes:
    """Send bytes as they are; return all that comes until the server closes."""
    at = urlsplit(base_url)
    with socket.create_connection((at.hostname, at.port), timeout=10) as client:
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: client.recv(65536), b""))


def status_of(answer: bytes) -> int:
    """The status of a raw answer."""
    return int(answer.split(b" ", 2)[1])


def request(
    target: str, headers: Mapping[str, str], *, method: str = "POST", body: bytes = ASK
) -> bytes:
    """A raw request."""
    lines = [
        f"{method} {target} HTTP/1.1",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode() + body
