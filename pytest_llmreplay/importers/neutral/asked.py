"""What was asked, in the shapes in which logs keep a conversation."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pytest_llmreplay.event import Json, Message
from pytest_llmreplay.providers.fields import as_object, as_text
from pytest_llmreplay.providers.json_values import compact_json

from .ai_sdk import is_ai_sdk, wire_messages
from .call import Asked, Shaped, Unimportable
from .conventions import has_parts, read_messages
from .converse import are_converse_blocks, converse_body
from .decoding import CHAT, MESSAGES, decoded, from_text
from .google import google_body
from .langchain import is_langchain, wire_message
from .offered import with_tools

__all__ = ["asked_of", "format_of_message", "on_the_wire"]

_CHAT_ONLY = frozenset({"tool_calls", "tool_call_id", "function_call", "reasoning_content"})
_MESSAGES_ONLY = frozenset({"stop_sequences", "system", "thinking"})
_CHAT_BLOCKS = frozenset({"image_url", "input_audio", "file", "refusal"})
_MESSAGES_BLOCKS = frozenset(
    {
        *("tool_use", "tool_result", "thinking", "redacted_thinking", "document"),
        *("image", "server_tool_use", "web_search_tool_result"),
    }
)
_ITEMS = frozenset(
    {
        *("message", "function_call", "function_call_output", "reasoning", "item_reference"),
        *("input_text", "computer_call", "web_search_call", "file_search_call"),
    }
)
"""Kinds of items of OpenAI's responses."""


def asked_of(question: Json, parameters: Mapping[str, Json]) -> Asked:
    """The request that a log tells.

    Args:
        question: A text, messages of any shape, or an object that holds them under a name.
        parameters: What else stands in the body, as `parameters_of` gives it.

    Raises:
        Unimportable: It is no conversation.
    """
    value = from_text(question)
    if isinstance(value, dict) and value.get("contents"):
        return Shaped(api="generate_content", body=google_body(value))
    if isinstance(value, dict) and isinstance(value.get("input"), str | list):
        return Shaped(api="responses", body={**value, **parameters})
    messages, beside = _messages_in(value)
    return _with(messages, {**beside, **parameters})


def _messages_in(value: Json) -> tuple[list[Json], dict[str, Json]]:
    """The messages, and what stands beside them."""
    if isinstance(value, str) and value:
        return [{"role": "user", "content": value}], {}
    if isinstance(value, list):
        return value, {}
    beside = dict(as_object(value))
    if "role" in beside or "lc" in beside:
        return [beside], {}
    found = [beside.pop(key, None) for key in ("messages", "prompt", "prompts", "args")]
    match next((listed for listed in found if listed), None):
        case list(messages) if isinstance(messages[0], dict | list):
            return messages, beside
        case str(prompt) | [str(prompt)]:
            return [{"role": "user", "content": prompt}], beside
        case _:
            raise Unimportable(f"no conversation: {_shown(value)}")


def _with(messages: list[Json], beside: Mapping[str, Json]) -> Asked:
    rest = {key: value for key, value in beside.items() if key not in {"tools", "tool_choice"}}
    asked = _conversation(_unwrapped(messages), rest)
    return with_tools(asked, beside.get("tools"), beside.get("tool_choice"))


def _unwrapped(messages: list[Json]) -> list[Json]:
    """LangChain traces a batch of conversations, which is nearly always one."""
    match messages:
        case [list(only)]:
            return only
        case [list(), *_]:
            raise Unimportable("a batch of several conversations under one call")
        case _:
            return messages


