"""A search of the web goes along where the other format has one, with what both say of it."""

from __future__ import annotations

from typing import Any

import pytest
from providers.conversions import converted

from pytest_llmreplay.providers.api import EncodedRequest
from pytest_llmreplay.providers.conversion.losses import gravity_of

SEARCH = {"type": "web_search"}
OSLO = {"city": "Oslo", "country": "NO"}
PLACE = {"type": "approximate", **OSLO}
NESTED = {"type": "approximate", "approximate": OSLO}
CLAUDE = {"type": "web_search_20250305", "name": "web_search"}
SEARCHING = "gpt-5-search-api"
FLAT = {"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": False}
CHAT_FUNCTION = {"type": "function", "function": {"name": "f"}}
FUNCTION = {"name": "f", "input_schema": {"type": "object"}}
HI: dict[str, Any] = {
    "chat_completions": {"messages": [{"role": "user", "content": "Hi"}]},
    "messages": {"max_tokens": 90, "messages": [{"role": "user", "content": "Hi"}]},
    "responses": {"input": "Hi"},
    "generate_content": {"contents": [{"parts": [{"text": "Hi"}]}]},
}


def searching(source: str, target: str, body: Any, **dialect: Any) -> tuple[Any, Any]:
    """What a request for a search offers in another format, and what is lost of it."""
    if target == "chat_completions":
        dialect = {"model": SEARCHING} | dialect
    encoded = converted(source, target, {**HI[source], **body}, **dialect)
    told = encoded.body.get("tools", encoded.body.get("web_search_options"))
    codes = [code for code in encoded.losses if code != "+max_tokens"]
    return told, codes


CARRIED: list[tuple[str, Any, str, Any, list[str]]] = [
    ("responses", [SEARCH], "messages", [CLAUDE], []),
    ("responses", [{"type": "web_search_preview_2025_03_11"}], "messages", [CLAUDE], []),
    (
        "responses",
        [{**SEARCH, "filters": {"allowed_domains": ["a.example"]}, "user_location": PLACE}],
        "messages",
        [{**CLAUDE, "allowed_domains": ["a.example"], "user_location": PLACE}],
        [],
    ),
    (
        "responses",
        [{**SEARCH, "search_context_size": "low", "external_web_access": True}],
        "messages",
        [CLAUDE],
        ["tools.web_search.search_context_size"],
    ),
    (
        "responses",
        [{**SEARCH, "external_web_access": False}],
        "messages",
        [CLAUDE],
        ["tools.web_search.external_web_access"],
    ),
    (
        "responses",
        [{**SEARCH, "search_context_size": "low", "user_location": PLACE}],
        "chat_completions",
        {"search_context_size": "low", "user_location": NESTED},
        ["~tools.web_search"],
    ),
    (
        "messages",
        [{**CLAUDE, "type": "web_search_20260318", "response_inclusion": "excluded"}],
        "responses",
        [SEARCH],
        ["tools.web_search.response_inclusion"],
    ),
    (
        "messages",
        [
            {
                **CLAUDE,
                "allowed_domains": ["a.example"],
                "user_location": PLACE,
                "cache_control": {"type": "ephemeral"},
                "allowed_callers": ["direct"],
            }
        ],
        "responses",
        [{**SEARCH, "filters": {"allowed_domains": ["a.example"]}, "user_location": PLACE}],
        ["tools.cache_control"],
    ),
    (
        "messages",
        [{**CLAUDE, "blocked_domains": ["a.example"]}],
        "responses",
        [SEARCH],
        ["tools.web_search.blocked_domains"],
    ),
    (
        "messages",
        [{**CLAUDE, "allowed_domains": ["a.example"], "max_uses": 2}],
        "chat_completions",
        {},
        ["tools.web_search.allowed_domains", "tools.web_search.max_uses", "~tools.web_search"],
    ),
    (
        "generate_content",
        [{"google_search": {"exclude_domains": ["a.example"], "search_types": {"web_search": {}}}}],
        "messages",
        [{**CLAUDE, "blocked_domains": ["a.example"]}],
        [],
    ),
    (
        "generate_content",
        [{"googleSearch": {"timeRangeFilter": {"startTime": "2026-01-01T00:00:00Z"}}}],
        "responses",
        [SEARCH],
        ["tools.web_search.timeRangeFilter"],
    ),
]


@pytest.mark.parametrize(("source", "tools", "target", "offered", "codes"), CARRIED)
def test_a_search_goes_along_with_what_both_formats_say_of_it(
    source: str, tools: Any, target: str, offered: Any, codes: list[str]
) -> None:
    """Each of its settings arrives, or its code is told."""
    assert (offered, codes) == searching(source, target, {"tools": tools})


@pytest.mark.parametrize(
    ("target", "offered", "codes"),
    [
        (
            "messages",
            [{**CLAUDE, "user_location": PLACE}],
            ["tools.web_search.search_context_size", "~tools.web_search"],
        ),
        (
            "responses",
            [{**SEARCH, "search_context_size": "high", "user_location": PLACE}],
            ["~tools.web_search"],
        ),
    ],
)
def test_the_search_options_of_chat_completions_become_a_tool(
    target: str, offered: Any, codes: list[str]
) -> None:
    """There a model searches before every answer, elsewhere where it sees fit."""
    options = {"search_context_size": "high", "user_location": NESTED}
    body = {"web_search_options": options}
    assert (offered, codes) == searching("chat_completions", target, body)


