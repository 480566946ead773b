"""Spans that keep whole bodies, or messages in the shape of one provider."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from importers.told_logs import calls_in, event_of, one_call, written
from importers.told_spans import document, logs, span

from pytest_llmreplay.event import BlobPart, Event, HttpResponse, StreamBody
from pytest_llmreplay.importers.otel.source import OTEL
from pytest_llmreplay.importers.source import Imported

ROME = {"city": "Rome"}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}


def told(tmp_path: Path, attributes: dict[str, Any], **more: Any) -> tuple[Imported, Event]:
    """The only call, of a span with these attributes."""
    return one_call(OTEL, written(tmp_path / "s.json", document(span(attributes, **more))))


def sent(event: Event) -> Any:
    """The body that was sent."""
    return getattr(event.exchange.request.body, "value", None)


def of_openinference(body: Any, answer: Any, **more: Any) -> dict[str, Any]:
    """Attributes of a call whose bodies OpenInference kept."""
    return {
        "openinference.span.kind": "LLM",
        "input.value": json.dumps(body),
        "output.value": json.dumps(answer),
        "llm.input_messages.0.message.role": "user",
        "llm.input_messages.0.message.content": "Weather?",
        "llm.output_messages.0.message.role": "assistant",
        "llm.output_messages.0.message.content": "Sunny.",
        **more,
    }


def test_bodies_of_anthropic_that_openinference_kept_are_imported_as_they_were(
    tmp_path: Path,
) -> None:
    """With the model that was asked for, not the one that answered, and thoughts as thoughts."""
    body = {
        "model": "claude-sonnet-4-5",
        "max_tokens": 50,
        "stop_sequences": ["END"],
        "tool_choice": {"type": "auto"},
        "tools": [{"name": "get_weather", "input_schema": SCHEMA}],
        "messages": [{"role": "user", "content": "Weather?"}],
    }
    answer = {
        "type": "message",
        "model": "claude-sonnet-4-5-20250929",
        "stop_reason": "end_turn",
        "content": [
            {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
            {"type": "text", "text": "Sunny."},
        ],
        "usage": {"input_tokens": 17, "cache_read_input_tokens": 4, "output_tokens": 9},
    }
    more = {
        "llm.model_name": "claude-sonnet-4-5-20250929",
        "llm.invocation_parameters": '{"max_tokens": 50}',
    }
    arguments = {**body, "extra_headers": {"x-team": "a"}, "timeout": 5}
    call, event = told(tmp_path, of_openinference(arguments, answer, **more))
    assert body == sent(event)
    assert ("claude-sonnet-4-5", "claude-sonnet-4-5-20250929", "Sunny.", 21) == (
        call.model,
        event.response.model,
        event.response.text,
        event.usage.input_tokens,
    )


def test_bodies_of_gemini_that_openinference_kept_are_imported_as_google_writes_them(
    tmp_path: Path,
) -> None:
    """Its SDK spells their names otherwise; only the span says that it was a stream."""
    body = {
        "contents": [{"role": "user", "parts": [{"text": "Weather?"}]}],
        "system_instruction": {"parts": [{"text": "Be brief."}]},
        "generation_config": {"max_output_tokens": 60},
    }
    answer = {
        "sdk_http_response": {"headers": {"x": "y"}},
        "candidates": [
            {"content": {"role": "model", "parts": [{"text": "Sunny."}]}, "finish_reason": "STOP"}
        ],
        "usage_metadata": {"prompt_token_count": 21, "candidates_token_count": 6},
    }
    more = {"llm.provider": "google", "llm.model_name": "gemini-2.5-flash"}
    call, event = told(
        tmp_path, of_openinference(body, answer, **more), name="GenerateContentStream"
    )
    assert {
        "contents": body["contents"],
        "systemInstruction": body["system_instruction"],
        "generationConfig": {"maxOutputTokens": 60},
    } == sent(event)
    response = event.exchange.response
    assert isinstance(response, HttpResponse)
    assert isinstance(response.body, StreamBody)
    assert ("generate_content", "Sunny.", False) == (
        call.api,
        event.response.text,
        b"sdk" in b"".join(chunk.data for chunk in response.body.chunks),
    )


def test_a_failed_call_keeps_its_body_and_the_status_of_older_conventions(tmp_path: Path) -> None:
    """The format is that of the body, though nothing answered in it."""
    attributes = of_openinference({"model": "gpt-5-mini", "input": "What?"}, None)
    del attributes["output.value"]
    attributes["http.status_code"] = 429
    call, event = told(tmp_path, attributes, status={"code": 2, "message": "Slow down"})
    error = event.response.error
    assert ("responses", 429) == (call.api, error and error.status)


@pytest.mark.parametrize("choice", ["required", None])
def test_the_choice_of_a_tool_stands_among_the_parameters_of_openinference(
    tmp_path: Path, choice: str | None
) -> None:
    """And the model there is the one asked for; the other answered."""
    function = {"name": "get_weather", "parameters": SCHEMA}
    attributes = of_openinference({"messages": []}, "Sunny.")
    attributes |= {
        "llm.invocation_parameters": json.dumps({"model": "gpt-5-mini", "tool_choice": choice}),
        "llm.model_name": "gpt-5-mini-2025-08-07",
        "llm.tools.0.tool.json_schema": json.dumps({"type": "function", "function": function}),
    }
    call, event = told(tmp_path, attributes)
    made = event.request.tool_choice
    assert (choice, "gpt-5-mini", "gpt-5-mini-2025-08-07") == (
        made and made.mode,
        call.model,
        call.measured.model,
    )


def test_tools_of_bedrock_that_openinference_tells_are_offered(tmp_path: Path) -> None:
    """Its messages stand in other names, its tools in those of converse."""
    specified = {"name": "get_weather", "description": "W.", "inputSchema": {"json": SCHEMA}}
    attributes = of_openinference([{"role": "user"}], {"role": "assistant"})
    attributes |= {
        "llm.provider": "aws",
        "llm.model_name": "amazon.nova-lite-v1:0",
        "llm.tools.0.tool.json_schema": json.dumps({"toolSpec": specified}),
    }
    _, event = told(tmp_path, attributes)
    assert [("get_weather", "W.", SCHEMA)] == [
        (tool.name, tool.description, tool.parameters) for tool in event.request.tools
    ]


USE = {"toolUse": {"toolUseId": "t1", "name": "get_weather", "input": ROME}}
RESULT = {"toolResult": {"toolUseId": "t1", "content": [{"text": "sunny"}]}}
CALL = {"id": "t1", "type": "function", "function": {"name": "get_weather", "arguments": ROME}}
BEDROCK = {
    "gen_ai.operation.name": "chat",
    "gen_ai.system": "aws.bedrock",
    "gen_ai.request.model": "amazon.nova-lite-v1:0",
    "gen_ai.request.max_tokens": 55,
    "gen_ai.request.stop_sequences": ["END"],
}


def test_messages_of_bedrock_in_a_log_are_a_call_of_converse(tmp_path: Path) -> None:
    """OpenTelemetry's instrumentation of botocore tells calls and results of tools twice."""
    said: list[tuple[str, dict[str, Any]]] = [
        ("gen_ai.system.message", {"content": [{"text": "Be brief."}]}),
        ("gen_ai.user.message", {"content": [{"text": "Weather?"}]}),
        ("gen_ai.assistant.message", {"content": [USE], "tool_calls": [CALL]}),
        ("gen_ai.tool.message", {"id": "t1", "content": [{"text": "sunny"}]}),
        ("gen_ai.user.message", {"content": [RESULT]}),
        (
            "gen_ai.choice",
            {"finish_reason": "end_turn", "message": {"content": [{"text": "It is sunny."}]}},
        ),
    ]
    answered = {**BEDROCK, "rpc.method": "ConverseStream"}
    path = written(tmp_path / "s.jsonl", [logs(*said), document(span(answered))])
    call, event = one_call(OTEL, path)
    assert {
        "messages": [
            {"role": "user", "content": [{"text": "Weather?"}]},
            {"role": "assistant", "content": [USE]},
            {"role": "user", "content": [RESULT]},
        ],
        "system": [{"text": "Be brief."}],
        "inferenceConfig": {"maxTokens": 55, "stopSequences": ["END"]},
    } == sent(event)
    assert ("bedrock", "converse", "It is sunny.", "stop") == (
        call.provider,
        call.api,
        event.response.text,
        event.response.choices[0].finish_reason,
    )
    assert call.exchange.request.url.endswith("/converse-stream")


