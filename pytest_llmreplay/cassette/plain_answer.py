"""The answer of a document in the bytes that are played, without looking at the rest.

Playing an event back needs its answer and nothing else, and nearly all answers are JSON or a stream
that our own emitter wrote. For those this is many times as fast as document.py, which reads all
others and finds whatever is wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.event import (
    Chunk,
    Ended,
    Exchange,
    HttpRequest,
    HttpResponse,
    Json,
    StreamBody,
)
from pytest_llmreplay.providers.api import ApiFormat
from pytest_llmreplay.providers.registry import format_of

from .answer import check_answer
from .fast_scalar import NotCanonical
from .fastread import our_text, read
from .fields import WrongField
from .framing import Framing
from .ids import Names, names_in, restored, restorer
from .json_text import json_text
from .stream_block import read_pieces
from .wire import response_of

__all__ = ["AnswerHead", "PlainAnswer", "plain_answer"]

_API = re.compile(rb"\napi: (\w+)\n")
_ANSWER = b"\nanswer:"
_RESPONSE = b"\nresponse:"
_BODY = b"\n  body:\n"
_STREAM = b"\n  stream: |\n"
_MEASURED = b"\nmeasured: "
_CLOSED = b"\n...\n"
_ID = b"request_id: "
_PLAIN_ID = re.compile(rb"[{ ]request_id: (?:'([^'\\]+)'|([\w.:/+=-]+))[,}]")
_REFERS = re.compile(rb"\$file|\\u0024|\\u006[569cC]")
_SAID_BEFORE = frozenset(["status", "headers", "ended", "framing"])
_UNSAID = HttpRequest(method="POST", url="")
"""Answers are decoded without a look at their request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerHead:
    """What is said of an answer before its body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    ended: Ended


@dataclass(frozen=True, slots=True)
class PlainAnswer:
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
    stop = data.rfind(b"\n", start, end - len(_CLOSED))
    if not data.startswith(_MEASURED, stop):
        stop = end - len(_CLOSED)
    response = data.find(_RESPONSE, start, stop)
    if response < 0 or not data.startswith(_CLOSED, end - len(_CLOSED)):
        return None
    try:
        names = names_in(data[stop:end]) if data.find(b"#", stop, end) >= 0 else {}
        answer = data.find(_ANSWER, start, response)
        if answer < 0:
            told = _plain_json(data, response, stop, names)
        else:
            api = _API.search(data, start, answer)
            known = format_of(api[1].decode()) if api else None
            if known is None:
                return None
            told = _plain_stream(data[answer:response], data[response:stop], names, known)
        return None if told is None else PlainAnswer(*told, _request_id(data, stop, end))
    except (NotCanonical, UnicodeError, LlmReplayError, WrongField):
        return None


def _request_id(data: bytes, stop: int, end: int) -> str | None:
    """The name of the call among what was measured."""
    if data.find(_ID, stop, end) < 0:
        return None
    found = _PLAIN_ID.search(data, stop, end)
    if found is None:
        raise NotCanonical
    return (found[1] or found[2]).decode()


def _plain_json(
    data: bytes, response: int, stop: int, names: Names
) -> tuple[AnswerHead, tuple[bytes, ...]] | None:
    """The answer whose body is JSON."""
    body = data.find(_BODY, response, stop)
    if body < 0:
        return None
    if _may_refer(data, body, stop):
        return None
    head, framing = _head(data[response + 1 : body + 1])
    if framing.names:
        return None
    return head, (json_text(data[body:stop], names).encode(),)


def _may_refer(data: bytes, start: int, stop: int) -> bool:
    """Whether the lines may refer to files beside the cassette, in whichever spelling."""
    if data.find(b"$file", start, stop) < 0 and data.find(b"\\u00", start, stop) < 0:
        return False  # nearly always, and found at once
    return _REFERS.search(data, start, stop) is not None


def _plain_stream(
    answer: bytes, response: bytes, names: Names, known: ApiFormat
) -> tuple[AnswerHead, tuple[bytes, ...]] | None:
    """The answer that is a stream, after `answer` was found to tell the same."""
    first, found, block = response.partition(_STREAM)
    lines = (b"\n" + block).split(b"\n    ")
    if not found or lines[0] or any(b"\n" in line for line in lines):
        return None
    told = read(our_text(answer[1:] + b"\n"))
    head, framing = _head(first[1:] + b"\n")
    restore = restorer(names) if names else None
    _, pieces = read_pieces(our_text(b"\n".join(lines[1:])), framing, restore)
    whole = b"".join(pieces)
    if restore is not None and restore(whole) != whole:
        return None  # a short name among the texts
    if not isinstance(told, dict) or told.keys() != {"answer"}:
        return None
    came = HttpResponse(
        status=head.status,
        headers=dict(head.headers),
        body=StreamBody(chunks=(Chunk(at=0.0, data=whole),)),
        ended=head.ended,
    )
    decoded = known.response(Exchange(request=_UNSAID, response=came))
    check_answer(restored(told["answer"], names), decoded, number=0)
    return head, tuple(pieces)


@lru_cache(maxsize=256)
def _head(lines: bytes) -> tuple[AnswerHead, Framing]:
    """What stands before the body, which many events have in common, and how it is wrapped.

    Raises:
        NotCanonical: It is not as our emitter writes.
        WrongField: A member is wrong.
    """
    value = read(lines.decode())
    if not isinstance(value, dict) or value.keys() != {"response"}:
        raise NotCanonical
    told = value["response"]
    if not isinstance(told, dict) or not told.keys() <= _SAID_BEFORE:
        raise NotCanonical
    response = response_of({key: value for key, value in told.items() if key != "framing"})
    if not isinstance(response, HttpResponse):
        raise NotCanonical
    head = AnswerHead(
        status=response.status, headers=tuple(response.headers.items()), ended=response.ended
    )
    return head, _framing(told.get("framing"))


def _framing(told: Json) -> Framing:
    try:
        return Framing.named([str(name) for name in told]) if isinstance(told, list) else Framing()
    except KeyError:
        raise NotCanonical from None
