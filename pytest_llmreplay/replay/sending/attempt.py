"""What is known of one attempt of a call, whoever waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter

from pytest_llmreplay.providers.streams.pieces import SERVER_SENT
from pytest_llmreplay.replay.calls.endpoint import Endpoint
from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.calls.result import CallFailed, Reply

from .bounds import Limits, Meter
from .failure import REDIRECTS, failed

__all__ = ["AT_ONCE", "Attempt"]

AT_ONCE = 0.1
"""Seconds in which no server has worked on a call."""


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One attempt, from sending to its last byte."""

    outgoing: Outgoing
    endpoint: Endpoint
    target: str
    """Name of the target, for messages."""
    timeout: float
    """Seconds that it may take."""
    limits: Limits
    """How much a server may answer."""
    patience: float | None = None
    """Seconds in which more of it has to come, where its client says so."""
    started: float = field(default_factory=perf_counter)
    at: str = ""
    """When it was sent; empty before."""
    status: int | None = None
    """Of HTTP, once the head of the answer came."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of the answer, names in lower case."""
    meter: Meter | None = None

    @property
    def silence(self) -> float:
        """Seconds to wait for more of the answer."""
        return self.timeout if self.patience is None else min(self.timeout, self.patience)

    def sent(self) -> None:
        """The request leaves now."""
        self.at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.started = perf_counter()

    def begin(self, status: int, headers: Mapping[str, str]) -> Meter:
        """The head of the answer came: what takes its body.

        Args:
            status: Of HTTP.
            headers: As the HTTP library has them.

        Raises:
            RuntimeError: It points elsewhere.
            AnswerRefused: It is packed in a way that nobody asked for.
        """
        self.status = status
        self.headers = headers = {name.lower(): value for name, value in headers.items()}
        if status in REDIRECTS:
            raise RuntimeError("redirects are not followed")
        self.meter = Meter(
            self.limits,
            self.started,
            encoding=headers.get("content-encoding", ""),
            lines=headers.get("content-type", "").startswith(SERVER_SENT),
        )
        return self.meter

    def reply(self, ended: float) -> Reply:
        """The reply, with all that came up to this moment of the clock of `started`."""
        assert self.meter is not None  # the answer has begun
        assert self.status is not None  # as above
        chunks = tuple(self.meter.chunks)
        return Reply(
            status=self.status,
            headers=self.headers,
            chunks=chunks,
            outgoing=self.outgoing,
            at=self.at,
            duration=ended - self.started,
            time_to_first_chunk=chunks[0].at if chunks else None,
        )

    def failure(self, problem: Exception | None, *, kept: bool = False) -> CallFailed:
        """What a problem is in our words."""
        limit = self.timeout
        if _is_silence(problem):
            problem, limit = TimeoutError(), self.silence
        return failed(
            problem,
            target=self.target,
            host=self.endpoint.host,
            timeout=limit,
            status=self.status,
            location=self.headers.get("location"),
            received=0 if self.meter is None else self.meter.size,
            kept=kept,
        )


def _is_silence(problem: Exception | None) -> bool:
    """Whether an HTTP library has waited in vain for more of an answer, as any of them says it."""
    name = type(problem).__name__
    return "Timeout" in name and "Connect" not in name and type(problem) is not TimeoutError