def test_a_call_that_bedrock_makes_has_its_arguments_as_the_wire_has_them(tmp_path: Path) -> None:
    """The log tells an object, chat completions has a text."""
    said: list[tuple[str, dict[str, Any]]] = [
        ("gen_ai.user.message", {"content": "Weather?"}),
        ("gen_ai.choice", {"finish_reason": "tool_use", "message": {"tool_calls": [CALL]}}),
    ]
    path = written(tmp_path / "s.jsonl", [logs(*said), document(span(BEDROCK))])
    _, event = one_call(OTEL, path)
    body = getattr(event.exchange.response, "body", None)
    [choice] = getattr(body, "value", {})["choices"]
    assert '{"city":"Rome"}' == choice["message"]["tool_calls"][0]["function"]["arguments"]
    assert [ROME] == [made.arguments for made in event.response.tool_calls]


def test_blocks_that_strands_agents_tell_are_those_of_the_call(tmp_path: Path) -> None:
    """Events of the span, each with its blocks in a text, whoever made the model."""
    said = {
        "gen_ai.system.message": ("content", [{"text": "Be brief."}]),
        "gen_ai.user.message": ("content", [{"text": "Weather?"}]),
        "gen_ai.assistant.message": ("content", [USE]),
        "gen_ai.tool.message": ("content", [RESULT]),
        "gen_ai.choice": ("message", [{"text": "It is sunny."}]),
    }
    events = [(name, {key: json.dumps(blocks)}) for name, (key, blocks) in said.items()]
    _, event = told(tmp_path, {**BEDROCK, "gen_ai.system": "strands-agents"}, events=events)
    assert [{"text": "Be brief."}] == sent(event)["system"]
    assert [
        {"role": "user", "content": [{"text": "Weather?"}]},
        {"role": "assistant", "content": [USE]},
        {"role": "user", "content": [RESULT]},
    ] == sent(event)["messages"]
    assert "It is sunny." == event.response.text


