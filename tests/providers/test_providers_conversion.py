"""Conversion of requests between chat completions and messages: what is kept, and what is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from providers.conversions import converted, decoded, same, to_chat, to_messages

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.conversion.policy import LossPolicy

PNG = "iVBORw0KGgo="
PDF = "JVBERi0xLjQ="
WEATHER = {
    "name": "weather",
    "description": "Look.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
}
CHAT_WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Look.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
HI = {"role": "user", "content": "Hi"}
SEE = {"type": "text", "text": "See:"}


def asked(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A body of either format."""
    return {"model": "m", "max_tokens": 50, "messages": list(messages or [HI]), **more}


def called(*ids: str) -> dict[str, Any]:
    """An assistant of chat completions that asks for the weather."""
    calls = [
        {
            "id": each,
            "type": "function",
            "function": {"name": "weather", "arguments": f'{{"city": "c{place}"}}'},
        }
        for place, each in enumerate(ids)
    ]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def answered(call_id: str, said: str = "Sun") -> dict[str, Any]:
    """A tool message."""
    return {"role": "tool", "tool_call_id": call_id, "content": said}


def used(*ids: str) -> dict[str, Any]:
    """An assistant of messages that asks for the weather."""
    return {
        "role": "assistant",
        "content": [
            {"type": "tool_use", "id": each, "name": "weather", "input": {"city": f"c{place}"}}
            for place, each in enumerate(ids)
        ],
    }


def result(call_id: str, content: Any = "Sun", **more: Any) -> dict[str, Any]:
    """A block of a tool result."""
    return {"type": "tool_result", "tool_use_id": call_id, "content": content, **more}


PARAMETERS = [
    ({"temperature": 1.5}, {"temperature": 1}, ("~temperature",)),
    ({"temperature": 0}, {"temperature": 0}, ()),
    ({"seed": 7}, {}, ("seed",)),
    ({"n": 2}, {}, ("n",)),
    ({"n": 1, "frequency_penalty": 0}, {}, ()),
    ({"presence_penalty": 0.5}, {}, ("presence_penalty",)),
    ({"logit_bias": {"5": 1}, "top_logprobs": 3}, {}, ("logit_bias", "top_logprobs")),
    ({"stop": "END"}, {"stop_sequences": ["END"]}, ()),
    ({"stop": ["\n", "END"]}, {"stop_sequences": ["END"]}, ("stop.whitespace",)),
    ({"user": "u1"}, {"metadata": {"user_id": "u1"}}, ()),
    ({"safety_identifier": "u1"}, {"metadata": {"user_id": "u1"}}, ()),
    (
        {"user": "u1", "safety_identifier": "u2"},
        {"metadata": {"user_id": "u1"}},
        ("safety_identifier",),
    ),
    ({"verbosity": "low"}, {}, ("verbosity",)),
    ({"service_tier": "flex"}, {}, ("service_tier",)),
    ({"prompt_cache_key": "k"}, {}, ("prompt_cache_key",)),
    ({"response_format": {"type": "json_object"}}, {}, ("response_format.json_object",)),
    ({"reasoning_format": "parsed"}, {}, ("reasoning_format",)),
    ({"store": False, "logit_bias": {}, "moderation": None}, {}, ()),
    ({"store": True}, {}, ("store",)),
    ({"parallel_tool_calls": False}, {}, ()),
    ({"tool_choice": "auto"}, {}, ()),
    ({"tool_choice": "required"}, {}, ("tool_choice",)),
]


@pytest.mark.parametrize(("extra", "written", "losses"), PARAMETERS)
def test_a_parameter_of_chat_is_kept_or_told(
    extra: dict[str, Any], written: dict[str, Any], losses: tuple[str, ...]
) -> None:
    """Every parameter arrives, or its code does; values that are usual anyway lose nothing."""
    encoded = to_messages(asked(**extra))
    bare = {"model": "claude-haiku-4-5", "max_tokens": 50, "messages": [HI]}
    assert {**bare, **written} == encoded.body
    assert losses == encoded.losses


SAMPLED = {"temperature": 0.5, "top_p": 0.9, "top_k": 4}


