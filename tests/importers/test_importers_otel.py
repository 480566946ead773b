"""OpenTelemetry GenAI spans, in every spelling that there has been."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from importers.told_logs import (
    WEATHER,
    calls_in,
    event_of,
    found_in,
    one_call,
    problems_in,
    written,
)
from importers.told_spans import START, TRACE, document, pairs, span, value

from pytest_llmreplay.importers.otel.source import OTEL
from pytest_llmreplay.importers.source import PassedOver

USAGE = {"gen_ai.usage.input_tokens": 11, "gen_ai.usage.output_tokens": 7}
REQUEST = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o-mini",
    "gen_ai.request.temperature": 0.5,
    "gen_ai.request.max_tokens": 50,
    "gen_ai.request.stop_sequences": ["END"],
    "gen_ai.request.choice.count": 1,
    "gen_ai.response.model": "gpt-4o-mini-2024-07-18",
    "gen_ai.response.id": "chatcmpl-1",
    **USAGE,
}
ASKED = [
    {"role": "user", "parts": [{"type": "text", "content": "Weather?"}]},
    {
        "role": "assistant",
        "parts": [
            {"type": "tool_call", "id": "c0", "name": "get_weather", "arguments": {"city": "Rome"}}
        ],
    },
    {
        "role": "tool",
        "parts": [{"type": "tool_call_response", "id": "c0", "response": "sunny"}],
    },
]
ANSWERED = [
    {
        "role": "assistant",
        "parts": [{"type": "text", "content": "It is sunny."}],
        "finish_reason": "stop",
    }
]
TOOL = {"type": "function", **WEATHER["function"]}  # type: ignore[dict-item]  # an object, as it stands above
NEW = {
    **REQUEST,
    "gen_ai.system_instructions": json.dumps([{"type": "text", "content": "Be brief."}]),
    "gen_ai.input.messages": json.dumps(ASKED),
    "gen_ai.output.messages": json.dumps(ANSWERED),
    "gen_ai.tool.definitions": json.dumps([TOOL]),
    "gen_ai.conversation.id": "conv-1",
    "gen_ai.prompt.name": "weather",
}
OLD_REQUEST = {
    "llm.request.type": "chat",
    "gen_ai.system": "OpenAI",
    "gen_ai.request.model": "gpt-4o-mini",
    "gen_ai.request.temperature": 0.5,
    "gen_ai.request.max_tokens": 50,
    "gen_ai.usage.prompt_tokens": 11,
    "gen_ai.usage.completion_tokens": 7,
}
OPENLLMETRY = {
    **OLD_REQUEST,
    "gen_ai.prompt.0.role": "system",
    "gen_ai.prompt.0.content": "Be brief.",
    "gen_ai.prompt.1.role": "user",
    "gen_ai.prompt.1.content": "Weather?",
    "gen_ai.prompt.2.role": "assistant",
    "gen_ai.prompt.2.tool_calls.0.id": "c0",
    "gen_ai.prompt.2.tool_calls.0.name": "get_weather",
    "gen_ai.prompt.2.tool_calls.0.arguments": '{"city": "Rome"}',
    "gen_ai.prompt.3.role": "tool",
    "gen_ai.prompt.3.content": "sunny",
    "gen_ai.prompt.3.tool_call_id": "c0",
    "gen_ai.completion.0.role": "assistant",
    "gen_ai.completion.0.content": "It is sunny.",
    "gen_ai.completion.0.finish_reason": "stop",
    "llm.request.functions.0.name": "get_weather",
    "llm.request.functions.0.description": "Weather of a city.",
    "llm.request.functions.0.parameters": json.dumps(WEATHER["function"]["parameters"]),  # type: ignore[index]  # as above
}
RENAMED = {"gen_ai.prompt": "llm.prompts", "gen_ai.completion": "llm.completions"}
OLDEST = {
    ".".join([RENAMED.get(".".join(parts[:2]), ".".join(parts[:2])), *parts[2:]]): told
    for parts, told in ((name.split("."), told) for name, told in OPENLLMETRY.items())
}
OPEN_INFERENCE = {
    "openinference.span.kind": "LLM",
    "llm.provider": "openai",
    "llm.model_name": "gpt-4o-mini-2024-07-18",
    "llm.invocation_parameters": '{"model": "gpt-4o-mini", "temperature": 0.5, "max_tokens": 50}',
    "llm.finish_reason": "stop",
    "llm.token_count.prompt": 11,
    "llm.token_count.completion": 7,
    "llm.input_messages.0.message.role": "system",
    "llm.input_messages.0.message.content": "Be brief.",
    "llm.input_messages.1.message.role": "user",
    "llm.input_messages.1.message.contents.0.message_content.type": "text",
    "llm.input_messages.1.message.contents.0.message_content.text": "Weather?",
    "llm.input_messages.2.message.role": "assistant",
    "llm.input_messages.2.message.tool_calls.0.tool_call.id": "c0",
    "llm.input_messages.2.message.tool_calls.0.tool_call.function.name": "get_weather",
    "llm.input_messages.2.message.tool_calls.0.tool_call.function.arguments": '{"city": "Rome"}',
    "llm.input_messages.3.message.role": "tool",
    "llm.input_messages.3.message.content": "sunny",
    "llm.input_messages.3.message.tool_call_id": "c0",
    "llm.output_messages.0.message.role": "assistant",
    "llm.output_messages.0.message.content": "It is sunny.",
    "llm.tools.0.tool.json_schema": json.dumps(WEATHER),
}
MESSAGE_EVENTS = [
    ("gen_ai.system.message", {"content": "Be brief."}),
    ("gen_ai.user.message", {"content": "Weather?"}),
    (
        "gen_ai.assistant.message",
        {
            "tool_calls": json.dumps(
                [
                    {
                        "id": "c0",
                        "type": "function",
                        "function": {"name": "get_weather", "arguments": '{"city": "Rome"}'},
                    }
                ]
            )
        },
    ),
    ("gen_ai.tool.message", {"content": "sunny", "id": "c0"}),
    (
        "gen_ai.choice",
        {
            "index": 0,
            "finish_reason": "stop",
            "message": json.dumps({"role": "assistant", "content": "It is sunny."}),
        },
    ),
]
CHAT = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Weather?"},
    {
        "role": "assistant",
        "tool_calls": [
            {
                "id": "c0",
                "type": "function",
                "function": {"name": "get_weather", "arguments": '{"city": "Rome"}'},
            }
        ],
    },
    {"role": "tool", "content": "sunny", "tool_call_id": "c0"},
]
CONTENT_EVENTS = [
    ("gen_ai.content.prompt", {"gen_ai.prompt": json.dumps(CHAT)}),
    (
        "gen_ai.content.completion",
        {
            "gen_ai.completion": json.dumps(
                [{"role": "assistant", "content": "It is sunny.", "finish_reason": "stop"}]
            )
        },
    ),
]
AI_SDK_TOOL = {("inputSchema" if key == "parameters" else key): held for key, held in TOOL.items()}
AI_SDK_CALL = {"type": "tool-call", "toolCallId": "c0", "toolName": "get_weather"}
AI_SDK = {
    "ai.operationId": "ai.generateText.doGenerate",
    "ai.model.id": "gpt-4o-mini",
    "gen_ai.system": "openai.chat",
    "gen_ai.request.model": "gpt-4o-mini",
    "gen_ai.request.temperature": 0.5,
    "gen_ai.request.max_tokens": 50,
    "ai.prompt.messages": json.dumps(
        [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Weather?"}]},
            {"role": "assistant", "content": [{**AI_SDK_CALL, "input": {"city": "Rome"}}]},
            {
                "role": "tool",
                "content": [
                    {
                        **AI_SDK_CALL,
                        "type": "tool-result",
                        "output": {"type": "text", "value": "sunny"},
                    }
                ],
            },
        ]
    ),
    "ai.prompt.tools": [json.dumps(AI_SDK_TOOL)],
    "ai.response.text": "It is sunny.",
    "gen_ai.response.finish_reasons": ["stop"],
    **USAGE,
}
DETAILS = ("gen_ai.client.inference.operation.details", NEW)
TOOLED = {**OLD_REQUEST, "gen_ai.tool.definitions": json.dumps([WEATHER])}

SPELLINGS = {
    "conventions on the span": span(NEW),
    "conventions on an event": span(REQUEST, events=[DETAILS]),
    "structured conventions": span(
        {
            **NEW,
            "gen_ai.input.messages": ASKED,
            "gen_ai.output.messages": ANSWERED,
            "gen_ai.system_instructions": [{"type": "text", "content": "Be brief."}],
        }
    ),
    "OpenLLMetry": span(OPENLLMETRY),
    "OpenLLMetry of old": span(OLDEST),
    "OpenInference": span(OPEN_INFERENCE),
    "one event per message": span(TOOLED, events=MESSAGE_EVENTS),
    "AI SDK": span(AI_SDK),
    "one event per side": span(TOOLED, events=CONTENT_EVENTS),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_every_spelling_tells_the_same_call(tmp_path: Path, name: str) -> None:
    """Instructions, history with a call and its result, tools, parameters, answer and counts."""
    call, event = one_call(OTEL, written(tmp_path / "spans.json", document(SPELLINGS[name])))
    request, body = event.request, getattr(event.exchange.request.body, "value", {})
    assert ("openai", "chat_completions", "gpt-4o-mini") == (call.provider, call.api, call.model)
    assert ["system", "user", "assistant", "tool"] == [said["role"] for said in body["messages"]]
    words = [getattr(said.parts[0], "content", None) for said in request.messages[:2]]
    assert ["Be brief.", "Weather?"] == words
    (asked,) = body["messages"][2]["tool_calls"]
    assert {"city": "Rome"} == json.loads(asked["function"]["arguments"])
    assert (asked["id"], "sunny") == (
        body["messages"][3]["tool_call_id"],
        body["messages"][3]["content"],
    )
    assert (0.5, 50) == (request.temperature, request.max_tokens)
    assert [WEATHER["function"]] == [tool["function"] for tool in body["tools"]]
    assert ("It is sunny.", "stop") == (event.response.text, event.response.finish_reason)
    assert (11, 7) == (event.usage.input_tokens, event.usage.output_tokens)
    assert ("2025-11-29T21:20:00.000Z", 2.5) == (call.measured.at, call.measured.duration)


def test_session_path_and_prompt_come_from_the_span(tmp_path: Path) -> None:
    """The conversation is the session, and the spans around the call are its path."""
    outer = span({}, spanId="a1", parentSpanId="", name="invoke_agent support")
    inner = span({}, spanId="a2", parentSpanId="a1", name="plan / act")
    told = span(NEW, parentSpanId="a2")
    call, event = one_call(OTEL, written(tmp_path / "s.json", document(outer, inner, told)))
    assert ("conv-1", "/invoke_agent support/plan   act") == (
        call.session and call.session.id,
        call.session and call.session.path,
    )
    assert ("weather", ("END",), "chatcmpl-1") == (
        call.prompt,
        event.request.stop_sequences,
        event.response.id,
    )


def test_several_choices_stay_several(tmp_path: Path) -> None:
    """Each output message is one; the first is the answer."""
    other = [{"role": "assistant", "parts": [{"type": "text", "content": "It rains."}]}]
    told = {
        **NEW,
        "gen_ai.request.choice.count": 2,
        "gen_ai.output.messages": json.dumps(ANSWERED + other),
        "gen_ai.response.finish_reasons": ["stop", "length"],
    }
    _, event = one_call(OTEL, written(tmp_path / "s.json", document(span(told))))
    assert (2, "It is sunny.") == (event.request.choice_count, event.response.text)
    assert ["stop", "length"] == [choice.finish_reason for choice in event.response.choices]


def test_a_trace_stands_in_for_a_conversation(tmp_path: Path) -> None:
    """Spans without a conversation belong together by their trace."""
    call, _ = one_call(OTEL, written(tmp_path / "s.json", document(span(OPENLLMETRY))))
    assert TRACE == (call.session and call.session.id)


def test_spans_that_go_round_in_a_circle_have_a_path_that_ends(tmp_path: Path) -> None:
    """A damaged export cannot hang the import."""
    path = written(tmp_path / "s.json", document(span(NEW, spanId="a", parentSpanId="a")))
    (call,) = calls_in(OTEL, path)
    assert 32 == ((call.session and call.session.path) or "").count("/")


def test_one_document_on_each_line_is_read_line_by_line(tmp_path: Path) -> None:
    """As the file exporter of the collector writes them."""
    path = written(tmp_path / "s.jsonl", [document(span(NEW)), document(span(NEW), span({}))])
    found = found_in(OTEL, path)
    assert ["line 1, span 1", "line 2, span 1", "line 2, span 2"] == [one.place.at for one in found]


def test_an_error_span_is_a_recorded_error(tmp_path: Path) -> None:
    """With the status that its kind of error is, where it is one."""
    told = span(
        {**NEW, "error.type": "429"}, status={"code": "STATUS_CODE_ERROR", "message": "slow down"}
    )
    _, event = one_call(OTEL, written(tmp_path / "s.json", document(told)))
    error = event.response.error
    assert error is not None
    assert (429, "slow down") == (error.status, error.message)


def test_a_streamed_call_of_anthropic_is_a_stream_of_its_format(tmp_path: Path) -> None:
    """Blocks written as a text keep their calls; the stop reason stands where its SDK puts it."""
    blocks = [
        {"type": "text", "text": "Look:"},
        {"type": "tool_use", "id": "t1", "name": "get_weather", "input": {"city": "Rome"}},
    ]
    told = {
        "gen_ai.operation.name": "chat",
        "gen_ai.system": "anthropic",
        "gen_ai.request.model": "claude-sonnet-4-5",
        "gen_ai.request.max_tokens": 64,
        "gen_ai.request.stream": True,
        "gen_ai.prompt.0.role": "user",
        "gen_ai.prompt.0.content": "Weather?",
        "gen_ai.completion.0.role": "assistant",
        "gen_ai.completion.0.content": json.dumps(blocks),
        "gen_ai.response.time_to_first_chunk": 0.5,
        "gen_ai.usage.input_tokens": 18,
        "gen_ai.usage.output_tokens": 4,
        "gen_ai.usage.cache_read.input_tokens": 10,
        "anthropic.message.stop_reason": "tool_use",
    }
    call, event = one_call(OTEL, written(tmp_path / "s.json", document(span(told))))
    assert ("messages", True, 0.5) == (
        call.api,
        event.request.stream,
        call.measured.time_to_first_chunk,
    )
    assert ("Look:", "tool_call") == (event.response.text, event.response.finish_reason)
    assert [{"city": "Rome"}] == [asked.arguments for asked in event.response.tool_calls]
    assert (18, 10) == (event.usage.input_tokens, event.usage.cache_read_input_tokens)


def test_parts_of_every_kind_are_read(tmp_path: Path) -> None:
    """Thoughts, media and older names; what no format can hold is named in a label."""
    parts = [
        {"type": "text", "content": "See:"},
        {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "iVBORw0KGgo="},
        {"type": "uri", "modality": "image", "uri": "https://example.org/a.png"},
        {"type": "file", "modality": "document", "file_id": "file-1"},
        {"type": "blob", "modality": "image"},
        {"type": "server_tool_call", "name": "search", "server_tool_call": {}},
        {"type": "server_tool_call_response", "server_tool_call_response": {}},
        {"type": "compaction", "content": "So far."},
        {"type": "novelty", "x": 1},
        "words",
    ]
    answer = [
        {"type": "reasoning", "content": "Hm."},
        {"type": "text", "content": "A cat."},
        {"type": "tool_call", "name": "look", "arguments": None},
    ]
    result = [{"type": "tool_call_response", "id": "x", "result": {"ok": True}}]
    told = {
        **REQUEST,
        "gen_ai.input.messages": json.dumps(
            [{"role": "user", "parts": parts}, {"role": "tool", "parts": result}]
        ),
        "gen_ai.output.messages": json.dumps([{"role": "assistant", "parts": answer}]),
    }
    call, event = one_call(OTEL, written(tmp_path / "s.json", document(span(told))))
    kinds = [type(part).__name__ for part in event.request.messages[0].parts]
    assert ["TextPart", "BlobPart", "UriPart"] == kinds[:3]
    assert "item.novelty" in call.labels["losses"]
    assert ("A cat.", ["look"]) == (
        event.response.text,
        [asked.name for asked in event.response.tool_calls],
    )


def test_a_call_that_is_told_as_an_event_of_a_log_is_read(tmp_path: Path) -> None:
    """Instrumentations of the conventions of today may write logs, and no content on spans."""
    told = {"timeUnixNano": str(START), "traceId": TRACE, "spanId": "a1"}
    records = [
        {**told, "eventName": DETAILS[0], "attributes": pairs(NEW)},
        {**told, "spanId": "a2", "attributes": [], "body": value(NEW)},
        {**told, "spanId": "a3", "attributes": pairs({**NEW, "error.type": "429"})},
        {**told, "spanId": "a4", "attributes": pairs({"event.name": "browser.click"})},
        {**told, "spanId": "a5", "body": {"stringValue": "words"}},
    ]
    document = {"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]}
    found = calls_in(OTEL, written(tmp_path / "logs.json", document))
    calls = sorted(found, key=lambda call: call.id or "")
    answers = [event_of(call).response for call in calls]
    assert ["It is sunny.", "It is sunny.", ""] == [answer.text for answer in answers]
    assert 429 == (answers[2].error and answers[2].error.status)
    assert ("2025-11-29T21:20:00.000Z", None) == (calls[0].measured.at, calls[0].measured.duration)


def test_other_spans_are_counted_and_empty_ones_told(tmp_path: Path) -> None:
    """Content is opt-in, and a span without it cannot be replayed."""
    path = written(
        tmp_path / "s.json",
        document(
            span({}),
            span({"gen_ai.operation.name": "execute_tool"}),
            span(REQUEST),
            span({**NEW, "gen_ai.output.messages": "[]"}),
        ),
    )
    passed = [one for one in found_in(OTEL, path) if isinstance(one, PassedOver)]
    assert [
        "a span or an event that is no call of a model",
        "a span of another kind: execute_tool",
    ] == [one.reason for one in passed]
    assert [
        "span 4: no answer",
        "span 3: no messages: the instrumentation was not told to capture content",
    ] == [told.removeprefix("s.json, record 1, ") for told in problems_in(OTEL, path)]


def test_a_file_without_spans_says_so(tmp_path: Path) -> None:
    """As one of metrics or of logs."""
    path = written(tmp_path / "s.json", {"resourceMetrics": []})
    assert [
        "s.json, record 1: no spans: expected resourceSpans or resourceLogs, as OTLP writes them"
    ] == problems_in(OTEL, path)
