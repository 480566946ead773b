"""Changes to an answer in neutral terms: its parts, its texts, the arguments of its calls."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from math import inf

from pytest_llmreplay.event import (
    Choice,
    FinishReason,
    Json,
    Message,
    Part,
    RefusalPart,
    Response,
    TextPart,
    ToolCallPart,
    Usage,
)
from pytest_llmreplay.providers.fields import as_object

from .dice import Dice
from .words import reworded, word_count

__all__ = ["at_length", "one_changed", "parsed", "reworded_text", "saying", "with_text"]

_FREE_TEXT = 3  # words from which a JSON string counts as a sentence


def saying(
    response: Response, parts: Iterable[Part], *, ending: FinishReason | None = None
) -> Response:
    """The answer with other parts, its output tokens counted in proportion.

    Args:
        response: The answer; only its first choice changes.
        parts: What the answer says now.
        ending: Its finish reason now; by default it stays.
    """
    first, *others = response.choices or (_nothing(),)
    new_parts = tuple(parts)
    choice = replace(first, message=replace(first.message, parts=new_parts))
    if ending is not None:
        choice = replace(choice, finish_reason=ending, finish_raw=None)
    usage = _counted(response.usage, before=first.message.parts, after=new_parts)
    return replace(response, choices=(choice, *others), usage=usage)


def with_text(response: Response, change: Callable[[str], str]) -> Response:
    """The answer with each of its texts changed."""
    return saying(
        response,
        (
            replace(part, content=change(part.content)) if isinstance(part, TextPart) else part
            for part in response.parts
        ),
    )


def _nothing() -> Choice:
    return Choice(message=Message(role="assistant", parts=()), finish_reason="stop")


def _counted(usage: Usage, *, before: Iterable[Part], after: Iterable[Part]) -> Usage:
    words = _words(before)
    if usage.output_tokens is None or not words:
        return usage
    return replace(usage, output_tokens=round(usage.output_tokens * _words(after) / words))


def _words(parts: Iterable[Part]) -> int:
    return sum(word_count(_text(part)) for part in parts)


def _text(part: Part) -> str:
    if isinstance(part, ToolCallPart):
        return part.name + (part.arguments_raw or json.dumps(part.arguments))
    return part.content if isinstance(part, (TextPart, RefusalPart)) else ""


def parsed(text: str) -> Json:
    """The object or list that a text is, if it is one."""
    try:
        value: Json = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, (dict, list)) else None


def reworded_text(text: str, dice: Dice) -> str:
    """The text in other words; of JSON, only the sentences in it."""
    value = parsed(text)
    if value is None:
        return reworded(text, dice) if text.strip() else text
    indent = 2 if "\n" in text.strip() else None
    return json.dumps(_reworded_values(value, dice), ensure_ascii=False, indent=indent)


def at_length(text: str, times: int, dice: Dice) -> str:
    """The text, said this many times in other words; JSON stays as it is."""
    if not text.strip() or parsed(text) is not None:
        return text
    again = (f"To put it in other words: {reworded(text, dice)}" for _ in range(times - 1))
    return "\n\n".join([text, *again])


def _reworded_values(value: Json, dice: Dice) -> Json:
    if isinstance(value, dict):
        return {key: _reworded_values(item, dice) for key, item in value.items()}
    if isinstance(value, list):
        return [_reworded_values(item, dice) for item in value]
    if isinstance(value, str) and len(value.split()) >= _FREE_TEXT:
        return reworded(value, dice)
    return value


def one_changed(arguments: Mapping[str, Json], schema: Json, dice: Dice) -> dict[str, Json]:
    """The arguments with one value changed, still valid for most schemas.

    Args:
        arguments: What the recorded model passed.
        schema: JSON Schema of the tool's parameters.
        dice: Chooses the argument, and the other value of an enum.

    Returns:
        The same arguments where none of them has another value.
    """
    properties = as_object(as_object(schema).get("properties"))
    others = {
        name: _other(value, as_object(properties.get(name)), dice)
        for name, value in arguments.items()
    }
    changed = [name for name, other in others.items() if other != arguments[name]]
    if not changed:
        return dict(arguments)
    name = dice.choose(changed)
    return {**arguments, name: others[name]}


def _other(value: Json, schema: Mapping[str, Json], dice: Dice) -> Json:
    allowed = schema.get("enum")
    if isinstance(allowed, list) and (rest := [option for option in allowed if option != value]):
        return dice.choose(rest)
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return _other_number(value, schema)
    if isinstance(value, str):
        return _other_text(value)
    if isinstance(value, list):
        return value[:-1]
    return one_changed(value, dict(schema), dice) if isinstance(value, dict) else value


def _other_number(value: float, schema: Mapping[str, Json]) -> float:
    highest = schema.get("maximum")
    more = value + 1
    return more if more <= (highest if isinstance(highest, (int, float)) else inf) else value - 1


def _other_text(text: str) -> str:
    if text and text[-1] in "0123456789":
        return text[:-1] + str((int(text[-1]) + 1) % 10)
    words = text.split()
    return " ".join(words[:-1]) if len(words) > 1 else f"{text}s"
