"""The calls of a judge: each made once in a run, and kept for the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from threading import Lock
from typing import Any, Generic, TypeVar, cast

from pytest_llmreplay.errors import LlmReplayError, ReplayError
from pytest_llmreplay.event import Event, Response
from pytest_llmreplay.replay.calls.call import Call, CallStore, Identity, digest_of
from pytest_llmreplay.replay.calls.decode import replayed_event
from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.calls.result import CallFailed, NotRun, Reply, is_answer
from pytest_llmreplay.replay.sending.engine import Engine
from pytest_llmreplay.replay.sending.job import Job
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.replay.targets.target import Target

from .bill import Bill
from .judge_target import JudgeTarget

__all__ = ["Asking", "Pending"]

T = TypeVar("T")


class Asking:
    """Sends the questions of a judge ahead, each once.

    Args:
        target: The model that judges.
        engine: Makes the calls; started to take further jobs.
        endpoints: Knows hosts and keys.
        store: Keeps what came of calls, and knows what was answered in earlier runs, so that a
            stored run is judged again for free.
        ask: Whether what the store does not know is asked for.
    """

    def __init__(
        self,
        target: Target,
        *,
        engine: Engine,
        endpoints: Endpoints,
        store: CallStore | None = None,
        ask: bool = True,
    ) -> None:
        self.target = JudgeTarget(target, endpoints)
        self._engine, self._store = engine, store
        self.asks = ask
        """Whether anything is asked, or all that counts is what the store knows."""
        self._pending: dict[Call, Pending[Any]] = {}
        self._lock = Lock()
        self.bill = Bill()
        """What the calls took whose answers were read so far."""

    def ask(self, event: Event, sample: int, read: Callable[[Response], T]) -> Pending[T]:
        """Begin to ask, unless the same was asked before.

        Args:
            event: The question, as if it had been recorded.
            sample: Which time it is asked, counted from 0.
            read: What is kept of the answer; always the same for the same question.
        """
        try:
            outgoing = self.target.outgoing(event)
        except LlmReplayError as error:
            return Pending(partial(_known, error))
        call = _call(self.target.given.name, outgoing, sample)
        with self._lock:
            found = self._pending.get(call)
            if found is None:
                find = partial(self._read, event, self._begin(call, outgoing), read)
                found = self._pending[call] = Pending(find)
            return found

    def settled(self) -> Bill:
        """What all calls took, once the engine was stopped: also those that nobody waited for."""
        for pending in self._pending.values():
            pending.wait()
        return self.bill

    def _begin(self, call: Call, outgoing: Outgoing) -> Job | Reply | None:
        before = None if self._store is None else self._store.find(call)
        if self._store is not None and is_answer(before):
            before = replace(before, outgoing=outgoing)
            self._store.keep(call, before)
            return before
        if not self.asks:
            return None
        keep = None if self._store is None else partial(self._store.keep, call)
        job = Job(target=self.target.name, prepare=lambda: outgoing, keep=keep)
        self._engine.add([job])
        return job

    def _read(
        self, event: Event, begun: Job | Reply | None, read: Callable[[Response], T]
    ) -> T | LlmReplayError:
        """Wait for the answer, pay for it, and take from it what is kept."""
        paid = isinstance(begun, Job)
        try:
            reply = self._outcome(begun) if isinstance(begun, Job) else begun
            if reply is None:
                raise NotRun("the run has no judging of it; --llm-judge asks for one")
            if not isinstance(reply, Reply):
                raise reply
            answered = replayed_event(event, reply, target=self.target.name)
        except LlmReplayError as error:
            self._charge(None, paid=paid and _was_made(error))
            return error
        self._charge(answered, paid=paid)
        return read(answered.response)

    def _outcome(self, job: Job) -> Reply | ReplayError:
        try:
            return self._engine.result(job)
        finally:
            self._engine.release(job)

    def _charge(self, answered: Event | None, *, paid: bool) -> None:
        with self._lock:
            self.bill.calls += paid
            self.bill.kept += answered is not None and not paid
            if answered is not None and paid:
                self.bill.take(answered, free=self.target.is_free)


class Pending(Generic[T]):
    """A question under way, whose answer many may wait for.

    Args:
        find: Waits for it.
    """

    def __init__(self, find: Callable[[], T | LlmReplayError]) -> None:
        self._find: Callable[[], T | LlmReplayError] | None = find
        self._found: T | LlmReplayError | None = None
        self._lock = Lock()

    def wait(self) -> T | LlmReplayError:
        """What was taken from the answer, or why there is none."""
        with self._lock:
            if self._find is not None:
                self._found, self._find = self._find(), None
            return cast("T | LlmReplayError", self._found)


def _call(target: str, outgoing: Outgoing, sample: int) -> Call:
    """A call of a judge belongs to no event: the same question may be asked for several."""
    digest = digest_of(outgoing)
    return Call(
        identity=Identity(cassette="", key=digest),
        target=target,
        digest=digest,
        sample=sample,
        purpose="judge",
    )


def _was_made(error: LlmReplayError) -> bool:
    """Whether a call was made that came to nothing, and not stopped or left for want of money."""
    if isinstance(error, CallFailed):
        return error.kind != "stopped"
    return not isinstance(error, NotRun)


def _known(error: LlmReplayError) -> LlmReplayError:
    return error
