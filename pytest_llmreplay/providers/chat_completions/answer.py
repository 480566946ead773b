"""Reading the plain answer of chat completions.

Reasoning stands in one of seven places, depending on the provider; where it stands twice, the
richer place is read and the other one stays in `extra`.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from pytest_llmreplay.event import (
    BlobPart,
    Choice,
    FinishReason,
    Json,
    Message,
    Part,
    ReasoningPart,
    RefusalPart,
    Response,
    ServerToolCallPart,
    TextPart,
    ToolCallPart,
    UnknownPart,
    Usage,
)
from pytest_llmreplay.providers.fields import Fields, as_text
from pytest_llmreplay.providers.writing import compact_json

from .usage import read_usage

__all__ = [
    "DETAILS",
    "EXECUTED",
    "FORMAT_OF_KEY",
    "MISTRAL",
    "TOOL_CALLS",
    "WHOLE_CHOICE",
    "finish_class",
    "parse_arguments",
    "read_answer",
    "read_call",
    "read_content",
    "read_message_parts",
]

TOOL_CALLS = "tool_calls"
"""Type of an unknown part that stood among the tool calls."""
DETAILS = "reasoning_details"
"""Where OpenRouter keeps reasoning with its signatures."""
EXECUTED = "executed_tools"
"""Where Groq keeps the tools that it ran itself."""
MISTRAL = "mistral"
"""Format of reasoning that stood in a list of content."""
WHOLE_CHOICE = "choice"
"""Type of an unknown part that is a choice as a whole."""

FORMAT_OF_KEY = {"reasoning_content": "deepseek", "reasoning": "reasoning"}
"""Who may get reasoning back that stood under this key of a message."""

_FUNCTION = ("function", "arguments")
_FINISH: dict[str, FinishReason] = {
    "stop": "stop",
    "": "stop",
    "eos": "stop",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_calls": "tool_call",
    "function_call": "tool_call",
    "tool_use": "tool_call",
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "content_filter",
    "error": "error",
}


def read_answer(body: dict[str, Json]) -> Response | None:
    """The neutral answer; `None` when the body has no choices."""
    choices = body.get("choices")
    if not isinstance(choices, list):
        return None
    fields = Fields(body)
    read = [_read_choice(choice) for choice in choices]
    usage = Usage()
    if isinstance(told := body.get("usage"), dict):
        del fields.rest["usage"]
        usage = read_usage(told)
    fields.rest["choices"] = [rest for _, rest in read]
    return Response(
        id=fields.text("id"),
        model=fields.text("model"),
        choices=tuple(choice for choice, _ in read),
        usage=usage,
        extra=fields.rest,
    )


def finish_class(word: str | None, parts: tuple[Part, ...]) -> FinishReason | None:
    """The class of a finish reason; an answer that asks for tools ended to ask for them."""
    if word is None:
        return None
    found = _FINISH.get(word)
    if found == "stop" and any(isinstance(part, ToolCallPart) for part in parts):
        return "tool_call"
    return found


def parse_arguments(raw: str) -> tuple[Json, str | None]:
    """Arguments of a call, and their text where writing them again would not give it back."""
    if not raw.strip():
        return {}, raw
    try:
        parsed: Json = json.loads(raw)
        same = compact_json(parsed) == raw
    except (ValueError, RecursionError):
        return raw, raw
    if not isinstance(parsed, dict):
        return raw, raw
    return parsed, None if same else raw


def read_call(value: Json) -> Part:
    """One of the tool calls."""
    fields = Fields(value)
    kind, key = ("custom", "input") if fields.rest.get("type") == "custom" else _FUNCTION
    inner = Fields(fields.rest.get(kind))
    name = inner.text("name")
    if name is None:
        return UnknownPart(type=TOOL_CALLS, raw=value)
    del fields.rest[kind]
    return _read_named_call(fields, inner, name, kind=kind, key=key)


def read_content(value: Json) -> Part:
    """One item of a list of content, in an answer."""
    fields = Fields(value)
    kind = fields.rest.get("type")
    if kind == "text" and (text := fields.any_text("text")) is not None:
        del fields.rest["type"]
        return TextPart(content=text, extra=fields.rest)
    if kind == "thinking":
        return _read_thinking(fields)
    if kind == "refusal" and (said := fields.text("refusal")) is not None:
        return RefusalPart(content=said, extra=fields.rest)
    return UnknownPart(type=as_text(kind) or "content", raw=value)


def read_message_parts(fields: Fields, read_item: Callable[[Json], Part]) -> list[Part]:
    """All parts of a message, thoughts first and calls last.

    Args:
        fields: The message; loses what is read.
        read_item: Reads one item of a list of content.
    """
    return [
        *_read_reasoning(fields),
        *_read_executed(fields),
        *_read_words(fields, read_item),
        *_read_audio(fields),
        *(read_call(call) for call in fields.items("tool_calls")),
        *_read_function_call(fields),
    ]


def _read_choice(value: Json) -> tuple[Choice, dict[str, Json]]:
    if not isinstance(value, dict):
        whole = UnknownPart(type=WHOLE_CHOICE, raw=value)
        message = Message(role="assistant", parts=(whole,))
        return Choice(message=message, finish_reason=None), {}
    fields = Fields(value)
    message = Message(role="assistant", parts=())
    if isinstance(value.get("message"), dict):
        message = _read_message(fields.rest.pop("message"))
    else:
        fields.rest.setdefault("message", None)
    word = fields.any_text("finish_reason")
    finish = finish_class(word, message.parts)
    return Choice(message=message, finish_reason=finish, finish_raw=word), fields.rest


def _read_message(value: Json) -> Message:
    fields = Fields(value)
    if not fields.word("role", "assistant"):
        fields.rest.setdefault("role", None)
    parts = read_message_parts(fields, read_content)
    return Message(role="assistant", parts=tuple(parts), extra=fields.rest)


def _read_reasoning(fields: Fields) -> list[Part]:
    details = fields.items(DETAILS)
    if details:
        fields.rest[DETAILS] = []
        return [_read_detail(detail) for detail in details]
    for key, form in FORMAT_OF_KEY.items():
        if (thought := fields.text(key)) is not None:
            return [ReasoningPart(content=thought, format=form)]
    return []


def _read_detail(value: Json) -> Part:
    """One of OpenRouter's reasoning details; its type stays in `extra`."""
    if not isinstance(value, dict):
        return UnknownPart(type=DETAILS, raw=value)
    fields = Fields(value)
    summary = fields.text("summary")
    return ReasoningPart(
        content=summary or fields.text("text") or "",
        signature=fields.text("signature"),
        encrypted=fields.text("data"),
        format=fields.text("format"),
        id=fields.text("id"),
        summary=summary is not None,
        extra=fields.rest,
    )


