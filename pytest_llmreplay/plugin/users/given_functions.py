"""Functions that users give by a hook, each under a name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pytest_llmreplay.errors import ConfigError

__all__ = ["given_functions"]


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