@pytest.mark.parametrize(
    ("model", "version", "taken", "losses"),
    [
        ("claude-3-5-haiku-20241022", "2023-06-01", SAMPLED, ()),
        ("tiny", "2023-06-01", SAMPLED, ()),
        ("claude-haiku-4-5", "2023-06-01", {"temperature": 0.5, "top_k": 4}, ("top_p",)),
        ("claude-opus-4-7", "2023-06-01", {}, ("temperature", "top_p", "top_k")),
        ("claude-sonnet-5", "2023-06-01", {}, ("temperature", "top_p", "top_k")),
        ("claude-3-5-haiku-20241022", "2026-10-21", {}, ("temperature", "top_p", "top_k")),
        ("tiny", None, {}, ("temperature", "top_p", "top_k")),
    ],
)
def test_sampling_is_sent_only_where_version_and_model_take_it(
    model: str, version: str | None, taken: dict[str, Any], losses: tuple[str, ...]
) -> None:
    """API version 2026-10-21 and newer models refuse all three, even at their usual values."""
    encoded = to_messages(asked(**SAMPLED), model=model, version=version)
    assert taken == {key: encoded.body[key] for key in SAMPLED if key in encoded.body}
    assert losses == encoded.losses


def test_a_limit_is_added_where_none_was_asked_for() -> None:
    """Messages demand one."""
    encoded = to_messages({"model": "m", "messages": [HI]})
    assert 16_384 == encoded.body["max_tokens"]
    assert ("+max_tokens",) == encoded.losses


@pytest.mark.parametrize(
    ("model", "effort", "tools", "thinking", "losses"),
    [
        ("claude-opus-5", "high", False, {"type": "adaptive"}, ()),
        ("claude-opus-5", "none", False, None, ()),
        ("claude-haiku-4-5", "none", False, {"type": "disabled"}, ()),
        (
            "claude-haiku-4-5",
            "low",
            False,
            {"type": "enabled", "budget_tokens": 2048},
            ("~reasoning.effort",),
        ),
        ("claude-haiku-4-5", "low", True, None, ("reasoning.effort",)),
        ("claude-opus-5", "default", False, None, ()),
    ],
)
def test_effort_becomes_what_the_model_understands(
    *, model: str, effort: str, tools: bool, thinking: Any, losses: tuple[str, ...]
) -> None:
    """Newer models think as they see fit, older ones with a budget, which excludes forced tools."""
    forced = {"tools": [CHAT_WEATHER], "tool_choice": "required"} if tools else {}
    body = {"model": "m", "messages": [HI], "max_tokens": 9000, "reasoning_effort": effort}
    encoded = to_messages({**body, **forced}, model=model)
    assert thinking == encoded.body.get("thinking")
    assert losses == encoded.losses


def test_leading_instructions_become_blocks_in_their_order() -> None:
    """System and developer messages at the beginning, one block each."""
    two = ({"role": "system", "content": "One."}, {"role": "developer", "content": "Two."})
    encoded = to_messages(asked(*two, HI))
    assert [{"type": "text", "text": text} for text in ("One.", "Two.")] == encoded.body["system"]
    assert () == encoded.losses


def test_instructions_alone_get_a_turn_of_the_user() -> None:
    """Messages demand one."""
    encoded = to_messages(asked({"role": "system", "content": "Go."}))
    assert [{"role": "user", "content": "."}] == encoded.body["messages"]
    assert ("+user_turn",) == encoded.losses


@pytest.mark.parametrize(
    ("model", "roles", "losses"),
    [
        ("claude-opus-4-8", ["user", "system", "assistant", "user"], ()),
        ("claude-haiku-4-5", ["user", "assistant", "user"], ("system.position",)),
    ],
)
def test_instructions_in_the_middle_stay_where_the_model_takes_them(
    model: str, roles: list[str], losses: tuple[str, ...]
) -> None:
    """Older models get them before everything, which is told."""
    between = {"role": "system", "content": "Be brief."}
    encoded = to_messages(
        asked(HI, between, {"role": "assistant", "content": "Yo"}, HI), model=model
    )
    messages: Any = encoded.body["messages"]
    assert roles == [message["role"] for message in messages]
    assert losses == encoded.losses


def test_results_of_parallel_calls_stand_first_in_one_turn() -> None:
    """Two tool messages and the user's words are one turn of the user."""
    body = asked(HI, called("a", "b"), answered("a"), answered("b", "Rain"), HI)
    encoded = to_messages({**body, "tools": [CHAT_WEATHER], "parallel_tool_calls": False})
    assert [
        HI,
        used("a", "b"),
        {
            "role": "user",
            "content": [result("a"), result("b", "Rain"), {"type": "text", "text": "Hi"}],
        },
    ] == encoded.body["messages"]
    assert [WEATHER] == encoded.body["tools"]
    assert {"type": "auto", "disable_parallel_tool_use": True} == encoded.body["tool_choice"]
    assert ("+tool_choice.auto",) == encoded.losses


