"""Laws of conversion: it is total, nothing vanishes untold, and the SDKs take what it writes."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pkgutil import resolve_name
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from providers.conversions import TARGETS, converted, decoded, to_chat, to_messages
from providers.said import REQUESTS
from providers.test_providers_properties import VALUES
from pydantic import TypeAdapter
from real_calls import needs_recordings, requests
from sdk_clients import needs

from pytest_llmreplay.event import TextPart, ToolCallPart, ToolCallResponsePart
from pytest_llmreplay.providers.api import EncodedRequest
from pytest_llmreplay.providers.fields import is_blank

TYPES = {
    "chat_completions": "openai.types.chat.completion_create_params:CompletionCreateParams",
    "responses": "openai.types.responses.response_create_params:ResponseCreateParams",
    "messages": "anthropic.types.message_create_params:MessageCreateParams",
}
"""The SDKs' own types of a request, as they begin."""

needs_types = needs(openai="2.0")

MARKED = st.integers(min_value=0).map(lambda number: f"mark-{number}")
SAID_UNDER = st.sampled_from(["messages", "input", "contents", "prompt"])
TEXTS = st.text(alphabet="ab cd", min_size=1, max_size=6).filter(str.strip)


@st.composite
def chats(draw: st.DrawFn) -> dict[str, Any]:
    """A conversation of chat completions with calls, each answered."""
    messages: list[dict[str, Any]] = []
    if draw(st.booleans()):
        messages.append({"role": "system", "content": draw(TEXTS)})
    for turn in range(draw(st.integers(1, 3))):
        messages.append({"role": "user", "content": draw(TEXTS)})
        ids = [f"call_{turn}_{place}" for place in range(draw(st.integers(0, 3)))]
        if ids:
            arguments = draw(st.dictionaries(TEXTS, TEXTS, max_size=2))
            function = {"name": "look", "arguments": json.dumps(arguments)}
            calls = [{"id": each, "type": "function", "function": function} for each in ids]
            said = draw(st.none() | TEXTS)
            messages.append({"role": "assistant", "content": said, "tool_calls": calls})
            order = draw(st.permutations(ids))
            messages += [
                {"role": "tool", "tool_call_id": each, "content": draw(TEXTS)} for each in order
            ]
        messages.append({"role": "assistant", "content": draw(TEXTS)})
    messages.append({"role": "user", "content": draw(TEXTS)})
    tool = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
    return {"model": "m", "max_tokens": 9, "messages": messages, "tools": [tool]}


def spoken(body: Any, api: str = "chat_completions") -> list[Any]:
    """Who said, called and answered what, without ids."""
    told: list[Any] = []
    names: dict[str | None, Any] = {}
    for message in decoded(api, body).messages:
        for part in message.parts:
            match part:
                case TextPart():
                    told.append((message.role, part.content))
                case ToolCallPart():
                    names[part.id] = (part.name, len(told))
                    told.append((message.role, part.name, part.arguments))
                case ToolCallResponsePart():
                    words = [text.content for text in part.response if isinstance(text, TextPart)]
                    told.append(("tool", names[part.id], words))
    return told


@given(body=chats())
def test_there_and_back_the_conversation_is_the_same(body: dict[str, Any]) -> None:
    """Texts, calls, and which result belongs to which call."""
    there = to_messages(body)
    back = to_chat(there.body)
    assert spoken(body) == spoken(back.body)
    assert () == there.losses == back.losses


@given(
    body=VALUES
    | st.builds(lambda key, m, t: {key: m, "tools": t, "x": t}, SAID_UNDER, VALUES, VALUES),
    api=st.sampled_from(sorted(REQUESTS)),
)
def test_every_request_is_converted(body: Any, api: str) -> None:
    """Whatever was recorded; and what is written can be read, and sent as JSON."""
    for encoded in (converted(api, target, body) for target in TARGETS if target != api):
        assert json.loads(json.dumps(encoded.body)) == encoded.body
        assert len(set(encoded.losses)) == len(encoded.losses)


