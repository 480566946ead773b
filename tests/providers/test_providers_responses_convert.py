"""Requests of other formats, asked in responses: what is kept, changed, added and lost."""

from __future__ import annotations

import json
from pkgutil import resolve_name
from typing import Any

import pytest
from pydantic import TypeAdapter
from sdk_clients import too_old

from pytest_llmreplay.event import (
    BlobPart,
    CompactionPart,
    Json,
    Message,
    ReasoningPart,
    RefusalPart,
    Request,
    ServerToolCallPart,
    TextPart,
    ToolCallPart,
    ToolCallResponsePart,
    UnknownPart,
    UriPart,
)
from pytest_llmreplay.providers.api import Dialect, EncodedRequest
from pytest_llmreplay.providers.registry import FORMATS
from pytest_llmreplay.providers.responses import RESPONSES

ASKED = "openai.types.responses.response_create_params:ResponseCreateParamsNonStreaming"
VALID: TypeAdapter[Any] = TypeAdapter(dict if too_old(openai="2.0") else resolve_name(ASKED))
NEWER = frozenset({"stream", "reasoning"})
"""Keys with words that the oldest supported SDK does not know."""
TO_OPENAI = Dialect(provider="openai", model="gpt-5-mini")
HI: list[Any] = [{"role": "user", "content": "hi"}]
SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "array", "items": {"anyOf": [{"type": "string"}]}}},
    "required": ["a"],
    "additionalProperties": False,
}
PDF = "data:application/pdf;base64,AA=="
OPEN_SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}


@pytest.fixture
def converted(asked: Any) -> Any:
    """Asks in responses what was asked in another format; the SDK's types accept it."""

    def convert(api: str, dialect: Dialect = TO_OPENAI, **body: Any) -> EncodedRequest:
        request = FORMATS[api].request(asked({"model": "old", **body}))
        encoded = RESPONSES.encode_request(request, dialect)
        known = {key: value for key, value in encoded.body.items() if key not in NEWER}
        VALID.validate_python(known | {"stream": False})
        assert json.loads(json.dumps(encoded.body)) == encoded.body
        return encoded

    return convert


def test_the_plainest_request(converted: Any) -> None:
    """Nothing is kept at the provider, and a stream is asked for where one is wanted."""
    encoded = converted("chat_completions", messages=HI)
    assert {"model": "gpt-5-mini", "input": HI, "store": False} == encoded.body
    assert () == encoded.losses
    dialect = Dialect(provider="openai", model="m", stream=True)
    assert converted("chat_completions", dialect, messages=HI).body["stream"] is True


def test_parameters_of_chat_completions(converted: Any) -> None:
    """Under the names of this format."""
    encoded = converted(
        "chat_completions",
        messages=HI,
        max_tokens=90,
        temperature=0.5,
        top_p=1,
        user="u",
        service_tier="flex",
        reasoning_effort="low",
        verbosity="high",
        metadata={"a": "b"},
        prompt_cache_key="k",
        stream_options={"include_usage": True},
        frequency_penalty=0,
        presence_penalty=None,
        n=1,
        store=False,
        logit_bias={},
        modalities=["text"],
    )
    told = {
        "max_output_tokens": 90,
        "temperature": 0.5,
        "top_p": 1,
        "user": "u",
        "service_tier": "flex",
        "reasoning": {"effort": "low"},
        "text": {"verbosity": "high"},
        "metadata": {"a": "b"},
        "prompt_cache_key": "k",
    }
    assert {"model": "gpt-5-mini", "input": HI, "store": False, **told} == encoded.body
    assert () == encoded.losses


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("stop", ["a"], "stop"),
        ("seed", 1, "seed"),
        ("frequency_penalty", 0.1, "frequency_penalty"),
        ("presence_penalty", 0.1, "presence_penalty"),
        ("n", 2, "n"),
        ("logit_bias", {"1": 2}, "logit_bias"),
        ("logprobs", True, "logprobs"),
        ("top_logprobs", 2, "top_logprobs"),
        ("service_tier", "on_demand", "service_tier"),
        ("reasoning_format", "parsed", "reasoning_format"),
        ("store", True, "store"),
        ("search_parameters", {"mode": "auto"}, "tools.web_search"),
        ("enable_search", True, "tools.web_search"),
        (
            "tools",
            [{"type": "builtin_function", "function": {"name": "$web_search"}}],
            "tools.builtin_function",
        ),
        ("guided_json", {"type": "object"}, "guided_json"),
        ("top_k", 4, "top_k"),
        ("stream_options", {"include_usage": True, "x": 1}, "stream_options.x"),
        ("moderation", {"model": "m"}, "moderation"),
    ],
)
def test_what_the_format_does_not_know_is_lost(
    converted: Any, key: str, value: Any, code: str
) -> None:
    """Under its own name."""
    encoded = converted("chat_completions", messages=HI, **{key: value})
    assert (code,) == encoded.losses
    assert {"model", "input", "store"} == encoded.body.keys()


