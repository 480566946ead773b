"""Checks that users name by the hook `pytest_llmreplay_checks`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from pytest_llmreplay.compare.around import OwnCheck
from pytest_llmreplay.compare.spec import KNOWN, subject
from pytest_llmreplay.errors import ConfigError

from .given_functions import given_functions

__all__ = ["user_checks"]

_HOOK = "pytest_llmreplay_checks"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TAKEN = {"judge", "run", "session", "warn", *map(subject, KNOWN)}


def user_checks(config: pytest.Config) -> Mapping[str, OwnCheck]:
    """The checks that `pytest_llmreplay_checks` gives, by name.

    Raises:
        ConfigError: The hook raised, or gave what is no named function of both calls and an
            argument.
    """
    ask = config.hook.pytest_llmreplay_checks
    found = given_functions(_HOOK, ask, kind="check", wrong=_wrong)
    for name, function in found.items():
        if (problem := _unfit(function)) is not None:
            raise ConfigError(f"{_HOOK}: {name!r} {problem}")
    return found


def _wrong(name: object) -> str | None:
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        return f"{name!r} is no name; write it as my_check"
    return f"{name!r} is a check of the plugin; choose another name" if name in _TAKEN else None


def _unfit(function: Callable[..., Any]) -> str | None:
    """What keeps a function from being called, told before a call is paid for."""
    if inspect.iscoroutinefunction(function):
        return "is async; a check is a plain function"
    try:
        takes = inspect.signature(function)
    except ValueError:
        return None  # one that is written in C need not say what it takes
    try:
        takes.bind(None, None, None)
    except TypeError:
        return f"takes {takes}; a check takes (baseline, replayed, argument)"
    return None
