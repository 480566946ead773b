"""Writing the plain answers of Ollama."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_llmreplay.event import (
    Choice,
    FinishReason,
    Json,
    Part,
    ReasoningPart,
    RefusalPart,
    Response,
    TextPart,
    ToolCallPart,
    UnknownPart,
)
from pytest_llmreplay.providers.fields import as_object

from .answer import FINISH, TOOL_CALLS
from .usage import write_usage

__all__ = ["encode_chat", "encode_generated"]

_WORDS: dict[FinishReason, str] = {"length": "length"}
"""Reasons to be done that are not `stop`."""


def encode_chat(response: Response) -> dict[str, Json]:
    """The body of a plain answer of `/api/chat`."""
    extra = dict(response.extra)
    decoded = isinstance(extra.pop("message", None), dict)
    choice = response.choices[0] if response.choices else None
    body = _top(response, choice, decoded=decoded)
    if choice is not None:
        left = dict(choice.message.extra) if decoded else {}
        role = left.pop("role", "assistant")
        message = _message_fields(choice.message.parts, "content", decoded=decoded)
        usual = {} if decoded else {"content": ""}
        body["message"] = ({} if role is None else {"role": role}) | usual | left | message
    return body | extra


def encode_generated(response: Response) -> dict[str, Json]:
    """The body of a plain answer of `/api/generate`."""
    extra = dict(response.extra)
    decoded = isinstance(extra.pop("response", None), str)
    choice = response.choices[0] if response.choices else None
    body = _top(response, choice, decoded=decoded)
    if choice is not None:
        body["response"] = ""
        body |= _message_fields(choice.message.parts, "response", decoded=decoded)
    return body | extra


def _top(response: Response, choice: Choice | None, *, decoded: bool) -> dict[str, Json]:
    """What stands beside the words; an answer of another format gets what clients rely on."""
    body: dict[str, Json] = {}
    if not decoded:
        body = {"model": "", "created_at": "1970-01-01T00:00:00Z", "done": True}
    if response.model is not None:
        body["model"] = response.model
    word = _reason(choice, decoded=decoded) if choice else None
    if word is not None:
        body["done_reason"] = word
    return body | write_usage(response.usage)


def _reason(choice: Choice, *, decoded: bool) -> str | None:
    word, finish = choice.finish_raw, choice.finish_reason
    if word is not None and (decoded or word in FINISH):
        known = FINISH.get(word)
        if known == finish or (known == "stop" and finish == "tool_call"):
            return word
    return None if finish is None else _WORDS.get(finish, "stop")


def _message_fields(parts: Iterable[Part], key: str, *, decoded: bool) -> dict[str, Json]:
    """Thoughts, words and tool calls, those that there are."""
    parts = tuple(parts)
    named: dict[str, Json] = {
        "thinking": "".join(part.content for part in parts if isinstance(part, ReasoningPart)),
        key: "".join(part.content for part in parts if isinstance(part, TextPart | RefusalPart)),
        TOOL_CALLS: _calls(parts, decoded=decoded),
    }
    return {name: value for name, value in named.items() if value}


def _calls(parts: Iterable[Part], *, decoded: bool) -> list[Json]:
    calls: list[Json] = []
    for part in parts:
        if isinstance(part, ToolCallPart):
            calls.append(_call(part, decoded=decoded))
        elif isinstance(part, UnknownPart) and part.type == TOOL_CALLS and decoded:
            calls.append(part.raw)
    return calls


def _call(part: ToolCallPart, *, decoded: bool) -> Json:
    extra = dict(part.extra) if decoded else {}
    left = dict(as_object(extra.pop("function", None)))
    missing = "arguments" in left and left.pop("arguments") is None
    asked = part.arguments
    if not decoded and not isinstance(asked, dict):
        asked = {"input": asked}
    function: dict[str, Json] = {"name": part.name}
    if asked != {} or not missing:
        function["arguments"] = asked
    named: dict[str, Json] = {} if part.id is None else {"id": part.id}
    return named | {"function": function | left} | extra
