"""Generations of Langfuse, in the shapes of its APIs, its browser and its blob storage."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from importers.told_logs import WEATHER, calls_in, found_in, one_call, problems_in, written

from pytest_llmreplay.importers.langfuse import LANGFUSE
from pytest_llmreplay.importers.source import PassedOver

MESSAGES = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Weather in Rome?"},
]
CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city": "Rome"}'},
}


def observation(**more: Any) -> dict[str, Any]:
    """A generation, as `GET /api/public/observations` answers it."""
    return {
        "id": "obs-1",
        "traceId": "trace-1",
        "type": "GENERATION",
        "name": "OpenAI-generation",
        "startTime": "2026-08-17T10:00:00.000Z",
        "completionStartTime": None,
        "endTime": "2026-08-17T10:00:02.500Z",
        "model": "gpt-4o-mini",
        "modelParameters": {"temperature": "0", "max_tokens": "Infinity", "top_p": 0.5},
        "input": {"messages": MESSAGES, "tools": [WEATHER]},
        "output": {"role": "assistant", "content": None, "tool_calls": [CALL]},
        "usageDetails": {"input": 10, "output": 5, "total": 143, "input_cached_tokens": 128},
        "level": "DEFAULT",
        "statusMessage": None,
        "promptName": "weather",
        "promptVersion": 3,
        "environment": "production",
        **more,
    }


def test_a_generation_becomes_a_call(tmp_path: Path) -> None:
    """Messages, tools, parameters, the call of a tool, prompt name, session and labels."""
    call, event = one_call(LANGFUSE, written(tmp_path / "o.jsonl", [observation()]))
    request = event.request
    assert ("openai", "chat_completions", "weather") == (call.provider, call.api, call.prompt)
    assert ["system", "user"] == [said.role for said in request.messages]
    assert (0, 0.5, None) == (request.temperature, request.top_p, request.max_tokens)
    assert ["get_weather"] == [tool.name for tool in request.tools]
    assert [{"city": "Rome"}] == [asked.arguments for asked in event.response.tool_calls]
    assert "tool_call" == event.response.finish_reason
    assert "trace-1" == (call.session and call.session.id)
    assert {
        "name": "OpenAI-generation",
        "environment": "production",
        "prompt_version": "3",
    } == call.labels
    assert 2.5 == call.measured.duration


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ({"input": 10, "output": 5, "total": 143, "input_cached_tokens": 128}, (138, 5, 128)),
        ({"input": 138, "output": 5, "total": 143, "input_cached_tokens": 128}, (138, 5, 128)),
        ({"input": 10, "output": 5, "output_reasoning_tokens": 7}, (10, 12, None)),
        ({"prompt_tokens": 4, "completion_tokens": 2, "total": 6}, (4, 2, None)),
        ({}, (None, None, None)),
    ],
)
def test_counts_become_inclusive_totals(
    tmp_path: Path, details: dict[str, int], expected: tuple[int | None, ...]
) -> None:
    """Langfuse counts what was cached apart, other writers do not; the total tells which."""
    path = written(tmp_path / "o.jsonl", [observation(usageDetails=details)])
    _, event = one_call(LANGFUSE, path)
    usage = event.usage
    assert expected == (usage.input_tokens, usage.output_tokens, usage.cache_read_input_tokens)


def test_rows_of_the_blob_storage_are_read(tmp_path: Path) -> None:
    """In snake case, with JSON in texts, moments without a zone, and tools by name."""
    tools = {"get_weather": json.dumps({"description": "Look.", "parameters": {"type": "object"}})}
    row = {
        "id": "obs-2",
        "trace_id": "trace-2",
        "session_id": "session-1",
        "trace_name": "support",
        "type": "GENERATION",
        "start_time": "2026-08-17 10:00:00.000000",
        "completion_start_time": "2026-08-17 10:00:00.250000",
        "end_time": "2026-08-17 10:00:01.000000",
        "provided_model_name": "claude-sonnet-4-5",
        "model_parameters": json.dumps({"max_tokens": 100, "temperature": 0.5}),
        "input": json.dumps(MESSAGES),
        "output": json.dumps({"role": "assistant", "content": "Sunny."}),
        "usage_details": {"input": 10, "output": 5},
        "prompt_name": "weather",
        "tags": ["a", "b"],
        "tool_definitions": tools,
    }
    call, event = one_call(LANGFUSE, written(tmp_path / "o.jsonl", [row]))
    assert ("anthropic", "messages") == (call.provider, call.api)
    assert ("session-1", "support") == (
        call.session and call.session.id,
        call.session and call.session.name,
    )
    assert (True, 0.5, 100) == (
        event.request.stream,
        event.request.temperature,
        event.request.max_tokens,
    )
    assert ["get_weather"] == [tool.name for tool in event.request.tools]
    assert ("Sunny.", 10, 5) == (
        event.response.text,
        event.usage.input_tokens,
        event.usage.output_tokens,
    )
    assert ("2026-08-17T10:00:00.000Z", 0.25) == (
        call.measured.at,
        call.measured.time_to_first_chunk,
    )
    assert "a, b" == call.labels["tags"]


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"ls_provider": "groq"}, "groq"),
        ({"attributes": {"gen_ai.system": "mistral_ai"}}, "mistral"),
        ({"attributes.gen_ai.provider.name": "deepseek"}, "deepseek"),
        (None, "gateway"),
    ],
)
def test_the_provider_is_told_by_metadata_or_not_at_all(
    tmp_path: Path, metadata: Any, expected: str
) -> None:
    """Langfuse does not know it; a model of nobody's own name goes to an unknown gateway."""
    told = observation(model="llama-3.3-70b", metadata=metadata)
    call, event = one_call(LANGFUSE, written(tmp_path / "o.jsonl", [told]))
    assert expected == call.provider
    assert "llama-3.3-70b" == event.request.model


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("Sunny.", "Sunny."),
        ({"content": "Sunny."}, "Sunny."),
        ([{"role": "assistant", "content": "Sunny."}], "Sunny."),
        ({"completion": "Sunny."}, "Sunny."),
        ('{"weather": "sunny"}', '{"weather": "sunny"}'),
        ({"choices": [{"message": {"role": "assistant", "content": "Sunny."}}]}, "Sunny."),
        (
            [{"type": "message", "content": [{"type": "output_text", "text": "Sunny."}]}],
            "Sunny.",
        ),
        ([{"type": "text", "text": "Sunny."}], "Sunny."),
        ([["Sunny."]], "Sunny."),
    ],
)
def test_answers_of_any_shape_are_read(tmp_path: Path, output: Any, expected: str) -> None:
    """What an application calls its output is its own affair."""
    _, event = one_call(LANGFUSE, written(tmp_path / "o.jsonl", [observation(output=output)]))
    assert expected == event.response.text


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("Weather?", ["user: Weather?"]),
        ({"prompt": "Weather?"}, ["user: Weather?"]),
        ({"role": "user", "content": "Weather?"}, ["user: Weather?"]),
        ({"role": "user", "content": {"city": "Rome"}}, ['user: {"city": "Rome"}']),
        ({"input": "Weather?", "instructions": "Be brief."}, ["user: Weather?"]),
        (
            [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "A"}]}],
            ["user: A"],
        ),
        ({"contents": [{"role": "user", "parts": [{"text": "A"}]}]}, ["user: A"]),
        ([{"role": "user", "parts": [{"text": "A"}]}], ["user: A"]),
    ],
)
def test_inputs_of_any_shape_are_read(tmp_path: Path, told: Any, expected: list[str]) -> None:
    """A text, one message, many, or the body of any format."""
    path = written(tmp_path / "o.jsonl", [observation(input=told, output="Sunny.")])
    _, event = one_call(LANGFUSE, path)
    said = [
        f"{one.role}: {''.join(getattr(part, 'content', '') for part in one.parts)}"
        for one in event.request.messages
    ]
    assert expected == said


