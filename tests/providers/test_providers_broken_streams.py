"""Streams with an event that no client can read."""

from __future__ import annotations

import pytest

from pytest_llmreplay.event import (
    Choice,
    Chunk,
    Exchange,
    HttpRequest,
    HttpResponse,
    JsonBody,
    Message,
    Response,
    StreamBody,
    TextPart,
)
from pytest_llmreplay.providers.registry import FORMATS

STREAMED = [
    *("chat_completions", "completions", "responses", "messages", "generate_content"),
    *("interactions", "ollama_chat", "ollama_generate", "cohere_chat"),
    *("cohere_chat_v1", "cohere_generate"),
]
LINES = ("ollama", "cohere_chat_v1", "cohere_generate")
formats = pytest.mark.parametrize("api", STREAMED)


def pieces_of(api: str) -> list[bytes]:
    """A whole answer of three words."""
    message = Message(role="assistant", parts=(TextPart(content="one two three"),))
    answer = Response(choices=(Choice(message=message, finish_reason="stop"),))
    return FORMATS[api].encode_stream(answer, pieces=3)


def answered(api: str, pieces: list[bytes]) -> Response:
    """What a stream says."""
    request = HttpRequest(method="POST", url="https://x.example", body=JsonBody(value={}))
    body = StreamBody(chunks=tuple(Chunk(at=0.0, data=piece) for piece in pieces))
    kind = "application/x-ndjson" if api.startswith(LINES) else "text/event-stream"
    response = HttpResponse(status=200, headers={"content-type": kind}, body=body)
    return FORMATS[api].response(Exchange(request=request, response=response))


def broken(api: str) -> bytes:
    """An event, or a line, that is no JSON."""
    return b'{"a": \n' if api.startswith(LINES) else b'data: {"a": \n\n'


@formats
def test_an_event_that_is_no_json_is_an_error(api: str) -> None:
    """The SDKs raise there, so nobody has such an answer."""
    first, *rest = pieces_of(api)
    assert answered(api, [first, *rest]).error is None
    error = answered(api, [first, broken(api), *rest]).error
    assert error is not None
    assert ("damaged_stream", 'an event of the stream is no JSON: {"a":') == (
        error.type,
        error.message.rstrip(),
    )


@formats
def test_a_torn_last_event_is_a_cut(api: str) -> None:
    """A connection that broke off tells nothing about what was to come."""
    first, second, *_ = pieces_of(api)
    torn = answered(api, [first, second, broken(api).rstrip(b"\n")])
    assert (None, True) == (torn.error, torn.truncated)
