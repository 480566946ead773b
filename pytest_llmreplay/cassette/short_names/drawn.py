"""What a provider drew by lot for an answer, or measured: ids, times, and how long it took."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TypeAlias

from pytest_llmreplay.cassette.json_dump import json_bytes
from pytest_llmreplay.event import Failure, HttpResponse, Json, JsonBody, StreamBody

__all__ = ["AT", "CREATED", "NUMBER", "SPAN", "SPANS", "Drawn", "drawn_in", "untold_time"]

Drawn: TypeAlias = str | int | float
"""An id, a time, or how long something took."""

CREATED, SPAN, AT = "created", "took", "at"
"""Names of times: in seconds since 1970, of spans, and as they are written."""
NUMBER = re.compile(r"\d{1,400}(?:\.\d{1,400})?(?:e[+-]?\d{1,3})?", re.ASCII)
"""How a span is written."""

_IDS = frozenset(["id", "call_id", "item_id", "response_id", "tool_call_id", "tool_use_id"])
TIMES = frozenset(["created", "created_at", "completed_at", "updated"])
"""Keys of moments."""
_DRAWN = re.compile(
    r"(?=[\w-]*\d)(?:([A-Za-z]+[-_])(?=[\w-]{8})|(?![A-Za-z]+[-_])(?=[\w-]{9}))[\w-]+", re.ASCII
)
SPANS = frozenset(
    [
        # llama.cpp's `timings`, Ollama's counts of nanoseconds, `usage` of Groq and others
        *("prompt_ms", "prompt_per_token_ms", "prompt_per_second"),
        *("predicted_ms", "predicted_per_token_ms", "predicted_per_second"),
        *("total_duration", "load_duration", "prompt_eval_duration", "eval_duration"),
        *("queue_time", "prompt_time", "completion_time", "total_time"),
    ]
)
"""What the server took, which it tells with the answer."""
_SHORTEST = 10_000
"""Whole numbers below it may be counts of tokens elsewhere in the answer."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:[\d:.]+(?:Z|[+-][\d:]+)", re.ASCII)
_RECENT = 1_000_000_000
"""Seconds since 1970 that are no count of anything."""

_KEYS = "|".join(sorted(TIMES | SPANS)).encode()
_TIME = re.compile(rb'"(?:%b)"\s*:\s*"((?:created|took)#[\d.]+)"' % _KEYS)


def drawn_in(response: HttpResponse) -> Iterator[tuple[str, Drawn]]:
    """What was drawn, each behind the stem of its name."""
    if isinstance(response.body, JsonBody):
        yield from _drawn(response.body.value, [], spans=True)
    elif isinstance(response.body, StreamBody):
        # The spans of a stream stand in its last line alone, in bytes that are costly to search.
        for chunk in response.body.chunks:
            for line in chunk.data.split(b"\n"):
                if line.startswith(b"data: {"):
                    yield from _drawn(_parsed(line[6:]), [], spans=False)


def _drawn(value: Json, found: list[tuple[str, Drawn]], *, spans: bool) -> list[tuple[str, Drawn]]:
    """What was found, and after it what was drawn in a value."""
    if isinstance(value, list):
        for element in value:
            _drawn(element, found, spans=spans)
    elif isinstance(value, dict):
        for key, member in value.items():
            if isinstance(member, dict | list):
                _drawn(member, found, spans=spans)
            elif member is not None and (stem := _stem(key, member, spans=spans)) is not None:
                found.append((stem, member))
    return found


def _stem(key: str, member: Drawn, *, spans: bool) -> str | None:
    """How the name of a member begins, where it was drawn."""
    if isinstance(member, str):
        if key in _IDS and (drawn := _DRAWN.fullmatch(member)):
            return drawn[1] or "id"
        return AT if spans and key in TIMES and _MOMENT.fullmatch(member) else None
    if type(member) is int:
        if key in TIMES and member > _RECENT:
            return CREATED
        return SPAN if spans and key in SPANS and member >= _SHORTEST else None
    # A whole float is equal to a count.
    is_span = spans and key in SPANS and isinstance(member, float) and not member.is_integer()
    return SPAN if is_span and NUMBER.fullmatch(repr(member)) else None


def _parsed(data: bytes) -> Json:
    try:
        value: Json = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value


def untold_time(response: HttpResponse | Failure) -> str | None:
    """The first short name of a time that no `measured` line tells, in an answer that was restored.

    A client would get text for a number. None where all are told.
    """
    found = _TIME.search(_data(response))
    return found[1].decode() if found else None


def _data(response: HttpResponse | Failure) -> bytes:
    body = None if isinstance(response, Failure) else response.body
    if isinstance(body, JsonBody):
        return json_bytes(body.value)
    if isinstance(body, StreamBody):
        return b"".join(chunk.data for chunk in body.chunks)
    return b""
