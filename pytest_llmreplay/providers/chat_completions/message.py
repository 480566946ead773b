"""Reading a chat completions message, of an answer or of a request.

Reasoning stands in one of seven places, depending on the provider; where it stands twice, the
richer place is read and the other one stays in `extra`.
"""

from __future__ import annotations

from collections.abc import Callable

from pytest_llmreplay.event import (
    BlobPart,
    Json,
    Part,
    ReasoningPart,
    RefusalPart,
    ServerToolCallPart,
    TextPart,
    UnknownPart,
)
from pytest_llmreplay.providers.fields import Fields, as_text

from .tool_calls import read_call, read_function_call

__all__ = [
    "DETAILS",
    "EXECUTED",
    "FORMAT_OF_KEY",
    "MISTRAL",
    "read_content",
    "read_message_parts",
]

DETAILS = "reasoning_details"
"""Where OpenRouter keeps reasoning with its signatures."""
EXECUTED = "executed_tools"
"""Where Groq keeps the tools that it ran itself."""
MISTRAL = "mistral"
"""Format of reasoning that stood in a list of content."""

FORMAT_OF_KEY = {"reasoning_content": "deepseek", "reasoning": "reasoning"}
"""Who may get reasoning back that stood under this key of a message."""


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
        *read_function_call(fields),
    ]


def read_content(value: Json) -> Part:
    """One item of a list of content, in an answer."""
    fields = Fields(value)
    kind = fields.rest.get("type")
    if kind == "text" and (text := fields.any_text("text")) is not None:
        del fields.rest["type"]
        return TextPart(content=text, extra=fields.rest)
    if kind == "thinking":
        return _read_thinking(fields)
    if kind == "refusal" and (refusal := fields.text("refusal")) is not None:
        return RefusalPart(content=refusal, extra=fields.rest)
    return UnknownPart(type=as_text(kind) or "content", raw=value)


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
    texts = [as_text(item.get("text")) or "" for item in items if isinstance(item, dict)]
    content = "".join(texts)
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
    if (refusal := fields.text("refusal")) is not None:
        parts.append(RefusalPart(content=refusal))
    return parts


def _read_audio(fields: Fields) -> list[Part]:
    audio = Fields(fields.rest.get("audio"))
    data = audio.text("data")
    if data is None:
        return []
    del fields.rest["audio"]
    return [BlobPart(modality="audio", content=data, extra=audio.rest)]