def test_a_log_that_a_console_printed_keeps_a_body_of_one_name(tmp_path: Path) -> None:
    """What has no types there is no value of OTLP that its only name would be the type of."""
    ids = {"trace_id": "0x0a", "span_id": "0x01"}
    printed = [
        {"name": "chat", "context": ids, "attributes": BEDROCK},
        *(
            {**ids, "event_name": name, "observed_timestamp": "2025-11-29T21:20:00Z", "body": body}
            for name, body in (
                ("gen_ai.user.message", {"content": "Weather?"}),
                ("gen_ai.choice", {"index": 0, "message": {"content": "Sunny."}}),
            )
        ),
    ]
    (call,) = calls_in(OTEL, written(tmp_path / "c.jsonl", printed))
    assert "Weather?" in str(event_of(call).request.messages)


def of_gemini(*parts: dict[str, Any], role: str = "user") -> dict[str, Any]:
    """Gemini's content, as its SDK tells it."""
    return {"role": role, "parts": [{"thought": None, **part} for part in parts]}


@pytest.mark.parametrize("streamed", [False, True])
def test_contents_of_gemini_in_a_log_are_those_of_its_format(
    tmp_path: Path, *, streamed: bool
) -> None:
    """Each piece of a stream is an event of its own, with an index as if it were another answer."""
    call = {"function_call": {"name": "get_weather", "args": ROME}}
    result = {"function_response": {"name": "get_weather", "response": {"result": "sunny"}}}
    pieces = ["It is ", "sunny."] if streamed else ["It is sunny."]
    said: list[tuple[str, dict[str, Any]]] = [
        ("gen_ai.system.message", {"content": "Be brief."}),
        ("gen_ai.user.message", {"content": "Weather?"}),
        ("gen_ai.user.message", {"content": of_gemini(call, role="model")}),
        ("gen_ai.user.message", {"content": of_gemini(result)}),
        *(
            ("gen_ai.choice", {"index": index, "content": of_gemini({"text": text}, role="model")})
            for index, text in enumerate(pieces)
        ),
    ]
    if streamed:
        said.append(("gen_ai.choice", {"index": 2, "content": of_gemini(call, role="model")}))
    function = "google.genai.Models.generate_content" + ("_stream" if streamed else "")
    attributes = {
        "gen_ai.operation.name": "generate_content",
        "gen_ai.system": "gemini",
        "gen_ai.request.model": "gemini-2.5-flash",
        "gen_ai.request.max_tokens": 60,
        "code.function.name": function,
    }
    path = written(tmp_path / "s.jsonl", [logs(*said), document(span(attributes))])
    found, event = one_call(OTEL, path)
    assert {
        "contents": [
            {"role": "user", "parts": [{"text": "Weather?"}]},
            {"role": "model", "parts": [{"functionCall": call["function_call"]}]},
            {"role": "user", "parts": [{"functionResponse": result["function_response"]}]},
        ],
        "systemInstruction": {"role": "user", "parts": [{"text": "Be brief."}]},
        "generationConfig": {"maxOutputTokens": 60},
    } == sent(event)
    assert ("generate_content", "It is sunny.", [ROME] if streamed else [], 1, streamed) == (
        found.api,
        event.response.text,
        [made.arguments for made in event.response.tool_calls],
        len(event.response.choices),
        isinstance(getattr(event.exchange.response, "body", None), StreamBody),
    )


