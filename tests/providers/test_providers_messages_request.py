"""Requests of messages."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_llmreplay.event import (
    BlobPart,
    FilePart,
    Json,
    Part,
    Reasoning,
    ServerToolCallPart,
    TextPart,
    Tool,
    ToolCallPart,
    ToolCallResponsePart,
    ToolChoice,
    UnknownPart,
    UriPart,
)
from pytest_llmreplay.providers.messages import MESSAGES


def part_of(asked: Any, item: Any) -> Part:
    """The part that one block of a user's turn is."""
    request = MESSAGES.request(asked({"messages": [{"role": "user", "content": [item]}]}))
    part: Part = request.messages[0].parts[0]
    return part


def test_parameters_have_names_and_others_are_kept(asked: Any) -> None:
    """Known parameters are fields, all others stay in `extra`."""
    request = MESSAGES.request(
        asked(
            {
                "model": "m",
                "stream": True,
                "max_tokens": 9,
                "temperature": 0,
                "top_p": 0.5,
                "top_k": 3,
                "stop_sequences": ["a", "b"],
                "system": "be nice",
                "thinking": {"type": "adaptive"},
                "output_config": {
                    "effort": "low",
                    "format": {"type": "json_schema", "schema": {"type": "object"}},
                },
                "metadata": {"user_id": "u"},
                "inference_geo": None,
            }
        )
    )
    assert ("m", True, 9) == (request.model, request.stream, request.max_tokens)
    assert (0, 0.5, 3, ("a", "b")) == (
        request.temperature,
        request.top_p,
        request.top_k,
        request.stop_sequences,
    )
    assert (TextPart(content="be nice"),) == request.system_instructions
    assert {"type": "object"} == request.output_schema
    assert Reasoning(mode="adaptive", effort="low") == request.reasoning
    assert "u" == request.user
    assert {"inference_geo": None} == request.extra


def test_what_stands_beside_a_schema_is_kept(asked: Any) -> None:
    """Only what has a field leaves `extra`."""
    wanted = {
        "format": {"type": "json_schema", "schema": {"type": "object"}, "beside": 1},
        "task_budget": {"total": 9},
    }
    request = MESSAGES.request(
        asked({"output_config": wanted, "metadata": {"user_id": "u", "x": 1}})
    )
    assert request.output is not None
    assert {"beside": 1} == request.output.extra
    assert {
        "output_config": {"task_budget": {"total": 9}},
        "metadata": {"x": 1},
    } == request.extra


def test_how_much_to_think(asked: Any) -> None:
    """Budget and display have fields, what is unknown stays."""
    thinking = {"type": "enabled", "budget_tokens": 2048, "display": "summarized", "x": 1}
    assert (
        Reasoning(mode="enabled", budget_tokens=2048, summary="summarized", extra={"x": 1})
        == MESSAGES.request(asked({"thinking": thinking})).reasoning
    )
    odd = MESSAGES.request(asked({"thinking": {"type": "dreaming"}}))
    assert (None, {"thinking": {"type": "dreaming"}}) == (odd.reasoning, odd.extra)


def test_system_text_may_be_blocks(asked: Any) -> None:
    """Cache marks stay with their block."""
    mark: Json = {"type": "ephemeral"}
    system = [{"type": "text", "text": "a"}, {"type": "text", "text": "b", "cache_control": mark}]
    request = MESSAGES.request(asked({"system": system}))
    assert (
        TextPart(content="a"),
        TextPart(content="b", extra={"cache_control": mark}),
    ) == request.system_instructions


def test_turns_of_all_kinds(asked: Any) -> None:
    """Calls, their results, a system turn in the middle, and what is no turn."""
    request = MESSAGES.request(
        asked(
            {
                "messages": [
                    {"role": "user", "content": "hi"},
                    {
                        "role": "assistant",
                        "content": [
                            {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}},
                            {"type": "server_tool_use", "id": "s", "name": "web_search"},
                        ],
                    },
                    {
                        "role": "user",
                        "content": [
                            {
                                "type": "tool_result",
                                "tool_use_id": "t",
                                "content": [
                                    {"type": "text", "text": "42"},
                                    {"type": "tool_reference", "tool_name": "g"},
                                ],
                                "is_error": False,
                                "cache_control": {},
                            },
                            {"type": "tool_result", "tool_use_id": "u", "content": "x"},
                        ],
                    },
                    {"role": "system", "content": [{"type": "tool_addition"}]},
                    {"role": "odd", "content": None},
                    7,
                ]
            }
        )
    )
    user, assistant, results, system, *odd = request.messages
    assert ("user", (TextPart(content="hi"),), {}) == (user.role, user.parts, user.extra)
    call, search = assistant.parts
    assert ToolCallPart(name="f", arguments={"a": 1}, id="t") == call
    assert isinstance(search, ServerToolCallPart)
    first, second = results.parts
    assert (
        ToolCallResponsePart(
            id="t",
            response=(
                TextPart(content="42"),
                UnknownPart(
                    type="tool_reference", raw={"type": "tool_reference", "tool_name": "g"}
                ),
            ),
            is_error=False,
            extra={"cache_control": {}},
        )
        == first
    )
    assert ToolCallResponsePart(id="u", response=(TextPart(content="x"),)) == second
    assert "system" == system.role
    assert [{"role": "odd", "content": None}, {"message": 7}] == [turn.extra for turn in odd]


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": "AA=="},
            },
            BlobPart(modality="image", content="AA==", mime_type="image/png"),
        ),
        (
            {"type": "image", "source": {"type": "url", "url": "https://x/y.png"}},
            UriPart(modality="image", uri="https://x/y.png"),
        ),
        (
            {
                "type": "document",
                "source": {"type": "file", "file_id": "f", "odd": 1},
                "title": "t",
            },
            FilePart(modality="document", file_id="f", extra={"title": "t", "source": {"odd": 1}}),
        ),
        (
            {
                "type": "document",
                "source": {"type": "text", "media_type": "text/plain", "data": "words"},
            },
            TextPart(content="words", extra={"type": "document"}),
        ),
        (
            {"type": "document", "source": {"type": "content", "content": []}},
            UnknownPart(
                type="document",
                raw={"type": "document", "source": {"type": "content", "content": []}},
            ),
        ),
        ({"type": "image"}, UnknownPart(type="image", raw={"type": "image"})),
        ("odd", UnknownPart(type="content", raw="odd")),
    ],
)
def test_media(asked: Any, item: Any, expected: Part) -> None:
    """Inline, by URL, stored, as text; what is unknown is kept whole."""
    assert expected == part_of(asked, item)