CHAT: list[Any] = [
    {"role": "system", "content": "Be short."},
    {"role": "user", "name": "ann", "content": [{"type": "text", "text": "a"}]},
    {
        "role": "assistant",
        "content": "I look.",
        "prefix": False,
        "reasoning_content": "hm",
        "tool_calls": [
            {
                "id": "c1",
                "type": "function",
                "index": 0,
                "function": {"name": "f", "arguments": '{"a": 1}'},
            },
            {"id": "c2", "type": "custom", "custom": {"name": "w", "input": "a b"}},
        ],
    },
    {"role": "tool", "tool_call_id": "c1", "name": "f", "content": "done"},
    {"role": "tool", "tool_call_id": "c2", "content": [{"type": "text", "text": "written"}]},
    {"role": "system", "content": "Go on."},
]


def test_a_conversation_of_chat_completions(converted: Any) -> None:
    """One item per thing said; system messages stay where they stood."""
    encoded = converted("chat_completions", messages=CHAT)
    assert [
        {"role": "system", "content": "Be short."},
        {"role": "user", "content": "a"},
        {"type": "message", "role": "assistant", "content": "I look."},
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": '{"a": 1}'},
        {"type": "custom_tool_call", "call_id": "c2", "name": "w", "input": "a b"},
        {"type": "function_call_output", "call_id": "c1", "output": "done"},
        {"type": "custom_tool_call_output", "call_id": "c2", "output": "written"},
        {"role": "system", "content": "Go on."},
    ] == encoded.body["input"]
    assert ("message.name", "reasoning") == encoded.losses


