"""The answer of a document, taken from its bytes without looking at the rest.

Playing an event back needs its answer and nothing else, and most answers are plain JSON that our
own emitter wrote. For those this is several times as fast as document.py, which reads all others
and finds whatever is wrong.
"""

from __future__ import annotations

from functools import lru_cache

from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.event import HttpResponse, JsonBody

from .fastread import NotCanonical, read
from .ids import names_in, restored_response
from .wire import response_of

__all__ = ["plain_answer"]

_RESPONSE = b"\nresponse:\n"
_BODY = b"\n  body:\n"
_MEASURED = b"\nmeasured:"
_CLOSED = b"\n...\n"


def plain_answer(data: bytes, start: int, end: int) -> HttpResponse | None:
    """The answer that stands between two offsets; none where document.py has to read it.

    A document with an `answer` is one of those: that has to be compared with the stream.
    """
    response = data.find(_RESPONSE, start, end)
    body = data.find(_BODY, response, end)
    if response < 0 or body < 0 or data.find(b"\nanswer:", start, end) >= 0:
        return None
    if data.count(b"\nresponse:", start, end) > 1:
        return None  # damage, or a text of several lines
    stop = data.find(_MEASURED, body, end)
    if stop < 0:
        stop = end - len(_CLOSED)
    try:
        head = _head(data[response + 1 : body + 1])
        value = read("response:" + data[body:stop].decode() + "\n")
        assert isinstance(value, dict)  # it begins with a key
        told = value.pop("response")
    except (NotCanonical, UnicodeDecodeError, LlmReplayError):
        return None
    if value or not isinstance(told, dict) or len(told) != 1:
        return None
    answer = HttpResponse(
        status=head.status,
        headers=head.headers,
        body=JsonBody(value=told["body"]),
        ended=head.ended,
    )
    restored = restored_response(answer, names_in(data[stop:end]))
    return restored if isinstance(restored, HttpResponse) else None


@lru_cache(maxsize=256)
def _head(lines: bytes) -> HttpResponse:
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
    return response
