"""The tape that sends the calls of tests to a target in the place of their own server."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial

from pytest_llmreplay.capture.arriving import waited
from pytest_llmreplay.capture.tape import Decision, Elsewhere, Playback, RawRequest
from pytest_llmreplay.cassette.json_dump import json_bytes
from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.event import (
    FIRST_ERROR,
    Event,
    Exchange,
    HttpRequest,
    HttpResponse,
    JsonBody,
    Session,
)
from pytest_llmreplay.playback.live.content import body_of, plain_content
from pytest_llmreplay.playback.stamps.body_metadata import stamp_in
from pytest_llmreplay.playback.stamps.stamp import joined, stamp_of
from pytest_llmreplay.plugin.failures import LlmFailure, as_failure
from pytest_llmreplay.providers.endpoints.calls import host_of, is_llm_body, is_private
from pytest_llmreplay.providers.endpoints.routes import path_of
from pytest_llmreplay.providers.messages.threads import UNKNOWN_STATUS, goes_on_from, unknown
from pytest_llmreplay.providers.other import OTHER
from pytest_llmreplay.providers.registry import decoder_of, identify
from pytest_llmreplay.replay.calls.result import NotReplayed
from pytest_llmreplay.replay.rerouting.rerouted import Question
from pytest_llmreplay.replay.rerouting.rerouter import Rerouter
from pytest_llmreplay.replay.unsent.unsendable import recorded_body
from pytest_llmreplay.replay.unsent.wordless import asks_no_words

from .caller import RerouteCaller
from .calls import ReroutedCalls
from .recordings import Recordings

__all__ = ["ReroutingTape"]

_NO_MODEL = frozenset({OTHER.name, "embeddings"})
"""Names of formats whose calls ask for no answer in words."""


class ReroutingTape:
    """Open for the whole run.

    Args:
        rerouter: Asks the target.
        calls: Is told what became of a call.
        hosts: Further hosts of LLM calls.
    """

    offline = False
    reroutes = True
    """A connection to a provider that the capture does not see would not go to the target."""

    def __init__(self, rerouter: Rerouter, calls: ReroutedCalls, hosts: frozenset[str]) -> None:
        self._rerouter, self._calls, self._hosts = rerouter, calls, hosts
        self._numbers = itertools.count(1)
        self._recordings = Recordings(lambda: None)

    def beside(self, recordings: Recordings) -> None:
        """Play what no target is asked from the cassette of another test, from now on."""
        self._recordings = recordings

    @contextmanager
    def meanwhile(self, recordings: Recordings) -> Iterator[None]:
        """Play from the cassette of another test, like `beside`, for the length of a block."""
        before = self._recordings
        self.beside(recordings)
        try:
            yield
        finally:
            self.beside(before)

    def route(self, request: RawRequest) -> Decision:
        """Ask the target; a call that is no LLM call after all passes."""
        event = self._event(request)
        body = event.exchange.request.body
        value = body.value if isinstance(body, JsonBody) else None
        if not is_llm_body(request.url, value, hosts=self._hosts):
            return None
        try:
            with as_failure():
                return self._decision(event, request)
        except LlmFailure as problem:
            self.note(problem)
            raise

    def note(self, problem: BaseException) -> None:
        """Remember a call that could not be sent, should the test hide it."""
        self._calls.note(problem)

    def _decision(self, event: Event, request: RawRequest) -> Playback | Elsewhere | None:
        if _asks_ollama_itself(event):
            return self._recorded(event, request)
        try:
            question = self._rerouter.question(event, patience=request.patience)
        except ReplayError as refused:
            if (lost := self._lost_thread(event)) is not None:
                return lost
            if event.api not in _NO_MODEL or not isinstance(refused, NotReplayed):
                raise
            played = self._recorded(event, request)
            if played is None:
                raise self._refusal(event, refused) from None
            return played
        return Elsewhere(ask=partial(self._ask, question), begin=partial(self._begin, question))

    def _lost_thread(self, event: Event) -> Playback | None:
        """The answer to who goes on from an answer that the target does not know.

        Anthropic's SDK tells the whole conversation then, which can be asked of any target.
        """
        origin = goes_on_from(recorded_body(event) or {})
        if event.api != "messages" or origin is None:
            return None
        told = json_bytes(unknown(origin, self._rerouter.target))
        headers = (("content-type", "application/json"),)
        return Playback(status=UNKNOWN_STATUS, headers=headers, chunks=(told,))

    def _recorded(self, event: Event, request: RawRequest) -> Playback | None:
        """The recorded answer of a call, where it judges no model."""
        found = self._recordings.play(request)
        if found is None or not (asks_no_words(event) or found.status >= FIRST_ERROR):
            return None
        self._calls.played()
        return found

    def _refusal(self, event: Event, reason: NotReplayed) -> NotReplayed:
        request = event.exchange.request
        text = f"{request.method} {path_of(request.url)} is not asked of the target: {reason}"
        if asks_no_words(event):
            text += f"; {self._recordings.advice}"
        return NotReplayed(text)

    def _ask(self, question: Question) -> Playback:
        """The answer, or its beginning, in the thread that waits for it."""
        call = self._rerouter.blocking_call(question)
        if call is None:
            return waited(self._begin(question))
        caller = RerouteCaller(call.leave, call.fetch)
        call.begin(caller)
        return caller.answered.result()

    def _begin(self, question: Question) -> Future[Playback]:
        """What the client gets, when it begins to come."""
        call = self._rerouter.loop_call(question)
        caller = RerouteCaller(call.leave)
        call.begin(caller)
        return caller.answered

    def _event(self, raw: RawRequest) -> Event:
        """The call, as one that has no answer yet."""
        body = body_of(plain_content(raw.content, raw.headers.get("content-encoding", "")))
        value = body.value if isinstance(body, JsonBody) else None
        identity = identify(raw.method, raw.url, raw.headers, value)
        stamp = joined(stamp_of(raw.headers, Session()), stamp_in(value))
        asked = HttpRequest(method=raw.method, url=raw.url, headers=raw.headers, body=body)
        return Event(
            number=next(self._numbers),
            provider=identity.provider,
            model=identity.model,
            api=identity.api,
            exchange=Exchange(request=asked, response=HttpResponse(status=200)),
            decoder=decoder_of(identity.api),
            name=stamp.name,
            session=stamp.session,
            labels=stamp.labels,
        )


def _asks_ollama_itself(event: Event) -> bool:
    """Whether an Ollama is asked what it has, as litellm does: no model answers."""
    here = is_private(host_of(event.exchange.request.url))
    return here and event.provider == "ollama" and event.api == OTHER.name
