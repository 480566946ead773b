"""A tape in memory that records what the capture reports and plays it back."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from pytest_llmreplay.capture.active import close_tape, open_tape
from pytest_llmreplay.capture.tape import Decision, FailureKind, Playback, RawRequest, Tape
from pytest_llmreplay.event import Ended, Failure

_Tape = TypeVar("_Tape", bound=Tape)


def is_llm_call(method: str, url: str) -> bool:
    """The rule of the tests: a known host, or a known path on loopback."""
    known = "api.openai.com" in url or "api.anthropic.com" in url or "llm.invalid" in url
    path = url.partition("?")[0]
    return known or (method == "POST" and path.endswith(("/chat/completions", "/v1/messages")))


class Missed(BaseException):
    """What a tape raises that has no answer."""


@dataclass
class Call:
    """One recorded call; is its own recorder."""

    request: RawRequest
    started: float = field(default_factory=time.perf_counter)
    status: int | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    chunks: list[bytes] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    ended: Ended | None = None
    failure: Failure | None = None
    forgotten: bool = False

    def head(self, status: int, headers: Iterable[tuple[str, str]]) -> None:
        """Keep the status and headers."""
        self.status = status
        self.headers = [(name.lower(), value) for name, value in headers]

    def chunk(self, data: bytes) -> None:
        """Keep the piece and when it came."""
        self.times.append(time.perf_counter() - self.started)
        self.chunks.append(data)

    def finish(self, ended: Ended = "complete") -> None:
        """Keep the first end."""
        if self.ended is None:
            self.ended = ended

    def fail(self, kind: FailureKind, message: str) -> None:
        """Keep why there is no answer."""
        self.failure = Failure(kind=kind, message=message)

    def forget(self) -> None:
        """Keep that it was not sent."""
        self.forgotten = True

    @property
    def body(self) -> bytes:
        """All that came, decoded."""
        data = b"".join(self.chunks)
        return (
            gzip.decompress(data) if dict(self.headers).get("content-encoding") == "gzip" else data
        )

    @property
    def playback(self) -> Playback:
        """What plays this call."""
        compressed = "content-encoding" in dict(self.headers)
        return Playback(
            status=self.status or 0,
            headers=tuple(self.headers),
            chunks=(self.body,) if compressed else tuple(self.chunks),
            ended=self.ended or "left",
            failure=self.failure,
        )


class MemoryTape:
    """Records by default; plays when it is given an answer for each request."""

    def __init__(self, answer: Callable[[RawRequest], Decision] | None = None) -> None:
        self.calls: list[Call] = []
        self.asked: list[RawRequest] = []
        self._answer = answer
        self._lock = threading.Lock()

    def route(self, request: RawRequest) -> Decision:
        """The given answer, or a recorder."""
        with self._lock:
            self.asked.append(request)
        if self._answer is not None:
            return self._answer(request)
        call = Call(request)
        with self._lock:
            self.calls.append(call)
        return call

    def rewound(self) -> MemoryTape:
        """A tape that plays what this one recorded, equal requests in order."""
        waiting: dict[bytes, list[Call]] = {}
        for call in self.calls:
            waiting.setdefault(call.request.content, []).append(call)
        lock = threading.Lock()

        def answer(request: RawRequest) -> Decision:
            with lock:
                if not waiting.get(request.content):
                    raise Missed(request.url)
                return waiting[request.content].pop(0).playback

        return MemoryTape(answer)


def playing(chunk: bytes = b"{}", *more: bytes, **fields: object) -> MemoryTape:
    """A tape that answers every call with the same pieces."""
    headers = (("content-type", "application/json"),)
    played = Playback(**{"status": 200, "headers": headers, "chunks": (chunk, *more), **fields})  # type: ignore[arg-type]  # fields of its own
    return MemoryTape(lambda _request: played)


@contextmanager
def tape_in(tape: _Tape) -> Iterator[_Tape]:
    """`tape` open for the length of a block."""
    open_tape(tape)
    try:
        yield tape
    finally:
        close_tape(tape)
