"""What was redacted passes the last scan, in the text of a whole event."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.cassette.documents.header import Header
from pytest_llmreplay.cassette.documents.layout import event_text
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.event import (
    Chunk,
    Event,
    Exchange,
    HttpRequest,
    HttpResponse,
    JsonBody,
    StreamBody,
)
from pytest_llmreplay.providers.registry import decoder_of

FRAGMENTS = [
    "sk-",
    "a8Kd93LmQ0zX7vB2nT5yRw1c",
    "ghp_",
    "Bearer ",
    "authorization: Basic ",
    "dXNlcjpodW50ZXIy",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.",
    "AKIAIOSFODNN7EXAMPLE",
    "postgres://u:",
    "hunter2@db",
    "Set-Cookie: sid=31d4d96e407aad42; ",
    '"password": "',
    "-----BEGIN PRIVATE KEY-----",
    "api-key: ",
    "\n",
    "\n\n  ",
    '"',
    "'",
    "\\",
    "\\n",
    "\t",
    "\x85",
    "ü",
    ": ",
    "# ",
    "- ",
    "|",
    " ",
    "x",
    "7",
]
texts = st.lists(st.sampled_from(FRAGMENTS), max_size=9).map("".join)


def _written(request: str, answer: list[str]) -> bytes:
    """The document of a chat call, as a recording writes it."""
    redactor = Redactor()
    chunks = [
        {"choices": [{"index": 0, "delta": {"content": piece, "role": "assistant"}}]}
        for piece in answer
    ]
    stream = StreamBody(
        chunks=tuple(
            Chunk(at=n / 100, data=f"data: {json.dumps(chunk)}\n\n".encode())
            for n, chunk in enumerate(chunks)
        )
    )
    body = JsonBody(value={"model": "m", "messages": [{"role": "user", "content": request}]})
    url = "https://api.openai.com/v1/chat/completions"
    exchange = Exchange(
        request=redactor.request(HttpRequest(method="POST", url=url, body=body)),
        response=redactor.response(
            HttpResponse(status=200, headers={"content-type": "text/event-stream"}, body=stream)
        ),
    )
    api = "chat_completions"
    event = Event(
        number=1,
        provider="openai",
        model="m",
        api=api,
        exchange=exchange,
        decoder=decoder_of(api),
    )
    return event_text(event, header=Header(), key="r1:0123456789abcdef").encode()


@given(texts, st.lists(texts, min_size=1, max_size=5))
def test_no_redacted_event_is_refused(request: str, answer: list[str]) -> None:
    """Otherwise a recording could never be written, whatever the user does."""
    assert [] == Redactor().scan(_written(request, answer))


def test_an_event_that_was_not_redacted_is_refused_by_field() -> None:
    """The scan works on the very text that a cassette has."""
    text = _written("hello", ["world"]).replace(b"hello", b"see sk-a8Kd93LmQ0zX7vB2nT5yRw1c")
    (found,) = Redactor().scan(text)
    assert ("api key", "request.body.messages[0].content") == (found.kind, found.place)
