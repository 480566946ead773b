"""Decides one LLM call of a process that was started for a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from typing import Any, TypeAlias

from pytest_llmreplay.capture.active import Number, current_tape, refusal, tape_of
from pytest_llmreplay.capture.arriving import Arriving
from pytest_llmreplay.capture.routing import settled
from pytest_llmreplay.capture.tape import Decision, Elsewhere, Playback, RawRequest, Recorder, Tape

from .line import Line, parsed_question, playing

__all__ = ["Around", "decide"]

Around: TypeAlias = Callable[[], AbstractContextManager[object]]
"""Makes what is open while a call is decided."""


class _Refused(Exception):
    """A process was told that its call is refused."""


@contextmanager
def _refusals_to(line: Line) -> Iterator[None]:
    """Pass on what is raised inside, so that it is raised where the call is made."""
    try:
        yield
    except BaseException as refused:
        line.say({"refused": str(refused)})
        raise _Refused from refused


def decide(connection: Any, around: Around) -> None:
    """Hear of one call, and say what becomes of it.

    Args:
        connection: To the process that makes it.
        around: Opened around the decision.
    """
    with connection, suppress(EOFError, OSError, _Refused):  # its process may end at any time
        line = Line(connection)
        _decide(line, around, *parsed_question(*line.hear()))


def _tape_for(number: Number) -> Tape:
    """The tape of a process; if that is closed, the one that is open now, as for a thread."""
    tape = tape_of(number) or current_tape()
    if tape is None:
        raise refusal(
            "LLM call of a process that has outlived its test\n"
            "No cassette is open, and nothing was sent. Wait in the test for the process to end; "
            "if it is there for further tests, mark them with @pytest.mark.llm_cassette, those "
            "that ask live with mode='live'."
        )
    return tape


def _decide(line: Line, around: Around, number: Number, request: RawRequest) -> None:
    with _refusals_to(line), around():
        decision = _tape_for(number).route(request)
    if isinstance(decision, Elsewhere) or _is_coming(decision):
        line.say({"wait": True})
    with _refusals_to(line):
        decided = settled(decision)
    if decided is None:
        line.say({"pass": True})
    elif isinstance(decided, Playback):
        _play(line, decided)
    else:
        _take_down(line, decided)


def _is_coming(decision: Decision) -> bool:
    return isinstance(decision, Playback) and isinstance(decision.chunks, Arriving)


def _play(line: Line, playback: Playback) -> None:
    with closing(playback):
        line.say(*playing(playback))
        if isinstance(playback.chunks, Arriving):
            for piece in playback.chunks:
                line.say({"piece": len(piece)}, piece)
            line.say({"end": playback.ending, "problem": playback.reason})


def _take_down(line: Line, recorder: Recorder) -> None:
    """Write down a live call of the other process, and let it know when that is done."""
    try:
        line.say({"record": True})
        while not _noted(recorder, *line.hear()):
            pass
        line.say({"kept": True})
    finally:
        recorder.finish("left")  # of a process that has ended before its call


def _noted(recorder: Recorder, word: dict[str, Any], data: bytes) -> bool:
    """Hand a word about an answer to its recorder; whether it was the last of the call."""
    match word:
        case {"head": status, "headers": headers}:
            recorder.head(status, headers)
        case {"chunk": _}:
            recorder.chunk(data)
        case {"finish": ended}:
            recorder.finish(ended)
        case {"fail": kind, "message": message}:
            recorder.fail(kind, message)
        case _:
            recorder.forget()
    return word.keys().isdisjoint(("head", "chunk"))