@given(
    extra=st.dictionaries(MARKED, st.integers(1, 9), max_size=3),
    place=st.sampled_from(["request", "message", "part", "tool", "call"]),
    chat=st.booleans(),
)
def test_no_unknown_key_vanishes_untold(extra: dict[str, Any], place: str, *, chat: bool) -> None:
    """Wherever it stands, it is a loss under its own name."""
    encoded = _with_extra(extra, place, chat=chat)
    told = {code.rpartition(".")[2] for code in encoded.losses}
    assert set(extra) <= told
    assert not any(is_blank(code) for code in encoded.losses)


def _with_extra(extra: dict[str, Any], place: str, *, chat: bool) -> EncodedRequest:
    def at(name: str) -> dict[str, Any]:
        return extra if place == name else {}

    text = {"type": "text", "text": "Hi", **at("part")}
    user = {"role": "user", "content": [text], **at("message")}
    if chat:
        function = {"name": "look", "arguments": "{}"}
        call: Any = {"id": "a", "type": "function", "function": function, **at("call")}
        said: Any = {"role": "assistant", "tool_calls": [call]}
        tool: Any = {"type": "function", "function": {"name": "look"}, **at("tool")}
    else:
        call = {"type": "tool_use", "id": "a", "name": "look", "input": {}, **at("call")}
        said = {"role": "assistant", "content": [call]}
        tool = {"name": "look", "input_schema": {"type": "object"}, **at("tool")}
    body = {"model": "m", "messages": [user, said], "tools": [tool], **at("request")}
    return to_messages(body) if chat else to_chat(body)


@needs_types
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("api", REQUESTS)
def test_the_sdks_take_what_any_request_becomes(api: str, target: str) -> None:
    """A request that says all that its format can fits the types of the other SDK."""
    if api == target:
        pytest.skip("a request goes out in its own format untouched")
    for body in REQUESTS[api]:
        assert_fits(target, converted(api, target, body))


@needs_types
@needs_recordings
def test_the_sdks_take_what_real_requests_become() -> None:
    """Every recorded request, in each format that it does not speak, fits the SDK's own types."""
    written: Counter[str] = Counter()
    for api, body in requests():
        for target in TARGETS.keys() - {api}:
            encoded = converted(api, target, body)
            assert_fits(target, encoded)
            assert json.loads(json.dumps(encoded.body)) == encoded.body
            written[target] += 1
    assert written.keys() == TARGETS.keys()


@needs_types
@given(body=chats())
def test_the_sdks_take_what_is_made_of_a_conversation(body: dict[str, Any]) -> None:
    """The types are the SDKs' own."""
    there = to_messages(body)
    assert_fits("messages", there)
    assert_fits("chat_completions", to_chat(there.body))


def assert_fits(target: str, encoded: EncodedRequest) -> None:
    """The SDK's own types take a body."""
    _type_of(target).validate_python(_plain(encoded) | {"stream": False})


@cache
def _type_of(api: str) -> TypeAdapter[Any]:
    return TypeAdapter(resolve_name(f"{TYPES[api]}NonStreaming"))


@cache
def _later_efforts() -> set[str]:
    """Words of today's API that the types of an older SDK do not have."""
    known = resolve_name("openai.types.shared:ReasoningEffort")
    return {"none", "xhigh", "max"} - set(get_args(get_args(known)[0]))


def _plain(encoded: EncodedRequest) -> Any:
    left_out = {"stream"}
    reasoning: Any = encoded.body.get("reasoning", {})
    if encoded.body.get("reasoning_effort") in _later_efforts():
        left_out.add("reasoning_effort")
    if reasoning.get("effort") in _later_efforts():
        left_out.add("reasoning")
    return {key: value for key, value in encoded.body.items() if key not in left_out}