@pytest.mark.parametrize("last", [None, {}, {"role": "model"}], ids=str)
def test_a_stream_of_gemini_may_end_without_words(tmp_path: Path, last: Any) -> None:
    """Its last piece tells the ending alone."""
    choices = [
        {"content": of_gemini({"text": "Sunny."}, role="model")},
        {"content": last, "finish_reason": "MAX_TOKENS"},
    ]
    said = [("gen_ai.user.message", {"content": "Weather?"})]
    attributes = {
        "gen_ai.operation.name": "generate_content",
        "gen_ai.system": "gemini",
        "gen_ai.request.model": "gemini-2.5-flash",
        "code.function.name": "google.genai.Models.generate_content_stream",
    }
    told_in = logs(*said, *(("gen_ai.choice", one) for one in choices))
    path = written(tmp_path / "s.jsonl", [told_in, document(span(attributes))])
    found, event = one_call(OTEL, path)
    assert ("generate_content", "Sunny.", ["length"]) == (
        found.api,
        event.response.text,
        [choice.finish_reason for choice in event.response.choices],
    )


def logfire(**more: Any) -> dict[str, Any]:
    """Attributes of a span of Logfire."""
    return {
        "logfire.span_type": "span",
        "gen_ai.system": "openai",
        "gen_ai.request.model": "gpt-5-mini",
        **more,
    }


def test_items_of_one_response_are_one_answer(tmp_path: Path) -> None:
    """Logfire tells each as a message; as alternatives, all but the first would be lost."""
    said = [
        {"role": "assistant", "parts": [{"type": "text", "content": "I look."}]},
        *(
            {"role": "assistant", "parts": [{"type": "tool_call", "id": one, "name": one}]}
            for one in ("a", "b")
        ),
    ]
    asked = [{"role": "user", "parts": [{"type": "text", "content": "Weather?"}]}]
    attributes = logfire(
        **{
            "gen_ai.response.id": "resp_1",
            "gen_ai.input.messages": json.dumps(asked),
            "gen_ai.output.messages": json.dumps(said),
        }
    )
    _, event = told(tmp_path, attributes)
    assert ("I look.", ["a", "b"]) == (
        event.response.text,
        [made.name for made in event.response.tool_calls],
    )


