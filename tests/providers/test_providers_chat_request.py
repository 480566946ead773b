"""Requests of chat completions."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_llmreplay.event import (
    BlobPart,
    FilePart,
    Json,
    Message,
    OutputFormat,
    Part,
    Reasoning,
    ReasoningPart,
    TextPart,
    Tool,
    ToolCallPart,
    ToolCallResponsePart,
    ToolChoice,
    UnknownPart,
    UriPart,
)
from pytest_llmreplay.providers.chat_completions import CHAT_COMPLETIONS as CHAT


def part_of(asked: Any, item: Any) -> Part:
    """The part that one item of a user's content is."""
    request = CHAT.request(asked({"messages": [{"role": "user", "content": [item]}]}))
    part: Part = request.messages[0].parts[0]
    return part


def test_parameters_have_names_and_others_are_kept(asked: Any) -> None:
    """Known parameters are fields, all others stay in `extra`; zero is a value."""
    request = CHAT.request(
        asked(
            {
                "model": "m",
                "messages": [],
                "stream": True,
                "max_completion_tokens": 5,
                "max_tokens": 6,
                "temperature": 0,
                "top_p": 0.5,
                "top_k": 3,
                "seed": 0,
                "n": 1,
                "stop": "END",
                "parallel_tool_calls": False,
                "reasoning_effort": "low",
                "frequency_penalty": 0.5,
                "presence_penalty": 0,
                "verbosity": "low",
                "service_tier": "flex",
                "user": None,
            }
        )
    )
    assert ("m", True, 5) == (request.model, request.stream, request.max_tokens)
    assert (0, 0.5, 3, 0) == (request.temperature, request.top_p, request.top_k, request.seed)
    assert (1, ("END",), False) == (
        request.choice_count,
        request.stop_sequences,
        request.parallel_tool_calls,
    )
    assert (Reasoning(effort="low"), 0.5, 0) == (
        request.reasoning,
        request.frequency_penalty,
        request.presence_penalty,
    )
    assert ("low", "flex") == (request.verbosity, request.service_tier)
    assert {
        "messages": [],
        "max_tokens": 6,
        "user": None,
    } == request.extra


def test_absent_parameters_are_unknown(asked: Any) -> None:
    """Nothing is made up."""
    request = CHAT.request(asked({"max_tokens": 7, "stop": ["a", "b"], "tools": []}))
    assert (None, False, 7) == (request.model, request.stream, request.max_tokens)
    assert (None, ("a", "b"), ()) == (request.temperature, request.stop_sequences, request.tools)


def test_messages_of_all_roles(asked: Any) -> None:
    """System messages stay where they are; calls and their answers have ids."""
    request = CHAT.request(
        asked(
            {
                "messages": [
                    {"role": "system", "content": "be nice"},
                    {"role": "developer", "content": [{"type": "text", "text": "x"}]},
                    {"role": "user", "content": "hi", "name": "ann"},
                    {
                        "role": "assistant",
                        "content": None,
                        "prefix": False,
                        "reasoning_content": "hm",
                        "tool_calls": [
                            {
                                "id": "c1",
                                "type": "function",
                                "index": 0,
                                "function": {"name": "f", "arguments": '{"a":1}'},
                            }
                        ],
                    },
                    {"role": "tool", "tool_call_id": "c1", "content": "42"},
                    {"role": "function", "name": "g", "content": None},
                    {"role": "odd", "content": 7},
                    "odd",
                ]
            }
        )
    )
    assert () == request.system_instructions
    system, developer, user, assistant, tool, function, *odd = request.messages
    assert Message(role="system", parts=(TextPart(content="be nice"),)) == system
    assert (TextPart(content="x"),) == developer.parts
    assert "ann" == user.name
    thought, call = assistant.parts
    assert ReasoningPart(content="hm", format="deepseek") == thought
    assert ToolCallPart(name="f", arguments={"a": 1}, id="c1", extra={"index": 0}) == call
    assert {"prefix": False, "content": None} == assistant.extra
    assert (ToolCallResponsePart(id="c1", response=(TextPart(content="42"),)),) == tool.parts
    assert ("tool", "g", {"role": "function"}) == (
        function.role,
        function.name,
        function.parts[0].extra,
    )
    assert [{"role": "odd", "content": 7}, {"message": "odd"}] == [said.extra for said in odd]


