"""JSON text of what stands beside a key of our own lines."""

from __future__ import annotations

from .fast_flow import value_beside
from .fast_scalar import NotCanonical, block_text
from .fastread import our_text
from .ids import Names, restored
from .json_dump import plain_json
from .reader import WORDS

__all__ = ["REMEMBERED_LENGTH", "block_told", "is_always_told_alike", "told"]

REMEMBERED = 512
REMEMBERED_LENGTH = 100
MOST_DIGITS = 18
LONGEST_WORD = max(map(len, WORDS))

_SIMPLE = bytes(set(range(32, 127)) - set(b'"#\\'))
"""What neither needs an escape nor can end a scalar or be part of a short name."""

_told: dict[str, str] = {}
"""Quoted scalars, numbers and short collections → their JSON."""


def told(value: bytes, names: Names) -> str:
    """JSON of what stands beside a key, to the end of the line; no block, and not nothing.

    Raises:
        NotCanonical: Our emitter writes no such thing there.
        UnicodeDecodeError: It is no text.
    """
    if value.translate(None, _SIMPLE):
        text = our_text(value)
        if text in names:
            return plain_json(names[text])
    else:
        text = value.decode()
        if text[0].isalpha():
            if _is_no_word(text) and text[-1] not in ": " and _has_no_key(text):
                return f'"{text}"'
        elif text.isdigit() and text[0] != "0" and len(text) <= MOST_DIGITS:
            return text
    return _told.get(text) or _understood(text, names)


def _is_no_word(text: str) -> bool:
    """Whether a plain scalar is text; a long one need not be hashed to know."""
    return len(text) > LONGEST_WORD or text not in WORDS


def _has_no_key(text: str) -> bool:
    """Whether no `: ` is in a text; one character is found at once, two are looked for."""
    return ":" not in text or ": " not in text


def is_always_told_alike(text: str) -> bool:
    """Whether a value is short and has the same JSON in every document: it holds no short name."""
    return len(text) <= REMEMBERED_LENGTH and not ("#" in text or "\\" in text or text[0] == "|")


def block_told(lines: bytes, header: bytes, names: Names) -> str:
    """JSON of a `|` block.

    Args:
        lines: Its lines without their indentation; none of those below it.
        header: What stands beside its key.
        names: Short names of ids, with what takes their place.

    Raises:
        NotCanonical: Our emitter writes no such block.
        UnicodeDecodeError: It is no text.
    """
    return plain_json(restored(block_text(our_text(lines), header.decode()), names))


def _understood(text: str, names: Names) -> str:
    """What `told` tells, remembered where no document gives it another meaning."""
    if text[0] == "|":
        raise NotCanonical
    value = value_beside(text)
    if not is_always_told_alike(text):  # a short name, maybe written by escapes
        return plain_json(restored(value, names))
    found = plain_json(value)
    if len(_told) >= REMEMBERED:
        _told.clear()
    _told[text] = found
    return found
