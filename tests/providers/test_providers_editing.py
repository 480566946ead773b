"""Editing a request in its own format: the words change, everything else stays as it was."""

from __future__ import annotations

import copy
from itertools import takewhile
from typing import Any

import pytest
from real_calls import needs_recordings, requests

from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.event import Exchange, Failure, HttpRequest, Json, JsonBody, Request, Tool
from pytest_llmreplay.providers.editing import (
    LAYOUTS,
    AddedTurn,
    ToolsEdit,
    TurnsEdit,
    WordsEdit,
    edit_system,
    edit_tools,
    edit_turns,
)
from pytest_llmreplay.providers.registry import decoder_of

Body = dict[str, Any]

USER = {"role": "user", "content": "Hi."}
LATER = {"role": "system", "content": "A tool is there now."}
BARE_USER = {"role": "user", "content": [{"text": "Hi."}]}
CACHED = {"type": "text", "text": "B.", "cache_control": {"type": "ephemeral"}}

SYSTEM: list[tuple[str, Body, Body]] = [
    (
        "chat_completions",
        {"messages": [{"role": "system", "content": "B."}, USER]},
        {"messages": [{"role": "system", "content": "A. B. C."}, USER]},
    ),
    (
        "chat_completions",
        {"messages": [{"role": "developer", "content": [{"type": "text", "text": "B."}]}, USER]},
        {
            "messages": [
                {"role": "developer", "content": [{"type": "text", "text": "A. B. C."}]},
                USER,
            ]
        },
    ),
    (
        "chat_completions",
        {"messages": [{"role": "system", "content": "B"}, {"role": "system", "content": "."}]},
        {
            "messages": [
                {"role": "system", "content": "A. B"},
                {"role": "system", "content": ". C."},
            ]
        },
    ),
    (
        "chat_completions",
        {"messages": [USER, LATER]},
        {"messages": [{"role": "system", "content": "A.  C."}, USER, LATER]},
    ),
    (
        "chat_completions",
        {"messages": [USER]},
        {"messages": [{"role": "system", "content": "A.  C."}, USER]},
    ),
    (
        "cohere_chat",
        {"messages": [{"role": "system", "content": "B."}]},
        {"messages": [{"role": "system", "content": "A. B. C."}]},
    ),
    (
        "ollama_chat",
        {"messages": [{"role": "system", "content": "B."}]},
        {"messages": [{"role": "system", "content": "A. B. C."}]},
    ),
    ("ollama_generate", {"prompt": "Hi.", "system": "B."}, {"prompt": "Hi.", "system": "A. B. C."}),
    (
        "responses",
        {"instructions": "B.", "input": "Hi."},
        {"instructions": "A. B. C.", "input": "Hi."},
    ),
    ("responses", {"input": "Hi."}, {"instructions": "A.  C.", "input": "Hi."}),
    (
        "responses",
        {"input": [{"role": "developer", "content": "B."}, USER], "instructions": None},
        {"input": [{"role": "developer", "content": "A. B. C."}, USER], "instructions": None},
    ),
    ("messages", {"system": "B.", "messages": [USER]}, {"system": "A. B. C.", "messages": [USER]}),
    ("messages", {"messages": [USER]}, {"system": "A.  C.", "messages": [USER]}),
    (
        "messages",
        {"system": [{"type": "text", "text": "First."}, CACHED], "messages": []},
        {
            "system": [
                {"type": "text", "text": "A. First."},
                CACHED | {"text": "B. C."},
            ],
            "messages": [],
        },
    ),
    (
        "generate_content",
        {"contents": [], "system_instruction": {"role": "user", "parts": [{"text": "B."}]}},
        {"contents": [], "system_instruction": {"role": "user", "parts": [{"text": "A. B. C."}]}},
    ),
    (
        "generate_content",
        {"contents": []},
        {"contents": [], "systemInstruction": {"parts": [{"text": "A.  C."}]}},
    ),
    (
        "interactions",
        {"input": "Hi", "system_instruction": "B."},
        {"input": "Hi", "system_instruction": "A. B. C."},
    ),
    ("interactions", {"input": "Hi"}, {"input": "Hi", "system_instruction": "A.  C."}),
    (
        "converse",
        {"system": [{"text": "B."}, {"cachePoint": {"type": "default"}}], "messages": [BARE_USER]},
        {
            "system": [{"text": "A. B. C."}, {"cachePoint": {"type": "default"}}],
            "messages": [BARE_USER],
        },
    ),
    ("converse", {"messages": []}, {"system": [{"text": "A.  C."}], "messages": []}),
    (
        "invoke",
        {"messages": [BARE_USER]},
        {"system": [{"text": "A.  C."}], "messages": [BARE_USER]},
    ),
    (
        "invoke",
        {"messages": [{"role": "system", "content": "B."}, USER]},
        {"messages": [{"role": "system", "content": "A. B. C."}, USER]},
    ),
    ("invoke", {"message": "Hi", "preamble": "B."}, {"message": "Hi", "preamble": "A. B. C."}),
    ("cohere_chat_v1", {"message": "Hi"}, {"message": "Hi", "preamble": "A.  C."}),
]


