"""What went over the wire: the raw truth of an event, decoded no further than text and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

__all__ = [
    "FIRST_ERROR",
    "FIRST_SERVER_ERROR",
    "STATUSES",
    "BinaryBody",
    "Body",
    "Chunk",
    "Ended",
    "Exchange",
    "Failure",
    "HttpRequest",
    "HttpResponse",
    "Json",
    "JsonBody",
    "StreamBody",
    "TextBody",
]

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""A JSON value."""

STATUSES: Final = range(100, 1000)
"""The statuses that HTTP has: https://www.rfc-editor.org/rfc/rfc9110#section-15"""

FIRST_ERROR: Final = 400
"""The least HTTP status of an error."""

FIRST_SERVER_ERROR: Final = 500
"""The least HTTP status of an error that is not the fault of the request."""

Ended = Literal["complete", "left", "cut", "cancelled", "timeout"]
"""How an answer ended.

* complete: the protocol's own end was seen (or the whole plain body).
* left: the client stopped reading early.
* cut: the connection broke.
* cancelled: the task that read it was cancelled.
* timeout: the client gave up waiting.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonBody:
    """A body that is JSON, parsed."""

    value: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class TextBody:
    """A body that is text but not JSON."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BinaryBody:
    """A body that is neither JSON nor text, as bytes."""

    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """One piece of a stream: a whole server-sent event, where the stream is made of them."""

    at: float
    """Arrival, in seconds since the request was sent."""
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamBody:
    """An answer that came in pieces."""

    chunks: tuple[Chunk, ...]

    @property
    def data(self) -> bytes:
        """All bytes, in order."""
        return b"".join(chunk.data for chunk in self.chunks)


Body: TypeAlias = JsonBody | TextBody | BinaryBody


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """A request as it was sent, decompressed and redacted."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """Lower-case names; only those worth keeping."""
    body: Body | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """An answer as it came, decompressed and redacted."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    """Lower-case names; only those worth keeping."""
    body: Body | StreamBody | None = None
    ended: Ended = "complete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """No answer came."""

    kind: Literal["connect", "timeout", "cut", "cancelled"]
    message: str = ""
    """The client library's own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and what came of it."""

    request: HttpRequest
    response: HttpResponse | Failure
