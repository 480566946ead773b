"""The kinds of options, and what their values may be; a wrong one is named with its option."""

from __future__ import annotations

from argparse import ArgumentTypeError
from math import inf, isfinite
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

__all__ = ["Options", "dollars", "number", "one_of"]

_MOST_DOLLARS = 1_000_000_000


def non_blank(text: str) -> str:
    """A text with words in it: an empty variable of a shell asks for nothing that was meant."""
    if not text.strip():
        raise ArgumentTypeError(f"{text!r} says nothing; give a value, or leave the option out")
    return text


class Options:
    """Adds options to a group, each under the name that follows from its flag."""

    def __init__(self, group: pytest.OptionGroup) -> None:
        self._group = group

    def switch(self, flag: str, text: str) -> None:
        """Add an option that is given or not."""
        self._add(flag, text, action="store_true", default=False)

    def value(
        self, flag: str, metavar: str, text: str, kind: Callable[[str], object] = non_blank
    ) -> None:
        """Add an option that takes a value."""
        self._add(flag, text, default=None, type=kind, metavar=metavar)

    def repeated(self, flag: str, metavar: str, text: str) -> None:
        """Add an option that takes a value and may be given several times."""
        self._add(flag, text, action="append", default=[], type=non_blank, metavar=metavar)

    def _add(self, flag: str, text: str, **kind: Any) -> None:
        dest = flag.removeprefix("--").replace("-", "_")
        self._group.addoption(flag, dest=dest, help=text, **kind)


def one_of(flag: str, choices: tuple[str, ...]) -> Callable[[str], str]:
    """One of a few words."""

    def check(text: str) -> str:
        if text not in choices:
            raise ArgumentTypeError(f"{text!r} is none of {', '.join(choices)}")
        return text

    check.__name__ = flag
    return check


def number(
    flag: str, kind: type[int | float], *, lowest: float, highest: float = inf
) -> Callable[[str], float]:
    """A number of at least `lowest` and at most `highest`."""
    words = "a whole number" if kind is int else "a number"

    def check(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            raise ArgumentTypeError(f"{text!r} is not {words}") from None
        if not isfinite(value) or value < lowest:
            raise ArgumentTypeError(f"{text!r} is not {words} of {lowest:g} or more")
        if value > highest:
            raise ArgumentTypeError(f"{text!r} is not {words} of at most {highest:g}")
        return value

    check.__name__ = flag
    return check


def dollars(text: str) -> float:
    """An amount of USD."""
    try:
        amount = float(text.removeprefix("$"))
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no amount of USD, such as 2.50") from None
    if not 0 <= amount <= _MOST_DOLLARS:
        raise ArgumentTypeError(f"{text!r} is no amount of USD from 0 to {_MOST_DOLLARS:,}")
    return amount


dollars.__name__ = "--llm-max-cost"
