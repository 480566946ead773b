"""`regex:PATTERN`: the answer matches a regular expression."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

from pytest_llmreplay.compare.check import Finding, Pair
from pytest_llmreplay.compare.syntax.bad_spec import BadSpec

from .base import Rule

if TYPE_CHECKING:
    import regex

__all__ = ["Matches"]

_LONGEST = 1000
_MOST_REPEATS = 10_000
"""Counted repeats, multiplied: `(?:a{1000}){1000}` takes 3 s and 270 MB to compile."""
_SECONDS = 0.25
"""Time for all choices of an answer; anybody may have written the pattern."""

_COUNTS = re.compile(r"\{(\d*)(?:,(\d*))?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches(Rule):
    """A part of every choice matches, as `re.search` would find it."""

    pattern: str

    @classmethod
    def read(cls, written: str, **asked: Any) -> Self:
        """Read what stands behind `regex:`.

        Raises:
            BadSpec: It is no regular expression, or one that takes too much to compile.
        """
        import regex  # noqa: PLC0415 - 0.2 s, paid by who asks for this check

        if not written:
            raise BadSpec("the regular expression that the answer has to match follows here")
        if len(written) > _LONGEST or _repeats(written) > _MOST_REPEATS:
            raise BadSpec("this regular expression is too large")
        try:
            regex.compile(written)
        except regex.error as wrong:
            raise BadSpec(f"this is no regular expression: {wrong.msg}", wrong.pos or 0) from None
        except (RecursionError, OverflowError, ValueError):
            raise BadSpec("this is no regular expression") from None
        return cls(pattern=written, **asked)

    def judge(self, pair: Pair) -> Finding:
        """Search every choice, for a moment."""
        pattern = _compiled(self.pattern)
        texts = pair.now.texts
        try:
            found = [
                pattern.search(text, timeout=_SECONDS / len(texts)) is not None for text in texts
            ]
        except TimeoutError:
            return self.not_measured("the regular expression takes too long on this answer")
        return self.demanded(pair, found, "match")


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> regex.Pattern[str]:
    import regex  # noqa: PLC0415 - as above

    return regex.compile(pattern)


def _repeats(pattern: str) -> int:
    """The most that counted repeats can come to, if each stands inside the next."""
    counts = (max(int(number or 1) for number in found) for found in _COUNTS.findall(pattern))
    return math.prod(max(count, 1) for count in counts)