def test_results_become_messages_before_the_words_of_the_user() -> None:
    """And the way back: the same calls, results and words."""
    told = {
        "role": "user",
        "content": [result("a"), result("b", "Rain"), {"type": "text", "text": "Hi"}],
    }
    encoded = to_chat(asked(HI, used("a", "b"), told, tools=[WEATHER]))
    compact = json.loads(json.dumps(called("a", "b")).replace(': \\"c', ':\\"c'))
    assert [HI, compact, answered("a"), answered("b", "Rain"), HI] == encoded.body["messages"]
    assert [CHAT_WEATHER] == encoded.body["tools"]
    assert () == encoded.losses


def test_a_failed_tool_says_so_in_words() -> None:
    """Chat completions have no flag for it."""
    failed = {"role": "user", "content": [result("a", "boom", is_error=True)]}
    encoded = to_chat(asked(HI, used("a"), failed))
    assert answered("a", "Error: boom") == encoded.body["messages"][-1]  # type: ignore[index]  # a list, as chat has it
    assert ("tool_result.is_error",) == encoded.losses


def test_media_of_a_tool_follow_all_results_in_a_message_of_the_user() -> None:
    """A tool message holds text alone; the picture is shown right after."""
    source = {"type": "base64", "media_type": "image/png", "data": PNG}
    shown = {
        "role": "user",
        "content": [result("a", [{"type": "image", "source": source}]), result("b")],
    }
    encoded = to_chat(asked(HI, used("a", "b"), shown))
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    assert [
        answered("a", "see next message"),
        answered("b"),
        {"role": "user", "content": [image]},
    ] == encoded.body["messages"][2:]  # type: ignore[index]  # a list, as chat has it
    assert ("~tool_result.image",) == encoded.losses


@pytest.mark.parametrize(
    ("messages", "losses"),
    [
        ([HI, called("a"), HI], ("tool_result.missing",)),
        ([HI, answered("a"), HI], ("tool_result.orphan",)),
        ([HI, called("a"), answered("b"), HI], ("tool_result.orphan", "tool_result.missing")),
    ],
)
def test_a_call_without_result_and_a_result_without_call_are_told(
    messages: list[dict[str, Any]], losses: tuple[str, ...]
) -> None:
    """Nothing is invented."""
    assert losses == to_messages(asked(*messages)).losses


@pytest.mark.parametrize("ids", [("call:1", "call:2"), ("same", "same"), ("", "")])
def test_ids_that_the_format_refuses_are_made_anew_on_both_sides(ids: tuple[str, str]) -> None:
    """A result still belongs to its call, also where ids are empty or stand twice."""
    body = asked(HI, called(*ids), answered(ids[0]), answered(ids[1], "Rain"), HI)
    encoded = to_messages(body)
    messages: Any = encoded.body["messages"]
    _, calls, results = (message["content"] for message in messages)
    first, second = (call["id"] for call in calls)
    assert first != second
    assert [(first, "Sun"), (second, "Rain")] == [
        (block["tool_use_id"], block["content"]) for block in results[:2]
    ]
    assert ("~tool_id",) == encoded.losses


@pytest.mark.parametrize(("length", "losses"), [(40, ()), (41, ("~tool_id",))])
def test_chat_completions_get_ids_of_forty_characters_at_most(
    length: int, losses: tuple[str, ...]
) -> None:
    """OpenAI's server refused longer ones, which others make."""
    made = "toolu_".ljust(length, "a")
    encoded = to_chat(asked(HI, used(made), {"role": "user", "content": [result(made)]}))
    messages: Any = encoded.body["messages"]
    (call,) = messages[1]["tool_calls"]
    assert len(call["id"]) <= 40
    assert call["id"] == messages[2]["tool_call_id"]
    assert losses == encoded.losses


def test_mistral_gets_ids_of_nine_letters() -> None:
    """It refuses all others."""
    body = asked(HI, used("toolu_01ABC"), {"role": "user", "content": [result("toolu_01ABC")]})
    encoded = to_chat(body, "mistral")
    messages: Any = encoded.body["messages"]
    _, call, tool = messages
    assert call["tool_calls"][0]["id"] == tool["tool_call_id"] == "calls0000"