@pytest.mark.parametrize(("api", "body", "expected"), SYSTEM)
def test_words_are_added_to_the_system_prompt(api: str, body: Body, expected: Body) -> None:
    """At both ends of it, wherever a format has it; where there is none, there is one then."""
    given = copy.deepcopy(body)
    assert expected == edit_system(api, body, WordsEdit(prepend="A. ", append=" C."))
    assert given == body


REPLACED: list[tuple[str, Body, Body]] = [
    (
        "chat_completions",
        {"messages": [{"role": "system", "content": "A."}, {"role": "developer", "content": "B."}]},
        {"messages": [{"role": "developer", "content": "New."}]},
    ),
    (
        "responses",
        {"instructions": "A.", "input": [{"role": "developer", "content": "B."}, USER]},
        {"instructions": "New.", "input": [USER]},
    ),
    (
        "messages",
        {"system": [{"type": "text", "text": "First."}, CACHED], "messages": [USER]},
        {"system": [CACHED | {"text": "New."}], "messages": [USER]},
    ),
    ("generate_content", {"systemInstruction": "A."}, {"systemInstruction": "New."}),
    (
        "converse",
        {"system": [{"guardContent": {}}], "messages": []},
        {"system": [{"text": "New."}, {"guardContent": {}}], "messages": []},
    ),
]


@pytest.mark.parametrize(("api", "body", "expected"), REPLACED)
def test_a_system_prompt_is_replaced_whole(api: str, body: Body, expected: Body) -> None:
    """In as many pieces as it came; its marks for the cache stay."""
    assert expected == edit_system(api, body, WordsEdit(replace="New."))


@pytest.mark.parametrize(
    ("api", "turns", "model", "content"),
    [
        ("chat_completions", "messages", "assistant", lambda text: text),
        ("messages", "messages", "assistant", lambda text: text),
        ("responses", "input", "assistant", lambda text: text),
        ("generate_content", "contents", "model", lambda text: [{"text": text}]),
        ("converse", "messages", "assistant", lambda text: [{"text": text}]),
    ],
)
def test_turns_are_added_and_replaced(api: str, turns: str, model: str, content: Any) -> None:
    """In the words of the format; what the system says in front of them stays there."""
    key = "parts" if api == "generate_content" else "content"

    def said(role: str, text: str) -> Body:
        return {"role": role, key: content(text)}

    edit = TurnsEdit(
        prepend=(AddedTurn(role="user", text="1"),), append=(AddedTurn(role="assistant", text="3"),)
    )
    body: Body = {turns: [said("system", "S"), said("user", "2")], "n": 1}
    first = said("system", "S")
    expected = [first, said("user", "1"), said("user", "2"), said(model, "3")]
    assert {turns: expected, "n": 1} == edit_turns(api, body, edit)
    edit = TurnsEdit(replace=(AddedTurn(role="user", text="X"),))
    assert {turns: [first, said("user", "X")], "n": 1} == edit_turns(api, body, edit)


