"""Spans of Braintrust, in the shapes that its SDK for Python 0.48.1 logged of a loopback server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from importers.told_logs import WEATHER, found_in, one_call, problems_in, written

from pytest_llmreplay.event import HttpResponse, StreamBody, TextPart
from pytest_llmreplay.importers.braintrust import BRAINTRUST
from pytest_llmreplay.importers.source import PassedOver

CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'},
}
ITEMS: list[dict[str, Any]] = [
    {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]},
    {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [{"type": "output_text", "text": "It rains.", "annotations": []}],
    },
]


def span(**more: Any) -> dict[str, Any]:
    """A chat completion, as `wrap_openai` logs it."""
    message = {"role": "assistant", "content": None, "tool_calls": [CALL]}
    return {
        "id": "e77d3263-0401-4265-88b4-8545ad9f387d",
        "span_id": "de8b9adffecbfa2c",
        "root_span_id": "b2550f1846a7bd06c14555a41171c1b4",
        "span_parents": ["fc019a8a57352764"],
        "span_attributes": {"type": "llm", "name": "Chat Completion", "exec_counter": 2},
        "created": "2026-11-30T13:18:27.038638+00:00",
        "input": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Paris?"},
        ],
        "output": [{"index": 0, "finish_reason": "tool_calls", "message": message}],
        "metadata": {
            "provider": "openai",
            "model": "gpt-5-mini",
            "temperature": 0,
            "tools": [WEATHER],
        },
        "metrics": {
            "start": 1796044707.0386314,
            "end": 1796044707.0916293,
            "prompt_tokens": 9,
            "completion_tokens": 3,
            "tokens": 12,
            "time_to_first_token": 0.0127,
        },
        "tags": ["prod"],
        **more,
    }


def words(content: list[dict[str, Any]]) -> dict[str, Any]:
    """The answer as `wrap_anthropic` logs it."""
    model = {"model": "claude-sonnet-4-6", "stop_reason": "tool_use"}
    return {"role": "assistant", "content": content, **model}


@pytest.mark.parametrize("holder", [None, "data", "events", "rows"])
def test_a_chat_completion(tmp_path: Path, holder: str | None) -> None:
    """Alone on its line, or in an answer of the API, of a query, or in what an SDK sends."""
    told: Any = [span()] if holder is None else {holder: [span()]}
    call, event = one_call(BRAINTRUST, written(tmp_path / "spans.jsonl", told))
    assert ("openai", "chat_completions", "gpt-5-mini") == (call.provider, call.api, call.model)
    assert ("b2550f1846a7bd06c14555a41171c1b4", span()["id"]) == (
        call.session and call.session.id,
        call.id,
    )
    assert {"name": "Chat Completion", "tags": "prod"} == call.labels
    assert (0, "get_weather") == (event.request.temperature, event.request.tools[0].name)
    assert {"city": "Paris"} == event.response.tool_calls[0].arguments
    assert (9, 3) == (event.usage.input_tokens, event.usage.output_tokens)
    assert ("2026-11-30T13:18:27.038Z", None) == (
        call.measured.at,
        call.measured.time_to_first_chunk,
    )
    assert 0.053 == pytest.approx(call.measured.duration, abs=0.001)


def test_a_stream_and_a_session_of_the_users_own(tmp_path: Path) -> None:
    """Only a stream has a first chunk; what the metadata name is the session."""
    metadata = {**span()["metadata"], "stream": True, "session_id": "s-1"}
    output = [{"index": 0, "finish_reason": "stop", "message": {"content": "Rain."}}]
    told = span(metadata=metadata, output=output)
    call, event = one_call(BRAINTRUST, written(tmp_path / "spans.jsonl", [told]))
    assert isinstance(call.exchange.response, HttpResponse)
    assert isinstance(call.exchange.response.body, StreamBody)
    assert ("Rain.", 0.0127) == (event.response.text, call.measured.time_to_first_chunk)
    assert "s-1" == (call.session and call.session.id)


def test_a_message_of_anthropic(tmp_path: Path) -> None:
    """Its system prompt is told behind the messages; cached tokens are part of the sum."""
    content = [{"type": "tool_use", "id": "t", "name": "get_weather", "input": {"city": "Paris"}}]
    told = span(
        input=[{"role": "user", "content": "Paris?"}, {"role": "system", "content": "Be brief."}],
        output=words([{"type": "text", "text": "Hm."}, *content]),
        metadata={
            "provider": "anthropic",
            "model": "claude-sonnet-4-6",
            "max_tokens": 100,
            "tools": [{"name": "get_weather", "input_schema": {"type": "object"}}],
        },
        metrics={"prompt_tokens": 11.0, "completion_tokens": 3.0, "prompt_cached_tokens": 2.0},
    )
    call, event = one_call(BRAINTRUST, written(tmp_path / "spans.jsonl", [told]))
    assert ("messages", "Hm.") == (call.api, event.response.text)
    assert (TextPart(content="Be brief."),) == event.request.system_instructions
    assert ["user"] == [message.role for message in event.request.messages]
    assert (11, 2) == (event.usage.input_tokens, event.usage.cache_read_input_tokens)
    assert "get_weather" == event.request.tools[0].name == event.response.tool_calls[0].name


def test_a_response_of_openai(tmp_path: Path) -> None:
    """Instructions stand among the metadata, items of the answer in the output."""
    metadata = {"provider": "openai", "model": "gpt-5-mini", "instructions": "Be brief."}
    told = span(input="Paris?", output=ITEMS, metadata={**metadata, "object": "response"})
    call, event = one_call(BRAINTRUST, written(tmp_path / "spans.jsonl", [told]))
    assert ("responses", "It rains.") == (call.api, event.response.text)
    assert (TextPart(content="Be brief."),) == event.request.system_instructions


def test_what_cannot_be_imported_and_what_failed(tmp_path: Path) -> None:
    """Spans without words are told, those of other types are counted."""
    file = written(
        tmp_path / "spans.jsonl",
        [
            span(span_attributes={"type": "function"}),
            span(output=None),
            span(input=None),
            span(span_attributes=None),
            span(output=None, error="Error code: 429 - slow down"),
        ],
    )
    assert [
        "spans.jsonl:2: no output",
        "spans.jsonl:3: no input",
        "spans.jsonl:4: no span_attributes, which say what a span is: select them too",
    ] == problems_in(BRAINTRUST, file)
    assert 1 == sum(isinstance(one, PassedOver) for one in found_in(BRAINTRUST, file))
    told = [span(output=None, error={"message": "Error code: 429 - slow down"})]
    for error in (written(tmp_path / "error.jsonl", told), written(file, [span(error="x 1")])):
        _, event = one_call(BRAINTRUST, error)
        assert event.response.error is not None
        assert event.response.error.status in {429, 500}