def test_arguments_that_are_no_object_are_wrapped_and_told() -> None:
    """A model may have written broken JSON."""
    broken = called("a")
    broken["tool_calls"][0]["function"]["arguments"] = '{"city": '
    encoded = to_messages(asked(HI, broken, answered("a")))
    messages: Any = encoded.body["messages"]
    assert {"input": '{"city": '} == messages[1]["content"][0]["input"]
    assert ("tool_call.arguments_invalid",) == encoded.losses


def test_an_image_and_a_document_go_both_ways() -> None:
    """Bytes inline, an address, and the name of a file."""
    chat: list[Any] = [
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
        {"type": "image_url", "image_url": {"url": "https://x.example/cat.png"}},
        {
            "type": "file",
            "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PDF}"},
        },
    ]
    there = to_messages(asked({"role": "user", "content": chat}))
    blocks: list[Any] = [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
        {"type": "image", "source": {"type": "url", "url": "https://x.example/cat.png"}},
        {
            "type": "document",
            "source": {"type": "base64", "media_type": "application/pdf", "data": PDF},
            "title": "a.pdf",
        },
    ]
    assert [{"role": "user", "content": blocks}] == there.body["messages"]
    back = to_chat(there.body)
    assert [{"role": "user", "content": chat}] == back.body["messages"]
    assert () == there.losses == back.losses


@pytest.mark.parametrize(
    ("part", "code"),
    [
        (
            {"type": "image_url", "image_url": {"url": "https://x/y.png", "detail": "high"}},
            "image.detail",
        ),
        ({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}, "audio"),
        ({"type": "file", "file": {"file_id": "file-1"}}, "file_id"),
        ({"type": "video_url", "video_url": {"url": "https://x/y.mp4"}}, "video"),
        ({"type": "text", "text": "x", "cache_hint": {"type": "ephemeral"}}, "cache_hint"),
        ({"type": "hologram", "hologram": 1}, "item.hologram"),
    ],
)
def test_a_part_that_messages_lack_is_told(part: dict[str, Any], code: str) -> None:
    """Each under its own code."""
    assert (code,) == to_messages(asked({"role": "user", "content": [SEE, part]})).losses


@pytest.mark.parametrize(
    ("block", "code"),
    [
        ({"type": "thinking", "thinking": "hm", "signature": "s"}, "thinking.signature"),
        ({"type": "redacted_thinking", "data": "x"}, "thinking.signature"),
        (
            {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}},
            "item.server_tool_use",
        ),
        (
            {"type": "web_search_tool_result", "tool_use_id": "s", "content": []},
            "item.web_search_tool_result",
        ),
        ({"type": "compaction", "content": "x"}, "item.compaction"),
    ],
)
def test_a_block_that_chat_lacks_is_told_and_the_words_stay(
    block: dict[str, Any], code: str
) -> None:
    """What only the provider can read again is left out; the answer beside it is kept."""
    said = {"role": "assistant", "content": [block, {"type": "text", "text": "Yo"}]}
    encoded = to_chat(asked(HI, said, HI))
    assert [HI, {"role": "assistant", "content": "Yo"}, HI] == encoded.body["messages"]
    assert (code,) == encoded.losses


def test_hosted_tools_are_lost_without_the_date_of_their_version() -> None:
    """They never become functions; the choice of one is lost with it."""
    tools = [{"type": "web_search_20250305", "name": "web_search"}, WEATHER]
    encoded = to_chat(asked(tools=tools, tool_choice={"type": "tool", "name": "web_search"}))
    assert [CHAT_WEATHER] == encoded.body["tools"]
    assert ("tools.web_search", "tool_choice") == encoded.losses


def test_allowed_tools_are_the_only_ones_that_messages_get() -> None:
    """The others are not offered, so that they cannot be called."""
    other = {"type": "function", "function": {"name": "other"}}
    named = {"type": "function", "function": {"name": "weather"}}
    choice = {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [named]}}
    encoded = to_messages(asked(tools=[CHAT_WEATHER, other], tool_choice=choice))
    assert [WEATHER] == encoded.body["tools"]
    assert {"type": "any"} == encoded.body["tool_choice"]
    assert ("~tool_choice.allowed_tools",) == encoded.losses


