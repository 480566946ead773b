"""Short names of times that no `measured` line tells: a client would get text for a number."""

from __future__ import annotations

import re

from pytest_llmreplay.cassette.json_dump import json_bytes
from pytest_llmreplay.event import Failure, HttpResponse, JsonBody, StreamBody

from .drawn import SPANS, TIMES

__all__ = ["untold_time"]

_KEYS = "|".join(sorted(TIMES | SPANS)).encode()
_TIME = re.compile(rb'"(?:%b)"\s*:\s*"((?:created|took)#[\d.]+)"' % _KEYS)


def untold_time(response: HttpResponse | Failure) -> str | None:
    """The first of them in an answer that was restored; none where all are told."""
    found = _TIME.search(_data(response))
    return found[1].decode() if found else None


def _data(response: HttpResponse | Failure) -> bytes:
    body = None if isinstance(response, Failure) else response.body
    if isinstance(body, JsonBody):
        return json_bytes(body.value)
    if isinstance(body, StreamBody):
        return b"".join(chunk.data for chunk in body.chunks)
    return b""
