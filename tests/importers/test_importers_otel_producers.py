"""Spans in the words of the instrumentations that people run, where those go their own ways."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from importers.told_logs import calls_in, event_of, found_in, one_call, problems_in, written
from importers.told_spans import START, document, logs, span

from pytest_llmreplay.event import BlobPart, Event, HttpResponse, StreamBody, UriPart
from pytest_llmreplay.importers.otel.source import OTEL
from pytest_llmreplay.importers.source import Imported, PassedOver

PIXEL = "R0lGODlhAQABAAAAACwAAAAAAQABAAA="
ANSWERED = [{"role": "assistant", "parts": [{"type": "text", "content": "A dot."}]}]


def chat(provider: str, model: str, asked: Any, answered: Any = ANSWERED, **more: Any) -> Any:
    """Attributes of a call by the conventions."""
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": model,
        "gen_ai.input.messages": json.dumps(asked),
        "gen_ai.output.messages": json.dumps(answered),
        **more,
    }


def streamed(event: Event) -> bool:
    """Whether the answer came in pieces."""
    answer = event.exchange.response
    return isinstance(answer, HttpResponse) and isinstance(answer.body, StreamBody)


def test_arguments_that_pydantic_ai_kept_as_a_text_are_those_of_the_call(tmp_path: Path) -> None:
    """A format that has objects gets an object, in the history as in the answer."""
    call = {"type": "tool_call", "id": "t1", "name": "get_weather", "arguments": '{"city":"Rome"}'}
    asked = [{"role": "user", "parts": [{"type": "text", "content": "Weather?"}]}]
    told = chat("anthropic", "claude-x", asked, [{"role": "assistant", "parts": [call]}])
    _, event = one_call(OTEL, written(tmp_path / "s.json", document(span(told))))
    assert [{"city": "Rome"}] == [called.arguments for called in event.response.tool_calls]


def test_a_call_that_openllmetry_writes_as_a_text_too_is_said_once(tmp_path: Path) -> None:
    """It does so with what LangChain keeps of Anthropic's blocks."""
    call = {"type": "tool_call", "id": "t1", "name": "get_weather", "arguments": {"city": "Rome"}}
    block = json.dumps({"type": "tool_use", "id": "t1", "name": "get_weather", "input": {}})
    asked = [{"role": "user", "parts": [{"type": "text", "content": "Weather?"}]}]
    said = {"role": "assistant", "parts": [{"type": "text", "content": block}, call]}
    told = chat("anthropic", "claude-x", asked, [said])
    _, event = one_call(OTEL, written(tmp_path / "s.json", document(span(told))))
    assert ("", ["t1"]) == (event.response.text, [made.id for made in event.response.tool_calls])


def test_pictures_of_pydantic_ai_are_pictures(tmp_path: Path) -> None:
    """Inline, and at an address, as its versions before the conventions told them."""
    parts = [
        {"type": "binary", "media_type": "image/gif", "content": PIXEL},
        {"type": "image-url", "url": "https://example.com/a.png"},
    ]
    told = chat("openai", "gpt-5-mini", [{"role": "user", "parts": parts}])
    call, event = one_call(OTEL, written(tmp_path / "s.json", document(span(told))))
    inline, linked = event.request.messages[0].parts
    assert isinstance(inline, BlobPart)
    assert isinstance(linked, UriPart)
    assert (PIXEL, "https://example.com/a.png") == (inline.content, linked.uri)
    assert "losses" not in call.labels


def test_a_response_of_openai_is_told_by_its_id(tmp_path: Path) -> None:
    """No instrumentation but OpenTelemetry's own names the format."""
    asked = [{"role": "user", "parts": [{"type": "text", "content": "What?"}]}]
    told = chat("openai", "gpt-5-mini", asked, **{"gen_ai.response.id": "resp_1"})
    call, event = one_call(OTEL, written(tmp_path / "s.json", document(span(told))))
    assert ("responses", "A dot.") == (call.api, event.response.text)


