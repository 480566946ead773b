"""The answer of a target on its way to a client: piece by piece where it can be, else whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from pytest_llmreplay.event import FIRST_ERROR, Ended, Event, Response
from pytest_llmreplay.providers.chat_completions.as_mistral import AsMistral
from pytest_llmreplay.providers.registry import format_of
from pytest_llmreplay.providers.retelling.stream import Retelling, retelling
from pytest_llmreplay.providers.streams.pieces import SERVER_SENT
from pytest_llmreplay.providers.tools.custom_tools import AS_FUNCTION, custom_names
from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.calls.result import CallFailed, Reply

from .answered_as import (
    Answer,
    answer_of,
    as_told,
    asks_for_frames,
    asks_for_thoughts,
    asks_for_usage,
    error_events,
    passed_on,
    reads_as_mistral,
)
from .passing import Passing, WithoutUsage, ends_in_error

__all__ = ["Caller", "Relay"]


class Caller(Protocol):
    """The client that waits for an answer."""

    def answer(self, answer: Answer) -> None:
        """The answer came as a whole."""
        ...

    def begin(self, status: int, headers: tuple[tuple[str, str], ...]) -> None:
        """The answer begins; its body comes in pieces."""
        ...

    def piece(self, data: bytes) -> None:
        """More of the body."""
        ...

    def end(self, last: list[bytes], ended: Ended = "complete", problem: str = "") -> None:
        """After these pieces the body is over; all that comes later counts for nothing."""
        ...

    def fail(self, failure: CallFailed) -> None:
        """No answer comes."""
        ...

    def stop(self) -> None:
        """Nothing more comes, whatever was still to come."""
        ...


class Relay:
    """One answer.

    Args:
        asked: The call as the client made it.
        outgoing: The request that was made of it.
        caller: Gets the answer.
    """

    def __init__(self, asked: Event, outgoing: Outgoing, caller: Caller) -> None:
        self._asked, self._outgoing, self._caller = asked, outgoing, caller
        self._way: Passing | WithoutUsage | Retelling | None = None
        self._last: AsMistral | Passing = AsMistral() if self._is_for_mistral() else Passing()
        self._spoken = format_of(outgoing.api)
        self.over = False
        """Whether the target's own end of its stream has come, or its error; some clients wait
        for no more."""

    @property
    def live(self) -> bool:
        """Whether the client gets the body in pieces."""
        return self._way is not None

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        """The answer of the target began."""
        sse = headers.get("content-type", "").startswith(SERVER_SENT)
        if not self._outgoing.stream or status >= FIRST_ERROR:
            return
        self._way = self._way_of(sse=sse)
        if self._way is not None:
            converted = {"content-type": SERVER_SENT} if self._outgoing.converted else {}
            headers_told = passed_on(headers) | converted
            self._caller.begin(status, tuple(headers_told.items()))

    def piece(self, data: bytes) -> None:
        """Bytes of the target's body came."""
        if self._way is None:
            return
        failed = ends_in_error(data)
        if failed:
            data = self._outgoing.endpoint.hide_key_in(data)
        if self._spoken is not None and (failed or self._spoken.is_end(data)):
            self.over = True
        for converted in self._way.feed(data):
            for piece in self._last.feed(converted):
                self._caller.piece(piece)

    def end(self, reply: Reply, decoded: Callable[[], Response]) -> None:
        """The answer of the target is whole; what it said is decoded where it is converted."""
        if self._way is None:
            self._caller.answer(answer_of(self._asked, reply, decoded))
        elif isinstance(self._way, Retelling):
            self._retold(self._way, reply, decoded())
        else:
            self._end(self._way.end())

    def fail(self, failure: CallFailed) -> None:
        """No whole answer came."""
        if self._way is None:
            self._caller.fail(failure)
        else:
            ended: Ended = "timeout" if failure.kind == "timeout" else "cut"
            self._caller.end([], ended, str(failure))

    def stop(self) -> None:
        """The call is over; nobody waits in vain."""
        self._caller.stop()

    def _retold(self, way: Retelling, reply: Reply, response: Response) -> None:
        if response.error is not None:
            self._caller.end(error_events(self._asked, reply, response))
        elif _is_cut(response):
            self._caller.end([], "cut", "the stream stopped before its end")
        else:
            self._end(way.end(as_told(self._asked, response)))

    def _end(self, rest: list[bytes]) -> None:
        pieces = [piece for converted in rest for piece in self._last.feed(converted)]
        self._caller.end([*pieces, *self._last.end()])

    def _way_of(self, *, sse: bool) -> Passing | WithoutUsage | Retelling | None:
        usage = asks_for_usage(self._asked) or self._is_for_mistral()
        source, client = self._outgoing.api, self._asked.api
        if client == "messages" and asks_for_frames(self._asked) == sse:
            return None  # Bedrock's clients read frames, all others events
        if source != client and format_of(client) is not None:
            if not sse:
                return None
            as_functions = AS_FUNCTION in self._outgoing.losses
            custom = custom_names(self._asked.request) if as_functions else ()
            return retelling(
                source,
                client,
                usage=usage,
                custom=custom,
                thoughts=asks_for_thoughts(self._asked),
            )
        return WithoutUsage() if sse and not usage else Passing()

    def _is_for_mistral(self) -> bool:
        """Whether the client reads what only Mistral's server tells, and the target is another."""
        return reads_as_mistral(self._asked) and self._outgoing.endpoint.provider != "mistral"


def _is_cut(response: Response) -> bool:
    """Whether a stream stopped on its way; some servers leave the very last event out."""
    return response.truncated and response.finish_reason is None
