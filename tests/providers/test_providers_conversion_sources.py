"""Requests of Gemini, Bedrock, Cohere and Ollama in the formats of OpenAI and Anthropic."""

from __future__ import annotations

import json
from typing import Any

import pytest
from providers.conversions import TARGETS, converted, decoded

from pytest_llmreplay.event import ToolCallPart, ToolCallResponsePart
from pytest_llmreplay.providers.api import EncodedRequest
from pytest_llmreplay.providers.conversion.policy import LossPolicy

HAIKU, OPUS = "claude-haiku-4-5-20251001", "claude-opus-5"
PNG = "iVBORw0KGgo="
URL_SAFE, STANDARD = "-_-_", "+/+/"
WEATHER = {"name": "weather", "parameters": {"type": "object"}}
PLACES = [{"city": "Oslo"}, {"city": "Rome"}]


def gemini(*parts: Any, config: Any = None, **more: Any) -> dict[str, Any]:
    """A request of Gemini in which the user says these parts."""
    said = [{"role": "user", "parts": list(parts or [{"text": "Hi"}])}]
    return {"contents": said, "generationConfig": config or {}, **more}


def converse(*blocks: Any, fields: Any = None, limit: int = 9000, **more: Any) -> dict[str, Any]:
    """A request of converse in which the user says these blocks."""
    return {
        "messages": [{"role": "user", "content": list(blocks or [{"text": "Hi"}])}],
        "inferenceConfig": {"maxTokens": limit},
        "additionalModelRequestFields": fields or {},
        **more,
    }


def ollama(**more: Any) -> dict[str, Any]:
    """A request of Ollama's chat."""
    return {"messages": [{"role": "user", "content": "Hi"}], **more}


def said(encoded: EncodedRequest) -> list[Any]:
    """The turns or items of a converted request."""
    told: Any = encoded.body.get("messages") or encoded.body["input"]
    assert isinstance(told, list)
    return told


def answers(target: str, encoded: EncodedRequest) -> list[Any]:
    """The arguments of each answered call, with the words that answer it, as the ids have it."""
    parts = [part for turn in decoded(target, encoded.body).messages for part in turn.parts]
    calls = {part.id: part.arguments for part in parts if isinstance(part, ToolCallPart)}
    results = [part for part in parts if isinstance(part, ToolCallResponsePart)]
    words: list[list[Any]] = [[text.content for text in part.response] for part in results]
    return [(calls[part.id], "".join(told)) for part, told in zip(results, words, strict=True)]


THINKING = [
    (
        "generate_content",
        gemini(config={"thinkingConfig": {"thinkingBudget": 4000}, "maxOutputTokens": 9000}),
    ),
    ("converse", converse(fields={"thinking": {"type": "enabled", "budget_tokens": 4000}})),
    (
        "cohere_chat",
        {
            "messages": [{"role": "user", "content": "Hi"}],
            "thinking": {"type": "enabled", "token_budget": 4000},
            "max_tokens": 9000,
        },
    ),
]


@pytest.mark.parametrize(("source", "body"), THINKING, ids=[source for source, _ in THINKING])
def test_a_budget_of_thinking_tokens_goes_to_a_claude_that_takes_one(
    source: str, body: dict[str, Any]
) -> None:
    """Newer ones get a degree instead, which is told, as do models of OpenAI."""
    old = converted(source, "messages", body)
    assert {"type": "enabled", "budget_tokens": 4000} == old.body["thinking"]
    new = converted(source, "messages", body, model=OPUS)
    assert ({"type": "adaptive"}, {"effort": "medium"}) == (
        new.body["thinking"],
        new.body["output_config"],
    )
    chat = converted(source, "chat_completions", body)
    assert "medium" == chat.body["reasoning_effort"]
    responses = converted(source, "responses", body)
    assert {"effort": "medium"} == responses.body["reasoning"]
    assert () == old.losses
    for changed in (new, chat, responses):
        assert ("~thinking.budget_tokens",) == changed.losses


