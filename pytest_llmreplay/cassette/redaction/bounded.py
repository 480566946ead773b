"""What a user's regular expression finds in a text, for no longer than a moment.

Anybody may have written it, as in the ini file of a pull request, and the text is a stranger's too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

__all__ = ["replaced_in", "spans_in"]

_SECONDS = 1.0
_MAY_TAKE_LONG = re.compile(r"[*+]|\{[\d,]+\}|(?:[?|][^?|]*){10}")
"""Repeats, or so many choices that all of them together are as bad."""
# `regex` takes a brace that opens no count for the mistakes that a match may have: `id{e}`.
_BRACE = re.compile(r"(\\N\{[^}]*\}|\\.)|\{(?!\d*,?\d*\})", re.DOTALL)


def replaced_in(text: str, pattern: re.Pattern[str], replacement: str) -> str:
    """The text with something else in the place of every match.

    Raises:
        TimeoutError: It takes too long.
    """
    if not _MAY_TAKE_LONG.search(pattern.pattern):
        return pattern.sub(replacement, text)
    changed: str = _interruptible(pattern).sub(replacement, text, timeout=_SECONDS)
    return changed


def spans_in(text: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Where every match begins and ends.

    Raises:
        TimeoutError: It takes too long.
    """
    if not _MAY_TAKE_LONG.search(pattern.pattern):
        return (match.span() for match in pattern.finditer(text))
    return (match.span() for match in _interruptible(pattern).finditer(text, timeout=_SECONDS))


@lru_cache(maxsize=64)
def _interruptible(pattern: re.Pattern[str]) -> regex.Pattern[str]:
    import regex  # noqa: PLC0415 - 0.2 s, paid by who has such a pattern; `re` cannot be stopped

    return regex.compile(_BRACE.sub(lambda found: found[1] or r"\{", pattern.pattern))
