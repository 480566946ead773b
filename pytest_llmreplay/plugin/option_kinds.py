"""The kinds of options, and what their values may be; a wrong one is named with its option."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from typing import Any

import pytest

__all__ = ["Options", "number", "one_of"]


class Options:
    """Adds options to a group, each under the name that follows from its flag."""

    def __init__(self, group: pytest.OptionGroup) -> None:
        self._group = group

    def switch(self, flag: str, text: str) -> None:
        """One that is given or not."""
        self._add(flag, text, action="store_true", default=False)

    def value(
        self, flag: str, metavar: str, text: str, kind: Callable[[str], object] = str
    ) -> None:
        """One that takes a value."""
        self._add(flag, text, default=None, type=kind, metavar=metavar)

    def repeated(self, flag: str, metavar: str, text: str) -> None:
        """One that takes a value and may be given several times."""
        self._add(flag, text, action="append", default=[], metavar=metavar)

    def _add(self, flag: str, text: str, **kind: Any) -> None:
        dest = flag.removeprefix("--").replace("-", "_")
        self._group.addoption(flag, dest=dest, help=text, **kind)


def one_of(flag: str, choices: tuple[str, ...]) -> Callable[[str], str]:
    """One of a few words."""

    def check(text: str) -> str:
        if text not in choices:
            raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(choices)}")
        return text

    check.__name__ = flag
    return check


def number(
    flag: str, kind: type[int | float], *, lowest: float, highest: float = math.inf
) -> Callable[[str], float]:
    """A number of at least `lowest` and at most `highest`."""
    words = "a whole number" if kind is int else "a number"

    def check(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not {words}") from None
        if not math.isfinite(value) or value < lowest:
            raise argparse.ArgumentTypeError(f"{text!r} is not {words} of {lowest:g} or more")
        if value > highest:
            raise argparse.ArgumentTypeError(f"{text!r} is not {words} of at most {highest:g}")
        return value

    check.__name__ = flag
    return check
