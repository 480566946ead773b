"""Traces of MLflow, as versions 3 and 2 write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from importers.told_logs import calls_in, event_of, found_in, one_call, problems_in, written

from pytest_llmreplay.event import HttpResponse, StreamBody
from pytest_llmreplay.importers.mlflow.source import MLFLOW
from pytest_llmreplay.importers.source import Imported, PassedOver

START = 1_796_078_837_000_000_000
ASKED = {
    "model": "gpt-5-mini",
    "messages": [{"role": "user", "content": "Weather?"}],
    "temperature": 0,
    "tools": [
        {
            "type": "function",
            "function": {"name": "f", "parameters": {"properties": {"city": {"default": None}}}},
        }
    ],
    "extra_headers": {"x-team": "a"},
}
USAGE = {"prompt_tokens": 21, "completion_tokens": 9, "total_tokens": 30}
ANSWERED = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "model": "gpt-5-mini-2025-08-07",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "Sunny.", "tool_calls": None},
        }
    ],
    "usage": USAGE,
}


def span(asked: Any = ASKED, answered: Any = ANSWERED, **more: Any) -> dict[str, Any]:
    """A span of 2.5 seconds."""
    told = {
        "mlflow.traceRequestId": "tr-1",
        "mlflow.spanType": more.pop("kind", "CHAT_MODEL"),
        "mlflow.spanInputs": asked,
        "mlflow.spanOutputs": answered,
        "mlflow.message.format": "openai",
        **more.pop("attributes", {}),
    }
    return {
        "trace_id": "gOTQ",
        "span_id": "27lq",
        "parent_span_id": None,
        "name": "Completions",
        "start_time_unix_nano": START,
        "end_time_unix_nano": START + 2_500_000_000,
        "events": [],
        "status": {"code": "STATUS_CODE_OK", "message": ""},
        "attributes": {key: json.dumps(value) for key, value in told.items()},
        **more,
    }


def trace(*spans: dict[str, Any], **info: Any) -> dict[str, Any]:
    """What `Trace.to_json()` gives."""
    return {"info": {"trace_id": "tr-1", "state": "OK", **info}, "data": {"spans": list(spans)}}


def test_a_call_comes_out_as_its_sdk_was_asked(tmp_path: Path) -> None:
    """With its session, the tags of the user, and its times."""
    kept = {"mlflow.trace.session": "chat-7", "mlflow.user": "root"}
    told = trace(span(), trace_metadata=kept, tags={"team": "blue", "mlflow.traceName": "x"})
    call, event = one_call(MLFLOW, written(tmp_path / "t.json", told))
    sent = {key: value for key, value in ASKED.items() if key != "extra_headers"}
    assert sent == getattr(event.exchange.request.body, "value", None)
    assert ("openai", "tr-1/27lq", "chat-7", {"span": "Completions", "team": "blue"}) == (
        call.provider,
        call.id,
        call.session and call.session.id,
        call.labels,
    )
    assert ("Sunny.", "gpt-5-mini-2025-08-07", 21, "2026-11-30T22:47:17.000Z", 2.5) == (
        event.response.text,
        event.response.model,
        event.usage.input_tokens,
        call.measured.at,
        call.measured.duration,
    )


def of_version_2(told: dict[str, Any]) -> dict[str, Any]:
    """The span by the names before version 3."""
    renamed = {"context": {"span_id": "0x27", "trace_id": "0x80"}, "parent_id": None}
    times = {"start_time": START, "end_time": START + 2_500_000_000}
    status = {"status_code": "OK", "status_message": ""}
    kept = {key: told[key] for key in ("name", "attributes", "events")}
    return {**kept, **renamed, **times, **status}


@pytest.mark.parametrize(
    "record",
    [
        {"info": {"request_id": "r"}, "data": {"spans": [of_version_2(span())]}},
        {"trace_id": "tr-1", "trace": "{}", "spans": [span()]},
        {"trace_id": "tr-1", "spans": json.dumps([span()])},
        {"traces": [trace(span())]},
    ],
    ids=["version 2", "row", "row with a text", "list"],
)
def test_every_form_of_a_trace_tells_the_same_call(tmp_path: Path, record: Any) -> None:
    """Objects, rows of a data frame, answers of the API."""
    call, event = one_call(MLFLOW, written(tmp_path / "t.jsonl", [record]))
    assert ("Sunny.", 2.5, "tr-1") == (
        event.response.text,
        call.measured.duration,
        call.session and call.session.id,
    )


def piece(number: int, delta: dict[str, Any]) -> dict[str, Any]:
    """A piece of a stream, as an event of its span."""
    chunk = {
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": delta, "finish_reason": None}],
    }
    return {
        "name": f"mlflow.chunk.item.{number}",
        "time_unix_nano": START + 500_000_000,
        "attributes": {"mlflow.chunk.value": json.dumps(chunk)},
    }


@pytest.mark.parametrize(
    ("first", "names"), [(0, ["get_weather"]), (1, [])], ids=["whole", "begins in the middle"]
)
def test_calls_of_a_stream_are_put_together_of_its_pieces(
    tmp_path: Path, first: int, names: list[str]
) -> None:
    """MLflow does so without them; of long streams it keeps the last pieces only."""
    function = {"name": "get_weather", "arguments": '{"city": "Rome"}'}
    call = {"index": 0, "id": "c1", "type": "function", "function": function}
    pieces = [piece(first, {"role": "assistant"}), piece(first + 1, {"tool_calls": [call]})]
    told = span({**ASKED, "stream": True}, events=pieces)
    found, event = one_call(MLFLOW, written(tmp_path / "t.json", trace(told)))
    response = event.exchange.response
    assert isinstance(response, HttpResponse)
    assert (names, True, 0.5) == (
        [made.name for made in event.response.tool_calls],
        isinstance(response.body, StreamBody),
        found.measured.time_to_first_chunk,
    )


def test_what_bedrock_and_google_were_asked_stays_in_their_formats(tmp_path: Path) -> None:
    """Google's SDK tells every name that there is, most of them with nothing."""
    converse = span(
        {
            "modelId": "amazon.nova-lite-v1:0",
            "messages": [{"role": "user", "content": [{"text": "A"}]}],
        },
        {
            "ResponseMetadata": {"HTTPStatusCode": 200},
            "output": {"message": {"role": "assistant", "content": [{"text": "B"}]}},
            "stopReason": "end_turn",
        },
        attributes={"mlflow.message.format": "bedrock"},
        span_id="s1",
    )
    google = span(
        {
            "model": "gemini-2.5-flash",
            "contents": [{"role": "user", "parts": [{"text": "A", "inline_data": None}]}],
            "config": {"max_output_tokens": 60, "top_k": None},
        },
        {"candidates": [{"content": {"role": "model", "parts": [{"text": "B"}]}}]},
        attributes={"mlflow.message.format": "gemini"},
        span_id="s2",
    )
    calls = calls_in(MLFLOW, written(tmp_path / "t.json", trace(converse, google)))
    assert [("bedrock", "converse", "B"), ("gemini", "generate_content", "B")] == [
        (call.provider, call.api, event_of(call).response.text) for call in calls
    ]
    assert {
        "contents": [{"role": "user", "parts": [{"text": "A"}]}],
        "generationConfig": {"maxOutputTokens": 60},
    } == getattr(calls[1].exchange.request.body, "value", None)


