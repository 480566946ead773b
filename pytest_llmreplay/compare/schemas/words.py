"""What jsonschema found wrong, in words that fit behind the name of a place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from jsonschema import ValidationError

__all__ = ["place_of", "problem_of"]

_SHOWN = 120

_Words: TypeAlias = Callable[[Any], str]


def place_of(error: ValidationError) -> tuple[str | int, ...]:
    """Where: the key that is missing or too many, too."""
    path = tuple(error.absolute_path)
    if error.validator == "required":
        return (*path, *_first(error.validator_value, besides=error.instance))
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", ()) if isinstance(error.schema, dict) else ()
        return (*path, *_first(error.instance, besides=known))
    return path


def problem_of(error: ValidationError) -> str:
    """What: `is less than 1`, by the rule that was broken."""
    words = _WORDS.get(str(error.validator))
    if words is not None:
        return words(error.validator_value)
    if error.validator == "oneOf":
        # Where none fits, each alternative says why not.
        many = "none" if error.context else "more than one"
        return f"fits {many} of {_count(error.validator_value)} alternatives, not one"
    return f"breaks {error.validator!r}" if error.validator else "is not allowed"


def _first(names: Any, *, besides: Any) -> tuple[str, ...]:
    """The first of some keys that is not among others."""
    return tuple(name for name in names if name not in besides)[:1]


def _count(options: Any) -> int:
    return len(options)


def _types(wanted: Any) -> str:
    return f"is no {' or '.join(wanted if isinstance(wanted, list) else [wanted])}"


def _bound(words: str) -> _Words:
    return lambda wanted: f"{words} {wanted:g}"


_WORDS: dict[str, _Words] = {
    "required": lambda _: "is missing, it is required",
    "additionalProperties": lambda _: "is not allowed",
    "type": _types,
    "enum": lambda wanted: f"is none of {', '.join(map(repr, wanted))[:_SHOWN]}",
    "const": lambda wanted: f"is not {wanted!r}"[:_SHOWN],
    "pattern": lambda wanted: f"does not match {wanted!r}",
    "anyOf": lambda wanted: f"fits none of {len(wanted)} alternatives",
    "not": lambda _: "is what it must not be",
    "uniqueItems": lambda _: "has an item twice",
    "minimum": _bound("is less than"),
    "maximum": _bound("is more than"),
    "exclusiveMinimum": _bound("is not more than"),
    "exclusiveMaximum": _bound("is not less than"),
    "minLength": _bound("is shorter than"),
    "maxLength": _bound("is longer than"),
    "minItems": _bound("has fewer items than"),
    "maxItems": _bound("has more items than"),
    "minProperties": _bound("has fewer keys than"),
    "maxProperties": _bound("has more keys than"),
}
