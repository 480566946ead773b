"""Reading the requests of Cohere's chat, and the conversation in their `messages`."""

from __future__ import annotations

from typing import Literal, get_args

from pytest_llmreplay.event import (
    Json,
    Message,
    OutputFormat,
    Part,
    Reasoning,
    Request,
    Role,
    TextPart,
    ToolCallResponsePart,
    ToolChoice,
)
from pytest_llmreplay.providers.chat_completions.request import read_tool
from pytest_llmreplay.providers.conversations.tool_results import ToolMessages
from pytest_llmreplay.providers.fields import Fields, as_text
from pytest_llmreplay.providers.json_values import compact_json
from pytest_llmreplay.providers.media import media_part

from .answer import read_content, take_calls

__all__ = ["CohereTranscript", "read_request"]

_ROLES: dict[str, Role] = {role: role for role in get_args(Role)}
_CHOICES = {"REQUIRED": ToolChoice(mode="required"), "NONE": ToolChoice(mode="none")}
_MODES: dict[str, Literal["enabled", "disabled"]] = {"enabled": "enabled", "disabled": "disabled"}

_TAKEN = ("content", "tool_plan", "tool_calls")


def read_request(body: dict[str, Json], *, model: str | None, stream: bool) -> Request:
    """What was asked; parameters that no field names are in `extra`."""
    fields = Fields(body)
    fields.word("model", model or "")
    fields.flag("stream")
    return Request(
        model=model,
        stream=stream,
        messages=tuple(_read_message(message) for message in fields.items("messages")),
        tools=tuple(read_tool(tool) for tool in fields.items("tools")),
        tool_choice=_read_choice(fields),
        max_tokens=fields.integer("max_tokens"),
        temperature=fields.number("temperature"),
        top_p=fields.number("p"),
        top_k=fields.integer("k"),
        seed=fields.integer("seed"),
        stop_sequences=fields.words("stop_sequences"),
        frequency_penalty=fields.number("frequency_penalty"),
        presence_penalty=fields.number("presence_penalty"),
        reasoning=_read_thinking(fields),
        output=_read_output(fields),
        extra=fields.rest,
    )


def _read_choice(fields: Fields) -> ToolChoice | None:
    found = (mode for word, mode in _CHOICES.items() if fields.word("tool_choice", word))
    return next(found, None)


def _read_message(value: Json) -> Message:
    fields = Fields(value)
    if not isinstance(value, dict):
        fields.leave("message", value)
    word = as_text(fields.rest.get("role")) or ""
    role = _ROLES.get(word, "user")
    fields.word("role", role)
    if role == "tool":
        answer = ToolCallResponsePart(
            response=_read_contents(fields), id=fields.text("tool_call_id"), extra=fields.rest
        )
        return Message(role="tool", parts=(answer,))
    parts = (*_read_contents(fields), *take_calls(fields))
    return Message(role=role, parts=parts, extra=fields.rest)


def _read_contents(fields: Fields) -> tuple[Part, ...]:
    """Items, or the text that stands for one."""
    if (text := fields.text("content")) is not None:
        return (TextPart(content=text),)
    return tuple(_read_item(item) for item in fields.items("content"))


def _read_item(value: Json) -> Part:
    fields = Fields(value)
    kind, words = fields.rest.get("type"), _words_in(fields.rest.get("document"))
    if kind == "document" and words is not None:
        return TextPart(content=words, extra={"type": "document"})
    inner = Fields(fields.rest.get("image_url"))
    url = inner.text("url")
    if url is None or not fields.word("type", "image_url"):
        return read_content(value)
    del fields.rest["image_url"]
    fields.leave("image_url", inner.rest)
    return media_part(url, "image", fields.rest)


def _words_in(document: Json) -> str | None:
    """What a tool answered in a document; its id is for citations, which are Cohere's own."""
    data = document.get("data") if isinstance(document, dict) else document
    return compact_json(data) if isinstance(data, dict) else as_text(data)


def _read_thinking(fields: Fields) -> Reasoning | None:
    inner = Fields(fields.rest.get("thinking"))
    mode = _MODES.get(inner.text("type") or "")
    if mode is None:
        return None
    del fields.rest["thinking"]
    budget = inner.integer("token_budget")
    return Reasoning(mode=mode, budget_tokens=budget, extra=inner.rest)


def _read_output(fields: Fields) -> OutputFormat | None:
    """Structured output; the schema is not wrapped in a name, as OpenAI's is."""
    inner = Fields(fields.rest.get("response_format"))
    kind = inner.text("type")
    if kind not in {"text", "json_object"}:
        return None
    del fields.rest["response_format"]
    schema = inner.object("json_schema") or inner.object("schema")
    if schema:
        return OutputFormat(type="json_schema", schema=schema, extra=inner.rest)
    return OutputFormat(type="text" if kind == "text" else "json_object", extra=inner.rest)


class CohereTranscript(ToolMessages):
    """Reads and changes `messages`."""

    def __init__(self) -> None:
        super().__init__(read_request, taken=_TAKEN)