@pytest.mark.parametrize(
    ("closed", "losses"),
    [
        (True, ("+response_format.name",)),
        (False, ("+response_format.name", "~response_format.strict")),
    ],
)
def test_a_schema_goes_both_ways(*, closed: bool, losses: tuple[str, ...]) -> None:
    """Strict where OpenAI takes it, else not, which is told."""
    schema: dict[str, Json] = {"type": "object", "properties": {"a": {"type": "string"}}}
    schema |= {"additionalProperties": False} | ({"required": ["a"]} if closed else {})
    config = {"format": {"type": "json_schema", "schema": schema}}
    there = to_chat(asked(output_config=config))
    named = {"name": "answer", "schema": schema, "strict": closed}
    assert {"type": "json_schema", "json_schema": named} == there.body["response_format"]
    assert losses == there.losses
    assert config == to_messages(there.body).body["output_config"]


def test_a_schema_in_its_place_of_old_goes_along() -> None:
    """`output_format` of the beta, which LiteLLM sends, is the schema that `output_config` has."""
    schema: dict[str, Json] = {"type": "object", "properties": {}, "additionalProperties": False}
    format_: dict[str, Json] = {"type": "json_schema", "schema": schema}
    new, old = (
        to_chat(asked(output_config={"format": format_})),
        to_chat(asked(output_format=format_)),
    )
    assert "response_format" in old.body
    assert (new.body, new.losses) == (old.body, old.losses)


def answer_schema(schema: Any) -> tuple[Any, tuple[str, ...]]:
    """What Anthropic gets of the schema that a chat wants to be followed, and the losses."""
    wanted = {"type": "json_schema", "json_schema": {"schema": schema}}
    said = [{"role": "user", "content": "Hi"}]
    there = to_messages({"messages": said, "max_tokens": 9, "response_format": wanted})
    config: Any = there.body["output_config"]
    return config["format"]["schema"], there.losses


def test_objects_of_an_answer_are_closed_for_anthropic() -> None:
    """It refuses all others; a property may have any name, a keyword's among them."""
    inner = {"type": ["object", "null"], "properties": {"items": {"type": "string"}}}
    schema = {
        "type": "object",
        "properties": {"minimum": {"anyOf": [inner]}, "b": {"type": "array", "items": inner}},
        "$defs": {"c": inner},
    }
    shut = {"additionalProperties": False}
    closed = {
        "type": "object",
        "properties": {
            "minimum": {"anyOf": [inner | shut]},
            "b": {"type": "array", "items": inner | shut},
        },
        "$defs": {"c": inner | shut},
    }
    assert (closed | shut, ("~response_format.closed",)) == answer_schema(schema)


@pytest.mark.parametrize("rest", [{}, {"additionalProperties": {"type": "string"}}])
def test_an_answer_with_any_keys_is_none_for_anthropic(rest: dict[str, Any]) -> None:
    """It would get no keys at all, so that the event fails before its call."""
    schema, losses = answer_schema({"type": "object", **rest})
    assert {"type": "object", "additionalProperties": False} == schema
    assert losses == LossPolicy().refused(losses) == ("response_format.additionalProperties",)


@pytest.mark.parametrize("told", [{}, {"description": "How old."}, {"description": None}])
def test_bounds_of_an_answer_are_told_in_words_to_anthropic(told: dict[str, Any]) -> None:
    """They are no longer binding there."""
    age = {"type": "integer", "minimum": 0, **told}
    some = {"type": "array", "items": age, "minItems": 1}
    schema = {"type": "object", "properties": {"ages": some}, "additionalProperties": False}
    words = " ".join([*filter(None, told.values()), '{"minimum": 0}'])
    written, losses = answer_schema(schema)
    assert {"type": "integer", "description": words} == written["properties"]["ages"]["items"]
    assert 1 == written["properties"]["ages"]["minItems"]
    assert losses == LossPolicy().reported(losses) == ("response_format.bounds",)


