"""The answer of a document as JSON text, taken from its bytes without looking at the rest.

Playing an event back needs its answer and nothing else, and most answers are plain JSON that our
own emitter wrote. For those this is many times as fast as document.py, which reads all others
and finds whatever is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.event import Ended, HttpResponse

from .fastread import NotCanonical, read
from .ids import names_in
from .json_text import json_text
from .wire import response_of

__all__ = ["AnswerHead", "plain_answer"]

_ANSWER = b"\nanswer:"
_RESPONSE = b"\nresponse:"
_BODY = b"\n  body:\n"
_MEASURED = b"\nmeasured: "
_CLOSED = b"\n...\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerHead:
    """What is said of an answer before its body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    ended: Ended


def plain_answer(data: bytes, start: int, end: int) -> tuple[AnswerHead, bytes] | None:
    """Head and body of the answer between two offsets; none where document.py has to read it.

    A document with an `answer` is one of those: that has to be compared with the stream. What
    stands below `response` needs no look here: `json_text` takes one body and nothing else.
    """
    response = data.find(_RESPONSE, start, end)
    body = data.find(_BODY, response, end)
    stop = data.rfind(b"\n", start, end - len(_CLOSED))
    if not data.startswith(_MEASURED, stop):
        stop = end - len(_CLOSED)
    if not 0 < response < body < stop or not data.startswith(_CLOSED, end - len(_CLOSED)):
        return None
    if data.find(_ANSWER, start, response) >= 0:
        return None
    try:
        head = _head(data[response + 1 : body + 1])
        names = names_in(data[stop:end]) if data.find(b"#", stop, end) >= 0 else {}
        return head, json_text(b"response:" + data[body:stop], names).encode()
    except (NotCanonical, UnicodeError, LlmReplayError):
        return None


@lru_cache(maxsize=256)
def _head(lines: bytes) -> AnswerHead:
    """What stands before the body, which many events have in common.

    Raises:
        NotCanonical: It is not as our emitter writes.
        WrongField: A member is wrong.
    """
    value = read(lines.decode())
    if not isinstance(value, dict) or value.keys() != {"response"}:
        raise NotCanonical
    response = response_of(value["response"])
    if not isinstance(response, HttpResponse) or response.body is not None:
        raise NotCanonical
    return AnswerHead(
        status=response.status, headers=tuple(response.headers.items()), ended=response.ended
    )
