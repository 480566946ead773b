"""What a program hands over that cannot be meant: refused at once, in one line."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.event import Event

from .overrides import ReplayOverrides

__all__ = ["refuse_no_event", "refuse_no_overrides", "refuse_too_little", "texts"]


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
