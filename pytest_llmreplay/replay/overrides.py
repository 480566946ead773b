"""What a person changes in every request: `--llm-set KEY=YAML`, on top of a target's parameters."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pytest_llmreplay.cassette.yaml_text.reader import parse_document
from pytest_llmreplay.errors import CassetteDamaged, ConfigError, ReplayError
from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_object

__all__ = ["Overrides", "not_set", "parse_overrides"]

_NOT_SET = {
    "model": "the model has an option of its own: --llm-model MODEL",
    "messages": "messages are not set: a replay sends the recorded conversation",
}
"""First words of keys that `--llm-set` does not take, with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Changes to a request body, by dotted key."""

    model: str | None = None
    """Takes the place of the target's model."""
    set: Mapping[str, Json] = field(default_factory=dict)
    """Values by dotted key; `None` removes the key. Zero is a value."""

    def apply(self, body: Mapping[str, Json]) -> dict[str, Json]:
        """A copy of a body with the values set; what they do not name stays as it was.

        Raises:
            ReplayError: A key leads into a list.
        """
        changed = dict(body)
        for key, value in self.set.items():
            _set(changed, key, copy.deepcopy(value))
        return changed


def not_set(key: str) -> str | None:
    """Why no override sets a key, where that is so."""
    return _NOT_SET.get(key.partition(".")[0])


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
    if reason := not_set(key):
        raise _wrong(text, 0, reason)


def _value(text: str, start: int, value: str) -> Json:
    if not value.strip():
        raise _wrong(text, start, "a value is missing; null removes the key")
    try:
        return parse_document(value)
    except CassetteDamaged as error:
        raise _wrong(text, start, f"the value is no YAML: {error.problem}") from None


def _wrong(text: str, at: int, problem: str) -> ConfigError:
    return ConfigError(f"--llm-set: {problem}\n  {text}\n  {' ' * at}^")


def _set(body: dict[str, Json], key: str, value: Json) -> None:
    *folders, last = key.split(".")
    for name in folders:
        inner = body.get(name)
        if isinstance(inner, list):
            raise ReplayError(f"{key!r} cannot be set: {name!r} is a list, which is set as a whole")
        body[name] = inner = dict(as_object(inner))
        body = inner
    if value is None:
        body.pop(last, None)
    else:
        body[last] = value
