"""What a user's regular expression finds in a text, for no longer than a moment.

Anybody may have written it, as in the ini file of a pull request, and the text is a stranger's too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from time import perf_counter

from .stoppable import stoppable

__all__ = ["Moment", "spans_in"]

_SECONDS = 1.0
_MAY_TAKE_LONG = re.compile(r"[*+]|\{[\d,]+\}|(?:[?|][^?|]*){10}")
"""Repeats, or so many choices that all of them together are as bad."""


class Moment:
    """The time that all patterns together have for all texts of one call."""

    def __init__(self) -> None:
        self._left = _SECONDS

    def replaced_in(self, text: str, pattern: re.Pattern[str], replacement: str) -> str:
        """The text with something else in the place of every match, as `re` finds it.

        Raises:
            TimeoutError: It takes too long.
        """
        if not _MAY_TAKE_LONG.search(pattern.pattern):
            return pattern.sub(replacement, text)
        stopped = stoppable(pattern, text)
        if self._left <= 0:
            raise TimeoutError
        began = perf_counter()
        changed: str = stopped.sub(replacement, text, timeout=self._left)
        self._left -= perf_counter() - began
        return changed


def spans_in(text: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Where every match begins and ends, as `re` finds it.

    Raises:
        TimeoutError: It takes too long.
    """
    if not _MAY_TAKE_LONG.search(pattern.pattern):
        return (match.span() for match in pattern.finditer(text))
    stopped = stoppable(pattern, text)
    return (match.span() for match in stopped.finditer(text, timeout=_SECONDS))
