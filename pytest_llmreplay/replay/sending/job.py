"""A call that the engine is to make, and what it keeps of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock

from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.calls.result import CallFailed, Reply

__all__ = ["Job", "Ticket"]

_making = Lock()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Job:
    """One call to be made."""

    target: str
    """Name of the target; calls of one name share their concurrency."""
    prepare: Callable[[], Outgoing | Reply]
    """Makes the request, or has its answer already; called in the engine's thread, shortly before
    it would be sent."""
    keep: Callable[[Reply | CallFailed], None] | None = None
    """Is told first of what came, in the engine's thread: what is paid for is kept."""
    then: Callable[[Reply], None] | None = None
    """Is told of the answer in the engine's thread, where it must not stay."""


@dataclass(slots=True, kw_only=True, eq=False)
class Ticket:
    """What the engine keeps of a job until it is released."""

    job: Job
    number: int
    """Place among the jobs that its lane began with; -1 for one that was added later."""
    released: bool = False
    _future: Future[Reply | ReplayError] | None = None

    @property
    def future(self) -> Future[Reply | ReplayError]:
        """Where the outcome goes; made when it is first asked for, as a run has many jobs."""
        with _making:
            if self._future is None:
                self._future = Future()
            return self._future

    @property
    def awaited(self) -> bool:
        """Whether anybody can be waiting for the outcome."""
        return self._future is not None

    def settle(self, outcome: Reply | ReplayError) -> None:
        """Hand the outcome over; the first one stands."""
        with suppress(InvalidStateError):
            self.future.set_result(outcome)
            if self.job.then is not None and isinstance(outcome, Reply):
                self.job.then(outcome)

    def fail(self, error: BaseException) -> None:
        """Hand an error over that is no outcome of a call, such as one of a user's hook."""
        if isinstance(error, ReplayError):
            self.settle(error)
            return
        with suppress(InvalidStateError):
            self.future.set_exception(error)
