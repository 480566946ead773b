"""Who may speak to a loopback server: only a program that was told its address.

A web page in a browser on this machine can reach any loopback port. It cannot set `Host` or leave
out `Origin`, and does not know the path. Without asking first, which is refused, it can send to
another site neither JSON, nor the header of a key, nor `PUT`, `PATCH` and `DELETE`; but it can send
a form, with files in it: https://fetch.spec.whatwg.org/#cors-safelisted-request-header
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass

from .body import BODY_LIMIT, TOO_LARGE, Chunked, Sized
from .reply import Refused

__all__ = ["Gate", "Head"]

_DIGITS = 20
"""Of a length; Python makes no number of too many."""
_ONCE = ("host", "content-length", "content-type", "transfer-encoding")
_METHODS = frozenset({"GET", "POST"})
_METHODS_OF_FILES = frozenset({"DELETE", "PATCH", "PUT"})
_OF_NO_PAGE = ("authorization", "x-api-key", "api-key", "x-goog-api-key", "x-goog-upload-command")
"""Headers of SDKs that a web page cannot send without asking first."""
_JSON = "application/json"
_TEXTS = frozenset({"text/plain", "application/x-www-form-urlencoded"})


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
        """Bytes of the body, where it is not in chunks."""
        return int(self.headers.get("content-length", "0"))

    @property
    def chunked(self) -> bool:
        """Whether the body comes in chunks."""
        return "transfer-encoding" in self.headers

    def body(self) -> Chunked | Sized:
        """The reader of the body: chunked, or of a known length."""
        return Chunked() if self.chunked else Sized(self.length)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Lets in what a client with the base URL sends, and nothing else."""

    host: str
    """The only `Host` that is served, port included."""
    secret: str
    """First segment of every path."""
    files: bool = False
    """Whether files are taken, which come in bodies that are no JSON, and are deleted."""

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

    def check(self, head: Head, body: bytes) -> None:
        """Look at a body that is whole.

        Raises:
            Refused: It says that it is JSON, and is none.
        """
        if body and _kind(head.headers) == _JSON and not _is_json(body):
            raise Refused(400, "The body is no JSON.")

    def _check_origin(self, head: Head) -> None:
        if not head.target.startswith("/"):
            raise Refused(403, "This server is no proxy: the request must name a path.")
        if head.headers.get("host") != self.host:
            raise Refused(403, f"This server answers requests to the host {self.host} only.")
        if "origin" in head.headers:
            raise Refused(403, "This server does not answer web pages.")
        if head.method not in (_METHODS | _METHODS_OF_FILES if self.files else _METHODS):
            raise Refused(405, f"This server answers no {head.method}.")

    def _check_body(self, head: Head) -> None:
        headers = head.headers
        length = headers.get("content-length", "0")
        if head.chunked and ("content-length" in headers or not _is_chunked(headers)):
            raise Refused(400, "The body must come with its content-length, or else in chunks.")
        if not length.isdecimal():
            raise Refused(411, "The body's content-length is no number.")
        if len(length) > _DIGITS or head.length > BODY_LIMIT:
            raise Refused(413, TOO_LARGE)
        if head.method != "GET" and headers.get("content-encoding", "identity") != "identity":
            raise Refused(415, "The body must not be compressed.")
        if head.method == "POST":
            self._check_kind(headers)
        if head.method == "GET" and (head.length or head.chunked):
            raise Refused(400, "A GET has no body.")

    def _check_kind(self, headers: Mapping[str, str]) -> None:
        kind = _kind(headers)
        if kind == _JSON:
            return
        if not self.files or kind in _TEXTS:
            raise Refused(415, "The body must be plain application/json.")
        if not any(headers.get(name) for name in _OF_NO_PAGE):
            raise Refused(
                415,
                "The body must be plain application/json, or come with the header of a key, "
                "which no form of a web page has: any value will do where no key is needed.",
            )


def _kind(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


def _is_chunked(headers: Mapping[str, str]) -> bool:
    return headers["transfer-encoding"].lower() == "chunked"
