"""Checks of users: named by the hook `pytest_llmreplay_checks`, and asked for by markers."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_llmreplay.compare.around import OwnCheck, Surroundings
from pytest_llmreplay.compare.spec import KNOWN, parse_checks, subject
from pytest_llmreplay.errors import CheckSyntaxError, ConfigError

from .given_functions import given_functions
from .uses import MARKER

__all__ = ["refuse_unreadable", "user_checks"]

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


def refuse_unreadable(checks: Iterable[str], config: pytest.Config, project: Path) -> None:
    """Refuse checks of a marker that no replay of the recording could read.

    Raises:
        ConfigError: One of them is none, or the hook has given what is none.
    """
    around = Surroundings(project=project, own=user_checks(config))
    try:
        parse_checks(checks, around)
    except CheckSyntaxError as error:
        raise ConfigError(f"@pytest.mark.{MARKER}(checks=…): {error}") from None


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