def _conversation(messages: list[Json], rest: dict[str, Json]) -> Asked:
    if not messages or not all(isinstance(message, dict) for message in messages):
        raise Unimportable(f"no conversation: {_shown(messages)}")
    messages = [wire for message in messages for wire in _of_ai_sdk(message)]
    if any(has_parts(message) for message in messages):
        body = Shaped(api=CHAT, body={"messages": [], **rest})
        return replace(decoded(body), messages=read_messages(messages))
    if _is_contents(messages):
        return Shaped(api="generate_content", body={"contents": messages, **rest})
    objects = [message for message in messages if isinstance(message, dict)]
    if any(are_converse_blocks(message.get("content")) for message in objects):
        return Shaped(api="converse", body=converse_body(objects, rest))
    if any(_is_item(message) for message in messages):
        return Shaped(api="responses", body={"input": messages, **rest})
    return _of_wire(list(map(on_the_wire, messages)), rest)


def _of_ai_sdk(message: Json) -> list[Json]:
    assert isinstance(message, dict)
    return [*wire_messages(message)] if is_ai_sdk(message) else [message]


def _of_wire(messages: list[dict[str, Json]], rest: dict[str, Json]) -> Asked:
    """One body where all messages fit one format, else the neutral request."""
    formats = {api for api in map(format_of_message, messages) if api is not None}
    if rest.keys() & _MESSAGES_ONLY:
        formats.add(MESSAGES)
    if formats == {CHAT, MESSAGES}:
        api = MESSAGES if "system" in rest else CHAT
        whole = decoded(Shaped(api=api, body={"messages": [], **rest}))
        parts = [part for message in messages for part in _decoded(message)]
        return replace(whole, messages=tuple(parts))
    if formats == {MESSAGES}:
        return _lifted(messages, rest)
    return Shaped(api=CHAT, body={"messages": [*messages], **rest})


def _decoded(message: dict[str, Json]) -> tuple[Message, ...]:
    api = format_of_message(message) or CHAT
    return decoded(Shaped(api=api, body={"messages": [message]})).messages


def _lifted(messages: list[dict[str, Json]], rest: dict[str, Json]) -> Shaped:
    """Anthropic's instructions stand apart; tracers fold them into the messages."""
    first = messages[0]
    if first.get("role") == "system" and "system" not in rest:
        rest, messages = {"system": first.get("content"), **rest}, messages[1:]
    return Shaped(api=MESSAGES, body={"messages": [*messages], **rest})


def on_the_wire(message: Json) -> dict[str, Json]:
    """The message by the names of the wire; what is a text there becomes one."""
    assert isinstance(message, dict)
    wire = wire_message(message) if is_langchain(message) else dict(message)
    if not isinstance(wire.get("content"), str | list | None):
        wire["content"] = json.dumps(wire["content"], ensure_ascii=False)
    calls = wire.get("tool_calls")
    if isinstance(calls, list):
        wire["tool_calls"] = [_with_text_of_arguments(call) for call in calls]
    return wire


def _with_text_of_arguments(listed: Json) -> Json:
    call = as_object(listed)
    function = call.get("function")
    if not isinstance(function, dict) or not isinstance(function.get("arguments"), dict):
        return listed
    return {**call, "function": {**function, "arguments": compact_json(function["arguments"])}}


def format_of_message(message: dict[str, Json]) -> str | None:
    """The format that alone has such a message; none where several have."""
    if _CHAT_ONLY & {key for key, value in message.items() if value}:
        return CHAT
    blocks = message.get("content")
    kinds = {_kind(block) for block in blocks} if isinstance(blocks, list) else set()
    if kinds & _MESSAGES_BLOCKS:
        return MESSAGES
    return CHAT if kinds & _CHAT_BLOCKS or _role(message) in {"tool", "developer"} else None


def _role(message: Mapping[str, Json]) -> str:
    return as_text(message.get("role")) or ""


def _kind(block: Json) -> str:
    return str(block.get("type")) if isinstance(block, dict) else ""


def _is_contents(messages: Sequence[Json]) -> bool:
    return all(isinstance(content, dict) and "parts" in content for content in messages)


def _is_item(message: Json) -> bool:
    return isinstance(message, dict) and str(message.get("type")) in _ITEMS


def _shown(value: Json) -> str:
    return f"{json.dumps(value, ensure_ascii=False, default=str)[:60]}"
