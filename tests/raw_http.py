"""HTTP as raw bytes, for servers that must mind every one of them."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

__all__ = ["ASK", "request", "status_of", "talk"]

ASK = json.dumps({"model": "m", "messages": [{"role": "user", "content": "hi"}]}).encode()
"""The body of a small chat completion."""


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