def test_media_of_chat_completions(converted: Any) -> None:
    """Images and files keep their detail and name; sound has no place."""
    parts: list[Any] = [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA==", "detail": "high"}},
        {"type": "image_url", "image_url": {"url": "https://x/a.png"}},
        {
            "type": "file",
            "file": {"filename": "a.pdf", "file_data": PDF},
        },
        {"type": "file", "file": {"file_data": PDF}},
        {"type": "file", "file": {"file_id": "file-1"}},
        {"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}},
    ]
    messages = [{"role": "user", "content": parts}]
    encoded = converted("chat_completions", messages=messages)
    (message,) = encoded.body["input"]
    assert [
        {"type": "input_image", "image_url": "data:image/png;base64,AA==", "detail": "high"},
        {"type": "input_image", "image_url": "https://x/a.png", "detail": "auto"},
        {"type": "input_file", "filename": "a.pdf", "file_data": PDF},
        {"type": "input_file", "filename": "document.pdf", "file_data": PDF},
        {"type": "input_file", "file_id": "file-1"},
        {"type": "input_text", "text": "[audio left out]"},
    ] == message["content"]
    assert ("+filename", "audio") == encoded.losses
    elsewhere = Dialect(provider="deepseek", model="m")
    assert "file_id" in converted("chat_completions", elsewhere, messages=messages).losses


def test_tools_of_chat_completions(converted: Any) -> None:
    """Flat, and always with `strict`, which is true here where nobody says so."""
    grammar = {"type": "grammar", "grammar": {"syntax": "regex", "definition": "a"}}
    encoded = converted(
        "chat_completions",
        messages=HI,
        tools=[
            {"type": "function", "function": {"name": "f", "description": "d", "strict": True}},
            {"function": {"name": "g", "parameters": OPEN_SCHEMA}, "cache_control": {"type": "x"}},
            {"type": "custom", "custom": {"name": "w", "format": grammar}},
            {"type": "custom", "custom": {"name": "v"}},
            {"type": "openrouter:web_search"},
        ],
        tool_choice={
            "type": "allowed_tools",
            "allowed_tools": {
                "mode": "required",
                "tools": [{"type": "function", "function": {"name": "f"}}],
            },
        },
        parallel_tool_calls=False,
    )
    empty = {"type": "object", "properties": {}}
    assert [
        {
            "type": "function",
            "name": "f",
            "parameters": empty,
            "description": "d",
            "strict": True,
        },
        {"type": "function", "name": "g", "parameters": OPEN_SCHEMA, "strict": False},
        {
            "type": "custom",
            "name": "w",
            "format": {"type": "grammar", "syntax": "regex", "definition": "a"},
        },
        {"type": "custom", "name": "v"},
    ] == encoded.body["tools"]
    allowed = [{"type": "function", "name": "f"}]
    assert {"type": "allowed_tools", "mode": "required", "tools": allowed} == (
        encoded.body["tool_choice"]
    )
    assert encoded.body["parallel_tool_calls"] is False
    assert ("tools.cache_control", "tools.openrouter:web_search") == encoded.losses


FUNCTION = {"type": "function", "function": {"name": "f"}}


@pytest.mark.parametrize(
    ("tools", "choice", "expected", "losses"),
    [
        ([FUNCTION], "any", "required", ()),
        ([FUNCTION], FUNCTION, {"type": "function", "name": "f"}, ()),
        ([], "auto", None, ()),
        ([], "required", None, ("tool_choice",)),
        ([FUNCTION], {"function": {"name": "g"}}, None, ("tool_choice",)),
        ([FUNCTION], {"type": "web_search_20250305"}, None, ("tool_choice.web_search",)),
    ],
)
def test_tool_choice(
    converted: Any, tools: Any, choice: Any, expected: Any, losses: tuple[str, ...]
) -> None:
    """Never without tools, never a tool that is not there."""
    encoded = converted("chat_completions", messages=HI, tools=tools, tool_choice=choice)
    assert (expected, losses) == (encoded.body.get("tool_choice"), encoded.losses)


def test_structured_output(converted: Any) -> None:
    """From chat completions as it was; from messages with a name, and strict where it can be."""
    inner = {"name": "r", "schema": OPEN_SCHEMA, "description": "d"}
    form = {"type": "json_schema", "json_schema": inner}
    encoded = converted("chat_completions", messages=HI, response_format=form)
    assert {"type": "json_schema", "strict": False, **inner} == encoded.body["text"]["format"]
    plain = converted("chat_completions", messages=HI, response_format={"type": "json_object"})
    assert ({"format": {"type": "json_object"}}, ()) == (plain.body["text"], plain.losses)
    told = []
    for schema in (SCHEMA, OPEN_SCHEMA):
        config = {"format": {"type": "json_schema", "schema": schema}}
        encoded = converted("messages", messages=HI, output_config=config)
        told.append((encoded.body["text"]["format"]["strict"], encoded.losses))
    assert [
        (True, ("+response_format.name",)),
        (False, ("+response_format.name", "~response_format.strict")),
    ] == told


@pytest.mark.parametrize(
    ("asks", "expected", "losses"),
    [
        ({"thinking": {"type": "disabled"}}, None, ("thinking.disabled",)),
        (
            {"thinking": {"type": "enabled", "budget_tokens": 2048}},
            {"effort": "low"},
            ("~thinking.budget_tokens",),
        ),
        (
            {"thinking": {"type": "enabled", "budget_tokens": 8192}},
            {"effort": "medium"},
            ("~thinking.budget_tokens",),
        ),
        (
            {"thinking": {"type": "enabled", "budget_tokens": 8193}},
            {"effort": "high"},
            ("~thinking.budget_tokens",),
        ),
        ({"thinking": {"type": "adaptive"}}, None, ("~thinking.adaptive",)),
        (
            {
                "thinking": {"type": "adaptive", "display": "summarized"},
                "output_config": {"effort": "max"},
            },
            {"effort": "max", "summary": "auto"},
            (),
        ),
        (
            {"thinking": {"type": "disabled", "display": "new"}},
            None,
            ("thinking.disabled", "thinking.display"),
        ),
        ({"output_config": {"effort": "default"}}, None, ()),
        ({"thinking": {"type": "enabled"}}, None, ("~thinking.enabled",)),
    ],
)
def test_reasoning_of_messages(
    converted: Any, asks: Any, expected: Any, losses: tuple[str, ...]
) -> None:
    """A budget becomes an effort; what a word means to one provider alone is left out."""
    encoded = converted("messages", messages=HI, **asks)
    assert (expected, losses) == (encoded.body.get("reasoning"), encoded.losses)


MESSAGES: list[Any] = [
    {
        "role": "user",
        "content": [
            {"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}},
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": "AA=="},
            },
            {
                "type": "document",
                "title": "a.pdf",
                "context": "c",
                "citations": {"enabled": True},
                "source": {"type": "base64", "media_type": "application/pdf", "data": "AA=="},
            },
            {
                "type": "document",
                "source": {"type": "text", "media_type": "text/plain", "data": "t"},
            },
            {"type": "document", "source": {"type": "url", "url": "https://x/a.pdf"}},
            {"type": "image", "source": {"type": "file", "file_id": "file_01"}},
        ],
    },
    {
        "role": "assistant",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": "s"},
            {"type": "redacted_thinking", "data": "AA=="},
            {"type": "text", "text": ""},
            {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {}},
            {"type": "web_search_tool_result", "tool_use_id": "s1", "content": []},
            {"type": "text", "text": "I look.", "citations": [{"type": "x"}]},
            {
                "type": "tool_use",
                "id": "t1",
                "name": "f",
                "input": {"a": 1},
                "caller": {"type": "direct"},
            },
            {"type": "tool_use", "id": "t2", "name": "f", "input": {}},
            {"type": "tool_use", "id": "t3", "name": "f", "input": {}},
        ],
    },
    {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": "t1", "content": "boom", "is_error": True},
            {
                "type": "tool_result",
                "tool_use_id": "t2",
                "is_error": True,
                "content": [
                    {"type": "text", "text": "see"},
                    {"type": "image", "source": {"type": "url", "url": "https://x/a.png"}},
                ],
            },
            {"type": "tool_result", "tool_use_id": "t3", "is_error": False},
            {"type": "text", "text": "And now?"},
        ],
    },
]


