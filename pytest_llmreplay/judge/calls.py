"""The calls of a judge: each made once in a run, and kept for the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from threading import Lock
from typing import Any, Generic, TypeVar, cast

from pytest_llmreplay.compare.prices import price
from pytest_llmreplay.errors import ConfigError, LlmReplayError, ReplayError
from pytest_llmreplay.event import Event, Response, Usage
from pytest_llmreplay.replay.calls import Call, CallStore, Identity, digest_of
from pytest_llmreplay.replay.decode import replayed_event
from pytest_llmreplay.replay.endpoint import Endpoint
from pytest_llmreplay.replay.endpoints import Endpoints
from pytest_llmreplay.replay.engine import Engine
from pytest_llmreplay.replay.lane import Job
from pytest_llmreplay.replay.outgoing import Outgoing
from pytest_llmreplay.replay.overrides import Overrides
from pytest_llmreplay.replay.request import prepare
from pytest_llmreplay.replay.result import CallFailed, NotRun, Reply
from pytest_llmreplay.replay.spoken import spoken_api
from pytest_llmreplay.replay.targets import Target

from .bill import Bill
from .question import score_question
from .shapes import as_event

__all__ = ["Asking", "Pending"]

T = TypeVar("T")


REFUSED = 400
"""The least status of an answer that is none, and is asked for again."""


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
        self.target, self._engine, self._endpoints = target, engine, endpoints
        self._store = store
        self.asks = ask
        """Whether anything is asked, or all that counts is what the store knows."""
        self._provider = target.provider or "openai"
        self._pending: dict[Call, Pending[Any]] = {}
        self._lock = Lock()
        self.bill = Bill()
        """What the calls took whose answers were read so far."""

    @property
    def name(self) -> str:
        """Of the judge, as calls and messages have it."""
        return f"judge {self.target.name}"

    @property
    def model(self) -> str:
        """The model that judges."""
        return self.target.model or ""

    @property
    def api(self) -> str:
        """The format in which the judge is asked."""
        return spoken_api(self.target, self._provider, "chat_completions", self.model)

    def check(self) -> Endpoint:
        """Where the calls go, after it was found that they can be made.

        Raises:
            ConfigError: The target is no model, has no key, is not trusted, or cannot be held to
                a schema.
        """
        self.check_target()
        endpoint = self._endpoint()
        try:
            self._outgoing(as_event(score_question("", "", ""), self.api))
        except ConfigError:
            raise
        except ReplayError as error:
            raise ConfigError(
                f"{self.name}: cannot be made to answer by a schema ({error}); take a judge that "
                "speaks chat_completions, responses or messages"
            ) from None
        return endpoint

    def check_target(self) -> None:
        """Find that the target can judge, as far as that is known without a key.

        Raises:
            ConfigError: It is no model, or nobody knows whose.
        """
        target = self.target
        if target.kind != "live" or target.model is None:
            raise ConfigError(
                f"{self.name}: a judge is a model: write PROVIDER/MODEL, or a target of the "
                "config file that names its model"
            )
        if target.provider is None and target.base_url is None:
            raise ConfigError(f"{self.name}: nobody knows its provider: write PROVIDER/MODEL")

    def price(self, usage: Usage) -> float | None:
        """USD of some tokens; none where nobody knows."""
        if self.target.price is not None:
            return self.target.price.of(usage)
        return price(self.provider, self.model, usage)

    @property
    def provider(self) -> str:
        """Who is paid; without a key that is only what the target says."""
        try:
            return self._endpoint().provider
        except ConfigError:
            return self._provider

    @property
    def is_free(self) -> bool:
        """Whether nobody is paid: a server on this machine, unless a person gave it a price."""
        try:
            return self._endpoint().loopback and self.target.price is None
        except ConfigError:
            return False

    def ask(self, event: Event, sample: int, read: Callable[[Response], T]) -> Pending[T]:
        """Begin to ask, unless the same was asked before.

        Args:
            event: The question, as if it had been recorded.
            sample: Which time it is asked, counted from 0.
            read: What is kept of the answer; always the same for the same question.
        """
        try:
            outgoing = self._outgoing(event)
        except LlmReplayError as error:
            return Pending(partial(_known, error))
        call = _call(self.target.name, outgoing, sample)
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
        if self._store is not None and isinstance(before, Reply) and before.status < REFUSED:
            before = replace(before, outgoing=outgoing)
            self._store.keep(call, before)
            return before
        if not self.asks:
            return None
        keep = None if self._store is None else partial(self._store.keep, call)
        job = Job(target=self.name, prepare=lambda: outgoing, keep=keep)
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
            answered = replayed_event(event, reply, target=self.name)
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
                self.bill.take(answered, free=self.is_free)

    def _endpoint(self) -> Endpoint:
        try:
            return self._endpoints.of(
                self.target, provider=self._provider, api=self.api, model=self.model
            )
        except ReplayError as error:
            raise ConfigError(f"{self.name}: {error}") from None

    def _outgoing(self, event: Event) -> Outgoing:
        return prepare(event, self.target, Overrides(), self._endpoints)


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