def test_claude_on_bedrock_is_asked_for_structured_output_in_its_own_words() -> None:
    """As Vercel's SDK does it, among the fields for the model."""
    city = {"city": {"type": "string"}}
    schema = {"type": "object", "properties": city, "additionalProperties": False}
    format_ = {"type": "json_schema", "schema": schema}
    body = converse(fields={"output_config": {"effort": "low", "format": format_}})
    there = converted("converse", "messages", body, model=OPUS)
    assert ({"effort": "low", "format": format_}, ()) == (there.body["output_config"], there.losses)
    chat = converted("converse", "chat_completions", body).body["response_format"]
    assert isinstance(chat, dict)
    assert isinstance(chat["json_schema"], dict)
    assert schema == chat["json_schema"]["schema"]


@pytest.mark.parametrize(
    ("think", "thinking", "losses"),
    [
        (True, {"type": "enabled", "budget_tokens": 8192}, ("~thinking.enabled",)),
        ("low", {"type": "enabled", "budget_tokens": 2048}, ("~reasoning.effort",)),
        (False, {"type": "disabled"}, ()),
    ],
)
def test_thoughts_of_ollama_are_asked_of_a_claude(
    think: str | bool,
    thinking: dict[str, Any],
    losses: tuple[str, ...],
) -> None:
    """It says only whether or how much: the budget is ours, and told as a change."""
    body = ollama(think=think, options={"num_predict": 20_000})
    encoded = converted("ollama_chat", "messages", body)
    assert thinking == encoded.body["thinking"]
    assert losses == encoded.losses


def test_thinking_stays_below_the_limit_of_the_answer() -> None:
    """A budget that does not fit is made smaller; where none fits, it is lost."""
    asks = {"thinking": {"type": "enabled", "budget_tokens": 4000}}
    less = converted("converse", "messages", converse(fields=asks, limit=3000))
    assert {"type": "enabled", "budget_tokens": 2999} == less.body["thinking"]
    assert ("~thinking.budget_tokens",) == less.losses
    none = converted("converse", "messages", converse(fields=asks, limit=1024))
    assert "thinking" not in none.body
    assert ("thinking.budget_tokens",) == none.losses


@pytest.mark.parametrize(("limit", "budget"), [(3000, 1500), (2000, 1024), (1025, 1024)])
def test_a_budget_of_our_own_leaves_room_for_the_answer(limit: int, budget: int) -> None:
    """Half of the limit, where the least budget leaves that; nobody asked for more."""
    asks = ollama(think="low", options={"num_predict": limit})
    thinking = converted("ollama_chat", "messages", asks).body["thinking"]
    assert {"type": "enabled", "budget_tokens": budget} == thinking


def test_cache_points_of_converse_become_marks_on_what_they_follow() -> None:
    """On instructions, tools and words; one that follows nothing is lost."""
    point = {"cachePoint": {"type": "default", "ttl": "1h"}}
    mark = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
    spec = {"name": "weather", "inputSchema": {"json": {"type": "object"}}}
    body = converse(
        {"text": "Long"},
        point,
        {"text": "Short"},
        system=[{"text": "Be kind."}, point],
        toolConfig={"tools": [{"toolSpec": spec}, point]},
    )
    encoded = converted("converse", "messages", body)
    long, short = {"type": "text", "text": "Long"}, {"type": "text", "text": "Short"}
    assert [{"role": "user", "content": [{**long, **mark}, short]}] == said(encoded)
    assert [{"type": "text", "text": "Be kind.", **mark}] == encoded.body["system"]
    tools: Any = encoded.body["tools"]
    assert [mark["cache_control"]] == [tool["cache_control"] for tool in tools]
    assert () == encoded.losses
    first = converted("converse", "messages", converse(point, {"text": "Hi"}))
    assert ("cache_control",) == first.losses


@pytest.mark.parametrize(("target", "goes_back"), [(HAIKU, True), (OPUS, False)])
def test_a_signed_thought_goes_back_only_to_the_model_that_had_it(
    *, target: str, goes_back: bool
) -> None:
    """The request names the model of the recording, by whichever provider's name."""
    thought = {"reasoningText": {"text": "Hm.", "signature": "c2ln"}}
    body = converse()
    body["messages"] += [
        {"role": "assistant", "content": [{"reasoningContent": thought}, {"text": "Yo"}]},
        {"role": "user", "content": [{"text": "And now?"}]},
    ]
    url = "https://x.example/model/eu.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse"
    encoded = converted("converse", "messages", body, url=url, model=target)
    signed = {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}
    text = {"type": "text", "text": "Yo"}
    assert ([signed, text] if goes_back else "Yo") == said(encoded)[1]["content"]
    assert (() if goes_back else ("thinking.signature",)) == encoded.losses