def test_a_conversation_of_messages(converted: Any) -> None:
    """Results come as items before the user's words, thoughts stay behind."""
    system = [{"type": "text", "text": "Be short."}]
    encoded = converted("messages", messages=MESSAGES, system=system, max_tokens=9)
    user, said, *calls = encoded.body["input"][:5]
    assert "Be short." == encoded.body["instructions"]
    assert [
        {"type": "input_text", "text": "a"},
        {"type": "input_image", "image_url": "data:image/png;base64,AA==", "detail": "auto"},
        {"type": "input_file", "filename": "a.pdf", "file_data": PDF},
        {"type": "input_text", "text": "t"},
        {"type": "input_file", "file_url": "https://x/a.pdf"},
        {"type": "input_text", "text": "[image left out]"},
    ] == user["content"]
    assert {"type": "message", "role": "assistant", "content": "I look."} == said
    assert [("t1", '{"a":1}'), ("t2", "{}"), ("t3", "{}")] == [
        (call["call_id"], call["arguments"]) for call in calls
    ]
    assert [
        {"type": "function_call_output", "call_id": "t1", "output": "Error: boom"},
        {
            "type": "function_call_output",
            "call_id": "t2",
            "output": [
                {"type": "input_text", "text": "Error:"},
                {"type": "input_text", "text": "see"},
                {"type": "input_image", "image_url": "https://x/a.png", "detail": "auto"},
            ],
        },
        {"type": "function_call_output", "call_id": "t3", "output": ""},
        {"role": "user", "content": "And now?"},
    ] == encoded.body["input"][5:]
    assert {
        "cache_control",
        "document.context",
        "document.citations",
        "~document.text",
        "file_id",
        "thinking.signature",
        "item.server_tool_use",
        "item.web_search_tool_result",
        "text.annotations",
        "tool_call.caller",
        "tool_result.is_error",
        "~max_tokens",
    } == set(encoded.losses)


