"""One re-routed call on its way: its client waits for it in its thread, or does not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property

from pytest_llmreplay.event import Event, Response
from pytest_llmreplay.providers.foreign import untold
from pytest_llmreplay.providers.registry import decoder_of

from .blocking import BlockingClient, OpenReply
from .client import Client
from .decode import exchange_of, replayed_event
from .outgoing import Outgoing
from .relay import Caller, Relay
from .result import CallFailed, Reply

__all__ = ["Aside", "Asking", "Question", "Rerouted", "Sending", "Tell"]

Aside = Callable[[], AbstractContextManager[object]]
"""Entered around a call, so that our own calls are not taken for those of a test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, and of whom."""

    event: Event
    """The call as the client made it."""
    outgoing: Outgoing
    """The request that was made of it."""
    target: str
    """Name of the target."""
    patience: float | None = None
    """Seconds that the client waits for more of the answer."""


class Rerouted:
    """A call that is over.

    What it says is decoded when somebody asks, after the client has its answer.

    Args:
        question: What was asked.
        came: The answer, or why none came.
    """

    def __init__(self, question: Question, came: Reply | CallFailed) -> None:
        self._question, self._came = question, came

    @property
    def outgoing(self) -> Outgoing:
        """The request that was made of the client's."""
        return self._question.outgoing

    @property
    def event(self) -> Event | None:
        """The call as the target had it; none where it gave no whole answer."""
        return self._event if isinstance(self._event, Event) else None

    @property
    def problem(self) -> CallFailed | None:
        """Why it gave none."""
        return None if isinstance(self._event, Event) else self._event

    @property
    def untold(self) -> tuple[str, ...]:
        """Codes of what the answer says and the format of the client cannot."""
        if self.event is None or not self.outgoing.converted:
            return ()
        return untold(self.event.response, self._question.event.api)

    def response(self) -> Response:
        """What the answer says, an error among it."""
        if self.event is not None:
            return self.event.response
        assert isinstance(self._came, Reply)  # who has no answer does not ask
        return decoder_of(self.outgoing.api).response(exchange_of(self._came))

    @cached_property
    def _event(self) -> Event | CallFailed:
        if isinstance(self._came, CallFailed):
            return self._came
        try:
            return replayed_event(self._question.event, self._came, target=self._question.target)
        except CallFailed as failure:
            return failure


Tell = Callable[[Rerouted | None], object]
"""Is told when a call is over; nothing of one that its client left."""


class Asking:
    """A call whose client waits: all is done in its thread, when it asks for more.

    Args:
        question: What is asked.
        client: Asks.
        aside: Entered around the call.
        tell: Is told when it is over.
    """

    def __init__(
        self, question: Question, client: BlockingClient, aside: Aside, tell: Tell
    ) -> None:
        self._question, self._client, self._aside, self._tell = question, client, aside, tell
        self._lock = threading.Lock()
        self._over = False
        self._reply: OpenReply | None = None
        self._relay: Relay

    def begin(self, caller: Caller) -> None:
        """Send the request, and get the answer; of a stream the beginning."""
        question = self._question
        self._relay = Relay(question.event, question.outgoing, caller)
        try:
            with self._aside():
                self._reply = reply = self._client.ask(
                    question.outgoing, target=question.target, patience=question.patience
                )
        except CallFailed as failure:
            self._fail(failure)
            return
        self._relay.head(reply.status, reply.headers)
        while not self._relay.live and not self._over:
            self.fetch()

    def fetch(self) -> None:
        """Get the next piece of the body, or its end."""
        assert self._reply is not None  # the answer has begun
        try:
            data = self._reply.read()
        except CallFailed as failure:
            self._fail(failure)
            return
        if data is None:
            self._finish(_ended(self._question, self._reply.reply(), self._relay))
        else:
            self._relay.piece(data)

    def leave(self) -> None:
        """The client does not want the rest; one that has seen its end has all."""
        reply = self._reply
        if reply is None:
            return
        reply.close()
        whole = self._relay.over and not self._over
        self._finish(_ended(self._question, reply.reply(), self._relay) if whole else None)

    def _fail(self, failure: CallFailed) -> None:
        self._relay.fail(failure)
        self._finish(Rerouted(self._question, failure))

    def _finish(self, rerouted: Rerouted | None) -> None:
        with self._lock:
            told, self._over = self._over, True
        if not told:
            self._tell(rerouted)


class Sending:
    """A call whose client does other things meanwhile: a loop in another thread makes it.

    Args:
        question: What is asked.
        client: Makes the client that asks, in the loop's thread.
        loop: Of the other thread.
        aside: Entered around the call.
        tell: Is told when it is over.
    """

    def __init__(
        self,
        question: Question,
        client: Callable[[], Client],
        loop: asyncio.AbstractEventLoop,
        aside: Aside,
        tell: Tell,
    ) -> None:
        self._question, self._client, self._loop = question, client, loop
        self._aside, self._tell = aside, tell
        self._sent: Future[Rerouted]
        self._relay: Relay

    def begin(self, caller: Caller) -> None:
        """Begin to ask; returns at once."""
        self._relay = Relay(self._question.event, self._question.outgoing, caller)
        self._sent = asyncio.run_coroutine_threadsafe(self._rerouted(), self._loop)
        self._sent.add_done_callback(self._over)

    def leave(self) -> None:
        """The client does not want the rest; one that has seen its end has all."""
        if not self._relay.over:
            self._sent.cancel()

    def _over(self, sent: Future[Rerouted]) -> None:
        self._relay.stop()
        self._tell(None if sent.cancelled() else sent.result())

    async def _rerouted(self) -> Rerouted:
        question = self._question
        try:
            with self._aside():
                reply = await self._client().attempt(
                    question.outgoing,
                    target=question.target,
                    hearer=self._relay,
                    patience=question.patience,
                )
        except CallFailed as failure:
            self._relay.fail(failure)
            return Rerouted(question, failure)
        return _ended(question, reply, self._relay)


def _ended(question: Question, reply: Reply, relay: Relay) -> Rerouted:
    """What came of a call whose answer is whole; the client gets the end of it."""
    rerouted = Rerouted(question, reply)
    relay.end(reply, rerouted.response)
    return rerouted