def test_marks_and_signed_thoughts_in_chat_completions_go_to_claude_as_well() -> None:
    """OpenRouter takes and gives both."""
    mark = {"cache_control": {"type": "ephemeral"}}
    see = {"type": "text", "text": "See:", **mark}
    signed = {"text": "Hm.", "signature": "c2ln", "format": "anthropic-claude-v1"}
    said_before = {
        "role": "assistant",
        "content": "Yo",
        "reasoning_details": [{"type": "reasoning.text", **signed}],
    }
    again = {"role": "user", "content": "And now?"}
    body = {
        "model": "anthropic/claude-haiku-4.5",
        "max_tokens": 50,
        "messages": [{"role": "user", "content": [see]}, said_before, again],
    }
    encoded = converted("chat_completions", "messages", body)
    thought = {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}
    assert [
        {"role": "user", "content": [see]},
        {"role": "assistant", "content": [thought, {"type": "text", "text": "Yo"}]},
        again,
    ] == said(encoded)
    assert () == encoded.losses


@pytest.mark.parametrize(
    ("target", "image"),
    [
        (
            "chat_completions",
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{STANDARD}"}},
        ),
        (
            "responses",
            {
                "type": "input_image",
                "image_url": f"data:image/png;base64,{STANDARD}",
                "detail": "auto",
            },
        ),
        (
            "messages",
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": STANDARD},
            },
        ),
    ],
)
def test_base64_of_google_is_written_in_the_alphabet_of_the_others(
    target: str, image: dict[str, Any]
) -> None:
    """Its clients send the one for URLs, which nobody else reads."""
    body = gemini({"inlineData": {"mimeType": "image/png", "data": URL_SAFE}})
    assert [image] == said(converted("generate_content", target, body))[0]["content"]


def test_one_of_several_allowed_functions_has_to_be_called() -> None:
    """`ANY` with names; messages are not even offered the others."""
    functions = [{**WEATHER, "name": name} for name in "abc"]
    choice = {"mode": "ANY", "allowedFunctionNames": ["a", "b"]}
    body = gemini(
        tools=[{"functionDeclarations": functions}], toolConfig={"functionCallingConfig": choice}
    )
    chat = converted("generate_content", "chat_completions", body)
    named = [{"type": "function", "function": {"name": name}} for name in "ab"]
    allowed = {"mode": "required", "tools": named}
    assert {"type": "allowed_tools", "allowed_tools": allowed} == chat.body["tool_choice"]
    assert () == chat.losses
    responses = converted("generate_content", "responses", body)
    named = [{"type": "function", "name": name} for name in "ab"]
    assert {"type": "allowed_tools", "mode": "required", "tools": named} == responses.body[
        "tool_choice"
    ]
    messages = converted("generate_content", "messages", body)
    tools: Any = messages.body["tools"]
    assert ["a", "b"] == [tool["name"] for tool in tools]
    assert {"type": "any"} == messages.body["tool_choice"]
    assert "~tool_choice.allowed_tools" in messages.losses


@pytest.mark.parametrize("target", TARGETS)
def test_calls_of_gemini_without_ids_are_matched_by_name_and_order(target: str) -> None:
    """Results may come in another order than the calls of other functions."""
    calls = [{"functionCall": {"name": "weather", "args": place}} for place in PLACES]
    other = {"functionCall": {"name": "time", "args": {"zone": "CET"}}}
    told = [
        {"functionResponse": {"name": name, "response": {"output": word}}}
        for name, word in (("time", "12"), ("weather", "Sun"), ("weather", "Rain"))
    ]
    body = gemini()
    body["contents"] += [
        {"role": "model", "parts": [*calls, other]},
        {"role": "user", "parts": told},
    ]
    encoded = converted("generate_content", target, body)
    assert [
        ({"zone": "CET"}, '{"output":"12"}'),
        ({"city": "Oslo"}, '{"output":"Sun"}'),
        ({"city": "Rome"}, '{"output":"Rain"}'),
    ] == answers(target, encoded)
    assert {"~tool_id"} == set(encoded.losses) - {"+max_tokens"}