def test_tools_and_choice_of_messages(converted: Any) -> None:
    """Deferred tools are plain ones, and their searcher is left out with all that is hosted."""
    encoded = converted(
        "messages",
        messages=HI,
        tools=[
            {"name": "f", "input_schema": OPEN_SCHEMA, "type": "custom", "defer_loading": True},
            {"type": "tool_search_tool_bm25_20251119", "name": "tool_search_tool_bm25"},
            {"type": "code_execution_20250522", "name": "code_execution"},
        ],
        tool_choice={"type": "any", "disable_parallel_tool_use": True},
        stop_sequences=["x"],
        metadata={"user_id": "u"},
        mcp_servers=[{"url": "u"}],
        container="c",
    )
    assert [{"type": "function", "name": "f", "parameters": OPEN_SCHEMA, "strict": False}] == (
        encoded.body["tools"]
    )
    assert ("required", False, "u") == (
        encoded.body["tool_choice"],
        encoded.body["parallel_tool_calls"],
        encoded.body["user"],
    )
    assert {
        "~tools.defer_loading",
        "tools.tool_search",
        "tools.code_execution",
        "stop",
        "mcp_servers",
        "container",
    } == set(encoded.losses)


def test_instructions_in_several_blocks_are_an_item(converted: Any) -> None:
    """As they are where nothing else is said."""
    blocks = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    encoded = converted("messages", messages=HI, system=blocks)
    told = [{"type": "input_text", "text": word} for word in "ab"]
    assert [{"role": "system", "content": told}, *HI] == encoded.body["input"]
    alone = converted("messages", messages=[], system="a")
    assert [{"role": "system", "content": "a"}] == alone.body["input"]


def called(*ids: Any) -> dict[str, Any]:
    """The model calls, once per id."""
    calls = [{"id": one, "function": {"name": "f", "arguments": "{}"}} for one in ids]
    return {"role": "assistant", "tool_calls": calls}


def result(call_id: Any, content: str) -> dict[str, Any]:
    """What a call brought."""
    return {"role": "tool", "tool_call_id": call_id, "content": content}


@pytest.mark.parametrize(
    ("messages", "ids", "losses"),
    [
        (
            [called("c0"), result("c0", "x"), called("c0"), result("c0", "y")],
            ["c0", "c0", "call_0001", "call_0001"],
            ("~tool_id",),
        ),
        (
            [called("", ""), result("", "x"), result("", "y")],
            ["call_0000", "call_0001", "call_0000", "call_0001"],
            ("~tool_id",),
        ),
        ([called("c0"), *HI], ["c0"], ("tool_result.missing",)),
        ([result("c9", "x")], ["c9"], ("tool_result.orphan",)),
        ([result("", "x")], ["call_0000"], ("tool_result.orphan", "~tool_id")),
    ],
)
def test_ids_link_calls_and_results(
    converted: Any, messages: Any, ids: list[str], losses: tuple[str, ...]
) -> None:
    """Also where they repeat or are missing; nothing is invented for what is not there."""
    encoded = converted("chat_completions", messages=messages)
    told = [item["call_id"] for item in encoded.body["input"] if "call_id" in item]
    assert (ids, losses) == (told, encoded.losses)


def test_a_last_turn_of_the_model_is_no_beginning(converted: Any) -> None:
    """Here the model answers after it, instead of going on."""
    encoded = converted("messages", messages=[*HI, {"role": "assistant", "content": "{"}])
    assert ("~prefill",) == encoded.losses


