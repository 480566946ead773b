"""Simple JSON paths: `system`, `messages[*].content`, `tools[0].name`, `**.timestamp`.

A name, `[N]` (negative from the end), `[*]` and `.*` for every item or field, `**` for any depth,
`['a.b']` for a name with signs in it; `$.` in front says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.event import Json

__all__ = ["JsonPath", "changed_at", "parsed_path", "shown_path", "without"]

_EVERY: Final = object()
_DEEP: Final = object()
_GONE: Final = object()

JsonPath: TypeAlias = tuple[object, ...]
"""Steps: a name, an index, every item, or any depth."""

_STEP = re.compile(
    r"(?P<deep>\*\*)|(?P<every>\*)|(?P<name>[^.\[\]*'\"\s]+)"
    r"|\[(?:(?P<index>-?[0-9]{1,9})|(?P<items>\*)|'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\")\]"
)
_PLAIN_NAME = re.compile(r"[^.\[\]*'\"\s$]+")


def parsed_path(text: str, where: str = "JSON path") -> JsonPath:
    """The steps of a path.

    Raises:
        ConfigError: The text is no path; points at the character.
    """
    steps: list[object] = []
    at = 2 if text.startswith("$.") else 1 if text.startswith("$[") else 0
    while True:
        match = _STEP.match(text, at)
        if match is None:
            raise _bad_path(text, at, where)
        steps.append(_step(match))
        at = match.end()
        if at == len(text):
            break
        at = _next_step(text, at, where)
    if steps[-1] is _DEEP:
        raise ConfigError(f"{where} {text!r}: ** needs a name after it, such as **.timestamp")
    return tuple(steps)


def _next_step(text: str, at: int, where: str) -> int:
    if text[at] == ".":
        return at + 1
    if text[at] == "[":
        return at
    raise _bad_path(text, at, where)


def _step(match: re.Match[str]) -> object:
    if match["deep"]:
        return _DEEP
    if match["every"] or match["items"]:
        return _EVERY
    if match["index"]:
        return int(match["index"])
    return next(match[key] for key in ("name", "single", "double") if match[key] is not None)


def _bad_path(text: str, at: int, where: str) -> ConfigError:
    found = f"not {text[at]!r}" if at < len(text) else "but the path ends"
    return ConfigError(
        f"{where} {text!r}, character {at + 1}: expected a name, [N], [*], * or **, {found}; "
        "for example messages[*].content"
    )


def shown_path(steps: tuple[str | int, ...]) -> str:
    """Names and indexes, written as a path that `parsed_path` reads."""
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN_NAME.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"['{step}']" if "'" not in step else f'["{step}"]'
    return text


def without(value: Json, path: JsonPath) -> Json:
    """The value without what the path leads to; the given value stays as it is."""
    return changed_at(value, path, lambda _: _GONE)


def changed_at(value: Json, path: JsonPath, change: Callable[[Json], object]) -> Json:
    """A copy in which everything the path leads to went through `change`."""
    return _walk(value, path, change)  # type: ignore[return-value]  # the root is never _GONE: paths have a step


def _walk(value: Json, path: JsonPath, change: Callable[[Json], object]) -> object:
    if not path:
        return change(value)
    step, rest = path[0], path[1:]
    if step is _DEEP:
        value = _walk(value, rest, change)  # type: ignore[assignment]  # as above: rest has a step
        return _children(value, lambda _: True, path, change)
    return _children(value, _chooser(value, step), rest, change)


def _chooser(value: Json, step: object) -> Callable[[object], bool]:
    if step is _EVERY:
        return lambda _: True
    if isinstance(step, int):
        index = step + len(value) if step < 0 and isinstance(value, list) else step
        return lambda key: key == index and isinstance(value, list)
    return lambda key: key == step and isinstance(value, dict)


def _children(
    value: Json,
    chosen: Callable[[object], bool],
    path: JsonPath,
    change: Callable[[Json], object],
) -> Json:
    if isinstance(value, dict):
        fields = ((key, _walk(v, path, change) if chosen(key) else v) for key, v in value.items())
        return {key: child for key, child in fields if child is not _GONE}  # type: ignore[misc]  # else JSON
    if isinstance(value, list):
        items = (_walk(v, path, change) if chosen(i) else v for i, v in enumerate(value))
        return [child for child in items if child is not _GONE]  # type: ignore[misc]  # else JSON
    return value