CLOSED = {
    "type": "object",
    "properties": {"a": {"type": "array", "items": {"anyOf": [{"type": "string"}]}}},
    "required": ["a"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        (CLOSED, True),
        ({**CLOSED, "$defs": {"b": {**CLOSED, "type": ["object", "null"]}}}, True),
        ({**CLOSED, "required": []}, False),
        ({**CLOSED, "required": None}, False),
        ({**CLOSED, "allOf": []}, False),
        ({**CLOSED, "properties": {"a": {"oneOf": [{"type": "string"}]}}}, False),
        ({**CLOSED, "properties": {"a": True}}, False),
        ({**CLOSED, "$defs": {"b": {"type": ["object", "null"]}}}, False),
        ({"type": "array", "items": CLOSED}, False),
        ({"type": "string"}, False),
        ({**CLOSED, "anyOf": [CLOSED]}, False),
    ],
)
@pytest.mark.parametrize("target", ["chat_completions", "responses"])
def test_a_schema_is_strict_where_openai_takes_it_as_such(
    target: str, schema: Any, *, strict: bool
) -> None:
    """Closed objects with all their properties, all the way down, and no words it refuses."""
    config = {"format": {"type": "json_schema", "schema": schema}}
    encoded = converted("messages", target, asked(output_config=config))
    held: Any = encoded.body.get("text") or encoded.body["response_format"]
    assert strict is (held.get("format") or held["json_schema"])["strict"]
    assert ("~response_format.strict" not in encoded.losses) is strict


@pytest.mark.parametrize(
    ("extra", "written", "losses"),
    [
        ({"top_k": 5}, {}, ("top_k",)),
        ({"stop_sequences": list("abcde")}, {"stop": list("abcd")}, ("stop.count",)),
        (
            {"thinking": {"type": "enabled", "budget_tokens": 4000}},
            {"reasoning_effort": "medium"},
            ("~thinking.budget_tokens",),
        ),
        ({"thinking": {"type": "adaptive"}}, {}, ("~thinking.adaptive",)),
        ({"output_config": {"effort": "low"}}, {"reasoning_effort": "low"}, ()),
        ({"metadata": {"user_id": "u"}}, {"user": "u"}, ()),
        ({"mcp_servers": [{"url": "x"}]}, {}, ("mcp_servers",)),
        (
            {"container": "c", "context_management": {"edits": [1]}},
            {},
            ("container", "context_management"),
        ),
        (
            {"stream": True},
            {"stream": True, "stream_options": {"include_usage": True}},
            ("+stream_options",),
        ),
    ],
)
def test_a_parameter_of_messages_is_kept_or_told(
    extra: dict[str, Any], written: dict[str, Any], losses: tuple[str, ...]
) -> None:
    """The same law for the other direction."""
    encoded = to_chat(asked(**extra), stream="stream" in extra)
    bare = {"model": "gpt-5-mini", "messages": [HI], "max_completion_tokens": 50}
    assert {**bare, **written} == encoded.body
    assert losses == encoded.losses


def test_other_servers_than_openai_get_the_older_limit() -> None:
    """Many of them do not know the new name."""
    assert 50 == to_chat(asked(), "llamacpp").body["max_tokens"]


def test_several_instructions_stay_several_parts() -> None:
    """Blocks of `system` are one message with as many parts, their cache marks told."""
    blocks = [
        {"type": "text", "text": "One.", "cache_control": {"type": "ephemeral"}},
        {"type": "text", "text": "Two."},
    ]
    encoded = to_chat(asked(system=blocks))
    parts = [{"type": "text", "text": text} for text in ("One.", "Two.")]
    assert {"role": "system", "content": parts} == encoded.body["messages"][0]  # type: ignore[index]  # a list, as chat has it
    assert ("cache_control",) == encoded.losses


def test_an_answer_begun_for_the_model_is_told() -> None:
    """Newer Claude models refuse to go on from it."""
    body = asked(HI, {"role": "assistant", "content": "I"})
    assert ("~prefill",) == to_messages(body).losses


def test_the_same_format_leaves_the_body_as_it_was() -> None:
    """Not a key is looked at."""
    body = {"messages": [{"role": "odd", "x": None}], "y": [1]}
    assert body == same("messages", body).body
    assert () == same("messages", body).losses


@pytest.mark.parametrize(
    ("lines", "code", "expected"),
    [
        ((), "tools.web_search", "fail"),
        ((), "tools.cache_control", "warn"),
        ((), "tools.eager_input_streaming", "warn"),
        ((), "connectors", "fail"),
        ((), "guided_json", "fail"),
        ((), "grammar", "fail"),
        ((), "compaction", "fail"),
        ((), "seed", "warn"),
        ((), "system.position", "fail"),
        ((), "item.server_tool_use", "fail"),
        ((), "thinking.signature", "warn"),
        ((), "+max_tokens", None),
        ((), "~tool_id", None),
        (("ignore",), "previous_response_id", "error"),
        (("warn",), "tools.web_search", "warn"),
        (("fail",), "seed", "fail"),
        (("tools=warn",), "tools.web_search", "warn"),
        (("tools=warn", "tools.web_search=ignore"), "tools.web_search", "ignore"),
        (("warn", "seed = fail"), "seed", "fail"),
    ],
)
def test_what_a_loss_does_is_said_by_the_nearest_line(
    lines: tuple[str, ...], code: str, expected: str | None
) -> None:
    """The code itself, its family, all codes, else how grave it is; stored state never passes."""
    assert expected == LossPolicy(lines).of(code)