def test_ids_that_are_made_are_new(converted: Any) -> None:
    """Also where the application uses the names that would be made."""
    messages = [called("call_0003"), result("call_0003", "x"), called(""), result("", "y")]
    used = [called("call_0000", "call_0002", ""), *messages]
    encoded = converted("chat_completions", messages=used)
    calls = [one["call_id"] for one in encoded.body["input"] if one["type"] == "function_call"]
    assert len(calls) == len(set(calls))


def test_marks_of_the_cache_stay_and_citations_are_lost() -> None:
    """OpenAI has the same marks in both of its formats."""
    mark: dict[str, Json] = {"prompt_cache_breakpoint": {"mode": "x"}}
    parts = (
        TextPart(content="a", extra=mark, annotations=({"type": "x"},)),
        UriPart(modality="image", uri="https://x/a.png", extra=mark),
        RefusalPart(content="no"),
        UnknownPart(type="x", raw={"type": "y"}),
        ToolCallPart(name="f", arguments={}, id="c"),
    )
    message = Message(role="user", parts=parts)
    encoded = RESPONSES.encode_request(Request(model="m", messages=(message,)), TO_OPENAI)
    content: Any = encoded.body["input"]
    assert [
        {"type": "input_text", "text": "a", **mark},
        {"type": "input_image", "image_url": "https://x/a.png", "detail": "auto", **mark},
        {"type": "input_text", "text": "no"},
    ] == content[0]["content"]
    lost = ("tool_result.missing", "text.annotations", "item.y", "tool_call.in_user")
    assert lost == encoded.losses


def test_what_a_model_drew_or_refused() -> None:
    """The words of a refusal stay; media in the turn of the model are lost."""
    parts = (
        RefusalPart(content="no"),
        BlobPart(modality="image", content="AA=="),
        BlobPart(modality="audio", content="AA=="),
        ToolCallResponsePart(response=(), id="c"),
    )
    message = Message(role="assistant", parts=parts)
    encoded = RESPONSES.encode_request(Request(model="m", messages=(message,)), TO_OPENAI)
    refusal = {"type": "message", "role": "assistant", "content": "no"}
    output = {"type": "function_call_output", "call_id": "c", "output": ""}
    assert [refusal, output] == encoded.body["input"]
    assert {
        "tool_result.orphan",
        "~refusal",
        "image.in_assistant",
        "audio.in_assistant",
    } == set(encoded.losses)


def test_a_request_of_this_format_is_understood_too(converted: Any) -> None:
    """For who asks the same of another server; what is sealed or hosted stays behind."""
    encoded = converted(
        "responses",
        input=[
            {"role": "assistant", "id": "msg_1", "content": [{"type": "output_text", "text": "a"}]},
            {"type": "reasoning", "summary": [], "encrypted_content": "AA=="},
            {"type": "web_search_call", "id": "ws_1"},
        ],
        tools=[{"type": "image_generation"}, {"type": "custom", "name": "w"}],
        reasoning={"summary": "detailed", "context": "x"},
        previous_response_id="resp_1",
    )
    said = {"type": "message", "role": "assistant", "content": "a"}
    assert [said] == encoded.body["input"]
    assert {"summary": "detailed"} == encoded.body["reasoning"]
    assert [{"type": "custom", "name": "w"}] == encoded.body["tools"]
    assert {
        "reasoning.encrypted_content",
        "item.web_search_call",
        "tools.image_generation",
        "reasoning.context",
        "previous_response_id",
    } == set(encoded.losses)


def test_parts_that_only_their_provider_understands() -> None:
    """Each is lost under the name of its type."""
    parts = (
        ReasoningPart(content="", encrypted="AA==", format="openai-responses-v1"),
        CompactionPart(content="c"),
        ServerToolCallPart(name="x", raw=1),
        UnknownPart(type="video_url", raw={}),
    )
    message = Message(role="assistant", parts=parts)
    encoded = RESPONSES.encode_request(Request(model="m", messages=(message,)), TO_OPENAI)
    assert (
        "reasoning.encrypted_content",
        "item.compaction",
        "item.server_tool",
        "item.video_url",
    ) == encoded.losses
    assert [] == encoded.body["input"]
