"""Who may speak to a loopback server: only a program that was told its address.

A web page in a browser on this machine can reach any loopback port. It cannot set `Host` or leave
out `Origin`, cannot send JSON to another site without asking first, and does not know the path.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from pytest_llmreplay.event import Json

from .reply import Reply

__all__ = ["BODY_LIMIT", "Gate", "Head", "Refused"]

BODY_LIMIT = 32 * 1024 * 1024
"""Largest body of a request, in bytes."""

_DIGITS = 20
"""Of a length; Python makes no number of too many."""
_ONCE = ("host", "content-length", "content-type", "transfer-encoding")


class Refused(Exception):
    """The request gets no answer but its refusal."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        error: Json = {"type": "refused_by_loopback_server", "message": reason}
        self.reply = Reply.plain({"error": error}, status=status, headers=[("connection", "close")])


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Request line and headers."""

    method: str
    target: str
    headers: Mapping[str, str]
    """Lower-case names."""

    @classmethod
    def parse(cls, raw: bytes) -> Head:
        """Read the head of an HTTP/1.1 request.

        Raises:
            Refused: It is none.
        """
        first, *lines = raw.decode("latin-1").split("\r\n")
        words = first.split(" ")
        if len(words) != 3 or words[2] not in {"HTTP/1.1", "HTTP/1.0"}:  # noqa: PLR2004  # RFC 9112, 3
            raise Refused(400, "This is no HTTP/1.1 request.")
        headers: dict[str, str] = {}
        for line in lines:
            name, colon, value = line.partition(":")
            name = name.lower()
            if not colon or not name or name != name.strip() or (name in headers and name in _ONCE):
                raise Refused(400, "A header line is malformed or repeated.")
            headers[name] = value.strip()
        return cls(method=words[0], target=words[1], headers=headers)

    @property
    def length(self) -> int:
        """Bytes of the body."""
        return int(self.headers.get("content-length", "0"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Lets in what a client with the base URL sends, and nothing else."""

    host: str
    """The only `Host` that is served, port included."""
    secret: str
    """First segment of every path."""

    def path(self, head: Head) -> tuple[str, str]:
        """The path below the secret segment, and the query.

        Raises:
            Refused: The request does not come from a client with the base URL, or is no API call.
        """
        self._check_origin(head)
        secret, slash, rest = head.target[1:].partition("/")
        if not hmac.compare_digest(secret.encode(), self.secret.encode()):
            raise Refused(403, "The path does not start with the secret segment of the base URL.")
        self._check_body(head)
        path, _, query = (slash + rest).partition("?")
        return path, query

    def _check_origin(self, head: Head) -> None:
        if not head.target.startswith("/"):
            raise Refused(403, "This server is no proxy: the request must name a path.")
        if head.headers.get("host") != self.host:
            raise Refused(403, f"This server answers requests to the host {self.host} only.")
        if "origin" in head.headers:
            raise Refused(403, "This server does not answer web pages.")
        if head.method not in {"GET", "POST"}:
            raise Refused(405, "This server answers POST, and GET for its models.")

    def _check_body(self, head: Head) -> None:
        headers = head.headers
        length = headers.get("content-length", "0")
        if "transfer-encoding" in headers or not length.isdecimal():
            raise Refused(411, "The body must come with its content-length.")
        if len(length) > _DIGITS or head.length > BODY_LIMIT:
            raise Refused(413, f"The body is larger than {BODY_LIMIT:,} bytes.")
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        encoded = headers.get("content-encoding", "identity") != "identity"
        if head.method == "POST" and (kind != "application/json" or encoded):
            raise Refused(415, "The body must be plain application/json.")
        if head.method == "GET" and head.length:
            raise Refused(400, "A GET has no body.")
