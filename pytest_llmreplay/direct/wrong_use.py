"""What a program hands over that cannot be meant: refused at once, in one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from pytest_llmreplay.compare.specs.given_checks import unfit, wrong_name
from pytest_llmreplay.compare.syntax.surroundings import OwnCheck
from pytest_llmreplay.errors import ConfigError, UnknownTarget
from pytest_llmreplay.event import Event

from .overrides import ReplayOverrides

__all__ = [
    "functions",
    "refuse_no_address",
    "refuse_no_event",
    "refuse_no_overrides",
    "refuse_no_target",
    "refuse_too_little",
    "texts",
]


def refuse_no_event(event: object) -> None:
    """Refuse what is no event.

    Raises:
        ConfigError: It is none.
    """
    if not isinstance(event, Event):
        raise ConfigError(f"event: expected an Event of Cassette.load(…).events, {_found(event)}")


def refuse_no_overrides(overrides: object) -> None:
    """Refuse overrides that are none, as a plain mapping.

    Raises:
        ConfigError: They are not.
    """
    if not isinstance(overrides, ReplayOverrides | None):
        expected = "expected ReplayOverrides(parameters={…})"
        raise ConfigError(f"overrides: {expected}, {_found(overrides)}")


def refuse_no_target(target: object) -> None:
    """Refuse what names no target.

    Raises:
        UnknownTarget: It is no text.
    """
    if not isinstance(target, str):
        raise UnknownTarget(f"ReplayEngine: no target {target!r:.60}: a target is named")


def refuse_no_address(base_url: object) -> None:
    """Refuse what is no text where an address is meant.

    Raises:
        ConfigError: It is none.
    """
    if not isinstance(base_url, str | None):
        raise ConfigError(f"ReplayEngine: base_url: expected a text, {_found(base_url)}")


def functions(own_checks: Mapping[str, OwnCheck] | None) -> Mapping[str, OwnCheck]:
    """The checks of a user, none of which would be left unasked in silence.

    Raises:
        ConfigError: They are no functions by their names.
    """
    given: object = own_checks or {}
    if not isinstance(given, Mapping):
        expected = "expected functions by their names"
        raise ConfigError(f"ReplayEngine: own_checks: {expected}, {_found(given)}")
    for name, function in given.items():
        problem = wrong_name(name)
        if problem is None and not callable(function):
            problem = f"{name!r} is {function!r:.60}, not a function"
        elif problem is None and (wrong := unfit(function)) is not None:
            problem = f"{name!r} {wrong}"
        if problem is not None:
            raise ConfigError(f"ReplayEngine: own_checks: {problem}")
    return given


def texts(name: str, value: Sequence[str]) -> tuple[str, ...]:
    """Some texts; one alone stands for itself, not for its letters.

    Raises:
        ConfigError: One is no text.
    """
    several: tuple[Any, ...] = (value,) if isinstance(value, str) else tuple(value)
    for one in several:
        if not isinstance(one, str):
            raise ConfigError(f"ReplayEngine: {name}: expected texts, {_found(one)}")
    return several


def refuse_too_little(name: str, value: object, lowest: float) -> None:
    """Refuse what is no number, or less than the lowest that makes sense.

    Raises:
        ConfigError: It is not.
    """
    if not isinstance(value, int | float) or not isfinite(value) or value < lowest:
        expected = f"expected a number of {lowest} or more"
        raise ConfigError(f"ReplayEngine: {name}: {expected}, {_found(value)}")


def _found(value: object) -> str:
    return f"found {value!r:.60}"