def test_an_input_that_is_a_text_is_a_turn() -> None:
    """As responses take it."""
    edit = TurnsEdit(append=(AddedTurn(role="assistant", text="B"),))
    expected = [{"role": "user", "content": "A"}, {"role": "assistant", "content": "B"}]
    assert {"input": expected} == edit_turns("responses", {"input": "A"}, edit)


WORDS = {"type": "text", "text": "A"}
PICTURE = {"type": "image", "uri": "https://x.example/a.png"}


@pytest.mark.parametrize(
    ("told", "steps"),
    [
        ("A", [{"type": "user_input", "content": [WORDS]}]),
        (WORDS, [{"type": "user_input", "content": [WORDS]}]),
        ([WORDS, PICTURE], [{"type": "user_input", "content": [WORDS, PICTURE]}]),
        ([{"type": "thought"}], [{"type": "thought"}]),
        (None, []),
    ],
    ids=["words", "content", "contents", "steps", "nothing"],
)
def test_turns_of_an_interaction_are_steps(told: Json, steps: list[Json]) -> None:
    """What stood there without a step gets one."""
    edit = TurnsEdit(
        prepend=(AddedTurn(role="user", text="1"),), append=(AddedTurn(role="assistant", text="2"),)
    )
    first = {"type": "user_input", "content": [{"type": "text", "text": "1"}]}
    last = {"type": "model_output", "content": [{"type": "text", "text": "2"}]}
    body: Body = {"model": "g"} | ({} if told is None else {"input": told})
    expected = {"model": "g", "input": [first, *steps, last]}
    assert expected == edit_turns("interactions", body, edit)


def test_the_choice_of_an_interaction_goes_with_its_last_tool() -> None:
    """It stands among the other parameters, which stay."""
    config = {"tool_choice": "any", "temperature": 0}
    body: Body = {"tools": [{"type": "code_execution"}], "generation_config": config}
    without = edit_tools("interactions", body, ToolsEdit(remove=("code_*",)))
    assert {"generation_config": {"temperature": 0}} == without


SCHEMA: Body = {"type": "object", "properties": {"q": {"type": "string"}}}
ADDED = Tool(kind="function", name="new", description="New.", parameters=SCHEMA)
FUNCTIONS: dict[str, Any] = {
    "chat_completions": lambda name, text: {
        "type": "function",
        "function": {"name": name, "description": text, "parameters": SCHEMA},
    },
    "responses": lambda name, text: {
        "type": "function",
        "name": name,
        "description": text,
        "parameters": SCHEMA,
        "strict": False,
    },
    "messages": lambda name, text: {"name": name, "description": text, "input_schema": SCHEMA},
    "generate_content": lambda name, text: {
        "name": name,
        "description": text,
        "parametersJsonSchema": SCHEMA,
    },
    "interactions": lambda name, text: {
        "type": "function",
        "name": name,
        "description": text,
        "parameters": SCHEMA,
    },
    "converse": lambda name, text: {
        "toolSpec": {"name": name, "description": text, "inputSchema": {"json": SCHEMA}}
    },
}


def offering(api: str, *tools: Body) -> Body:
    """A body that offers functions."""
    if api == "converse":
        return {"toolConfig": {"tools": list(tools)}}
    return {
        "tools": [{"functionDeclarations": list(tools)}] if api == "generate_content" else [*tools]
    }


@pytest.mark.parametrize("api", FUNCTIONS)
def test_tools_are_removed_described_and_added(api: str) -> None:
    """In the shape of the format; with the last one goes what speaks of tools."""
    made = FUNCTIONS[api]
    body = offering(api, made("search_kb", "Old."), made("refund", "Old."), made("search_web", "W"))
    edit = ToolsEdit(remove=("search_*",), describe={"refund": "Better."}, add=(ADDED,))
    expected = offering(api, made("refund", "Better."), made("new", "New."))
    assert expected == edit_tools(api, body, edit)
    assert offering(api, made("new", "New.")) == edit_tools(api, {}, ToolsEdit(add=(ADDED,)))
    without = edit_tools(api, body | {"tool_choice": "auto", "n": 1}, ToolsEdit(remove=("*",)))
    assert {"n": 1} == without


