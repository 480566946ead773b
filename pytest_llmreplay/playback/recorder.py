"""Writes down one live call while its answer passes by."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from pytest_llmreplay.capture.tape import RawRequest
from pytest_llmreplay.event import Chunk, Ended, Failure

__all__ = ["CallRecorder", "LiveCall", "retry_count"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCall:
    """A finished live call, as it went over the wire."""

    number: int
    """Place in the order of sending."""
    key: str
    request: RawRequest
    sent_at: datetime
    status: int | None
    """None when no answer came."""
    headers: tuple[tuple[str, str], ...]
    chunks: tuple[Chunk, ...]
    ended: Ended
    failure: Failure | None
    duration: float
    """Seconds from sending to the end."""


class CallRecorder:
    """Collects the answer of one call; hands it on once, however it ends.

    Args:
        number: Place in the order of sending.
        key: Match key of the request.
        request: The request as the client sent it.
        keep: Takes the finished call.
    """

    def __init__(
        self, *, number: int, key: str, request: RawRequest, keep: Callable[[LiveCall], None]
    ) -> None:
        self._number, self._key, self._request, self._keep = number, key, request, keep
        self._status: int | None = None
        self._headers: tuple[tuple[str, str], ...] = ()
        self._chunks: list[Chunk] = []
        self._finished = False
        self._lock = threading.Lock()
        self._sent_at = datetime.now(UTC)
        self._start = time.perf_counter()

    def head(self, status: int, headers: Iterable[tuple[str, str]]) -> None:
        """Status line and headers have come."""
        self._status = status
        self._headers = tuple((name.lower(), value) for name, value in headers)

    def chunk(self, data: bytes) -> None:
        """A piece of the body has come."""
        if data and not self._finished:
            self._chunks.append(Chunk(at=time.perf_counter() - self._start, data=data))

    def finish(self, ended: Ended = "complete") -> None:
        """The answer has ended; only the first call counts."""
        self._hand_on(ended, None)

    def fail(self, kind: str, message: str) -> None:
        """No answer came, or it broke off; only the first call counts."""
        if self._status is None:
            self._hand_on("cut", Failure(kind=kind, message=message))  # type: ignore[arg-type]  # checked by the capture
        else:
            self._hand_on("timeout" if kind == "timeout" else "cut", None)

    def _hand_on(self, ended: Ended, failure: Failure | None) -> None:
        duration = time.perf_counter() - self._start
        with self._lock:
            if self._finished:
                return
            self._finished = True
        if self._status is None and failure is None:
            failure = Failure(kind="cancelled")
        self._keep(
            LiveCall(
                number=self._number,
                key=self._key,
                request=self._request,
                sent_at=self._sent_at,
                status=self._status,
                headers=self._headers,
                chunks=tuple(self._chunks),
                ended=ended,
                failure=failure,
                duration=duration,
            )
        )


def retry_count(request: RawRequest) -> int:
    """How often the SDK has sent this call before, as the SDKs of OpenAI and Anthropic say."""
    text = request.headers.get("x-stainless-retry-count", "0")
    return int(text) if text.isascii() and text.isdigit() else 0