def test_tools(asked: Any) -> None:
    """A function has no type or `custom`; dated types are the provider's."""
    schema: Json = {"type": "object"}
    request = MESSAGES.request(
        asked(
            {
                "tools": [
                    {"name": "f", "description": "d", "input_schema": schema, "strict": True},
                    {"type": "custom", "name": "g", "input_schema": schema, "defer_loading": True},
                    {"type": "web_search_20250305", "name": "web_search", "max_uses": 1},
                    None,
                ]
            }
        )
    )
    assert (
        Tool(kind="function", name="f", description="d", parameters=schema, strict=True),
        Tool(
            kind="function",
            name="g",
            parameters=schema,
            extra={"type": "custom", "defer_loading": True},
        ),
        Tool(
            kind="web_search_20250305",
            name="web_search",
            extra={"type": "web_search_20250305", "max_uses": 1},
        ),
        Tool(kind="unknown", name="unknown", extra={"raw": None}),
    ) == request.tools


@pytest.mark.parametrize(
    ("value", "mode", "names", "parallel"),
    [
        ({"type": "auto"}, "auto", (), None),
        ({"type": "any", "disable_parallel_tool_use": True}, "required", (), False),
        ({"type": "none"}, "none", (), None),
        ({"type": "tool", "name": "f", "disable_parallel_tool_use": False}, "tool", ("f",), True),
        ({"type": "odd"}, "tool", (), None),
    ],
)
def test_tool_choice(asked: Any, value: Any, mode: str, names: Any, *, parallel: Any) -> None:
    """Choice and parallel calls come in one object."""
    request = MESSAGES.request(asked({"tool_choice": value}))
    assert isinstance(request.tool_choice, ToolChoice)
    assert (mode, names, parallel) == (
        request.tool_choice.mode,
        request.tool_choice.names,
        request.parallel_tool_calls,
    )


def test_a_choice_that_is_none_stays(asked: Any) -> None:
    """Null says nothing, and is kept."""
    request = MESSAGES.request(asked({"tool_choice": None, "stop_sequences": None}))
    assert request.tool_choice is None
    assert {"tool_choice": None, "stop_sequences": None} == request.extra


def test_vertex_and_bedrock_say_it_elsewhere(asked: Any) -> None:
    """The model stands in the path, and so does streaming."""
    url = "https://x/publishers/anthropic/models/c@1:streamRawPredict"
    body: dict[str, Any] = {"anthropic_version": "vertex-2023-10-16", "messages": []}
    request = MESSAGES.request(asked(body, url))
    assert ("c@1", True) == (request.model, request.stream)
    assert {"messages": [], "model": "m"} == MESSAGES.with_model(body, "m")


def test_only_its_own_paths_are_recognised() -> None:
    """A list of messages alone is no sign."""
    assert not MESSAGES.recognises("/v1/threads", {}, {"messages": []})
    assert not MESSAGES.recognises("/v1/chat/completions", {}, {"messages": []})
    assert not MESSAGES.recognises("/model/m/invoke", {}, {"messages": []})
    assert MESSAGES.recognises("/v1/messages", {}, {"messages": []})


def test_usage_is_always_told() -> None:
    """Nothing has to be asked for."""
    body: dict[str, Any] = {"stream": True}
    assert body is MESSAGES.asking_for_usage(body)


FOUND: dict[str, Any] = {
    "type": "search_result",
    "title": "A",
    "source": "https://x.example/a",
    "content": [{"type": "text", "text": "Sun."}, {"type": "text", "text": "Rain."}],
}


def test_what_the_application_has_found_is_words(asked: Any) -> None:
    """Behind its title and its source; anything but plain words is kept whole."""
    words, mark = "A\nhttps://x.example/a\nSun.\nRain.", {"cache_control": {"type": "ephemeral"}}
    told: dict[str, Any] = {"type": "document"}
    assert TextPart(content=words, extra=told) == part_of(asked, FOUND)
    assert TextPart(content=words, extra=told | mark) == part_of(asked, FOUND | mark)
    odd = FOUND | {"content": [{"type": "image"}]}
    assert UnknownPart(type="search_result", raw=odd) == part_of(asked, odd)
