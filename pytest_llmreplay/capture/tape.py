"""The words between the capture and whoever records or plays: a tape and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol, TypeAlias

from pytest_llmreplay.event import Ended, Failure

from .arriving import Arriving

__all__ = [
    "Decision",
    "Elsewhere",
    "FailureKind",
    "LetPass",
    "Playback",
    "RawRequest",
    "Recorder",
    "Settled",
    "Tape",
]

FailureKind = Literal["connect", "timeout", "cut", "cancelled"]
"""Why no answer came: the kinds of `event.Failure`."""


class RawRequest:
    """An LLM call as the client library was about to send it; nobody changes it.

    Args:
        method: Any case.
        url: Absolute.
        headers: Lower-case names; or what decodes them, as who only plays never looks at them.
        content: The body as sent, content-encoding included.
        library: Top-level package that made the call: `httpx2`, `requests`, `aiohttp` …
        patience: Seconds that the client waits for more of an answer; none where nothing says so.
    """

    __slots__ = ("_headers", "content", "library", "method", "patience", "url")

    def __init__(
        self,
        *,
        method: str,
        url: str,
        headers: Mapping[str, str] | Callable[[], Mapping[str, str]],
        content: bytes,
        library: str,
        patience: float | None = None,
    ) -> None:
        self.method, self.url, self.content, self.library = method, url, content, library
        self.patience = patience
        self._headers = headers

    @property
    def headers(self) -> Mapping[str, str]:
        """Lower-case names."""
        if callable(self._headers):
            self._headers = self._headers()
        return self._headers


# Made for every call; a frozen dataclass takes three times as long to make.
@dataclass(slots=True, kw_only=True)
class Playback:
    """What to answer in the place of the server; nobody changes it."""

    status: int
    headers: tuple[tuple[str, str], ...]
    """All but `named`; many answers have them in common."""
    chunks: tuple[bytes, ...] | Arriving
    """Decoded body, in the pieces the client shall get; those of a recording are all at hand."""
    ended: Ended = "complete"
    failure: Failure | None = None
    """No answer came: the client library's own error is raised."""
    named: tuple[tuple[str, str], ...] = ()
    """The header with the provider's own name of the call, if it is known."""

    @property
    def all_headers(self) -> tuple[tuple[str, str], ...]:
        """The headers, in the order in which they are played."""
        return (*self.headers, *self.named)

    @property
    def ending(self) -> Ended:
        """How the body ended, once all of it was read."""
        chunks = self.chunks
        return self.ended if isinstance(chunks, tuple) else chunks.ended or "left"

    @property
    def reason(self) -> str:
        """Why the body is not whole."""
        return "as recorded" if isinstance(self.chunks, tuple) else self.chunks.problem

    def close(self) -> None:
        """The client has had enough of the body."""
        if not isinstance(self.chunks, tuple):
            self.chunks.close()


class Recorder(Protocol):
    """Takes down one live call while it happens; every method may come from any thread."""

    def head(self, status: int, headers: Iterable[tuple[str, str]]) -> None:
        """The answer began."""
        ...

    def chunk(self, data: bytes) -> None:
        """Bytes of the body arrived, content-encoded as `head` says."""
        ...

    def finish(self, ended: Ended = "complete") -> None:
        """The answer ended on the wire; the first call counts, later ones are ignored."""
        ...

    def fail(self, kind: FailureKind, message: str) -> None:
        """No answer came; `message` is the client library's own words."""
        ...

    def forget(self) -> None:
        """The call was not sent after all."""
        ...


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Somebody else is to be asked; what he says is played."""

    ask: Callable[[], Playback]
    """Asks, in the thread of a client that waits."""
    begin: Callable[[], Future[Playback]]
    """Begins to ask, for a client that does not; it cancels what it does not wait for."""


Settled: TypeAlias = Playback | Recorder | None
"""Play this, record with that, or let the call pass untouched."""

Decision: TypeAlias = Settled | Elsewhere
"""What becomes of a call: known at once, or after a while."""


class Tape(Protocol):
    """Decides what becomes of an LLM call."""

    def route(self, request: RawRequest) -> Decision:
        """The decision for one call; a miss is raised as a BaseException that no SDK swallows."""
        ...


class LetPass:
    """Open while what runs has no cassette, where another tape would be asked otherwise."""

    offline: ClassVar = False
    lets_pass: ClassVar = True

    def route(self, request: RawRequest) -> None:  # noqa: ARG002 - every call is let through
        """Leave the call alone."""
        return