@pytest.mark.parametrize("target", TARGETS)
def test_calls_of_ollama_without_ids_are_matched_by_name_and_order(target: str) -> None:
    """Its results have the name of the tool alone."""
    calls = [{"function": {"name": "weather", "arguments": place}} for place in PLACES]
    body = ollama()
    body["messages"] += [
        {"role": "assistant", "content": "", "tool_calls": calls},
        {"role": "tool", "tool_name": "weather", "content": "Sun"},
        {"role": "tool", "tool_name": "weather", "content": "Rain"},
    ]
    encoded = converted("ollama_chat", target, body)
    assert [(PLACES[0], "Sun"), (PLACES[1], "Rain")] == answers(target, encoded)


@pytest.mark.parametrize("target", ["chat_completions", "messages", "responses"])
def test_what_a_function_returns_is_a_hint(target: str) -> None:
    """As google-genai tells it of each Python function; without it the call is asked for alike."""
    parameters = {"type": "object", "properties": {"city": {"type": "string"}}}
    returns = {"type": "string"}
    function = {"name": "f", "parametersJsonSchema": parameters, "responseJsonSchema": returns}
    tools = [{"functionDeclarations": [function]}]
    losses = converted("generate_content", target, gemini(tools=tools)).losses
    assert {"tools.responseJsonSchema"} == {code for code in losses if code[0] not in "+~"}
    assert () == LossPolicy().refused(losses)


@pytest.mark.parametrize("target", ["chat_completions", "messages"])
def test_the_tools_of_a_namespace_are_offered_by_themselves(target: str) -> None:
    """Only the namespace is lost, which is a hint."""
    book = {"type": "function", "name": "book", "parameters": {"type": "object"}}
    space = {"type": "namespace", "name": "travel", "description": "Trips.", "tools": [book]}
    encoded = converted("responses", target, {"input": "Hi", "tools": [space]})
    tools: Any = encoded.body["tools"]
    assert ["book"] == [tool.get("function", tool)["name"] for tool in tools]
    assert {"tools.namespace"} == set(encoded.losses) - {"+max_tokens"}


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("chat_completions", "messages"),
        ("chat_completions", "responses"),
        ("responses", "chat_completions"),
        ("responses", "messages"),
    ],
)
def test_an_id_of_every_turn_still_ties_each_result_to_its_call(source: str, target: str) -> None:
    """Bedrock names the first call of every turn `call_0`."""
    turns: list[Any] = [{"role": "user", "content": "Hi"}]
    for place, word in zip(PLACES, ("Sun", "Rain"), strict=True):
        given = json.dumps(place)
        if source == "responses":
            call = {"type": "function_call", "name": "weather", "arguments": given}
            answer = {"type": "function_call_output", "output": word}
            turns += [{**call, "call_id": "call_0"}, {**answer, "call_id": "call_0"}]
        else:
            function = {"name": "weather", "arguments": given}
            calls = [{"id": "call_0", "type": "function", "function": function}]
            turns += [
                {"role": "assistant", "tool_calls": calls},
                {"role": "tool", "tool_call_id": "call_0", "content": word},
            ]
    body = {"input" if source == "responses" else "messages": turns}
    encoded = converted(source, target, body)
    assert [(PLACES[0], "Sun"), (PLACES[1], "Rain")] == answers(target, encoded)
    assert {"~tool_id"} == set(encoded.losses) - {"+max_tokens"}


def answered_by(**more: Any) -> dict[str, Any]:
    """A conversation of converse in which a tool answered."""
    use = {"toolUseId": "t1", "name": "weather", "input": PLACES[0]}
    body = converse()
    body["messages"] += [
        {"role": "assistant", "content": [{"toolUse": use}]},
        {"role": "user", "content": [{"toolResult": {"toolUseId": "t1", **more}}]},
    ]
    return body