def test_how_often_may_be_searched_is_said_in_both_formats() -> None:
    """By responses of all that the API runs itself: beside other such tools it is no such limit."""
    encoded = converted("messages", "responses", {**HI["messages"], "tools": [{**CLAUDE, **USES}]})
    assert (2, ()) == (encoded.body["max_tool_calls"], encoded.losses)
    limit = {"max_tool_calls": 2}
    assert ([{**CLAUDE, **USES}], []) == searching(
        "responses", "messages", {"tools": [SEARCH], **limit}
    )
    both = {"tools": [SEARCH, {"type": "image_generation"}], **limit}
    assert ([CLAUDE], ["tools.image_generation", "max_tool_calls"]) == (
        searching("responses", "messages", both)
    )


USES = {"max_uses": 2}


@pytest.mark.parametrize(
    ("source", "body", "target", "dialect", "code"),
    [
        ("responses", [SEARCH], "chat_completions", {"model": "gpt-5-mini"}, "tools.web_search"),
        ("responses", [SEARCH], "chat_completions", {"provider": "groq"}, "tools.web_search"),
        ("responses", [SEARCH], "messages", {"provider": "bedrock"}, "tools.web_search"),
        ("messages", [CLAUDE], "responses", {"provider": "vllm"}, "tools.web_search"),
        (
            "generate_content",
            [{"googleSearchRetrieval": {}}],
            "messages",
            {},
            "tools.google_search_retrieval",
        ),
        ("responses", [SEARCH, SEARCH], "messages", {}, "tools.web_search"),
        (
            "responses",
            [SEARCH, {**FLAT, "name": "web_search"}],
            "messages",
            {},
            "tools.web_search",
        ),
    ],
)
def test_a_search_is_lost_where_nobody_searches(
    source: str, body: Any, target: str, dialect: Any, code: str
) -> None:
    """Other models, clouds and servers refuse it, or take no notice; nor are there two of one."""
    assert code in searching(source, target, {"tools": body}, **dialect)[1]


CHOICES: list[tuple[str, Any, Any, str, Any]] = [
    ("responses", [SEARCH], SEARCH, "messages", {"type": "tool", "name": "web_search"}),
    ("responses", [SEARCH], "required", "messages", {"type": "any"}),
    (
        "messages",
        [CLAUDE, FUNCTION],
        {"type": "tool", "name": "web_search"},
        "responses",
        {"type": "allowed_tools", "mode": "required", "tools": [SEARCH]},
    ),
    ("messages", [CLAUDE], {"type": "any"}, "responses", "required"),
    ("messages", [CLAUDE], {"type": "none"}, "responses", "none"),
    ("messages", [CLAUDE], {"type": "any"}, "chat_completions", None),
    (
        "messages",
        [CLAUDE, FUNCTION],
        {"type": "tool", "name": "web_search"},
        "chat_completions",
        None,
    ),
    (
        "messages",
        [CLAUDE, FUNCTION],
        {"type": "any"},
        "chat_completions",
        "required",
    ),
]


@pytest.mark.parametrize(("source", "tools", "choice", "target", "chosen"), CHOICES)
def test_a_search_may_be_chosen(
    source: str, tools: Any, choice: Any, target: str, chosen: Any
) -> None:
    """By its kind in OpenAI's formats, by its name in Anthropic's; nothing of it is lost."""
    dialect: dict[str, Any] = {"model": SEARCHING} if target == "chat_completions" else {}
    body = {**HI[source], "tools": tools, "tool_choice": choice}
    encoded = converted(source, target, body, **dialect)
    lost = [code for code in encoded.losses if gravity_of(code) is not None]
    assert (chosen, []) == (encoded.body.get("tool_choice"), lost)


def test_among_allowed_tools_a_search_counts_as_the_others_do() -> None:
    """Only what is allowed is offered."""
    choice: dict[str, Any] = {"type": "allowed_tools", "mode": "required", "tools": [SEARCH]}
    body = {**HI["responses"], "tools": [SEARCH, FLAT], "tool_choice": choice}
    encoded = converted("responses", "messages", body)
    assert ([CLAUDE], {"type": "any"}) == (encoded.body["tools"], encoded.body["tool_choice"])
    choice["tools"] = [{"type": "function", "name": "f"}]
    encoded = converted("responses", "messages", body)
    assert ["f"] == named(encoded)
    options = {"web_search_options": {}, "tools": [CHAT_FUNCTION]}
    choice["allowed_tools"] = {"mode": "auto", "tools": [CHAT_FUNCTION]}
    body = {**HI["chat_completions"], **options, "tool_choice": choice}
    encoded = converted("chat_completions", "messages", body)
    assert ["f", "web_search"] == named(encoded)


def named(encoded: EncodedRequest) -> list[str]:
    """What is offered."""
    tools: Any = encoded.body["tools"]
    return [tool["name"] for tool in tools]
