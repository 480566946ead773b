"""The answer of a document in the bytes that are played, without looking at the rest.

Playing an event back needs its answer and nothing else, and nearly all answers are JSON or a stream
that our own emitter wrote. For those this is many times as fast as document.py, which reads all
others and finds whatever is wrong.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pytest_llmreplay.cassette.short_names.ids import Names
from pytest_llmreplay.cassette.yaml_text.fast_scalar import NotCanonical
from pytest_llmreplay.cassette.yaml_text.fields import WrongField
from pytest_llmreplay.errors import LlmReplayError

from .answer_head import USUAL, AnswerHead, head_of
from .json_text import json_text
from .measured_line import read_measured
from .plain_stream import RESPONSE, plain_stream

__all__ = ["PlainAnswer", "plain_answer"]

_TOLD = re.compile(rb"\n(?=[ar])(?:answer|response):")  # a look at one letter is quicker than two
_BODY = b"\n  body:\n"
_MEASURED = b"\nmeasured: "
_CLOSED = b"\n...\n"
_REFERS = re.compile(rb"\$file|\\u0024|\\u006[569cC]")


class PlainAnswer(NamedTuple):
    """What is played of an event."""

    head: AnswerHead
    pieces: tuple[bytes, ...]
    request_id: str | None
    """The provider's own name of the call, which stands in `measured`."""


def plain_answer(data: bytes, start: int, end: int) -> PlainAnswer | None:
    """The answer between two offsets; none where document.py has to read it.

    What stands around the answer needs no look: each way takes the lines up to `measured`, and
    nothing but one body.
    """
    last = end - len(_CLOSED)
    stop = data.rfind(b"\n", start, last)
    if not data.startswith(_MEASURED, stop):
        stop = last
    section = _TOLD.search(data, start, stop)
    if section is None or not data.startswith(_CLOSED, last):
        return None
    try:
        request_id, names = read_measured(data[stop:last]) if stop < last else (None, {})
        if section[0] == RESPONSE:
            played = _plain_json(data, section.start(), stop, names)
        else:
            played = plain_stream(data, start, section.start(), stop, names)
        return None if played is None else PlainAnswer(*played, request_id)
    except (NotCanonical, UnicodeError, LlmReplayError, WrongField):
        return None


def _plain_json(
    data: bytes, response: int, stop: int, names: Names
) -> tuple[AnswerHead, tuple[bytes, ...]] | None:
    """The answer whose body is JSON."""
    body = data.find(_BODY, response, stop)
    if body < 0:
        return None
    if _may_refer(data, body, stop):
        return None
    head, framing = head_of(data[response + 1 : body + 1])
    if framing is not USUAL:
        return None
    return head, (json_text(data[body:stop], names),)


def _may_refer(data: bytes, start: int, stop: int) -> bool:
    """Whether the lines may refer to files beside the cassette, in whichever spelling."""
    if not (_has(data, b"$file", start, stop) or _has(data, b"\\u00", start, stop)):
        return False
    return _REFERS.search(data, start, stop) is not None


def _has(data: bytes, word: bytes, start: int, stop: int) -> bool:
    """Whether a word is there; one byte is found many times as fast, and mostly is not there."""
    first = data.find(word[:1], start, stop)
    return first >= 0 and data.find(word, first, stop) >= 0