def test_messages_of_langchain_are_read_with_the_parameters_beside_them(tmp_path: Path) -> None:
    """Their spans tell no body."""
    told = span(
        [[{"content": "Weather?", "type": "human"}]],
        {"generations": [[{"text": "Sunny.", "message": {"content": "Sunny.", "type": "ai"}}]]},
        attributes={"invocation_params": {"model": "gpt-5-mini", "temperature": 0.5}},
    )
    _, event = one_call(MLFLOW, written(tmp_path / "t.json", trace(told)))
    assert ("gpt-5-mini", 0.5, "Sunny.") == (
        event.request.model,
        event.request.temperature,
        event.response.text,
    )


def test_an_error_is_what_was_raised(tmp_path: Path) -> None:
    """The status of the span says nothing where an SDK raised it."""
    said = {"exception.message": "400 INVALID_ARGUMENT. {'error': {}}", "exception.type": "Bad"}
    told = span(
        answered=None,
        status={"code": "STATUS_CODE_ERROR", "message": ""},
        events=[{"name": "exception", "attributes": said}],
    )
    _, event = one_call(MLFLOW, written(tmp_path / "t.json", trace(told)))
    error = event.response.error
    assert error is not None
    assert (400, said["exception.message"]) == (error.status, error.message)


def test_spans_around_calls_and_other_spans_are_counted(tmp_path: Path) -> None:
    """Google's SDK calls itself, and both are traced."""
    inner = span(span_id="s2", parent_span_id="s1")
    tool = span(kind="TOOL", span_id="s3", parent_span_id="s2")
    odd = span(kind=["LLM"], span_id="s4")
    path = written(tmp_path / "t.json", trace(span(span_id="s1"), inner, tool, odd))
    outer, call, other, _ = found_in(MLFLOW, path)
    assert isinstance(call, Imported)
    assert isinstance(outer, PassedOver)
    assert isinstance(other, PassedOver)
    assert ("a span around calls, which have their own", "a span that is no call of a model") == (
        outer.reason,
        other.reason,
    )


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    """A stream of which nothing was kept is no answer of words, and a picture is elsewhere."""
    lost = "<anthropic.Stream object at 0x7f7bd4067390>"
    picture = {"type": "image_url", "image_url": {"url": "mlflow-attachment://8862?size=70"}}
    shown = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": [picture]}]}
    records = [
        trace(span(answered=lost)),
        trace(span(asked=None)),
        {"info": {}},
        trace(span(shown)),
    ]
    path = written(tmp_path / "t.jsonl", records)
    assert [
        "t.jsonl, line 1, span 1: no mlflow.spanOutputs: nothing of the answer was kept",
        "t.jsonl, line 2, span 1: no mlflow.spanInputs",
        "t.jsonl:3: no spans: expected data.spans, as Trace.to_json() has",
    ] == problems_in(MLFLOW, path)
    (call,) = (one for one in found_in(MLFLOW, path) if isinstance(one, Imported))
    assert "media" == call.labels["losses"]


def test_a_moment_beyond_all_time_is_unknown(tmp_path: Path) -> None:
    """A count of nanoseconds that no float holds ends no import."""
    call, _ = one_call(
        MLFLOW, written(tmp_path / "t.json", trace(span(end_time_unix_nano=10**400)))
    )
    assert (None, "2026") == (call.measured.duration, str(call.measured.at)[:4])
