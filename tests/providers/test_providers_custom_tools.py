"""Tools that take any text go along: as they are, or as functions with one text."""

from __future__ import annotations

from typing import Any

import pytest
from providers.conversions import converted

from pytest_llmreplay.event import Choice, Message, Response, TextPart, ToolCallPart
from pytest_llmreplay.providers.conversion.losses import gravity_of
from pytest_llmreplay.providers.tools.custom_tools import CUSTOM, called_back, input_of

GRAMMAR = {"syntax": "lark", "definition": "start: WORD"}
FLAT = {"type": "custom", "name": "w", "description": "d", "format": {"type": "grammar", **GRAMMAR}}
NESTED = {
    "type": "custom",
    "custom": {
        "name": "w",
        "description": "d",
        "format": {"type": "grammar", "grammar": GRAMMAR},
    },
}
CALLED = [
    {"role": "user", "content": "Hi"},
    {"type": "custom_tool_call", "id": "ctc_1", "call_id": "c1", "name": "w", "input": "a b"},
    {"type": "custom_tool_call_output", "call_id": "c1", "output": "written"},
]
TOLD = [
    {"role": "user", "content": "Hi"},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "c1", "type": "custom", "custom": {"name": "w", "input": "a b"}}],
    },
    {"role": "tool", "tool_call_id": "c1", "content": "written"},
]


def asked(target: str, *tools: Any, **more: Any) -> Any:
    """A request of responses with custom tools, in another format."""
    dialect = more.pop("dialect", {})
    return converted("responses", target, {"input": CALLED, "tools": [*tools], **more}, **dialect)


def test_between_the_formats_of_openai_they_stay_as_they_are() -> None:
    """Grammar, choice, calls and results too, in both directions."""
    encoded = asked("chat_completions", FLAT, tool_choice={"type": "custom", "name": "w"})
    assert ([NESTED], TOLD, ()) == (
        encoded.body["tools"],
        encoded.body["messages"],
        encoded.losses,
    )
    choice = {"type": "custom", "custom": {"name": "w"}}
    assert choice == encoded.body["tool_choice"]
    back = converted(
        "chat_completions",
        "responses",
        {"messages": TOLD, "tools": [NESTED], "tool_choice": choice},
    )
    assert ([FLAT], ()) == (back.body["tools"], back.losses)
    assert {"type": "custom", "name": "w"} == back.body["tool_choice"]


def test_among_allowed_tools_they_are_named_by_their_kind() -> None:
    """Beside functions."""
    function = {"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": False}
    named = [{"type": "custom", "name": "w"}, {"type": "function", "name": "f"}]
    choice = {"type": "allowed_tools", "mode": "auto", "tools": named}
    encoded = asked("chat_completions", FLAT, function, tool_choice=choice)
    allowed = [
        {"type": "custom", "custom": {"name": "w"}},
        {"type": "function", "function": {"name": "f"}},
    ]
    assert {"mode": "auto", "tools": allowed} == encoded.body["tool_choice"]["allowed_tools"]
    body = {"messages": TOLD, "tools": encoded.body["tools"]}
    back = converted(
        "chat_completions", "responses", {**body, "tool_choice": encoded.body["tool_choice"]}
    )
    assert choice == back.body["tool_choice"]


def test_a_model_without_them_gets_functions_of_one_text() -> None:
    """A Claude, with what was called before; the grammar is told in words, which do not bind."""
    encoded = asked("messages", FLAT, tool_choice={"type": "custom", "name": "w"})
    (tool,) = encoded.body["tools"]
    assert ("w", "d", ["input"]) == (
        tool["name"],
        tool["description"],
        tool["input_schema"]["required"],
    )
    assert (
        "In this grammar (lark):\nstart: WORD"
        == tool["input_schema"]["properties"]["input"]["description"]
    )
    assert {"type": "tool", "name": "w"} == encoded.body["tool_choice"]
    called = {"type": "tool_use", "id": "c1", "name": "w", "input": {"input": "a b"}}
    assert [called] == encoded.body["messages"][1]["content"]
    assert ("~tools.custom", "tools.custom.format", "~tool_call.custom", "+max_tokens") == (
        encoded.losses
    )
    assert "warn" == gravity_of("tools.custom.format")


@pytest.mark.parametrize(
    "dialect",
    [{"model": "gpt-4o"}, {"model": "tiny"}, {"provider": "mistral"}, {"provider": "groq"}],
)
def test_other_models_of_chat_completions_get_functions_too(dialect: dict[str, str]) -> None:
    """Only OpenAI's newer models know custom tools there."""
    encoded = asked("chat_completions", {"type": "custom", "name": "w"}, dialect=dialect)
    (tool,) = encoded.body["tools"]
    assert {"input": {"type": "string"}} == tool["function"]["parameters"]["properties"]
    (call,) = encoded.body["messages"][1]["tool_calls"]
    assert {"name": "w", "arguments": '{"input":"a b"}'} == call["function"]
    assert {"~tools.custom", "~tool_call.custom"} <= set(encoded.losses)
    assert all(gravity_of(code) is None for code in encoded.losses)


def test_a_deployment_on_azure_is_asked_as_openai_is() -> None:
    """Its name says nothing of its model."""
    encoded = asked("chat_completions", FLAT, dialect={"provider": "azure", "model": "mine"})
    assert ([NESTED], ()) == (encoded.body["tools"], encoded.losses)


def test_what_else_a_tool_says_is_told() -> None:
    """Under its own name; what is the usual is no loss."""
    more = {**FLAT, "format": {"type": "text"}, "defer_loading": False, "allowed_callers": ["x"]}
    encoded = asked("chat_completions", more)
    assert ("tools.allowed_callers",) == encoded.losses
    later = asked("chat_completions", {**FLAT, "defer_loading": True})
    assert (("~tools.defer_loading",), [NESTED]) == (later.losses, later.body["tools"])
    assert {"type": "text"} == encoded.body["tools"][0]["custom"]["format"]
    assert "tools.custom.format" not in asked("messages", more).losses


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("w", {"input": "a b"}, ("a b", "custom")),
        ("w", {"input": 1}, ({"input": 1}, None)),
        ("w", {"input": "a", "x": 1}, ({"input": "a", "x": 1}, None)),
        ("f", {"input": "a"}, ({"input": "a"}, None)),
    ],
)
def test_a_call_of_such_a_function_is_one_of_the_tool_again(
    name: str, given: Any, said: Any
) -> None:
    """If it was given one text, and by no other name."""
    call = ToolCallPart(name=name, arguments=given, id="c1")
    message = Message(role="assistant", parts=(TextPart(content="See:"), call))
    answer = Response(choices=(Choice(message=message, finish_reason="tool_call"),))
    words, back = called_back(answer, {"w"}).parts
    assert isinstance(back, ToolCallPart)
    assert (message.parts[0], said) == (words, (back.arguments, back.extra.get("type")))
    assert (said[0] if said[1] == CUSTOM else None) == back.arguments_raw


@pytest.mark.parametrize(
    ("arguments", "text"),
    [('{"input": "a\\nb"}', "a\nb"), ('{"input": ""}', ""), ('{"x": 1}', '{"x": 1}'), ("a", "a")],
)
def test_the_text_of_a_call_in_a_stream(arguments: str, text: str) -> None:
    """All that was given, where that is no such text."""
    assert text == input_of(arguments)
