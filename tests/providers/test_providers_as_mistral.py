"""A stream of chat completions, told as Mistral's server tells it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_llmreplay.providers.chat_completions.as_mistral import AsMistral

CALL = {"index": 0, "id": "c1", "type": "function", "function": {"name": "f", "arguments": "{"}}
MORE = {"index": 0, "function": {"arguments": "}"}}
WHOLE = {"index": 0, "id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
DONE = "[DONE]"


def told(*events: Any) -> list[Any]:
    """What becomes of events that come byte by byte."""
    stream = "".join(
        f"data: {event if isinstance(event, str) else json.dumps(event)}\n\n" for event in events
    )
    way = AsMistral()
    pieces = [piece for byte in stream.encode() for piece in way.feed(bytes([byte]))]
    lines = b"".join([*pieces, *way.end()]).decode().split("\n\n")
    data = [line.removeprefix("data: ") for line in lines if line]
    return [json.loads(one) if one.startswith("{") else one for one in data]


def chunk(delta: Any, finish: str | None = None, **more: Any) -> Any:
    """A chunk with one choice."""
    return {"id": "1", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}


def test_a_call_and_usage_stand_in_the_chunk_that_ends() -> None:
    """The others are as they were."""
    hi = chunk({"role": "assistant", "content": "Hi"})
    usage = {"id": "1", "choices": [], "usage": {"total_tokens": 3}}
    assert [hi, chunk({"tool_calls": [WHOLE]}, "tool_calls", usage=usage["usage"]), DONE] == (
        told(
            hi,
            chunk({"tool_calls": [CALL]}),
            chunk({"tool_calls": [MORE]}),
            chunk({}, "tool_calls"),
            usage,
            DONE,
        )
    )


@pytest.mark.parametrize("end", [[DONE], []])
def test_of_a_server_that_ends_nothing_calls_come_in_the_end(end: list[str]) -> None:
    """They are not lost."""
    begun = chunk({"tool_calls": [CALL], "content": ""})
    rest = {"id": "1", "choices": [{"index": 0, "delta": {"tool_calls": [WHOLE]}}]}
    assert [chunk({"content": ""}), rest, *end] == told(begun, chunk({"tool_calls": [MORE]}), *end)


def test_where_nothing_is_called_nothing_is_added() -> None:
    """Though nothing ended."""
    assert [chunk({"content": "Hi"}), DONE] == told(chunk({"content": "Hi"}), DONE)


@pytest.mark.parametrize(
    "event",
    [
        {"error": {"message": "no"}},
        {"choices": [], "usage": {}},
        {"choices": ["odd", {"delta": "odd"}, {"delta": {"content": "a"}}]},
        "no JSON",
        "[1]",
    ],
)
def test_what_is_no_piece_of_an_answer_passes(event: Any) -> None:
    """What a choice ended with stands before it."""
    ends = chunk({}, "stop")
    assert [event, ends, "odd", DONE] == told(event, ends, "odd", DONE)
