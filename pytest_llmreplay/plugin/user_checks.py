"""Checks that users name by the hook `pytest_llmreplay_checks`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest

from pytest_llmreplay.compare.around import OwnCheck
from pytest_llmreplay.compare.spec import KNOWN, subject
from pytest_llmreplay.errors import ConfigError

__all__ = ["user_checks"]

_HOOK = "pytest_llmreplay_checks"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TAKEN = {"judge", "run", "session", "warn", *map(subject, KNOWN)}


def user_checks(config: pytest.Config) -> Mapping[str, OwnCheck]:
    """All of them, by name.

    Raises:
        ConfigError: The hook raised, or gave what is no named function.
    """
    try:
        given = config.hook.pytest_llmreplay_checks()
    except Exception as error:
        raise ConfigError(f"{_HOOK}: {type(error).__name__}: {error}") from error
    found: dict[str, OwnCheck] = {}
    for name, function in _named(given):
        if not isinstance(name, str) or _NAME.fullmatch(name) is None:
            raise ConfigError(f"{_HOOK}: {name!r} is no name; write it as my_check")
        if name in _TAKEN:
            raise ConfigError(f"{_HOOK}: {name!r} is a check of the plugin; choose another name")
        if name in found:
            raise ConfigError(f"{_HOOK}: two hooks have a check {name!r}")
        if not callable(function):
            raise ConfigError(f"{_HOOK}: {name!r} is {function!r:.60}, not a function")
        found[name] = function
    return found


def _named(given: list[object]) -> Iterator[tuple[object, object]]:
    for checks in given:
        if not isinstance(checks, Mapping):
            raise ConfigError(f"{_HOOK}: {checks!r:.60} is no mapping of names to functions")
        yield from checks.items()
