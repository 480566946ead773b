"""A stream that is recorded again and says the same stands there as it did."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from servers.bedrock import frames

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.header import Header
from pytest_llmreplay.cassette.writing.draft import Draft
from pytest_llmreplay.event import (
    Chunk,
    Event,
    Exchange,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
    StreamBody,
)
from pytest_llmreplay.providers.registry import decoder_of

PATH = Path("x.yaml")
KINDS = {
    "chat_completions": "text/event-stream",
    "converse": "application/vnd.amazon.eventstream",
    "ollama_chat": "application/x-ndjson",
}


def recording(api: str, pieces: Iterable[bytes], at: float) -> Event:
    """The event of a stream that came in these pieces, each so many seconds after the other."""
    chunks = tuple(Chunk(at=at * place, data=data) for place, data in enumerate(pieces, 1))
    request = HttpRequest(method="POST", url="https://h/x", body=JsonBody(value={"model": "m"}))
    answer = HttpResponse(
        status=200, headers={"content-type": KINDS[api]}, body=StreamBody(chunks=chunks)
    )
    exchange = Exchange(request=request, response=answer)
    return Event(
        number=1, provider="p", model="m", api=api, exchange=exchange, decoder=decoder_of(api)
    )


def padded(padding: str, *, told: str = "one", took: float = 0.5) -> list[bytes]:
    """A stream of OpenAI's, whose padding is drawn by lot, and what Groq's took."""
    chosen: list[Json] = [{"content": told}, {"content": " two"}, {}]
    return [
        *(
            b"data: %b\n\n"
            % json.dumps(
                {
                    "id": f"chatcmpl-3jUOYsfreUw3zRbQExYjm{padding}",
                    "choices": [{"index": 0, "delta": delta, "finish_reason": None}],
                    "obfuscation": padding * place,
                    "x_groq": {"usage": {"total_tokens": 3, "total_time": took}},
                }
            ).encode()
            for place, delta in enumerate(chosen, 1)
        ),
        b"data: [DONE]\n\n",
    ]


def lines(second: int, *, written: str = "2026-01-01T00:00:00Z", count: int = 9) -> list[bytes]:
    """A stream of Ollama's, each line of which says when it was made."""
    call: Json = {"function": {"name": "f", "arguments": {"created_at": written}}}
    told: list[dict[str, Json]] = [
        {"message": {"role": "assistant", "content": "one", "tool_calls": [call]}, "done": False},
        {"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop"},
    ]
    told[1] |= {"total_duration": second * 1_000_001, "eval_count": count, "load_duration": second}
    made = [f"2026-11-20T17:00:{second:02}.{place}Z" for place, _ in enumerate(told)]
    return [
        json.dumps({"model": "m", "created_at": at, **line}).encode() + b"\n"
        for at, line in zip(made, told, strict=True)
    ]


def framed(padding: str, took: int, told: str = "one") -> list[bytes]:
    """A stream of Bedrock's, whose padding is drawn by lot."""
    return frames(
        ("messageStart", {"role": "assistant", "p": padding}),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": told}, "p": padding * 2}),
        ("messageStop", {"stopReason": "end_turn"}),
        ("metadata", {"usage": {"inputTokens": 3}, "metrics": {"latencyMs": took}, "p": padding}),
    )


def written_twice(first: Event, second: Event) -> tuple[list[str], list[str], Event]:
    """The lines of both recordings but for what was measured, and the second as it is read."""
    before = Draft(Header(), path=PATH)
    before.add(first, "r1:0123456789abcdef")
    document = Cassette.of(before.text.encode(), path=PATH).document(0)
    after = Draft(Header(), path=PATH)
    after.add(second, "r1:0123456789abcdef", before=document)
    after.check(after.text.encode())
    told = [
        [line for line in draft.text.splitlines() if not line.startswith("measured")]
        for draft in (before, after)
    ]
    return told[0], told[1], Cassette.of(after.text.encode(), path=PATH).events[0]


@pytest.mark.parametrize(
    ("api", "first", "second"),
    [
        ("chat_completions", padded("a1"), padded("b2", took=0.75)),
        ("ollama_chat", lines(11), lines(12)),
        ("converse", framed("ab", 88), framed("cde", 97)),
    ],
)
def test_padding_and_times_of_the_server_change_no_line(
    api: str, first: list[bytes], second: list[bytes]
) -> None:
    """The first recording stands, but for its ids: who quotes the answer quotes the new ones."""
    before, after, read = written_twice(recording(api, first, 0.1), recording(api, second, 0.2))
    assert before == after
    answer = read.exchange.response
    assert isinstance(answer, HttpResponse)
    assert isinstance(answer.body, StreamBody)
    assert [0.1, 0.2] == [chunk.at for chunk in answer.body.chunks][:2]
    ids = {b"chatcmpl-3jUOYsfreUw3zRbQExYjma1": b"chatcmpl-3jUOYsfreUw3zRbQExYjmb2"}
    expected = b"".join(first)
    for old, new in ids.items():
        expected = expected.replace(old, new)
    assert expected == answer.body.data


@pytest.mark.parametrize(
    ("api", "first", "second"),
    [
        ("chat_completions", padded("a1"), padded("b2", told="ONE")),
        ("chat_completions", padded("a1"), padded("b2")[1:]),
        ("ollama_chat", lines(11), lines(12, written="2026-02-02T00:00:00Z")),
        ("ollama_chat", lines(11), lines(12, count=10)),
        ("ollama_chat", lines(11, count=1), lines(12, count=True)),
        ("converse", framed("ab", 88), framed("cde", 97, told="ONE")),
        ("ollama_chat", lines(11), [*lines(12)[:1], b'{"torn\n']),
        ("ollama_chat", lines(11), [*lines(12)[:1], b"[" * 5000 + b"]" * 5000 + b"\n"]),
    ],
)
def test_a_stream_that_says_something_else_is_told_anew(
    api: str, first: list[bytes], second: list[bytes]
) -> None:
    """Words, counts of tokens, and what stands among a model's own arguments are no noise."""
    before, after, read = written_twice(recording(api, first, 0.1), recording(api, second, 0.2))
    assert before != after
    answer = read.exchange.response
    assert isinstance(answer, HttpResponse)
    assert isinstance(answer.body, StreamBody)
    assert b"".join(second) == answer.body.data