def test_events_that_logfire_lists_in_an_attribute_tell_the_call(tmp_path: Path) -> None:
    """The last words of the assistant are the answer, those before are history."""
    events = [
        {"event.name": "gen_ai.system.message", "content": "Be brief."},
        {"event.name": "gen_ai.user.message", "content": "Weather?", "role": "user"},
        {"event.name": "gen_ai.assistant.message", "tool_calls": [CALL]},
        {"event.name": "gen_ai.tool.message", "id": "t1", "content": "sunny"},
        {"event.name": "gen_ai.assistant.message", "content": "It is sunny."},
    ]
    attributes = logfire(**{"gen_ai.response.id": "resp_1", "events": json.dumps(events)})
    call, event = told(tmp_path, attributes)
    assert ("responses", ["system", "user", "assistant", "tool"], "It is sunny.") == (
        call.api,
        [said.role for said in event.request.messages],
        event.response.text,
    )


@pytest.mark.parametrize(
    "kept",
    [
        {
            "request_data": {
                "model": "gpt-5-mini",
                "messages": [{"role": "user", "content": "Weather?"}],
                "temperature": 0,
            },
            "response_data": {"message": {"role": "assistant", "content": "Sunny."}},
        },
        {
            "input": [{"role": "user", "content": "Weather?"}],
            "output": [{"role": "assistant", "content": "Sunny."}],
            "request_data": {"model": "gpt-5-mini", "messages": [{"role": "user"}]},
        },
    ],
    ids=["before the conventions", "of the agents of OpenAI"],
)
def test_words_that_logfire_keeps_in_names_of_its_own_are_read(
    tmp_path: Path, kept: dict[str, Any]
) -> None:
    """Older versions keep the body; of agents, the body tells the answer too."""
    attributes = logfire(**{name: json.dumps(value) for name, value in kept.items()})
    _, event = told(tmp_path, attributes)
    assert ("Weather?", "Sunny.", kept["request_data"].get("temperature")) == (
        event.request.messages[0].parts[0].content,
        event.response.text,
        event.request.temperature,
    )


def test_a_picture_in_an_address_is_no_address(tmp_path: Path) -> None:
    """So Logfire tells it, and no other format takes such an address."""
    picture = {"type": "uri", "modality": "image", "uri": "data:image/gif;base64,R0lGODlh"}
    attributes = logfire(
        **{
            "gen_ai.input.messages": json.dumps([{"role": "user", "parts": [picture]}]),
            "gen_ai.output.messages": json.dumps([{"role": "assistant", "content": "A dot."}]),
        }
    )
    call, event = told(tmp_path, attributes)
    [part] = event.request.messages[0].parts
    assert isinstance(part, BlobPart)
    assert ("R0lGODlh", "image/gif", {}) == (
        part.content,
        part.mime_type,
        {key: value for key, value in call.labels.items() if key == "losses"},
    )


def test_a_call_that_openllmetry_says_twice_is_made_once(tmp_path: Path) -> None:
    """LangChain keeps one call of Google's a second time, without an id."""
    call = {"type": "tool_call", "name": "get_weather", "arguments": ROME}
    said = [{"role": "assistant", "parts": [{**call, "id": ""}, {**call, "id": "t1"}]}]
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "gpt-5-mini",
        "gen_ai.input.messages": json.dumps(
            [{"role": "user", "parts": [{"type": "text", "content": "Weather?"}]}]
        ),
        "gen_ai.output.messages": json.dumps(said),
    }
    _, event = told(tmp_path, attributes)
    assert ["t1"] == [made.id for made in event.response.tool_calls]