def test_a_round_trip_keeps_the_conversation() -> None:
    """Chat to messages to chat: texts, tools, calls and results are the same."""
    body = asked(
        {"role": "system", "content": "Be kind."},
        HI,
        {**called("a", "b"), "content": "Let me look."},
        answered("a"),
        answered("b"),
        HI,
        tools=[CHAT_WEATHER],
        tool_choice={"type": "function", "function": {"name": "weather"}},
    )
    there = to_messages(body)
    back = to_chat(there.body)
    first, last = decoded("chat_completions", body), decoded("chat_completions", back.body)
    assert first.tools == last.tools
    assert first.tool_choice == last.tool_choice
    assert () == there.losses == back.losses
    for before, after in zip(first.messages, last.messages, strict=True):
        assert before.role == after.role


IMAGE = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}


@pytest.mark.parametrize(
    ("turns", "kept", "losses"),
    [
        ([{"role": "assistant", "content": "Yo", "phase": "final"}], "Yo", ("message.phase",)),
        ([{"role": "assistant", "content": [IMAGE]}], None, ("image.in_assistant",)),
        ([{"role": "assistant", "content": " "}], None, ("~text.blank",)),
        ([{"role": "user", "tool_calls": called("a")["tool_calls"]}], None, ("tool_call.in_user",)),
    ],
)
def test_a_turn_keeps_what_its_side_may_say(
    turns: list[Any], kept: str | None, losses: tuple[str, ...]
) -> None:
    """A model shows no images, and a user calls no functions."""
    encoded = to_messages(asked(HI, *turns, {"role": "user", "content": "Go on."}))
    messages: Any = encoded.body["messages"]
    assert kept == next((turn["content"] for turn in messages if "assistant" == turn["role"]), None)
    assert set(losses) == set(encoded.losses) - {"tool_result.missing"}


@pytest.mark.parametrize("target", ["messages", "responses"])
def test_a_role_that_nobody_knows_is_told(target: str) -> None:
    """Its words go as those of the user."""
    body = asked({"role": "oracle", "content": "Hi"})
    encoded = converted("chat_completions", target, body)
    assert [HI] == encoded.body["messages" if target == "messages" else "input"]
    assert ("message.role",) == encoded.losses


def test_instructions_of_messages_are_words_alone() -> None:
    """An image among them is told by a code that fails."""
    system = {"role": "system", "content": [SEE, IMAGE]}
    encoded = to_messages(asked(system, HI))
    assert [SEE] == encoded.body["system"]
    assert ("system.parts",) == encoded.losses
    assert "fail" == LossPolicy().of("system.parts")


def test_parameters_of_a_function_are_an_object_also_where_nobody_says_so() -> None:
    """Messages demand the word."""
    bare = {"type": "function", "function": {"name": "look", "parameters": {"properties": {}}}}
    encoded = to_messages(asked(tools=[bare]))
    schema = {"type": "object", "properties": {}}
    assert [{"name": "look", "input_schema": schema}] == encoded.body["tools"]


def test_words_that_are_usual_in_both_formats_need_no_key() -> None:
    """Plain text, which chat completions write anyway; the tier that is Anthropic's own."""
    plain = {"input": "Hi", "text": {"format": {"type": "text"}}}
    encoded = converted("responses", "chat_completions", plain)
    assert {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "Hi"}]} == encoded.body
    assert () == encoded.losses
    assert "auto" == to_messages(asked(service_tier="auto")).body["service_tier"]


def test_odds_of_tokens_are_lost_as_a_whole() -> None:
    """Servers refuse a number of them from who does not ask for them by the other key, too."""
    odds = {"input": "Hi", "top_logprobs": 2, "include": ["message.output_text.logprobs"]}
    encoded = converted("responses", "chat_completions", odds)
    assert {"model", "messages"} == encoded.body.keys()
    assert {"top_logprobs", "include.message.output_text.logprobs"} == set(encoded.losses)
