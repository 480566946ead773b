"""What a person changes in every request: `--llm-set KEY=YAML`, on top of a target's parameters."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pytest_llmreplay.cassette.reader import parse_document
from pytest_llmreplay.errors import CassetteDamaged, ConfigError
from pytest_llmreplay.event import Json

__all__ = ["Overrides", "parse_overrides"]

OWN_OPTION = {"model": "--llm-model MODEL", "messages": None}
"""Keys that `--llm-set` does not take, and the option that does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Changes to a request body, by dotted key."""

    model: str | None = None
    """Takes the place of the target's model."""
    set: Mapping[str, Json] = field(default_factory=dict)
    """Values by dotted key; `None` removes the key. Zero is a value."""

    def apply(self, body: Mapping[str, Json]) -> dict[str, Json]:
        """A copy of a body with the values set; what they do not name stays as it was."""
        changed = dict(body)
        for key, value in self.set.items():
            _set(changed, key.split("."), copy.deepcopy(value))
        return changed


def parse_overrides(texts: Iterable[str]) -> Overrides:
    """Read `--llm-set` options; the last one of a key stands.

    Raises:
        ConfigError: An option cannot be read; the message points at the character.
    """
    return Overrides(set=dict(_parse(text) for text in texts))


def _parse(text: str) -> tuple[str, Json]:
    key, equals, value = text.partition("=")
    if not equals:
        raise _wrong(text, len(text), "a '=' is missing; write it as KEY=VALUE")
    _check_key(text, key)
    return key, _value(text, len(key) + 1, value)


def _check_key(text: str, key: str) -> None:
    at = 0
    for word in key.split("."):
        if not word or word != word.strip():
            raise _wrong(text, at, "a key is words joined by single dots")
        at += len(word) + 1
    option = OWN_OPTION.get(key, "")
    if option:
        raise _wrong(text, 0, f"the model has an option of its own: {option}")
    if option is None:
        raise _wrong(text, 0, "messages are not replaced as a whole")


def _value(text: str, start: int, value: str) -> Json:
    if not value.strip():
        raise _wrong(text, start, "a value is missing; null removes the key")
    try:
        return parse_document(value)
    except CassetteDamaged as error:
        raise _wrong(text, start, f"the value is no YAML: {error.problem}") from None


def _wrong(text: str, at: int, problem: str) -> ConfigError:
    return ConfigError(f"--llm-set: {problem}\n  {text}\n  {' ' * at}^")


def _set(body: dict[str, Json], path: list[str], value: Json) -> None:
    *folders, last = path
    for name in folders:
        inner = body.get(name)
        body[name] = inner = dict(inner) if isinstance(inner, dict) else {}
        body = inner
    if value is None:
        body.pop(last, None)
    else:
        body[last] = value
