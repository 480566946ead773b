"""Text from outside, made safe to show.

Answers, cassettes, imports, servers and file names may hold terminal sequences, bidirectional
marks and commands for the machine that runs the tests. `safe` and `safe_line` take care of one
text, `finished` of everything a function of this stage hands out: also of a command that only
came about when texts were put side by side.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable

__all__ = [
    "GUTTER",
    "escaped",
    "finished",
    "for_encoding",
    "guttered",
    "json_text",
    "safe",
    "safe_line",
]

GUTTER = "\u2502 "
"""Our own mark before each line of a text from outside."""

_TAB = "    "
_NAMED = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
_UNSEEN = frozenset(
    map(
        chr,
        (
            *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F),
            *(0x2800, 0x3164, 0xFFA0),
            *range(0xFE00, 0xFE0E),
            *range(0xE0100, 0xE01F0),
        ),
    )
)
"""Letters and marks, by their category, that show nothing."""
_SELECTORS = "\ufe0e\ufe0f"
_MOST_MARKS = 4

# The runner of GitHub takes `::name::` at the start of a line, blanks before it or not, and
# `##[name]` anywhere; Azure Pipelines takes `##vso[` and `##[`, TeamCity `##teamcity[`:
# https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
_ANYWHERE = re.compile(r"#(?=#\w*\[)")
_AT_START = re.compile(r"^(\s*):(?=:)")

_PLAIN_SIGNS = {
    "\u2502": "|",
    "\u2192": "->",
    "\u2026": "...",
    "\u2013": "-",
    "\u2212": "-",
    "\u00b1": "+-",
    "\u00b7": "-",
    "\u00d7": "x",
}


def safe(text: str) -> str:
    """Text of several lines, in which nothing but line feeds has an effect; tabs become blanks."""
    if text.isascii() and text.isprintable():
        return _unmarked(text)
    shown = "\n".join(_shown(line.expandtabs(len(_TAB))) for line in text.split("\n"))
    return "\n".join(_unmarked(line) for line in shown.split("\n"))


def safe_line(text: str) -> str:
    """Text on one line: line feeds and tabs too become escapes."""
    if text.isascii() and text.isprintable():
        return _unmarked(text)
    return _unmarked(_shown(text))


def escaped(character: str) -> str:
    r"""A character in the words of Python: `\x1b`, `\u202e`."""
    if character in _NAMED:
        return _NAMED[character]
    code = ord(character)
    if code <= 0xFF:  # noqa: PLR2004 - two digits
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - four digits


def guttered(lines: Iterable[str]) -> list[str]:
    """Lines behind our own mark."""
    return [(GUTTER + line).rstrip() for line in lines]


def finished(lines: Iterable[str]) -> list[str]:
    """Lines as they leave this stage: one line each, without a command for the machine."""
    return [_unmarked(line.rstrip()) for whole in lines for line in safe(whole).split("\n")]


def json_text(value: object) -> str:
    """JSON of several lines, for programs and for whoever prints it."""
    text = json.dumps(value, indent=2)
    return _ANYWHERE.sub(r"\\u0023", text) if "##" in text else text


def for_encoding(text: str, encoding: str | None) -> str:
    """A text for an output of fewer characters: our own signs in ASCII, all else as escapes."""
    name = encoding or "ascii"
    try:
        text.encode(name)
    except LookupError:
        return for_encoding(text, "ascii")
    except UnicodeEncodeError:
        plain = "".join(_PLAIN_SIGNS.get(character, character) for character in text)
        lines = plain.encode(name, "backslashreplace").decode(name).split("\n")
        return "\n".join(map(_unmarked, lines))
    return text


def _unmarked(line: str) -> str:
    """A line that no machine takes for a command."""
    if "##" in line:
        line = _ANYWHERE.sub(r"\\x23", line)
    return _AT_START.sub(r"\1\\x3a", line) if "::" in line else line


def _shown(text: str) -> str:
    """Everything that shows nothing or moves its neighbours, as an escape."""
    kept: list[str] = []
    before, marks = "", 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        kept.append(character if _is_seen(character, before, marks) else escaped(character))
        before = character
    return "".join(kept)


def _is_seen(character: str, before: str, marks: int) -> bool:
    if character.isprintable():
        if character in _SELECTORS:
            return bool(before) and not before.isascii() and before not in _SELECTORS
        return character not in _UNSEEN and marks <= _MOST_MARKS
    return unicodedata.category(character) == "Zs"