def test_bodies_of_responses_that_openinference_kept_are_imported_as_they_were(
    tmp_path: Path,
) -> None:
    """Each item of an answer is a message to it, which would make them alternatives."""
    asked = {"model": "gpt-5-mini", "input": "What?", "stream": True, "store": False}
    said = {"type": "output_text", "text": "A dot.", "annotations": []}
    answered = {
        "id": "resp_1",
        "object": "response",
        "model": "gpt-5-mini-2025-08-07",
        "status": "completed",
        "output": [
            {"type": "reasoning", "id": "rs_1", "summary": []},
            {"type": "message", "id": "msg_1", "role": "assistant", "content": [said]},
        ],
    }
    first = {"name": "First Token Stream Event", "timeUnixNano": str(START + 1_000_000_000)}
    told = span(
        {
            "openinference.span.kind": "LLM",
            "llm.system": "openai",
            "llm.invocation_parameters": '{"model": "gpt-5-mini", "stream": true}',
            "input.value": json.dumps(asked),
            "output.value": json.dumps(answered),
            "llm.output_messages.0.message.role": "assistant",
            "llm.output_messages.1.message.role": "assistant",
            "llm.output_messages.1.message.content": "A dot.",
        }
    )
    told["events"] = [first]
    call, event = one_call(OTEL, written(tmp_path / "s.json", document(told)))
    assert asked == getattr(event.exchange.request.body, "value", None)
    assert ("responses", ["A dot."], True) == (
        call.api,
        [event.response.text for _ in event.response.choices],
        streamed(event),
    )
    assert (2.5, 1.0) == (call.measured.duration, call.measured.time_to_first_chunk)


def test_a_stream_of_logfire_is_measured_by_the_line_that_ends_it(tmp_path: Path) -> None:
    """That line takes no time itself, and says how long the stream took."""
    asked = [{"role": "user", "parts": [{"type": "text", "content": "What?"}]}]
    more = {"logfire.span_type": "log", "duration": 0.5}
    ended = span(chat("openai", "gpt-5-mini", asked, **more), endTimeUnixNano=str(START))
    call, event = one_call(OTEL, written(tmp_path / "s.json", document(ended)))
    assert ("2025-11-29T21:19:59.500Z", 0.5) == (call.measured.at, call.measured.duration)
    assert streamed(event)


@pytest.mark.parametrize(
    ("told", "status", "message"),
    [
        ("Error code: 429 - Slow down", 429, "Error code: 429 - Slow down"),
        ("status_code: 529, model_name: claude-x, body: {}", 529, None),
        ("APIError('Error code: 400 - No')\n\nTraceback (most recent call last):\n x", 400, None),
        ("Connection error.", 500, None),
    ],
)
def test_the_status_of_an_error_is_the_one_that_the_sdk_said(
    tmp_path: Path, told: str, status: int, message: str | None
) -> None:
    """And the stack of calls is no part of what was answered."""
    attributes = chat("openai", "gpt-5-mini", [{"role": "user", "parts": []}], [])
    asked = [{"role": "user", "parts": [{"type": "text", "content": "What?"}]}]
    attributes["gen_ai.input.messages"] = json.dumps(asked)
    failed = span(attributes, status={"code": 2, "message": told})
    _, event = one_call(OTEL, written(tmp_path / "s.json", document(failed)))
    error = event.response.error
    assert error is not None
    assert (status, message or told.partition("\n")[0]) == (error.status, error.message)


def test_a_generation_of_langfuse_is_told_not_counted_as_another_span(tmp_path: Path) -> None:
    """Its SDK writes spans in words of its own; its server gives them out as observations."""
    told = span({"langfuse.observation.type": "generation", "langfuse.observation.input": "[]"})
    (problem,) = problems_in(OTEL, written(tmp_path / "s.jsonl", [document(told)]))
    assert problem.endswith("export it from Langfuse instead")


def test_what_opentelemetry_prints_to_a_console_is_read(tmp_path: Path) -> None:
    """Spans over many lines, one after another, with their moments as texts."""
    asked = [{"role": "user", "parts": [{"type": "text", "content": "What?"}]}]
    printed = {
        "name": "chat gpt-5-mini",
        "context": {"trace_id": "0x0a", "span_id": "0x01", "trace_state": "[]"},
        "parent_id": "0x00",
        "start_time": "2025-11-29T21:20:00.000000Z",
        "end_time": "2025-11-29T21:20:02.500000Z",
        "status": {"status_code": "UNSET"},
        "attributes": chat("openai", "gpt-5-mini", asked),
        "events": [{"name": "First Token Stream Event", "timestamp": "2025-11-29T21:20:01Z"}],
    }
    error = {"status_code": "ERROR", "description": "Error code: 429 - Slow down"}
    failed = {**printed, "context": {**printed["context"], "span_id": "0x02"}, "status": error}
    path = tmp_path / "console.json"
    path.write_text("\n".join(json.dumps(one, indent=4) for one in (printed, failed)))
    call, other = calls_in(OTEL, path)
    assert ("0a/01", "2025-11-29T21:20:00.000Z", 2.5, 1.0) == (
        call.id,
        call.measured.at,
        call.measured.duration,
        call.measured.time_to_first_chunk,
    )
    assert ("A dot.", True) == (event_of(call).response.text, streamed(event_of(call)))
    refused = event_of(other).response.error
    assert 429 == (refused and refused.status)


