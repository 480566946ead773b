"""A pattern of `re` for the library `regex`, which can be stopped, and finds the same with it.

What a class, a set or a letter in any case stands for differs between the two (their tables of
Unicode, `[[:alpha:]]`, the blank U+001C), so it is `re` that says it, character by character.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

__all__ = ["stoppable"]

_TOKEN = re.compile(
    r"""
    (?P<dropped> \(\?\#[^)]*\) | \(\?[aiLmsux]+\) )
  | (?P<scope> \(\?(?P<on>[aimsux]*)(?:-(?P<off>[imsx]+))?: )
  | (?P<one> \[\^?\]?(?:\\.|[^\]\\])*\]
      | \\(?:[wWdDsS] | N\{[^}]*\} | x.{2} | u.{4} | U.{8} | 0[0-7]{0,2} | [1-3][0-7]{2}
            | [afnrtv]) )
  | (?P<edge> \\[bBzZ] )
  | (?P<again> \\[1-9]\d? | \(\?P=\w+\) )
  | (?P<opens> \((?:\?(?:P<\w+>|<?[=!]|>|\(\w+\)))? )
  | (?P<closes> \) )
  | (?P<counts> \{(?:(?P<exact>\d+)|(?P<low>\d*),(?P<high>\d*))\} )
  | (?P<mark> \\A | [.^$|*+?] )
  | (?P<letter> \\?. )
    """,
    re.VERBOSE | re.DOTALL,
)
_ONE_CHARACTER = re.ASCII | re.IGNORECASE
"""Flags that change what a character is."""
_LINES = re.MULTILINE | re.DOTALL
_UNSEEN = re.compile(r"\s+|#[^\n]*")
"""What a verbose pattern says to people alone."""
_BLOCK = 0x80
_NEVER = "(?!)"
_NOWHERE_IN_NOTHING = "" if re.search(r"\B", "") else r"(?!\A\Z)"
"""Until Python 3.14, `\\B` does not match the empty text."""


def stoppable(pattern: re.Pattern[str], text: str) -> regex.Pattern[str]:
    """The same pattern for one text, whose search takes a `timeout`."""
    beyond = () if text.isascii() else {ord(letter) // _BLOCK for letter in set(text)}
    return _compiled(pattern, frozenset(beyond) - {0})


@lru_cache(maxsize=256)
def _compiled(pattern: re.Pattern[str], beyond: frozenset[int]) -> regex.Pattern[str]:
    """One for all texts that hold characters of the same blocks.

    A set that told of all of Unicode would have hundreds of ranges, to be tried one by one.
    """
    import regex  # noqa: PLC0415 - 0.2 s, paid by who has such a pattern

    blocks = (range(block * _BLOCK, (block + 1) * _BLOCK) for block in sorted({0, *beyond}))
    alphabet = "".join(map(chr, chain.from_iterable(blocks)))
    with warnings.catch_warnings(action="ignore", category=FutureWarning):  # `re` has told them
        text = _Translation(pattern, alphabet).text
    return regex.compile(text, pattern.flags & _LINES)


class _Translation:
    """Reads a pattern once, from left to right."""

    def __init__(self, pattern: re.Pattern[str], alphabet: str) -> None:
        self._flags, self._alphabet = re.RegexFlag(pattern.flags), alphabet
        self._outer: list[re.RegexFlag] = []
        self.text = "".join(map(self._written, self._tokens(pattern.pattern)))

    def _tokens(self, text: str) -> Iterator[re.Match[str]]:
        place = 0
        while place < len(text):
            skipped = _UNSEEN.match(text, place) if re.VERBOSE in self._flags else None
            if skipped is not None:
                place = skipped.end()
            elif found := _TOKEN.match(text, place):
                place = found.end()
                yield found

    def _written(self, found: re.Match[str]) -> str:
        text = found[0]
        match found.lastgroup:
            case "dropped":
                text = ""
            case "scope":
                self._outer.append(self._flags)
                text = self._scope(found["on"], found["off"] or "")
            case "opens":
                self._outer.append(self._flags)
            case "closes":
                self._flags = self._outer.pop()
            case "again":
                text = f"(?{'i' * (re.IGNORECASE in self._flags)}:{text})"
            case "edge":
                text = self._edge(text[-1])
            case "counts":
                low = found["exact"] or found["low"] or "0"
                text = f"{{{low},{found['exact'] or found['high']}}}"
            case "one":
                text = self._one(text)
            case "letter":
                text = self._letter(text)
        return text

    def _scope(self, on: str, off: str) -> str:
        for letter in on:
            self._flags |= re.RegexFlag[letter.upper()]
        if "u" in on:
            self._flags &= ~re.ASCII
        for letter in off:
            self._flags &= ~re.RegexFlag[letter.upper()]
        kept, left = (re.sub("[^ms]", "", letters) for letters in (on, off))
        return f"(?{kept}{left and '-'}{left}:"

    def _edge(self, letter: str) -> str:
        if letter in "zZ":
            return r"\Z"
        word = self._one(r"\w")
        if letter == "B":
            return f"{_NOWHERE_IN_NOTHING}(?:(?<={word})(?={word})|(?<!{word})(?!{word}))"
        return f"(?:(?<={word})(?!{word})|(?<!{word})(?={word}))"

    def _letter(self, token: str) -> str:
        if re.IGNORECASE in self._flags:
            return self._one(token)
        return re.escape(token[-1])

    def _one(self, token: str) -> str:
        """A set of the characters that `re` takes for one; a range may hold what no text has."""
        flags = self._flags & _ONE_CHARACTER
        found = (one[0] for one in re.finditer(f"(?:{token})+", self._alphabet, flags))
        ranges = [f"\\U{ord(run[0]):08x}-\\U{ord(run[-1]):08x}" for run in found]
        return f"[{''.join(ranges)}]" if ranges else _NEVER
