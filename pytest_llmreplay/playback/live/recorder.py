"""Writes down one live call while its answer passes by."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from pytest_llmreplay.capture.tape import FailureKind, RawRequest
from pytest_llmreplay.event import Chunk, Ended, Failure

__all__ = ["RETRY_COUNT", "CallRecorder", "LiveCall", "Pieces", "retry_count"]

RETRY_COUNT = "x-stainless-retry-count"
"""The header in which the SDKs of OpenAI and Anthropic say it."""


class _Clock:
    """The clocks as they were before tests put others in their place; freezegun finds no class.

    The time of day is not looked up again, as time-machine changes what `time.time` does.
    """

    seconds: Final = staticmethod(time.perf_counter)
    began: Final = time.time() - time.perf_counter()
    """Seconds since 1970 when that one was 0."""


Pieces: TypeAlias = tuple[tuple[float, bytes], ...]
"""Bytes as they arrived, each with its seconds since the request was sent."""


@dataclass(slots=True, kw_only=True)
class LiveCall:
    """A finished live call, as it went over the wire; frozen would take three times as long."""

    number: int
    """Place in the order of sending."""
    request: RawRequest
    sent: float
    """Seconds since 1970."""
    status: int | None
    """None when no answer came."""
    headers: Mapping[str, str]
    """Lower-case names."""
    pieces: Pieces
    ended: Ended
    failure: Failure | None
    duration: float
    """Seconds from sending to the end."""

    @property
    def answer(self) -> bytes:
        """All bytes of the answer."""
        return b"".join([data for _, data in self.pieces])

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """The pieces as an event holds them."""
        return tuple([Chunk(at=at, data=data) for at, data in self.pieces])


class CallRecorder:
    """Collects the answer of one call; hands it on once, however it ends.

    Args:
        number: Place in the order of sending.
        request: The request as the client sent it.
        keep: Takes the finished call.
    """

    __slots__ = (
        "_finished",
        "_headers",
        "_keep",
        "_lock",
        "_number",
        "_pieces",
        "_request",
        "_sent",
        "_start",
        "_status",
    )

    def __init__(
        self, *, number: int, request: RawRequest, keep: Callable[[LiveCall], None]
    ) -> None:
        self._number, self._request, self._keep = number, request, keep
        self._status: int | None = None
        self._headers: dict[str, str] = {}
        self._pieces: list[tuple[float, bytes]] = []
        self._finished = False
        self._lock = threading.Lock()
        self._start = _Clock.seconds()
        self._sent = _Clock.began + self._start

    def head(self, status: int, headers: Iterable[tuple[str, str]]) -> None:
        """Status line and headers have come."""
        self._status = status
        self._headers = {name.lower(): value for name, value in headers}

    def chunk(self, data: bytes) -> None:
        """A piece of the body has come."""
        if data and not self._finished:
            self._pieces.append((_Clock.seconds() - self._start, data))

    def finish(self, ended: Ended = "complete") -> None:
        """The answer has ended; only the first call counts."""
        self._hand_on(ended, None)

    def fail(self, kind: FailureKind, message: str) -> None:
        """No answer came, or it broke off; only the first call counts."""
        if self._status is None:
            self._hand_on("cut", Failure(kind=kind, message=message))
        else:
            self._hand_on("timeout" if kind == "timeout" else "cut", None)

    def forget(self) -> None:
        """The call was not sent after all: there is nothing to keep."""
        self._finished = True

    def _hand_on(self, ended: Ended, failure: Failure | None) -> None:
        duration = _Clock.seconds() - self._start
        with self._lock:
            if self._finished:
                return
            self._finished = True
        if self._status is None and failure is None:
            failure = Failure(kind="cancelled")
        self._keep(
            LiveCall(
                number=self._number,
                request=self._request,
                sent=self._sent,
                status=self._status,
                headers=self._headers,
                pieces=tuple(self._pieces),
                ended=ended,
                failure=failure,
                duration=duration,
            )
        )


def retry_count(request: RawRequest) -> int:
    """How often the SDK has sent this call before."""
    text = request.headers.get(RETRY_COUNT, "0")
    return int(text) if text.isascii() and text.isdigit() else 0
