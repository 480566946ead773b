"""The client of a re-routed call, as the capture plays to it what comes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

from pytest_llmreplay.capture.arriving import Arriving
from pytest_llmreplay.capture.tape import FailureKind, Playback
from pytest_llmreplay.event import Ended, Failure
from pytest_llmreplay.replay.calls.result import CallFailed
from pytest_llmreplay.replay.rerouting.answered_as import Answer

__all__ = ["RerouteCaller"]

_NO_ANSWER = 599


class RerouteCaller:
    """Gets the answer of a target, and plays it to the client.

    Args:
        leave: What to do when the client does not wait for the end.
        fetch: Gets the next piece of the answer, where the client's own thread does that.
    """

    def __init__(
        self, leave: Callable[[], object], fetch: Callable[[], object] | None = None
    ) -> None:
        self.answered: Future[Playback] = Future()
        """The answer, as soon as it begins."""
        self.answered.add_done_callback(lambda done: done.cancelled() and leave())
        self._body = Arriving(leave, fetch)

    def answer(self, answer: Answer) -> None:
        """The answer came as a whole."""
        self._play(Playback(status=answer.status, headers=answer.headers, chunks=answer.chunks))

    def begin(self, status: int, headers: tuple[tuple[str, str], ...]) -> None:
        """The answer begins, and its body comes in pieces."""
        self._play(Playback(status=status, headers=headers, chunks=self._body))

    def piece(self, data: bytes) -> None:
        """More of the body."""
        self._body.put(data)

    def end(self, last: list[bytes], ended: Ended = "complete", problem: str = "") -> None:
        """After these pieces the body is over."""
        self._body.end(ended, problem, last=last)

    def stop(self) -> None:
        """Nothing more comes, whatever was still to come."""
        self.fail(CallFailed("the call was stopped", kind="stopped"))
        self.end([], "cut", "the call was stopped")

    def fail(self, failure: CallFailed) -> None:
        """No answer comes; the client raises its own error."""
        kind: FailureKind = "timeout" if failure.kind == "timeout" else "connect"
        failed = Failure(kind=kind, message=str(failure))
        self._play(Playback(status=_NO_ANSWER, headers=(), chunks=(), ended="cut", failure=failed))

    def _play(self, playback: Playback) -> None:
        if not self.answered.done() and self.answered.set_running_or_notify_cancel():
            self.answered.set_result(playback)
