"""Arguments of a tool call, changed in one place as a model gets one wrong."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_object

from .dice import Dice

__all__ = ["one_changed"]


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
