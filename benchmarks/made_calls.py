"""Calls of a known size, and the cassettes that a recording of them would have left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pytest_llmreplay.cassette.documents.header import Header, header_text
from pytest_llmreplay.cassette.documents.layout import event_text
from pytest_llmreplay.cassette.matching.keys import MatchRules, match_key
from pytest_llmreplay.cassette.short_names.ids import Naming
from pytest_llmreplay.event import (
    Chunk,
    Event,
    Exchange,
    HttpRequest,
    HttpResponse,
    JsonBody,
    Measured,
    StreamBody,
)
from pytest_llmreplay.providers.registry import decoder_of

__all__ = [
    "ANSWER_BYTES",
    "ANSWER_HEADERS",
    "PIECES",
    "REQUEST_BYTES",
    "STREAM_HEADERS",
    "URL",
    "answer_of",
    "request_of",
    "stream_of",
    "write_cassette",
]

URL = "https://api.openai.com/v1/chat/completions"
REQUEST_BYTES = 2015
ANSWER_BYTES = 1510
PIECES = 200
ANSWER_HEADERS = {"content-type": "application/json", "x-request-id": "req_5c1f0e9a41d2"}
STREAM_HEADERS = {"content-type": "text/event-stream", "x-request-id": "req_5c1f0e9a41d2"}

_KEPT_HEADERS, _KEPT_STREAM_HEADERS = (
    {name: value for name, value in headers.items() if name != "x-request-id"}
    for headers in (ANSWER_HEADERS, STREAM_HEADERS)
)
"""Of these, what a recording keeps among the headers: the name of a call was measured."""

_MODEL = "gpt-5-mini"
_WORDS = "The committee noted that heating costs fell in most of the districts it had surveyed. "
_COMPACT = (",", ":")


def request_of(number: int, *, size: int = REQUEST_BYTES, stream: bool = False) -> dict[str, Any]:
    """A request body of this many bytes, different for every number."""
    asked = {"role": "user", "content": f"Question {number}. "}
    body: dict[str, Any] = {
        "messages": [{"role": "system", "content": _WORDS * 6}, asked],
        "model": _MODEL,
    }
    if stream:
        body["stream"] = True
    asked["content"] += _filler(size - len(_encoded(body)))
    return body


def answer_of(number: int, *, size: int = ANSWER_BYTES) -> dict[str, Any]:
    """A whole answer of this many bytes."""
    message: dict[str, Any] = {"role": "assistant", "content": f"Answer {number}. "}
    message |= {"refusal": None, "annotations": []}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    answer = {
        "id": f"chatcmpl-{number:08d}",
        "object": "chat.completion",
        "created": 1790000000,
        "model": f"{_MODEL}-2026-08-14",
        "choices": [choice],
        "usage": {
            "prompt_tokens": 400,
            "completion_tokens": 200,
            "total_tokens": 600,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        },
        "service_tier": "default",
        "system_fingerprint": "fp_44709d6fcb",
    }
    message["content"] += _filler(size - len(_encoded(answer)))
    return answer


def stream_of(pieces: int = PIECES) -> list[bytes]:
    """An answer as this many server-sent events and the two that end it."""
    words = (_WORDS * (pieces // 10)).split(" ")[:pieces]
    made = [_piece({"content": f"{word} "}) for word in words]
    return [*made, _piece({}, "stop"), b"data: [DONE]\n\n"]


def write_cassette(path: Path, events: int, *, stream: bool = False, size: int = 0) -> None:
    """The cassette of calls 1, 2, 3 and so on, as a recording of them is written.

    Args:
        path: The file.
        events: How many.
        stream: Whether their answers are streams.
        size: Bytes of a request, where it is not the usual number.
    """
    header, naming = Header(test="tests/test_made.py::test_made"), Naming()
    with path.open("w", encoding="utf-8") as file:
        file.write(header_text(header))
        for event in _events(events, stream=stream, size=size or REQUEST_BYTES):
            shown, names = naming.shown(event)
            file.write(event_text(shown, header=header, key=_key(event), names=names))


def _events(events: int, *, stream: bool, size: int) -> Iterator[Event]:
    pieces = tuple(Chunk(at=at / 1000, data=data) for at, data in enumerate(stream_of()))
    for number in range(1, events + 1):
        request = HttpRequest(
            method="POST",
            url=URL,
            headers={"content-type": "application/json"},
            body=JsonBody(value=request_of(number, size=size, stream=stream)),
        )
        response = HttpResponse(
            status=200,
            headers=_KEPT_STREAM_HEADERS if stream else _KEPT_HEADERS,
            body=StreamBody(chunks=pieces) if stream else JsonBody(value=answer_of(number)),
        )
        yield Event(
            number=number,
            provider="openai",
            model=_MODEL,
            api="chat_completions",
            exchange=Exchange(request=request, response=response),
            measured=_measured(number),
            decoder=decoder_of("chat_completions"),
        )


def _measured(number: int) -> Measured:
    return Measured(
        at="2026-11-20T20:29:15.872Z",
        model=f"{_MODEL}-2026-08-14",
        request_id=f"req_{number:032d}",
        input_tokens=400,
        output_tokens=200,
        duration=0.38,
    )


def _key(event: Event) -> str:
    rules, request = MatchRules(), event.exchange.request
    return f"{rules.fingerprint}:{match_key(request.method, request.url, request.body, rules)}"


def _piece(delta: dict[str, str], reason: str | None = None) -> bytes:
    chunk = {
        "id": "chatcmpl-00000001",
        "object": "chat.completion.chunk",
        "created": 1790000000,
        "model": f"{_MODEL}-2026-08-14",
        "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
    }
    return f"data: {json.dumps(chunk)}\n\n".encode()


def _filler(size: int) -> str:
    return (_WORDS * (size // len(_WORDS) + 1))[:size].rstrip(" ").ljust(size, ".")


def _encoded(value: Any) -> bytes:
    return json.dumps(value, separators=_COMPACT).encode()
