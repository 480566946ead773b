"""Reading the plain answers of Ollama: the words stand in a message, or at the top."""

from __future__ import annotations

from pytest_llmreplay.event import (
    Choice,
    FinishReason,
    Json,
    Message,
    Part,
    ReasoningPart,
    Response,
    TextPart,
    ToolCallPart,
    UnknownPart,
)
from pytest_llmreplay.providers.answers.envelope import ended_for_calls
from pytest_llmreplay.providers.fields import Fields

from .usage import take_usage

__all__ = ["FINISH", "TOOL_CALLS", "read_chat", "read_generated", "take_parts"]

TOOL_CALLS = "tool_calls"
"""Type of an unknown part that stood among the tool calls."""

FINISH: dict[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "load": "error",  # nothing was said: the model was only loaded, or unloaded
    "unload": "error",
}
"""Classes of the reasons to be done; `stop` also ends tool calls."""


def read_chat(body: dict[str, Json]) -> Response | None:
    """The neutral answer of `/api/chat`; `None` when the body has no message."""
    inner = body.get("message")
    if not isinstance(inner, dict):
        return None
    fields, message = Fields(body), Fields(inner)
    fields.rest["message"] = {}
    parts = take_parts(message, "content")
    role = {} if message.word("role", "assistant") else {"role": message.rest.pop("role", None)}
    return _response(fields, parts, extra=message.rest | role)


def read_generated(body: dict[str, Json]) -> Response | None:
    """The neutral answer of `/api/generate`; `None` when the body has no words."""
    if not isinstance(body.get("response"), str):
        return None
    fields = Fields(body)
    parts = take_parts(fields, "response")
    fields.rest["response"] = ""
    return _response(fields, parts, extra={})


def take_parts(fields: Fields, key: str) -> list[Part]:
    """Thoughts, words and tool calls; the words stand under `key`."""
    thought, text = fields.text("thinking"), fields.text(key)
    parts: list[Part] = [] if thought is None else [ReasoningPart(content=thought)]
    parts += [] if text is None else [TextPart(content=text)]
    return [*parts, *[_read_call(call) for call in fields.items(TOOL_CALLS)]]


def _response(fields: Fields, parts: list[Part], *, extra: dict[str, Json]) -> Response:
    word = fields.text("done_reason")
    finish = FINISH.get(word) if word else None
    choice = Choice(
        message=Message(role="assistant", parts=tuple(parts), extra=extra),
        finish_reason=ended_for_calls(finish, parts),
        finish_raw=word,
    )
    usage = take_usage(fields)
    return Response(model=fields.text("model"), choices=(choice,), usage=usage, extra=fields.rest)


def _read_call(value: Json) -> Part:
    """A call of a function; its arguments are an object, not a text."""
    fields = Fields(value)
    inner = Fields(fields.rest.get("function"))
    name = inner.text("name")
    if name is None:
        return UnknownPart(type=TOOL_CALLS, raw=value)
    del fields.rest["function"]
    asked = inner.rest.pop("arguments", None)
    if asked is None:
        inner.rest["arguments"] = None
    fields.leave("function", inner.rest)
    return ToolCallPart(
        name=name,
        arguments={} if asked is None else asked,
        id=fields.text("id"),
        arguments_raw=asked if isinstance(asked, str) else None,
        extra=fields.rest,
    )
