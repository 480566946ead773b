"""What a loopback server answers: status, headers, pieces of a body with their times; refusals."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from http.client import responses
from typing import NamedTuple

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.streams.pieces import content_type_of

__all__ = ["LAST_CHUNK", "Headers", "Piece", "Refused", "Reply", "framed", "head_of", "without"]

Headers = tuple[tuple[str, str], ...]

LAST_CHUNK = b"0\r\n\r\n"
"""What ends a body in chunked framing."""

_OURS = frozenset({"connection", "content-encoding", "content-length", "transfer-encoding"})


class Piece(NamedTuple):
    """Bytes of an answer that are sent together, and when."""

    data: bytes
    after: float = 0.0
    """Seconds from the end of the request to the moment of sending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An HTTP answer."""

    status: int = 200
    headers: Headers = ()
    pieces: tuple[Piece, ...] = ()
    streamed: bool = False
    """Sent with chunked framing, one chunk for each piece."""
    cut: int | None = None
    """Bytes of the body after which the connection closes; none for a whole answer."""

    @classmethod
    def plain(
        cls, value: Json, *, status: int = 200, headers: Iterable[tuple[str, str]] = ()
    ) -> Reply:
        """A JSON body."""
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        data = body.encode("utf-8", "surrogatepass")
        kept = (("content-type", "application/json"), *without(headers, "content-type"))
        return cls(status=status, headers=kept, pieces=(Piece(data=data),))

    @classmethod
    def stream(cls, events: Iterable[bytes], *, headers: Iterable[tuple[str, str]] = ()) -> Reply:
        """Server-sent events or JSON lines, one piece for each."""
        pieces = tuple(Piece(data=data) for data in events)
        kind = content_type_of(pieces[0].data if pieces else b"")
        kept = (("content-type", kind), *without(headers, "content-type"))
        return cls(headers=kept, pieces=pieces, streamed=True)

    @property
    def body(self) -> bytes:
        """All bytes of the body."""
        return b"".join(piece.data for piece in self.pieces)

    def paced(self, *, first: float, total: float) -> Reply:
        """The same answer, its first piece sent after `first` seconds and its last after `total`.

        A plain answer leaves as a whole, at the end.
        """
        if not self.streamed:
            return replace(self, pieces=(Piece(data=self.body, after=total),))
        step = max(0.0, total - first) / max(1, len(self.pieces) - 1)
        paced = (Piece(p.data, first + i * step) for i, p in enumerate(self.pieces))
        return replace(self, pieces=tuple(paced))

    def framed(self) -> list[Piece]:
        """The bytes that go over the wire, head included."""
        if not self.streamed:
            after = max((piece.after for piece in self.pieces), default=0.0)
            return [Piece(data=self._head() + self.body[: self.cut], after=after)]
        chunks = [Piece(framed(piece.data), piece.after) for piece in self._sent()]
        start, end = (chunks[0].after, chunks[-1].after) if chunks else (0.0, 0.0)
        last = [Piece(data=LAST_CHUNK, after=end)] if self.cut is None else []
        return [Piece(data=self._head(), after=start), *chunks, *last]

    def _sent(self) -> Iterator[Piece]:
        left = len(self.body) if self.cut is None else self.cut
        for piece in self.pieces:
            if data := piece.data[:left]:
                yield Piece(data, piece.after)
            left -= len(data)

    def _head(self) -> bytes:
        framing = (
            "transfer-encoding: chunked" if self.streamed else f"content-length: {len(self.body)}"
        )
        return head_of(self.status, self.headers, framing)


def head_of(status: int, headers: Iterable[tuple[str, str]], *lines: str) -> bytes:
    """The head of an answer; `lines` are headers of ours that stand after those of the answer."""
    status = status if 200 <= status <= 599 else 500  # noqa: PLR2004  # classes of HTTP
    first = f"HTTP/1.1 {status} {responses.get(status, 'Status')}"
    kept = (f"{name}: {value}" for name, value in headers if _sendable(name, value))
    return ("\r\n".join([first, *kept, *lines]) + "\r\n\r\n").encode("latin-1", "replace")


def framed(data: bytes) -> bytes:
    """Bytes as one chunk of a body in chunked framing."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def without(headers: Iterable[tuple[str, str]], *names: str) -> Headers:
    """The headers but for the named ones."""
    return tuple((name, value) for name, value in headers if name.lower() not in names)


def _sendable(name: str, value: str) -> bool:
    # Headers may come from a cassette: a line break in one would start a second answer.
    return name.lower() not in _OURS and (name + value).isprintable()


class Refused(Exception):
    """The request gets no answer but its refusal.

    Args:
        status: Of HTTP.
        reason: A sentence for whoever wrote the client.
        data: The refusal as it goes over the wire, where it is not HTTP/1.1.
    """

    def __init__(self, status: int, reason: str, data: bytes = b"") -> None:
        super().__init__(reason)
        error: Json = {"type": "refused_by_loopback_server", "message": reason}
        reply = Reply.plain({"error": error}, status=status, headers=[("connection", "close")])
        self.data = data or b"".join(piece.data for piece in reply.framed())
