"""What the values of options may be; a wrong one is named with its option."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable

__all__ = ["number", "one_of"]


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
