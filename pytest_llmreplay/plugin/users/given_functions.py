"""Functions that users give by a hook, by name: sources of logs, kinds of personal data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from pytest_llmreplay.errors import ConfigError

if TYPE_CHECKING:
    from pytest_llmreplay.cassette.redaction.own_data import Finder

__all__ = ["given_functions", "user_importers", "user_redaction"]

_SOURCE = re.compile(r"[a-z][a-z0-9_-]*")

_KIND = re.compile(r"[a-z][a-z0-9_]{0,23}")  # as placeholders have it (placeholders.py)


def given_functions(
    hook: str, ask: Callable[[], list[object]], *, kind: str, wrong: Callable[[object], str | None]
) -> dict[str, Any]:
    """All functions of all implementations of a hook, by name.

    Args:
        hook: Its name, for messages.
        ask: Calls it.
        kind: What a function is, in a word.
        wrong: What stands against a name; nothing where it is good.

    Raises:
        ConfigError: The hook raised, or gave what is no named function.
    """
    try:
        given = ask()
    except (Exception, SystemExit) as error:
        raise ConfigError(f"{hook}: {type(error).__name__}: {error}") from error
    found: dict[str, Any] = {}
    for name, function in _pairs(hook, given):
        problem = wrong(name)
        if problem is None and name in found:
            problem = f"two hooks have a {kind} {name!r}"
        if problem is None and not callable(function):
            problem = f"{name!r} is {function!r:.60}, not a function"
        if problem is not None:
            raise ConfigError(f"{hook}: {problem}")
        found[str(name)] = function
    return found


def _pairs(hook: str, given: list[object]) -> Iterator[tuple[object, object]]:
    for functions in given:
        if not isinstance(functions, Mapping):
            raise ConfigError(f"{hook}: {functions!r:.60} is no mapping of names to functions")
        yield from functions.items()


def user_importers(config: pytest.Config) -> Mapping[str, Callable[..., Any]]:
    """The sources of logs that `pytest_llmreplay_importers` gives, by name.

    Raises:
        ConfigError: The hook raised, or gave what is no named function.
    """
    ask = config.hook.pytest_llmreplay_importers
    return given_functions("pytest_llmreplay_importers", ask, kind="source", wrong=_wrong_source)


def _wrong_source(name: object) -> str | None:
    good = isinstance(name, str) and _SOURCE.fullmatch(name)
    return None if good else f"{name!r} is no name; write it as our-log"


def user_redaction(config: pytest.Config) -> Mapping[str, Finder]:
    """The functions that find them, by the names of the kinds.

    Raises:
        ConfigError: The hook raised, or gave what is no named function.
    """
    ask = config.hook.pytest_llmreplay_redact
    return given_functions("pytest_llmreplay_redact", ask, kind="kind", wrong=_wrong_kind)


def _wrong_kind(name: object) -> str | None:
    good = isinstance(name, str) and _KIND.fullmatch(name)
    return None if good else f"{name!r} is no kind; at most 24 characters like customer_name"