def test_a_hosted_tool_goes_by_its_type() -> None:
    """It has no name; Gemini's has its key."""
    edit = ToolsEdit(remove=("web_search*", "googleSearch"))
    offered: list[Json] = [
        {"type": "web_search_20250305", "name": "web_search"},
        {"type": "code_interpreter"},
    ]
    assert {"tools": offered[1:]} == edit_tools("responses", {"tools": offered}, edit)
    assert {} == edit_tools("generate_content", {"tools": [{"googleSearch": {}}]}, edit)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda: edit_system("completions", {}, WordsEdit()), "completions has no system prompt"),
        (
            lambda: edit_system("invoke", {"prompt": "a"}, WordsEdit()),
            "invoke has no system prompt",
        ),
        (lambda: edit_turns("cohere_chat_v1", {}, TurnsEdit()), "cohere_chat_v1 has no messages"),
        (lambda: edit_turns("ollama_generate", {}, TurnsEdit()), "ollama_generate has no messages"),
        (lambda: edit_tools("embeddings", {}, ToolsEdit()), "embeddings has no tools"),
    ],
)
def test_a_format_without_it_says_so(edit: Any, said: str) -> None:
    """Nothing is dropped in silence."""
    with pytest.raises(ReplayError, match=said):
        edit()


@pytest.mark.parametrize("api", LAYOUTS)
@pytest.mark.parametrize(
    "odd", [None, 1, "x", [], [1, None], {}, {"parts": 1}, [{"role": "system"}]]
)
def test_no_body_is_too_odd(api: str, odd: Any) -> None:
    """A cassette holds whatever was sent; an edit raises nothing but that it cannot be made."""
    keys = ("messages", "input", "contents", "system", "instructions", "systemInstruction")
    body = dict.fromkeys((*keys, "tools", "toolConfig"), odd)
    for edit in (WordsEdit(append="x"), WordsEdit(replace="x")):
        assert "x" in str(edit_system(api, body, edit))
    if LAYOUTS[api].turns:
        assert "x" in str(
            edit_turns(api, body, TurnsEdit(append=(AddedTurn(role="user", text="x"),)))
        )
    if LAYOUTS[api].tool:
        edit_tools(api, body, ToolsEdit(add=(ADDED,), describe={"f": "x"}, remove=("g",)))


@needs_recordings
def test_real_requests_keep_all_but_their_system_prompt() -> None:
    """The words are at its end as the format itself reads them; the rest is what it was."""
    formats = set()
    for api, body in requests():
        edited = edit_system(api, body, WordsEdit(append=" Be brief."))
        before, after = read(api, body), read(api, edited)
        assert _system(after).endswith(" Be brief.")
        assert _system(before) == _system(after).removesuffix(" Be brief.")
        assert _others(before) == _others(after)
        formats.add(api)
    assert {"chat_completions", "responses", "messages"} <= formats


def read(api: str, body: Body) -> Request:
    """What a body asks."""
    request = HttpRequest(method="POST", url="https://x.example/", body=JsonBody(value=body))
    exchange = Exchange(request=request, response=Failure(kind="connect"))
    return decoder_of(api).request(exchange)


def _system(request: Request) -> str:
    turns = takewhile(lambda turn: turn.role in {"system", "developer"}, request.messages)
    parts = request.system_instructions or [part for turn in turns for part in turn.parts]
    return "".join(getattr(part, "content", "") for part in parts)


def _others(request: Request) -> Any:
    turns = [turn for turn in request.messages if turn.role not in {"system", "developer"}]
    extra = {key: value for key, value in request.extra.items() if value != []}
    return turns, request.tools, request.max_tokens, request.temperature, extra