CALL = {"id": "c0", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
SAID: list[tuple[str, dict[str, Any]]] = [
    ("gen_ai.system.message", {"content": "Be brief."}),
    ("gen_ai.user.message", {"content": "Weather?"}),
    ("gen_ai.assistant.message", {"content": None, "tool_calls": [CALL]}),
    ("gen_ai.tool.message", {"content": "sunny"}),
    (
        "gen_ai.choice",
        {"index": 0, "finish_reason": "stop", "message": {"content": "It is sunny."}},
    ),
]
SPAN = {
    "gen_ai.operation.name": "chat",
    "gen_ai.system": "openai",
    "gen_ai.request.model": "gpt-5-mini",
    "gen_ai.usage.input_tokens": 11,
}
DETAILS = "gen_ai.client.inference.operation.details"


@pytest.mark.parametrize("first", ["logs", "spans"])
def test_messages_in_a_log_join_the_span_of_their_call(tmp_path: Path, first: str) -> None:
    """In whichever order the two files are read; a result finds the call that it answers."""
    files = {
        "logs": written(tmp_path / "logs.jsonl", [logs(told) for told in SAID]),
        "spans": written(tmp_path / "spans.jsonl", [document(span(SPAN))]),
    }
    paths = [files.pop(first), *files.values()]
    (call,) = calls_in(OTEL, *paths)
    event = event_of(call)
    body = getattr(event.exchange.request.body, "value", {})
    assert ["system", "user", "assistant", "tool"] == [said["role"] for said in body["messages"]]
    assert ("c0", "It is sunny.", 11, 2.5) == (
        body["messages"][3]["tool_call_id"],
        event.response.text,
        event.usage.input_tokens,
        call.measured.duration,
    )


def test_a_call_that_span_and_log_tell_both_is_imported_once(tmp_path: Path) -> None:
    """From its span, which knows how long it took, though its log was read before."""
    told = chat("openai", "gpt-5-mini", [{"role": "user", "parts": [{"type": "text"}]}])
    path = written(tmp_path / "both.jsonl", [logs((DETAILS, told)), document(span(told))])
    whole, passed = found_in(OTEL, path)
    assert isinstance(whole, Imported)
    assert isinstance(passed, PassedOver)
    assert (2.5, "a log of a span that needs none") == (whole.measured.duration, passed.reason)


def test_a_log_without_its_span_is_told_unless_it_tells_all(tmp_path: Path) -> None:
    """Messages alone do not say which model was asked; the details of a call do."""
    told = chat("openai", "gpt-5-mini", [{"role": "user", "parts": [{"type": "text"}]}])
    path = written(tmp_path / "l.jsonl", [logs(*SAID), logs((DETAILS, told), span_id="a2")])
    (problem,) = problems_in(OTEL, path)
    assert "l.jsonl, line 1, span 1: messages of a call whose span stands in none" == problem[:69]
    assert 1 == len([one for one in found_in(OTEL, path) if isinstance(one, Imported)])


def test_spans_that_tell_a_call_a_second_time_are_counted(tmp_path: Path) -> None:
    """Anthropic's SDK has spans of its own, and Logfire one where a stream begins."""
    own = document(span({**SPAN, "gen_ai.system": "anthropic"}))
    own["resourceSpans"][0]["scopeSpans"][0]["scope"]["name"] = "com.anthropic.sdk.python"
    asked = [{"role": "user", "parts": [{"type": "text", "content": "What?"}]}]
    begun = chat("openai", "gpt-5-mini", asked, [], **{"logfire.span_type": "span"})
    found = found_in(OTEL, written(tmp_path / "s.jsonl", [own, document(span(begun, spanId="a2"))]))
    assert [
        "the beginning of a stream, whose end has a span of its own",
        "a span of Anthropic's SDK, which has no words",
    ] == [one.reason for one in found if isinstance(one, PassedOver)]


def test_thoughts_that_openllmetry_told_as_an_alternative_are_thoughts(tmp_path: Path) -> None:
    """Its older versions gave them a role; the answer is what was said after them."""
    told = {
        "gen_ai.system": "Anthropic",
        "llm.request.type": "completion",
        "gen_ai.request.model": "claude-x",
        "gen_ai.prompt.0.role": "user",
        "gen_ai.prompt.0.content": "What?",
        "gen_ai.completion.0.role": "thinking",
        "gen_ai.completion.0.content": "Let me think.",
        "gen_ai.completion.1.role": "assistant",
        "gen_ai.completion.1.content": "A dot.",
        "gen_ai.completion.1.finish_reason": "end_turn",
    }
    _, event = one_call(OTEL, written(tmp_path / "s.json", document(span(told))))
    assert ("A dot.", 1) == (event.response.text, len(event.response.choices))
    assert "Let me think." in [
        getattr(part, "content", None) for part in event.response.choices[0].message.parts
    ]


def of_jaeger(told: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A span as Jaeger's browser saves it."""
    kinds = {bool: "bool", int: "int64", float: "float64"}
    tags = [
        {"key": key, "type": kinds.get(type(value), "string"), "value": value}
        for key, value in told.items()
    ]
    return {
        "traceID": "5b8efff798038103d269b633813fc60c",
        "spanID": "eee19b7ec3c1b174",
        "operationName": "chat gpt-5-mini",
        "references": [],
        "startTime": START // 1000,
        "duration": 2_500_000,
        "tags": tags,
        "logs": [],
        **more,
    }


def test_traces_that_jaeger_saved_are_read(tmp_path: Path) -> None:
    """With moments in microseconds, events as logs, and a status as a tag."""
    asked = [{"role": "user", "parts": [{"type": "text", "content": "What?"}]}]
    told = chat("openai", "gpt-5-mini", asked, **{"gen_ai.usage.input_tokens": 11})
    event = [{"key": "event", "type": "string", "value": "First Token Stream Event"}]
    logs = [{"timestamp": START // 1000 + 1_000_000, "fields": event}]
    outer = of_jaeger({"otel.scope.name": "app"}, spanID="a1", operationName="workflow")
    around = [{"refType": "CHILD_OF", "traceID": "5b", "spanID": "a1"}]
    good = of_jaeger(told, references=around, logs=logs)
    error = {"error": True, "otel.status_description": "Error code: 429 - Slow down"}
    failed = of_jaeger({**told, **error}, spanID="a2")
    trace = {"traceID": "5b", "spans": [outer, good, failed], "processes": {}}
    path = written(tmp_path / "jaeger.json", {"data": [trace], "total": 0})
    call, other = calls_in(OTEL, path)
    assert ("2025-11-29T21:20:00.000Z", 2.5, 1.0, "/workflow", 11) == (
        call.measured.at,
        call.measured.duration,
        call.measured.time_to_first_chunk,
        call.session and call.session.path,
        event_of(call).usage.input_tokens,
    )
    refused = event_of(other).response.error
    assert ("A dot.", 429) == (event_of(call).response.text, refused and refused.status)


@pytest.mark.parametrize(
    "held", [lambda spans: {"batches": spans}, lambda spans: {"trace": {"resourceSpans": spans}}]
)
def test_traces_that_tempo_answers_are_read(tmp_path: Path, held: Callable[[Any], Any]) -> None:
    """Of both versions of its API, under the ids that everybody else writes for them."""
    asked = [{"role": "user", "parts": [{"type": "text", "content": "What?"}]}]
    told = span(chat("openai", "gpt-5-mini", asked))
    names = ("traceId", "spanId", "parentSpanId")
    ids = {name: base64.b64encode(bytes.fromhex(told[name])).decode() for name in names}
    outer = span({}, spanId=ids["parentSpanId"], parentSpanId=None, name="workflow")
    spans = document(outer, told | ids)["resourceSpans"]
    path = written(tmp_path / "tempo.json", held(spans))
    (call,) = [one for one in found_in(OTEL, path) if isinstance(one, Imported)]
    assert f"{told['traceId']}/{told['spanId']}" == call.id
    assert (told["traceId"], "/workflow") == (
        call.session and call.session.id,
        call.session and call.session.path,
    )
    assert "A dot." == event_of(call).response.text


def test_spans_as_a_console_prints_them_may_stand_in_an_object(tmp_path: Path) -> None:
    """As frameworks keep the trace of a run."""
    asked = [{"role": "user", "parts": [{"type": "text", "content": "What?"}]}]
    told = chat("openai", "gpt-5-mini", asked)
    context = {"trace_id": "0x5b", "span_id": "0xee"}
    outer = {"name": "workflow", "context": {"trace_id": "0x5b", "span_id": "0xaa"}}
    inner = {"name": "chat", "context": context, "parent_id": "0xaa", "attributes": told}
    path = written(tmp_path / "trace.json", {"spans": [inner, outer], "final_output": "A dot."})
    (call,) = [one for one in found_in(OTEL, path) if isinstance(one, Imported)]
    assert ("5b/ee", "/workflow") == (call.id, call.session and call.session.path)
    assert "A dot." == event_of(call).response.text
