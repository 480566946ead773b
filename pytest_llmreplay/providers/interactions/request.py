"""Reading an interactions request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pytest_llmreplay.event import (
    Json,
    Message,
    Part,
    Request,
    Role,
    TextPart,
    ToolCallResponsePart,
)
from pytest_llmreplay.providers.fields import Fields, as_list, as_object, as_text
from pytest_llmreplay.providers.json_values import json_text

from .config import read_config
from .steps import CALL, RESULT, STEP, THOUGHT, read_content, read_step
from .tools import read_tools

__all__ = ["listed", "read_request"]

_USER = "user_input"
"""Type of the step that is a turn of the user."""
_ROLES: dict[str, Role] = {"user": "user", "model": "assistant"}
_SAID = frozenset({"text", "image", "audio", "video", "document"})


def read_request(body: dict[str, Json], *, model: str | None, stream: bool) -> Request:
    """What was asked; parameters that no field names are in `extra`."""
    fields = Fields(body)
    fields.word("model", model or "")
    fields.flag("stream")
    system = fields.rest.pop("system_instruction", None)
    request = Request(
        model=model,
        stream=stream,
        system_instructions=tuple(map(read_content, listed(system))),
        messages=tuple(_read_input(listed(fields.rest.get("input")))),
        tools=tuple(read_tools(fields.items("tools"))),
    )
    if request.messages:
        del fields.rest["input"]
    return read_config(fields, request)


def listed(value: Json) -> list[Json]:
    """The list that a value stands for: words, or one piece of content, are a list of one."""
    if isinstance(value, str) and value:
        return [{"type": "text", "text": value}]
    return [value] if isinstance(value, dict) and value else as_list(value)


def _read_input(items: Iterable[Json]) -> list[Message]:
    """The messages; all that the model did in a row is one, as is content without steps."""
    messages: list[Message] = []
    was_bare = False
    for item in items:
        message, is_bare = _read_item(item), _kind(item) in _SAID
        last = messages[-1] if messages else message
        if (
            last is not message
            and last.role == message.role
            and (message.role == "assistant" or (is_bare and was_bare))
        ):
            extra = {**last.extra, **message.extra}
            messages[-1] = replace(last, parts=(*last.parts, *message.parts), extra=extra)
        else:
            messages.append(message)
        was_bare = is_bare
    return messages


def _kind(value: Json) -> str | None:
    return as_text(value.get("type")) if isinstance(value, dict) else None


def _read_item(value: Json) -> Message:
    """A step, a piece of content, or a turn as it was told until June 2026."""
    fields, kind = Fields(value), _kind(value)
    role = as_text(fields.rest.get("role"))
    if kind is None and role in _ROLES:
        return _read_turn(fields, _ROLES[role])
    if kind == _USER:
        fields.word("type", _USER)
        parts = tuple(read_content(item) for item in fields.items("content"))
        return Message(role="user", parts=parts, extra=fields.rest)
    if kind == RESULT and (result := _read_result(fields)) is not None:
        return Message(role="tool", parts=(result,))
    if kind in _SAID:
        return Message(role="user", parts=(read_content(value),))
    return Message(role="assistant", parts=tuple(map(_alone, read_step(value))))


def _read_turn(fields: Fields, role: Role) -> Message:
    del fields.rest["role"]
    if (words := fields.any_text("content")) is not None:
        return Message(role=role, parts=(TextPart(content=words),), extra=fields.rest)
    parts = tuple(part for item in fields.items("content") for part in _in_turn(item))
    return Message(role=role, parts=parts, extra=fields.rest)


def _in_turn(value: Json) -> Iterator[Part]:
    kind = _kind(value)
    if kind == RESULT and (result := _read_result(Fields(value))) is not None:
        yield result
    elif kind in {CALL, THOUGHT} or (kind or "").endswith(("_call", "_result")):
        yield from map(_alone, read_step(value))
    else:
        yield read_content(value)


def _alone(part: Part) -> Part:
    """A part with what is left of its step beside its own keys, as nothing writes it again."""
    around = as_object(part.extra.get(STEP))
    left = {key: value for key, value in around.items() if key != "type"}
    own = {key: value for key, value in part.extra.items() if key != STEP}
    return replace(part, extra={**left, **own})


def _read_result(fields: Fields) -> Part | None:
    """What the application's function answered: words, content, or any JSON."""
    if "result" not in fields.rest:
        return None
    result = fields.rest.pop("result")
    fields.word("type", RESULT)
    return ToolCallResponsePart(
        response=tuple(_result_parts(result)),
        id=fields.text("call_id"),
        name=fields.text("name"),
        is_error=fields.flag("is_error"),
        extra=fields.rest,
    )


def _result_parts(result: Json) -> Iterator[Part]:
    if isinstance(result, list) and all(isinstance(one, dict) and "type" in one for one in result):
        yield from map(read_content, result)
    else:
        yield TextPart(content=result if isinstance(result, str) else json_text(result))
