"""Spans of Opik, as its SDK sends them and its API gives them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from importers.told_logs import WEATHER, found_in, one_call, problems_in, written

from pytest_llmreplay.importers.opik import OPIK
from pytest_llmreplay.importers.source import PassedOver

WORDS = {"role": "assistant", "content": "Sunny."}
USAGE = {"prompt_tokens": 21, "completion_tokens": 9, "total_tokens": 30}


def span(**more: Any) -> dict[str, Any]:
    """A call of chat completions, whose answer Opik took apart."""
    return {
        "id": "01a2",
        "trace_id": "01a1",
        "name": "chat_completion_create",
        "type": "llm",
        "start_time": "2026-11-30T22:44:01.306406Z",
        "end_time": "2026-11-30T22:44:03.806406Z",
        "input": {"messages": [{"role": "user", "content": "Weather?"}]},
        "output": {"choices": [{"index": 0, "finish_reason": "stop", "message": WORDS}]},
        "metadata": {
            "created_from": "openai",
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "temperature": 0,
            "tools": [WEATHER],
            "tool_choice": "auto",
            "usage": {**USAGE, "prompt_tokens_details": {"cached_tokens": 4}},
        },
        "model": "gpt-5-mini-2025-08-07",
        "provider": "openai",
        "tags": ["openai", "blue"],
        "usage": {**USAGE, "original_usage.total_tokens": 30},
        **more,
    }


@pytest.mark.parametrize(
    "record",
    [span(), {"page": 1, "content": [span()]}, {"trace": {"id": "01a1"}, "spans": [span()]}],
    ids=["span", "page", "export"],
)
def test_a_call_is_put_together_again(tmp_path: Path, record: dict[str, Any]) -> None:
    """Its parameters, tools and counts stand among the metadata."""
    call, event = one_call(OPIK, written(tmp_path / "o.jsonl", [record]))
    assert (
        "openai",
        "01a2",
        "01a1",
        {"name": "chat_completion_create", "tags": "openai, blue"},
    ) == (
        call.provider,
        call.id,
        call.session and call.session.id,
        call.labels,
    )
    assert (0, ["get_weather"], "Sunny.", "chatcmpl-1", 21, 4, 2.5) == (
        event.request.temperature,
        [tool.name for tool in event.request.tools],
        event.response.text,
        event.response.id,
        event.usage.input_tokens,
        event.usage.cache_read_input_tokens,
        call.measured.duration,
    )


def test_a_message_of_anthropic_keeps_its_ending_and_its_thoughts(tmp_path: Path) -> None:
    """And was a stream, whose first piece came when the server says."""
    told = span(
        provider="anthropic",
        model="claude-sonnet-4-5",
        input={"messages": [{"role": "user", "content": "Weather?"}], "system": "Be brief."},
        output={
            "content": [
                {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
                {"type": "text", "text": "Sunny."},
            ]
        },
        metadata={
            "type": "message",
            "max_tokens": 50,
            "stream": True,
            "stop_reason": "max_tokens",
            "usage": {"input_tokens": 17, "cache_read_input_tokens": 4, "output_tokens": 9},
        },
        ttft=500,
    )
    call, event = one_call(OPIK, written(tmp_path / "o.jsonl", [told]))
    assert ("messages", 50, "Sunny.", "length", 21, 0.5) == (
        call.api,
        event.request.max_tokens,
        event.response.text,
        event.response.choices[0].finish_reason,
        event.usage.input_tokens,
        call.measured.time_to_first_chunk,
    )


def test_a_response_keeps_its_format_and_its_instructions(tmp_path: Path) -> None:
    """Its items are the output, the rest is among the metadata."""
    said = {"type": "output_text", "text": "Sunny.", "annotations": []}
    told = span(
        input={"input": "Weather?"},
        output={"output": [{"type": "message", "role": "assistant", "content": [said]}]},
        metadata={"object": "response", "id": "resp_1", "instructions": "Be brief."},
    )
    call, event = one_call(OPIK, written(tmp_path / "o.jsonl", [told]))
    body = getattr(event.exchange.request.body, "value", {})
    assert ("responses", "Be brief.", "Sunny.", 9) == (
        call.api,
        body["instructions"],
        event.response.text,
        event.usage.output_tokens,
    )


def test_an_error_is_what_was_raised(tmp_path: Path) -> None:
    """Without the stack of calls."""
    raised = {"exception_type": "RateLimitError", "message": "Error code: 429 - Slow down"}
    told = span(output=None, error_info={**raised, "traceback": "Traceback"})
    _, event = one_call(OPIK, written(tmp_path / "o.jsonl", [told]))
    error = event.response.error
    assert error is not None
    assert (429, "RateLimitError", raised["message"]) == (error.status, error.type, error.message)


def test_other_spans_are_counted_and_empty_ones_told(tmp_path: Path) -> None:
    """A tool is no call of a model."""
    records = [
        span(type="tool"),
        span(input=None),
        span(output=None),
        {"name": "x"},
        span(model=""),
    ]
    path = written(tmp_path / "o.jsonl", records)
    assert isinstance(found_in(OPIK, path)[0], PassedOver)
    assert [
        "o.jsonl:2: no input",
        "o.jsonl:3: no output",
        "o.jsonl:4: no type, which says what a span of Opik is",
        "o.jsonl:5: no model",
    ] == problems_in(OPIK, path)


def test_an_answer_in_words_of_the_user_is_read(tmp_path: Path) -> None:
    """As what a function of the user returned."""
    told = span(output="Sunny.", metadata=None)
    _, event = one_call(OPIK, written(tmp_path / "o.jsonl", [told]))
    assert ("Sunny.", 21) == (event.response.text, event.usage.input_tokens)
