"""The tape of a process that has none: it asks the process that has one, call by call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

from pytest_llmreplay.capture.active import Number, refusal
from pytest_llmreplay.capture.arriving import Arriving, waited
from pytest_llmreplay.capture.routing import IsLlmCall
from pytest_llmreplay.capture.sockets import IsLlmHost
from pytest_llmreplay.capture.tape import Decision, Elsewhere, FailureKind, Playback, RawRequest
from pytest_llmreplay.event import Ended

from .line import Heard, Line, played, question

__all__ = ["Asking", "Place", "Ticket"]

Place: TypeAlias = tuple[str, bytes]
"""An address, and the secret of those who were told it."""

_GONE = (
    "LLM call of a process that has outlived its test\n"
    "Nobody is left to ask for its cassette, and nothing was sent. Wait in the test for the "
    "process to end."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What a process takes along that was started, or works, for a test."""

    number: Number
    """Of the tape."""
    place: Place | str = field(repr=False)
    """Where the tape is asked; or why it cannot be."""
    offline: bool
    """Whether no call may reach its own server while the tape is open."""
    is_llm_call: IsLlmCall
    own_servers: frozenset[str]
    failure: Callable[[str], BaseException]
    is_llm_host: IsLlmHost | None
    """None where there is no tripwire."""


class Asking:
    """Has each call decided where the tape is.

    Args:
        ticket: Of the tape.
    """

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket

    @property
    def offline(self) -> bool:
        """Whether nothing goes live while this tape is open."""
        return self.ticket.offline

    def route(self, request: RawRequest) -> Decision:
        """The decision of the tape, whose refusals are raised here too."""
        line, reply = self._told(question(self.ticket.number, request))
        if "record" in reply[0]:
            return _Dictation(line)
        if "wait" in reply[0]:
            begin = partial(_begin, line)
            return Elsewhere(ask=lambda: waited(begin()), begin=begin)
        line.close()
        return None if "pass" in reply[0] else _answer(reply, Arriving(lambda: None))

    def _told(self, asked: Heard) -> tuple[Line, Heard]:
        """The line on which the tape is asked, and the first word of its answer."""
        if isinstance(self.ticket.place, str):
            raise refusal(
                "LLM call of a process that does not know the cassette of its test\n"
                f"{self.ticket.place}"
            )
        try:
            line = _called(self.ticket.place)
            line.say(*asked)
            return line, line.hear()
        except (EOFError, OSError):
            raise refusal(_GONE) from None


def _called(place: Place) -> Line:
    """A line to whoever listens there.

    Raises:
        OSError: Nobody does.
        EOFError: Nobody does any more.
    """
    from multiprocessing.connection import Client  # noqa: PLC0415 - only processes pay for it

    address, secret = place
    return Line(Client(address, authkey=secret))


def _begin(line: Line) -> Future[Playback]:
    """What the tape has somebody else asked, as soon as his answer begins."""
    answered: Future[Playback] = Future()
    threading.Thread(
        target=_listen, args=(line, answered), name="llmreplay-asking", daemon=True
    ).start()
    return answered


def _listen(line: Line, answered: Future[Playback]) -> None:
    coming = Arriving(lambda: None)
    with closing(line):
        try:
            answer = _answer(_heard(line), coming)
        except BaseException as error:  # noqa: BLE001 - raised where the answer is waited for
            if answered.set_running_or_notify_cancel():
                answered.set_exception(error)
            return
        if answered.set_running_or_notify_cancel():
            answered.set_result(answer)
            if answer.chunks is coming:
                _pass_on(line, coming)


def _pass_on(line: Line, coming: Arriving) -> None:
    """Each piece of a body, until it ends or its reader has had enough."""
    try:
        while coming.ended is None:
            word, data = line.hear()
            if "end" in word:
                coming.end(word["end"], word["problem"])
            else:
                coming.put(data)
    except (EOFError, OSError):
        coming.end("cut", "the process of the test has ended")


def _heard(line: Line) -> Heard:
    try:
        return line.hear()
    except (EOFError, OSError):
        raise refusal(_GONE) from None


def _answer(reply: Heard, coming: Arriving) -> Playback:
    word, data = reply
    if "refused" in word:
        raise refusal(word["refused"])
    return played(word, data, coming)


class _Dictation:
    """Takes down a live call of this process where the tape is.

    Args:
        line: On which somebody listens.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self._lock = threading.Lock()
        self._over = False

    def head(self, status: int, headers: Iterable[tuple[str, str]]) -> None:
        """The answer began."""
        self._say({"head": status, "headers": list(headers)})

    def chunk(self, data: bytes) -> None:
        """Bytes of the body arrived."""
        self._say({"chunk": len(data)}, data)

    def finish(self, ended: Ended = "complete") -> None:
        """The answer ended."""
        self._say({"finish": ended}, last=True)

    def fail(self, kind: FailureKind, message: str) -> None:
        """No answer came."""
        self._say({"fail": kind, "message": message}, last=True)

    def forget(self) -> None:
        """The call was not sent after all."""
        self._say({"forget": True}, last=True)

    def _say(self, word: dict[str, Any], data: bytes = b"", *, last: bool = False) -> None:
        """Say it, and wait until the last word was taken down; where nobody listens, it is lost."""
        with self._lock, suppress(EOFError, OSError):
            if self._over:
                return
            self._over = last
            try:
                self._line.say(word, data)
                if last:
                    self._line.hear()
            finally:
                if last:
                    self._line.close()
