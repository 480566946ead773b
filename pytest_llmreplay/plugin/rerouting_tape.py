"""The tape that sends the calls of tests to a target in the place of their own server."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import Future

from pytest_llmreplay.capture.tape import Elsewhere, FailureKind, Playback, RawRequest
from pytest_llmreplay.event import (
    Event,
    Exchange,
    Failure,
    HttpRequest,
    HttpResponse,
    JsonBody,
    Session,
)
from pytest_llmreplay.playback.content import body_of, plain_content
from pytest_llmreplay.playback.stamp import stamp_of
from pytest_llmreplay.providers.calls import is_llm_body
from pytest_llmreplay.providers.registry import decoder_of, identify
from pytest_llmreplay.replay.reroute import Rerouted, Rerouter
from pytest_llmreplay.replay.result import CallFailed

from .failures import LlmFailure, as_failure

__all__ = ["ReroutingTape"]

_NO_ANSWER = 599


class ReroutingTape:
    """Open for the whole run.

    Args:
        rerouter: Asks the target.
        hosts: Further hosts of LLM calls.
        tell: Is told of each call when it is over.
    """

    offline = False

    def __init__(
        self, rerouter: Rerouter, hosts: frozenset[str], tell: Callable[[Rerouted], None]
    ) -> None:
        self._rerouter, self._hosts, self._tell = rerouter, hosts, tell
        self._numbers = itertools.count(1)
        self.problems: list[LlmFailure] = []
        """Calls that could not be sent, for a test that hides it."""

    def route(self, request: RawRequest) -> Elsewhere | None:
        """Ask the target; a call that is no LLM call after all passes."""
        event = self._event(request)
        body = event.exchange.request.body
        value = body.value if isinstance(body, JsonBody) else None
        if not is_llm_body(request.url, value, hosts=self._hosts):
            return None
        try:
            with as_failure():
                return Elsewhere(_played(self._rerouter.send(event), self._tell))
        except LlmFailure as problem:
            self.problems.append(problem)
            raise

    def _event(self, raw: RawRequest) -> Event:
        """The call, as one that has no answer yet."""
        body = body_of(plain_content(raw.content, raw.headers.get("content-encoding", "")))
        value = body.value if isinstance(body, JsonBody) else None
        identity = identify(raw.method, raw.url, raw.headers, value)
        stamp = stamp_of(raw.headers, Session())
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


def _played(sent: Future[Rerouted], tell: Callable[[Rerouted], None]) -> Future[Playback]:
    """What the client gets, when it is there."""
    answered: Future[Playback] = Future()

    def pass_on(done: Future[Rerouted]) -> None:
        if done.cancelled() or not answered.set_running_or_notify_cancel():
            return
        if (error := done.exception()) is not None:
            answered.set_exception(error)
            return
        tell(done.result())
        answered.set_result(_playback(done.result()))

    sent.add_done_callback(pass_on)
    return answered


def _playback(rerouted: Rerouted) -> Playback:
    answer = rerouted.answer
    if isinstance(answer, CallFailed):
        kind: FailureKind = "timeout" if answer.kind == "timeout" else "connect"
        failure = Failure(kind=kind, message=str(answer))
        return Playback(status=_NO_ANSWER, headers=(), chunks=(), ended="cut", failure=failure)
    return Playback(status=answer.status, headers=answer.headers, chunks=answer.chunks)
