"""Reading a responses request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import get_args

from pytest_llmreplay.event import (
    Json,
    Message,
    OutputFormat,
    Part,
    Reasoning,
    Request,
    Role,
    ServerToolCallResponsePart,
    TextPart,
    Tool,
    ToolCallResponsePart,
    UnknownPart,
)
from pytest_llmreplay.providers.chat_completions.request import read_format
from pytest_llmreplay.providers.fields import Fields, as_text
from pytest_llmreplay.providers.tools.custom_tools import CUSTOM

from .content import read_input
from .items import MESSAGE, read_item
from .tools import read_choice, read_tools

__all__ = ["read_request"]

_ROLES: dict[str, Role] = {role: role for role in get_args(Role)}
_RESULTS = frozenset({"function_call_output", "custom_tool_call_output"})
_OF_MODEL = ("_call", "tool_search_output", "item_reference", "compaction", "mcp_", "reasoning")
"""Where the type of an item ends or begins that stands in the turn of the model."""


def read_request(body: dict[str, Json], *, model: str | None, stream: bool) -> Request:
    """What was asked; parameters that no field names are in `extra`."""
    fields = Fields(body)
    fields.word("model", model or "")
    fields.flag("stream")
    instructions = fields.text("instructions")
    verbosity, output = _read_text(fields)
    messages = tuple(_read_input(fields))
    return Request(
        model=model,
        stream=stream,
        system_instructions=() if instructions is None else (TextPart(content=instructions),),
        messages=messages,
        tools=(*read_tools(fields.items("tools")), *_added_tools(messages)),
        tool_choice=read_choice(fields),
        parallel_tool_calls=fields.flag("parallel_tool_calls"),
        max_tokens=fields.integer("max_output_tokens"),
        temperature=fields.number("temperature"),
        top_p=fields.number("top_p"),
        reasoning=_read_reasoning(fields),
        output=output,
        verbosity=verbosity,
        user=fields.text("user"),
        service_tier=fields.text("service_tier"),
        extra=fields.rest,
    )


def _added_tools(messages: Iterable[Message]) -> Iterator[Tool]:
    """Tools that the application offers in the middle of a conversation."""
    for message in messages:
        for part in message.parts:
            if isinstance(part, UnknownPart) and part.type == "additional_tools":
                yield from read_tools(Fields(part.raw).items("tools"))


def _read_input(fields: Fields) -> list[Message]:
    """The messages; all that the model said in a row is one of them."""
    if (words := fields.text("input")) is not None:
        return [Message(role="user", parts=(TextPart(content=words),))]
    messages: list[Message] = []
    for item in fields.items("input"):
        message = _read_item(item)
        if message.role == "assistant" and messages and messages[-1].role == "assistant":
            messages[-1] = replace(messages[-1], parts=(*messages[-1].parts, *message.parts))
        else:
            messages.append(message)
    return messages


def _read_item(value: Json) -> Message:
    fields = Fields(value)
    kind = as_text(fields.rest.get("type")) or ""
    role = as_text(fields.rest.get("role")) or ""
    if kind in {"", MESSAGE} and role in _ROLES:
        return _read_message(fields, _ROLES[role])
    if kind in _RESULTS and isinstance(value, dict) and "output" in value:
        return Message(role="tool", parts=(_read_result(fields, kind),))
    if kind.endswith("_call_output"):  # a tool that the application runs for the provider
        call_id = as_text(fields.rest.get("call_id"))
        return Message(role="tool", parts=(ServerToolCallResponsePart(raw=value, id=call_id),))
    parts = tuple(read_item(value))
    of_model = any(kind.startswith(word) or kind.endswith(word) for word in _OF_MODEL)
    if not kind and isinstance(value, dict) and "id" in value:  # a reference may leave out its type
        return Message(role="assistant", parts=(UnknownPart(type="item_reference", raw=value),))
    return Message(role="assistant" if of_model else _ROLES.get(role, "user"), parts=parts)


def _read_message(fields: Fields, role: Role) -> Message:
    parts = list(_read_content(fields, "content"))
    fields.word("type", MESSAGE)
    del fields.rest["role"]
    if role != "assistant":
        return Message(role=role, parts=tuple(parts), extra=fields.rest)
    if not parts:
        parts = [UnknownPart(type=MESSAGE, raw={"role": role} | fields.rest)]
        return Message(role=role, parts=tuple(parts))
    parts[0] = replace(parts[0], extra={**parts[0].extra, MESSAGE: fields.rest})
    return Message(role=role, parts=tuple(parts))


def _read_content(fields: Fields, key: str) -> Iterator[Part]:
    """Parts, or the words that stand for one."""
    if (text := fields.any_text(key)) is not None:
        yield TextPart(content=text)
    for item in fields.items(key):
        part = read_input(item)
        yield replace(part, extra={MESSAGE: None}) if isinstance(part, UnknownPart) else part


def _read_result(fields: Fields, kind: str) -> Part:
    """What the application's function answered: words, or words and media."""
    del fields.rest["type"]
    if kind != "function_call_output":
        fields.rest["type"] = CUSTOM
    output = tuple(_read_content(fields, "output"))
    return ToolCallResponsePart(response=output, id=fields.text("call_id"), extra=fields.rest)


def _read_text(fields: Fields) -> tuple[str | None, OutputFormat | None]:
    """How wordy and in which shape the answer is wanted."""
    outer = Fields(fields.rest.get("text"))
    verbosity, output = outer.text("verbosity"), _read_output(outer)
    if verbosity is not None or output is not None:
        del fields.rest["text"]
        fields.leave("text", outer.rest)
    return verbosity, output


def _read_output(outer: Fields) -> OutputFormat | None:
    inner = Fields(outer.rest.get("format"))
    output = read_format(inner.text("type"), inner)
    if output is not None:
        del outer.rest["format"]
    return output


def _read_reasoning(fields: Fields) -> Reasoning | None:
    """Effort and summary; what else is said about it stays beside them."""
    inner = Fields(fields.rest.get("reasoning"))
    if not inner.rest:
        return None
    del fields.rest["reasoning"]
    return Reasoning(effort=inner.text("effort"), summary=inner.text("summary"), extra=inner.rest)
