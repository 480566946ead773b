"""Tools that take any text, which only OpenAI has: for other models they are functions of one text.

https://platform.openai.com/docs/guides/function-calling#custom-tools
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace

from pytest_llmreplay.event import (
    Choice,
    Json,
    Message,
    Part,
    Request,
    Response,
    Tool,
    ToolCallPart,
)
from pytest_llmreplay.providers.conversion.losses import Losses
from pytest_llmreplay.providers.fields import Fields, as_object

__all__ = [
    "AS_FUNCTION",
    "CUSTOM",
    "as_functions",
    "called_back",
    "custom_names",
    "flat",
    "input_of",
    "nested",
]

CUSTOM = "custom"
"""Kind of a tool that takes any text; a call of one has it as `type` in `extra`."""
AS_FUNCTION = "~tools.custom"
"""The code of a request whose custom tools became functions."""
_INPUT = "input"
"""The one parameter of such a function."""
_GRAMMAR = "grammar"
_MARKS = ("type", "name", CUSTOM, "description", "format", "defer_loading")


def flat(tool: Tool, losses: Losses) -> dict[str, Json]:
    """The tool as responses offer it."""
    inner = _inner(tool, losses)
    grammar = as_object(inner.get("format")).get(_GRAMMAR)
    if isinstance(grammar, dict):
        inner["format"] = {"type": _GRAMMAR, **grammar}
    return {"type": CUSTOM, **inner}


def nested(tool: Tool, losses: Losses) -> dict[str, Json]:
    """The tool as chat completions offer it."""
    inner = _inner(tool, losses)
    form = inner.get("format")
    if isinstance(form, dict) and form.get("type") == _GRAMMAR and _GRAMMAR not in form:
        rest = {key: value for key, value in form.items() if key != "type"}
        inner["format"] = {"type": _GRAMMAR, _GRAMMAR: rest}
    return {"type": CUSTOM, CUSTOM: inner}


def custom_names(request: Request) -> frozenset[str]:
    """The custom tools that a request offers."""
    return frozenset(tool.name for tool in request.tools if tool.kind == CUSTOM)


def as_functions(request: Request, losses: Losses) -> Request:
    """The request with functions in place of its custom tools, and in place of their calls."""
    tools = (_function(tool, losses) if tool.kind == CUSTOM else tool for tool in request.tools)
    messages = (
        replace(message, parts=tuple(_as_function_call(part, losses) for part in message.parts))
        for message in request.messages
    )
    return replace(request, tools=tuple(tools), messages=tuple(messages))


def called_back(response: Response, names: Collection[str]) -> Response:
    """An answer with calls of custom tools in place of those of the functions they became."""
    choices = (_called_back(choice, names) for choice in response.choices)
    return replace(response, choices=tuple(choices))


def input_of(arguments: str) -> str:
    """The text that a function was given which a custom tool became; all, if it is none such."""
    try:
        given = json.loads(arguments)
    except (ValueError, RecursionError):
        return arguments
    text = _text_in(given)
    return arguments if text is None else text


def _inner(tool: Tool, losses: Losses) -> dict[str, Json]:
    """Name, description and format, which chat completions keep in an object of their own."""
    losses.keys(tool.extra, "tools.", known=_MARKS)
    if tool.extra.get("defer_loading"):
        losses.add("~tools.defer_loading")
    inner = tool.extra.get(CUSTOM)
    described: Mapping[str, Json] = inner if isinstance(inner, dict) else tool.extra
    kept = {key: described[key] for key in ("description", "format") if key in described}
    return {"name": tool.name, **kept}


def _function(tool: Tool, losses: Losses) -> Tool:
    losses.add(AS_FUNCTION)
    inner = Fields(_inner(tool, losses))
    form = Fields(inner.rest.get("format"))
    grammar = form.object(_GRAMMAR) or form.rest
    schema: dict[str, Json] = {"type": "string"}
    if definition := grammar.get("definition"):
        losses.add("tools.custom.format")
        schema["description"] = f"In this grammar ({grammar.get('syntax')}):\n{definition}"
    return Tool(
        kind="function",
        name=tool.name,
        description=inner.text("description"),
        parameters={
            "type": "object",
            "properties": {_INPUT: schema},
            "required": [_INPUT],
            "additionalProperties": False,
        },
    )


def _as_function_call(part: Part, losses: Losses) -> Part:
    if not isinstance(part, ToolCallPart) or part.extra.get("type") != CUSTOM:
        return part
    losses.add("~tool_call.custom")
    extra = {key: value for key, value in part.extra.items() if key != "type"}
    return replace(part, arguments={_INPUT: part.arguments}, arguments_raw=None, extra=extra)


def _called_back(choice: Choice, names: Collection[str]) -> Choice:
    parts = (_custom_call(part, names) for part in choice.message.parts)
    message: Message = replace(choice.message, parts=tuple(parts))
    return replace(choice, message=message)


def _custom_call(part: Part, names: Collection[str]) -> Part:
    if not isinstance(part, ToolCallPart) or part.name not in names:
        return part
    text = _text_in(part.arguments)
    if text is None:
        return part
    return replace(part, arguments=text, arguments_raw=text, extra={**part.extra, "type": CUSTOM})


def _text_in(arguments: Json) -> str | None:
    """What a function was given, if it is a text and nothing else."""
    text = arguments.get(_INPUT) if isinstance(arguments, dict) and len(arguments) == 1 else None
    return text if isinstance(text, str) else None
