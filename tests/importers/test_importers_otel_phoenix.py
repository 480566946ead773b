"""Spans as Arize Phoenix exports them, in the shapes that a server of arize-phoenix gave."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from importers.told_logs import WEATHER, calls_in, event_of, found_in, problems_in, written

from pytest_llmreplay.importers.otel.source import OTEL
from pytest_llmreplay.importers.source import Imported, PassedOver

IDS = {"trace_id": "b1f719347670cdec54f3c251fc7bb5e5", "span_id": "d0c337313ad11f79"}
KINDS = ("array_value", "bool_value", "double_value", "int_value", "kvlist_value", "string_value")
FLAT = {
    "llm.model_name": "gpt-5-mini-2026",
    "llm.system": "openai",
    "llm.invocation_parameters": '{"model": "gpt-5-mini", "temperature": 0}',
    "llm.tools.0.tool.json_schema": json.dumps(WEATHER),
    "llm.input_messages.0.message.role": "user",
    "llm.input_messages.0.message.content": "Paris?",
    "llm.output_messages.0.message.role": "assistant",
    "llm.output_messages.0.message.tool_calls.0.tool_call.id": "call_1",
    "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "get_weather",
    "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": '{"city": "Paris"}',
    "llm.token_count.prompt": 9,
    "llm.token_count.completion": 3,
    "session.id": "s-1",
}


def span(**more: Any) -> dict[str, Any]:
    """A span as `GET /v1/projects/NAME/spans` gives it."""
    return {
        "id": "U3Bhbjoy",
        "name": "ChatCompletion",
        "context": IDS,
        "span_kind": "LLM",
        "parent_id": None,
        "start_time": "2026-11-30T13:20:01.119853+00:00",
        "end_time": "2026-11-30T13:20:01.139262+00:00",
        "status_code": "OK",
        "status_message": "",
        "attributes": FLAT,
        "events": [],
        **more,
    }


def otlp() -> dict[str, Any]:
    """The same as `GET /v1/projects/NAME/spans/otlpv1` gives it, with every type of value."""
    attributes = [
        {"key": key, "value": dict.fromkeys(KINDS) | {_kind(value): value}}
        for key, value in {**FLAT, "openinference.span.kind": "LLM"}.items()
    ]
    times = {"start_time_unix_nano": 1796044801119853000, "end_time_unix_nano": 1796044801139262000}
    return {**IDS, **times, "name": "ChatCompletion", "attributes": attributes, "events": None}


def _kind(value: Any) -> str:
    return "int_value" if isinstance(value, int) else "string_value"


def row(**more: Any) -> dict[str, Any]:
    """The same as a row of `get_spans_dataframe`, by `to_json(orient="records", lines=True)`."""
    function = {"tool_call.function.name": "get_weather"}
    call = {
        "tool_call.id": "call_1",
        **function,
        "tool_call.function.arguments": '{"city": "Paris"}',
    }
    said = {"message.role": "assistant", "message.tool_calls": [call]}
    lists = {
        "llm.tools": [{"tool.json_schema": json.dumps(WEATHER)}],
        "llm.input_messages": [{"message.role": "user", "message.content": "Paris?"}],
        "llm.output_messages": [said],
    }
    plain = {key: value for key, value in FLAT.items() if ".0." not in key}
    columns = {f"attributes.{key}": value for key, value in {**plain, **lists}.items()}
    ids = {f"context.{key}": value for key, value in IDS.items()}
    times = {"start_time": 1796044801119, "end_time": 1796044801139}
    known = span()
    for key in ("id", "context", "attributes"):
        del known[key]
    return {**known, **times, **ids, **columns, "attributes.retrieval.documents": None, **more}


@pytest.mark.parametrize(
    "told",
    [{"data": [span()], "next_cursor": None}, {"data": [otlp()], "next_cursor": None}, [row()]],
    ids=["spans", "otlp", "frame"],
)
def test_a_span_is_the_call_that_it_tells(tmp_path: Path, told: Any) -> None:
    """With words, tools, parameters, counts, times and session, whichever way it was exported."""
    (call,) = calls_in(OTEL, written(tmp_path / "spans.json", told))
    event = event_of(call)
    assert ("openai", "gpt-5-mini", f"{IDS['trace_id']}/{IDS['span_id']}") == (
        call.provider,
        call.model,
        call.id,
    )
    assert "s-1" == (call.session and call.session.id)
    assert (0, "get_weather") == (event.request.temperature, event.request.tools[0].name)
    assert {"city": "Paris"} == event.response.tool_calls[0].arguments
    assert (9, 3) == (event.usage.input_tokens, event.usage.output_tokens)
    assert str(call.measured.at).startswith("2026-11-30T13:20:01.1")
    assert 0.02 == pytest.approx(call.measured.duration, abs=0.001)


def test_what_failed_and_what_is_no_call(tmp_path: Path) -> None:
    """The status stands beside the name of the span."""
    failed = {"status_code": "ERROR", "status_message": "BadRequestError: Error code: 400 - bad"}
    told = [span(**failed), row(**failed), span(span_kind="CHAIN")]
    *failures, other = found_in(OTEL, written(tmp_path / "spans.jsonl", told))
    calls = [one for one in failures if isinstance(one, Imported)]
    assert ["BadRequestError: Error code: 400 - bad"] * 2 == [
        (error := event_of(call).response.error) and error.message for call in calls
    ]
    assert isinstance(other, PassedOver)


def test_parquet_is_refused_with_what_to_write_instead(tmp_path: Path) -> None:
    """As `to_parquet` of the data frame writes it."""
    (tmp_path / "spans.parquet").write_bytes(b"PAR1\x15\x04\xff\xfe")
    (problem,) = problems_in(OTEL, tmp_path / "spans.parquet")
    assert "; it is Parquet: write JSON Lines of it, as DataFrame.to_json(orient=" in problem
