"""Scalars as our own emitter writes them, read without a YAML parser."""

from __future__ import annotations

import json
import re

from pytest_llmreplay.event import Json

from .builder import WORDS, number

__all__ = [
    "DOUBLE",
    "NOT_PLAIN",
    "SINGLE",
    "NotCanonical",
    "block_text",
    "finite",
    "plain",
    "quoted",
]

SINGLE = re.compile(r"'([^']*+(?:''[^']*+)*+)'")
DOUBLE = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"')
NOT_PLAIN = frozenset("-?:,[]{}#&*!|>'\"%@` ")
"""No plain scalar begins with one of these."""
_ESCAPE = re.compile(r"\\(?:U(000e0[01][0-9a-f]{2})|.)")
_MAYBE_JSON = frozenset("-0123456789ntf")
_HEADERS = frozenset(f"|{said}{chomping}" for said in ("", "2") for chomping in ("", "-", "+"))
_INFINITE = (float("inf"), float("-inf"))


class NotCanonical(Exception):
    """The text is not as our emitter writes; reader.py must read it."""


def plain(text: str) -> Json:
    """The value of a plain scalar.

    Raises:
        NotCanonical: Our emitter writes no such scalar.
    """
    if text[0] in _MAYBE_JSON:
        if text in WORDS:
            return WORDS[text]
        try:
            plain = number(text)
        except ValueError:  # more digits than Python reads
            raise NotCanonical from None
        if plain is not None:
            return finite(plain)
    if text[0] in NOT_PLAIN or text[-1] in ": " or "\t" in text or ": " in text:
        raise NotCanonical
    if "#" in text and " #" in text:  # one character is found at once, two are looked for
        raise NotCanonical
    return text


def finite(plain: float) -> int | float:
    """A number that JSON knows.

    Raises:
        NotCanonical: It is infinite.
    """
    if plain in _INFINITE:
        raise NotCanonical
    return plain


def quoted(text: str) -> str:
    """The text of a quoted scalar, single or double.

    Raises:
        NotCanonical: Our emitter writes no such scalar.
    """
    if text[0] == '"':
        if not DOUBLE.fullmatch(text):
            raise NotCanonical
        try:
            value: str = json.loads(_ESCAPE.sub(_short, text) if r"\U" in text else text)
        except ValueError:
            raise NotCanonical from None
        return value
    found = SINGLE.fullmatch(text)
    if found is None or "\t" in text:
        raise NotCanonical
    return found[1].replace("''", "'")


def _short(escape: re.Match[str]) -> str:
    """The character itself of an escape that JSON does not know."""
    return escape[0] if escape[1] is None else chr(int(escape[1], 16))


def block_text(text: str, header: str) -> str:
    """The text of a literal block.

    Args:
        text: Its lines without their indentation; none of those below it.
        header: What stands beside its key.

    Raises:
        NotCanonical: Our emitter writes no such block.
    """
    if header not in _HEADERS or not text or text.isspace():
        raise NotCanonical
    if text[0] in " \t\n" and "2" not in header:
        raise NotCanonical
    if header[-1] == "+":
        return text + "\n"
    text = text.rstrip("\n")
    return text if header[-1] == "-" else text + "\n"
