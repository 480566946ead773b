"""One re-routed call on its way: its client waits for it in its thread, or does not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager

from pytest_llmreplay.replay.calls.result import CallFailed, Reply
from pytest_llmreplay.replay.sending.blocking import BlockingClient, OpenReply
from pytest_llmreplay.replay.sending.client import Client

from .relay import Caller, Relay
from .rerouted import Question, Rerouted

__all__ = ["Aside", "BlockingCall", "LoopCall", "Tell"]

Aside = Callable[[], AbstractContextManager[object]]
"""Entered around a call, so that our own calls are not taken for those of a test."""

Tell = Callable[[Rerouted | None], object]
"""Is told when a call is over; nothing of one that its client left."""


class BlockingCall:
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


class LoopCall:
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