def test_an_error_is_recorded_and_a_gap_is_told(tmp_path: Path) -> None:
    """A failed generation has a message in place of an output."""
    path = written(
        tmp_path / "o.jsonl",
        [
            observation(output=None, level="ERROR", statusMessage="429 slow down"),
            observation(type="SPAN"),
            observation(input=None),
            observation(output=None),
            observation(model=None),
            observation(input=[1, 2], name=["a"]),
            {"id": "a log of something else"},
        ],
    )
    found = found_in(LANGFUSE, path)
    assert isinstance(found[1], PassedOver)
    assert [
        "o.jsonl:3: no input: the export left the group `io` out, or nothing was kept",
        "o.jsonl:4: no output",
        "o.jsonl:5: no model",
        "o.jsonl:6: no conversation: [1, 2]",
        "o.jsonl:7: neither type nor input, of which every observation has one",
    ] == problems_in(LANGFUSE, path)


def test_a_page_of_the_api_and_a_trace_hold_observations(tmp_path: Path) -> None:
    """Wherever the list stands."""
    page = written(tmp_path / "page.json", {"data": [observation()], "meta": {"page": 1}})
    trace = written(tmp_path / "trace.json", {"id": "t", "observations": [observation()]})
    assert 2 == len(calls_in(LANGFUSE, page, trace))


@pytest.mark.parametrize("model", ["claude-sonnet-4-5", "gpt-4o-mini", "gemini-2.5-flash"])
@pytest.mark.parametrize("first", [None, "2026-08-17T10:00:00.500Z"], ids=["plain", "streamed"])
def test_counts_that_the_log_does_not_tell_stay_unknown(
    tmp_path: Path, model: str, first: str | None
) -> None:
    """Zero would make every budget of tokens trip; some formats would write it."""
    told = observation(model=model, output="Sunny.", usageDetails={}, completionStartTime=first)
    _, event = one_call(LANGFUSE, written(tmp_path / "o.jsonl", [told]))
    assert ("Sunny.", None, None, False) == (
        event.response.text,
        event.usage.input_tokens,
        event.usage.output_tokens,
        event.response.truncated,
    )


def test_a_span_around_calls_is_no_call_of_its_own(tmp_path: Path) -> None:
    """The AI SDK tells each call twice: within it, and once more around it."""
    told = written(tmp_path / "o.jsonl", [observation(name="ai.generateText")])
    (found,) = found_in(LANGFUSE, told)
    assert isinstance(found, PassedOver)
    assert 1 == len(calls_in(LANGFUSE, written(tmp_path / "p.jsonl", [observation()])))
