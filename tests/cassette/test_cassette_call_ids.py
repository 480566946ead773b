"""Ids of tool calls that a framework makes up in every run count by their order alone."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_llmreplay.cassette.matching.call_ids import call_ids_numbered
from pytest_llmreplay.cassette.matching.keys import MatchRules, match_key
from pytest_llmreplay.event import Json, JsonBody

XY = ("x", "y")
"""What the tools answer."""


def chat(*ids: str, said: tuple[str, str] = XY) -> Json:
    """Two calls and their results, in chat completions; whose ids are given."""
    calls: Json = [{"id": one, "type": "function", "function": {"name": "f"}} for one in ids[:2]]
    results: list[Json] = [
        {"role": "tool", "tool_call_id": one, "content": text}
        for one, text in zip(ids[2:], said, strict=False)
    ]
    return {"messages": [{"role": "assistant", "tool_calls": calls}, *results]}


def messages(*ids: str, said: tuple[str, str] = XY) -> Json:
    """The same for Anthropic."""
    return {
        "messages": [
            {"content": [{"type": "tool_use", "id": one, "input": {}} for one in ids[:2]]},
            {
                "content": [
                    {"type": "tool_result", "tool_use_id": one, "content": text}
                    for one, text in zip(ids[2:], said, strict=False)
                ]
            },
        ]
    }


def responses(*ids: str, said: tuple[str, str] = XY) -> Json:
    """The same for OpenAI's responses."""
    calls: list[Json] = [{"type": "function_call", "call_id": one, "name": "f"} for one in ids[:2]]
    results: list[Json] = [
        {"type": "function_call_output", "call_id": one, "output": text}
        for one, text in zip(ids[2:], said, strict=False)
    ]
    return {"input": [*calls, *results]}


def converse(*ids: str, said: tuple[str, str] = XY) -> Json:
    """The same for Bedrock."""
    return {
        "messages": [
            {"content": [{"toolUse": {"toolUseId": one, "name": "f"}} for one in ids[:2]]},
            {
                "content": [
                    {"toolResult": {"toolUseId": one, "content": [{"text": text}]}}
                    for one, text in zip(ids[2:], said, strict=False)
                ]
            },
        ]
    }


def gemini(*ids: str, said: tuple[str, str] = XY) -> Json:
    """The same for Google."""
    return {
        "contents": [
            {"parts": [{"functionCall": {"id": one, "name": "f"}} for one in ids[:2]]},
            {
                "parts": [
                    {"functionResponse": {"id": one, "name": "f", "response": {"result": text}}}
                    for one, text in zip(ids[2:], said, strict=False)
                ]
            },
        ]
    }


def interactions(*ids: str, said: tuple[str, str] = XY) -> Json:
    """The same for Google's interactions."""
    calls: list[Json] = [
        {"type": "function_call", "id": one, "name": "f", "arguments": {}} for one in ids[:2]
    ]
    results: list[Json] = [
        {"type": "function_result", "call_id": one, "result": text}
        for one, text in zip(ids[2:], said, strict=False)
    ]
    return {"input": [*calls, *results]}


def key(body: Json) -> str:
    """The key of a request but for ids of tool calls."""
    url = "https://api.example.com/v1/chat/completions"
    return match_key("POST", url, JsonBody(value=body), MatchRules().inexact)


@pytest.mark.parametrize("told", [chat, messages, responses, converse, gemini, interactions])
def test_which_result_answers_which_call_is_all_that_counts(told: Any) -> None:
    """Other ids, the same links: the same key. Other links, or none: another."""
    recorded = key(told("a", "b", "a", "b"))
    assert recorded == key(told("pyd_ai_1", "pyd_ai_2", "pyd_ai_1", "pyd_ai_2"))
    assert recorded == key(told("b", "a", "b", "a"))
    assert recorded != key(told("a", "b", "b", "a"))
    assert recorded != key(told("a", "b", "a", "a"))
    assert recorded != key(told("a", "b", "a", "c"))


@pytest.mark.parametrize("told", [chat, messages, responses, converse, gemini, interactions])
def test_neighbouring_results_may_come_in_any_order(told: Any) -> None:
    """As tools end that run side by side; each still answers its call."""
    assert key(told("a", "b", "a", "b")) == key(told("a", "b", "b", "a", said=("y", "x")))


def test_calls_that_smolagents_tells_as_words_count_so_too() -> None:
    """It quotes the id with the call; other words count as they are."""
    told = "Calling tools:\n[{'id': '%s', 'type': 'function', 'function': {'name': 'f'}}]"
    first, second, other = (
        key({"content": text}) for text in (told % "call_1234", told % "b-567890", "")
    )
    assert first == second != other
    assert key({"content": "order 'id': 'call_1234'"}) != key({"content": "order 'id': 'b-567890'"})


@pytest.mark.parametrize("name", ["a", "call_1"])
def test_arguments_and_results_of_tools_count_as_they_are(name: str) -> None:
    """A tool may well take the id of a phone call, which is a question of its own."""

    def asked(phone: str) -> Json:
        call: Json = {"type": "tool_use", "id": name, "input": {"call_id": phone}}
        result: Json = {
            "toolResult": {"toolUseId": name, "content": [{"json": {"call_id": phone}}]}
        }
        return {"messages": [{"content": [call, result]}], "temperature": 1}

    assert key(asked("c-42")) != key(asked("c-43"))


@pytest.mark.parametrize(
    "body",
    [
        {"input": [{"type": "function_call_output", "call_id": "call_1", "output": "x"}]},
        {"input": [{"id": "msg_1"}, {"id": "msg_1"}], "prompt": {"id": "pmpt_1"}},
        {"messages": [{"tool_calls": [{"id": "call_1"}]}], "user": "call_1"},
        {"tools": [{"parameters": {"properties": {"id": {"type": "string"}}}}]},
    ],
)
def test_ids_of_no_call_with_its_result_stay(body: Json) -> None:
    """They name what a provider keeps, or nothing that anybody reads."""
    assert body == call_ids_numbered(body)


def test_recorded_keys_are_what_they_were() -> None:
    """No key line is made without ids, so that nobody has to record anew."""
    rules = MatchRules()
    assert rules.fingerprint == rules.inexact.fingerprint
    assert key(chat("a", "b", "a", "b")) != match_key(
        "POST", "/v1/chat/completions", JsonBody(value=chat("a", "b", "a", "b")), rules
    )


@pytest.mark.parametrize("name", ["clientRequestToken", "traceparent"])
def test_what_an_sdk_makes_up_for_each_call_does_not_count(name: str) -> None:
    """It stands in the body of the request, which is what it was else; deeper it is anybody's."""
    assert key({"a": 1, name: "x1"}) == key({"a": 1, name: "y2"}) != key({"a": 2, name: "x1"})
    assert key({"a": {name: "x1"}}) != key({"a": {name: "y2"}})