def test_a_failed_tool_of_converse_is_one_of_messages_too() -> None:
    """OpenAI's formats have no sign for it, and get it in words."""
    body = answered_by(status="error", content=[{"text": "No sky"}])
    encoded = converted("converse", "messages", body)
    block = {"type": "tool_result", "tool_use_id": "t1", "content": "No sky", "is_error": True}
    assert [block] == said(encoded)[-1]["content"]
    assert () == encoded.losses
    for target in ("chat_completions", "responses"):
        encoded = converted("converse", target, body)
        assert [(PLACES[0], "Error: No sky")] == answers(target, encoded)
        assert ("tool_result.is_error",) == encoded.losses


@pytest.mark.parametrize("target", TARGETS)
def test_data_of_a_tool_of_converse_are_told_as_json(target: str) -> None:
    """Other formats have words alone."""
    body = answered_by(status="success", content=[{"json": {"sky": ["grey", 1]}}])
    encoded = converted("converse", target, body)
    assert [(PLACES[0], '{"sky":["grey",1]}')] == answers(target, encoded)
    assert () == encoded.losses


def test_an_image_of_ollama_gets_the_type_that_its_bytes_tell() -> None:
    """It comes as Base64 alone, after the words of the user."""
    body = {"messages": [{"role": "user", "content": "See:", "images": [PNG]}]}
    shown = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    see = {"type": "text", "text": "See:"}
    chat = converted("ollama_chat", "chat_completions", body)
    assert [{"role": "user", "content": [see, shown]}] == said(chat)
    asked = converted("ollama_generate", "messages", {"prompt": "See:", "images": [PNG]})
    source = {"type": "base64", "media_type": "image/png", "data": PNG}
    assert [see, {"type": "image", "source": source}] == said(asked)[0]["content"]


@pytest.mark.parametrize(
    ("target", "kept", "losses"),
    [
        ("chat_completions", {"n": 2, "stop": list("abcd")}, ("stop.count",)),
        ("responses", {}, ("stop", "n")),
        ("messages", {"stop_sequences": list("abcde")}, ("n",)),
    ],
)
def test_several_answers_and_stop_words_go_as_far_as_the_format_takes_them(
    target: str, kept: dict[str, Any], losses: tuple[str, ...]
) -> None:
    """Chat completions stop at four words at most, responses at none."""
    config = {"candidateCount": 2, "stopSequences": list("abcde"), "maxOutputTokens": 50}
    encoded = converted("generate_content", target, gemini(config=config))
    keys = ("n", "stop", "stop_sequences")
    assert kept == {key: encoded.body[key] for key in keys if key in encoded.body}
    assert losses == encoded.losses


@pytest.mark.parametrize("source", ["generate_content", "ollama_chat"])
def test_a_temperature_above_one_is_one_for_a_claude(source: str) -> None:
    """Others go up to two; the change is told."""
    limits = {"temperature": 1.5}
    body = gemini(config=limits) if source == "generate_content" else ollama(options=limits)
    encoded = converted(source, "messages", body)
    assert 1 == encoded.body["temperature"]
    assert ("+max_tokens", "~temperature") == encoded.losses
    assert 1.5 == converted(source, "responses", body).body["temperature"]


@pytest.mark.parametrize(
    ("source", "target", "body", "code"),
    [
        ("responses", target, {"input": "Hi", key: "x_1"}, key)
        for key in ("previous_response_id", "conversation")
        for target in ("chat_completions", "messages")
    ]
    + [
        (
            "messages",
            target,
            {
                "messages": [{"role": "user", "content": "Hi"}],
                "thread": {"type": "continue", "previous_message_id": "msg_1"},
            },
            "thread.previous_message_id",
        )
        for target in ("chat_completions", "responses")
    ]
    + [
        ("generate_content", target, gemini(**{key: "a"}), key)
        for key in ("cachedContent", "continuationToken")
        for target in TARGETS
    ],
)
def test_what_goes_on_from_a_state_at_its_provider_is_never_sent(
    source: str, target: str, body: dict[str, Any], code: str
) -> None:
    """Whatever a user allows: the model would be asked a part of the question."""
    encoded = converted(source, target, body)
    assert (code,) == LossPolicy(["ignore", f"{code}=ignore"]).refused(encoded.losses)