def test_a_tool_may_answer_in_parts(asked: Any) -> None:
    """Text and media of a tool's answer are parts of it."""
    content = ["a", {"type": "text", "text": "b"}, None]
    request = CHAT.request(asked({"messages": [{"role": "tool", "content": content}]}))
    answer = request.messages[0].parts[0]
    assert isinstance(answer, ToolCallResponsePart)
    assert (TextPart(content="a"), TextPart(content="b")) == answer.response


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (
            {
                "type": "image_url",
                "image_url": {"url": "data:image/png;base64,AA==", "detail": "low"},
            },
            BlobPart(
                modality="image",
                content="AA==",
                mime_type="image/png",
                extra={"image_url": {"detail": "low"}},
            ),
        ),
        (
            {"type": "image_url", "image_url": {"url": "https://x/y.png"}, "cache_control": {}},
            UriPart(modality="image", uri="https://x/y.png", extra={"cache_control": {}}),
        ),
        (
            {"type": "document_url", "document_url": "https://x/y.pdf"},
            UriPart(modality="document", uri="https://x/y.pdf"),
        ),
        (
            {"type": "video_url", "video_url": {"url": "https://x/y.mp4"}},
            UriPart(modality="video", uri="https://x/y.mp4"),
        ),
        (
            {"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}},
            BlobPart(modality="audio", content="AA==", mime_type="audio/wav"),
        ),
        (
            {
                "type": "file",
                "file": {"file_data": "data:application/pdf;base64,AA==", "filename": "f"},
            },
            BlobPart(
                modality="document",
                content="AA==",
                mime_type="application/pdf",
                extra={"file": {"filename": "f"}},
            ),
        ),
        (
            {"type": "file", "file": {"file_data": "https://x/y.pdf"}},
            UriPart(modality="document", uri="https://x/y.pdf"),
        ),
        ({"type": "file", "file": {"file_id": "f1"}}, FilePart(modality="document", file_id="f1")),
        (
            {"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}},
            TextPart(content="x", extra={"cache_control": {"type": "ephemeral"}}),
        ),
        ({"type": "file", "file": {}}, UnknownPart(type="file", raw={"type": "file", "file": {}})),
        ({"type": "image_url"}, UnknownPart(type="image_url", raw={"type": "image_url"})),
        ({"type": "input_audio"}, UnknownPart(type="input_audio", raw={"type": "input_audio"})),
        (7, UnknownPart(type="content", raw=7)),
    ],
)
def test_parts_of_content(asked: Any, item: Any, expected: Part) -> None:
    """Media are inline, by URL or stored; what is unknown is kept whole."""
    assert expected == part_of(asked, item)


def test_tools(asked: Any) -> None:
    """Functions have a schema, with or without a type; hosted tools keep their keys."""
    function = {"name": "f", "description": "d", "parameters": {"type": "object"}, "strict": True}
    request = CHAT.request(
        asked(
            {
                "tools": [
                    {"type": "function", "function": function, "cache_control": {}},
                    {"function": {"name": "g", "odd": 1}},
                    {"type": "openrouter:web_search", "max": 1},
                    None,
                ]
            }
        )
    )
    assert (
        Tool(
            kind="function",
            name="f",
            description="d",
            parameters={"type": "object"},
            strict=True,
            extra={"cache_control": {}},
        ),
        Tool(kind="function", name="g", extra={"function": {"odd": 1}}),
        Tool(
            kind="openrouter:web_search",
            name="openrouter:web_search",
            extra={"type": "openrouter:web_search", "max": 1},
        ),
        Tool(kind="unknown", name="unknown", extra={"raw": None}),
    ) == request.tools


ALLOWED: Json = {
    "type": "allowed_tools",
    "allowed_tools": {"mode": "auto", "tools": [{"function": {"name": "f"}}, {}]},
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("auto", ToolChoice(mode="auto")),
        ("none", ToolChoice(mode="none")),
        ("required", ToolChoice(mode="required")),
        ("any", ToolChoice(mode="required", raw="any")),
        ({"type": "function", "function": {"name": "f"}}, ToolChoice(mode="tool", names=("f",))),
        ({"function": {"name": "f"}}, ToolChoice(mode="tool", names=("f",))),
        (ALLOWED, ToolChoice(mode="allowed", names=("f",), raw=ALLOWED)),
        ({"type": "web"}, ToolChoice(mode="tool", raw={"type": "web"})),
        ("odd", None),
        (None, None),
    ],
)
def test_tool_choice(asked: Any, value: Any, expected: ToolChoice | None) -> None:
    """Words, names, lists of names, and what only the provider knows."""
    request = CHAT.request(asked({"tool_choice": value}))
    assert expected == request.tool_choice
    assert (expected is None) == ("tool_choice" in request.extra)


def test_structured_output(asked: Any) -> None:
    """Schema, name and strictness are fields; what is no format of OpenAI's stays as it was."""
    schema: Json = {"type": "object"}
    inner = {"name": "n", "schema": schema, "strict": False, "beside": 1}
    wanted = {"type": "json_schema", "json_schema": inner}
    request = CHAT.request(asked({"response_format": wanted}))
    assert schema == request.output_schema
    assert (
        OutputFormat(
            type="json_schema",
            schema=schema,
            name="n",
            strict=False,
            extra={"json_schema": {"beside": 1}},
        )
        == request.output
    )
    assert "response_format" not in request.extra
    loose = CHAT.request(asked({"response_format": {"type": "json_object"}}))
    assert (OutputFormat(type="json_object"), None) == (loose.output, loose.output_schema)
    for odd in ({"type": "regex", "pattern": "a"}, {"type": "json_schema"}, {"type": 1}):
        kept = CHAT.request(asked({"response_format": odd}))
        assert (None, {"response_format": odd}) == (kept.output, kept.extra)


def test_the_model_may_stand_in_the_path(asked: Any) -> None:
    """Azure names a deployment."""
    url = "https://r.openai.azure.com/openai/deployments/my%20dep/chat/completions"
    assert "my dep" == CHAT.request(asked({}, url)).model


def test_a_replay_changes_little() -> None:
    """Another model, and usage asked for where a stream would not tell it."""
    body: dict[str, Any] = {"model": "a", "stream": True, "stream_options": {"x": 1}, "user": None}
    assert body | {"model": "b"} == CHAT.with_model(body, "b")
    assert {"x": 1, "include_usage": True} == CHAT.asking_for_usage(body)["stream_options"]
    assert {"stream": False} == CHAT.asking_for_usage({"stream": False})
    assert CHAT.streams("", body)
    assert not CHAT.streams("", None)
