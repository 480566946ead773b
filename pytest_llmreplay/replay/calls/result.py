"""What came of a call that was sent again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeGuard

from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.event import FIRST_ERROR, Attempt, Chunk

from .outgoing import Outgoing

__all__ = ["CallFailed", "FailureKind", "NotReplayed", "NotRun", "Reply", "Stale", "is_answer"]

FailureKind = Literal[
    "connect",
    "unanswered",
    "stale",
    "dns",
    "tls",
    "timeout",
    "cut",
    "redirect",
    "too large",
    "throttled",
    "status",
    "answer",
    "stopped",
]
"""Why a call gave nothing to compare.

* connect, dns, tls: no connection.
* unanswered: the server hung up; it may have had the request.
* stale: a kept connection was closed by the server just before it was used; nothing was sent.
* timeout: no whole answer in the time allowed.
* cut: the connection broke, or the stream stopped before its protocol's end.
* redirect: the server pointed elsewhere; nobody followed.
* too large: the answer passed a limit.
* throttled: the server went on asking to wait.
* status: the provider said no.
* answer: what came is no answer of this API format.
* stopped: the engine ended first.
"""

LAG = 0.1
"""Seconds by which the loop may be late before a latency is not worth judging."""


class NotReplayed(ReplayError):
    """The event is not sent, by decision; becomes the outcome `not replayed`."""

    spares = False
    """Whether a target that ran freely had no need of it."""


class Stale(ReplayError):
    """The recording is too old, or nobody asks for it any more; becomes the outcome `stale`."""


class NotRun(ReplayError):
    """There is no answer, and none was asked for; becomes the outcome `not run`."""


class CallFailed(ReplayError):
    """A call gave nothing to compare; becomes the outcome `error`.

    Args:
        problem: What happened, in a sentence without a full stop.
        kind: The class of failure.
        target: Name of the target.
        host: Where the call went.
        status: HTTP status, where an answer came.
        attempts: Tries before the one that this error tells of.
    """

    def __init__(
        self,
        problem: str,
        *,
        kind: FailureKind,
        target: str = "",
        host: str = "",
        status: int | None = None,
        attempts: tuple[Attempt, ...] = (),
    ) -> None:
        place = f"{target} at {host}" if target and host else target or host
        tries = f" (attempt {len(attempts) + 1})" if attempts else ""
        super().__init__(f"{place}: {problem}{tries}" if place else f"{problem}{tries}")
        self.problem = problem
        self.kind: FailureKind = kind
        self.target = target
        self.host = host
        self.status = status
        self.attempts = attempts

    def after(self, attempts: tuple[Attempt, ...]) -> CallFailed:
        """This failure, after earlier attempts."""
        return CallFailed(
            self.problem,
            kind=self.kind,
            target=self.target,
            host=self.host,
            status=self.status,
            attempts=attempts,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole HTTP answer, of whatever status, as its bytes arrived."""

    status: int
    headers: Mapping[str, str]
    """Lower-case names."""
    chunks: tuple[Chunk, ...]
    """Pieces as the network gave them, decompressed, with their arrival in seconds."""
    at: str
    """When the request was sent: ISO 8601, UTC, milliseconds."""
    duration: float
    """Seconds from sending the request to the end of the answer, of the last attempt alone."""
    time_to_first_chunk: float | None
    outgoing: Outgoing
    """What was sent."""
    attempts: tuple[Attempt, ...] = ()
    """Earlier attempts of the same call."""
    lag: float = 0.0
    """Seconds by which our own loop was late at worst during the attempt."""
    taken_from: str | None = None
    """The earlier run that got the answer; none where this one did."""

    @property
    def body(self) -> bytes:
        """All bytes, in order."""
        return b"".join(chunk.data for chunk in self.chunks)

    @property
    def lagged(self) -> bool:
        """Whether our own loop was so late that the latency says nothing about the server."""
        return self.lag > max(LAG, 0.1 * self.duration)


def is_answer(outcome: Reply | ReplayError | None) -> TypeGuard[Reply]:
    """Whether a call was answered, and not with an error."""
    return isinstance(outcome, Reply) and outcome.status < FIRST_ERROR
