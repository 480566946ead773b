"""Attributes whose names say where a value stands, as `gen_ai.prompt.0.tool_calls.1.name`."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_objects

__all__ = ["indexed"]

_DEEPEST = 20
_LONGEST = 10
"""Digits of a number."""


def indexed(attributes: Mapping[str, Json], prefix: str) -> list[dict[str, Json]]:
    """The objects that stand under a prefix and a number, in the order of their numbers."""
    tree: dict[str, Json] = {}
    for name, value in attributes.items():
        if name.startswith(f"{prefix}."):
            path = name.removeprefix(f"{prefix}.").split(".")
            _put(tree, path[:_DEEPEST], value)
    return as_objects(_lists(tree))


def _put(tree: dict[str, Json], path: list[str], value: Json) -> None:
    for name in path[:-1]:
        inner = tree.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        tree = inner
    tree.setdefault(path[-1], value)


def _lists(value: Json) -> Json:
    """An object whose names are all numbers is a list."""
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(held) for name, held in value.items()}
    if inner and all(name.isdecimal() and len(name) < _LONGEST for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