def _read_thinking(fields: Fields) -> ReasoningPart:
    """A thinking item of Mistral's, whose words are a list again."""
    del fields.rest["type"]
    thought = fields.rest.get("thinking")
    items = thought if isinstance(thought, list) else [{"text": thought}]
    said = [as_text(item.get("text")) or "" for item in items if isinstance(item, dict)]
    content = "".join(said)
    if thought == [{"type": "text", "text": content}]:
        del fields.rest["thinking"]
    else:
        fields.rest.setdefault("thinking", None)
    return ReasoningPart(content=content, format=MISTRAL, extra=fields.rest)


def _read_executed(fields: Fields) -> list[Part]:
    """Tools that Groq ran itself."""
    executed = fields.items(EXECUTED)
    if not executed:
        return []
    fields.rest[EXECUTED] = []
    names = [as_text(Fields(tool).rest.get("type")) or "tool" for tool in executed]
    return [
        ServerToolCallPart(name=name, raw=tool) for name, tool in zip(names, executed, strict=True)
    ]


def _read_words(fields: Fields, read_item: Callable[[Json], Part]) -> list[Part]:
    parts: list[Part] = []
    items = fields.items("content")
    if items:
        fields.rest["content"] = []
        parts += [read_item(item) for item in items]
    elif (text := fields.text("content")) is not None:
        parts.append(TextPart(content=text, annotations=tuple(fields.items("annotations"))))
    if (said := fields.text("refusal")) is not None:
        parts.append(RefusalPart(content=said))
    return parts


def _read_audio(fields: Fields) -> list[Part]:
    audio = Fields(fields.rest.get("audio"))
    data = audio.text("data")
    if data is None:
        return []
    del fields.rest["audio"]
    return [BlobPart(modality="audio", content=data, extra=audio.rest)]


def _read_function_call(fields: Fields) -> list[Part]:
    """The single call of the time before tools."""
    inner = Fields(fields.rest.get("function_call"))
    name = inner.text("name")
    if name is None:
        return []
    del fields.rest["function_call"]
    outer = Fields({"type": "function_call", "id": None})
    return [_read_named_call(outer, inner, name, kind="function", key="arguments")]


def _read_named_call(
    fields: Fields, inner: Fields, name: str, *, kind: str, key: str
) -> ToolCallPart:
    arguments, raw = _read_arguments(inner, key, custom=kind == "custom")
    call_id = fields.text("id")
    if call_id is None:
        fields.rest.setdefault("id", None)
    if not fields.word("type", "function"):
        fields.rest.setdefault("type", None)
    fields.leave(kind, inner.rest)
    return ToolCallPart(
        name=name, arguments=arguments, id=call_id, arguments_raw=raw, extra=fields.rest
    )


def _read_arguments(inner: Fields, key: str, *, custom: bool) -> tuple[Json, str | None]:
    value = inner.rest.pop(key, None)
    if isinstance(value, str):
        return (value, value) if custom else parse_arguments(value)
    if value is None:
        inner.rest[key] = None
        return {}, None
    inner.rest[key] = {}
    return value, None
