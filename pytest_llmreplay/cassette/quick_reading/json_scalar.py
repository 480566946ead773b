"""JSON text of what stands beside a key of our own lines."""

from __future__ import annotations

from pytest_llmreplay.cassette.json_dump import plain_json
from pytest_llmreplay.cassette.short_names.ids import Names, restored
from pytest_llmreplay.cassette.yaml_text.builder import WORDS
from pytest_llmreplay.cassette.yaml_text.fast_flow import value_beside
from pytest_llmreplay.cassette.yaml_text.fast_scalar import NotCanonical, block_text
from pytest_llmreplay.cassette.yaml_text.fastread import our_text

__all__ = ["REMEMBERED_LENGTH", "block_json", "has_one_json", "inline_json"]

REMEMBERED = 512
REMEMBERED_LENGTH = 100
MOST_DIGITS = 18
_WORDS = frozenset(word.encode() for word in WORDS)
LONGEST_WORD = max(map(len, _WORDS))
_ZERO = ord("0")

_SIMPLE = bytes(set(range(32, 127)) - set(b'"#\\'))
"""What neither needs an escape nor can end a scalar or be part of a short name."""

_told: dict[bytes, bytes] = {}
"""Quoted scalars, numbers and short collections → their JSON."""


def inline_json(value: bytes, names: Names) -> bytes:
    """JSON of what stands beside a key, to the end of the line; no block, and not nothing.

    Raises:
        NotCanonical: Our emitter writes no such thing there.
        UnicodeDecodeError: It is no text.
    """
    if value.translate(None, _SIMPLE):
        text = our_text(value)
        if text in names:
            return plain_json(names[text]).encode()
    elif value[:1].isalpha():
        if _is_no_word(value) and value[-1:] not in b": " and _has_no_key(value):
            return b'"%b"' % value
    elif value.isdigit() and value[0] != _ZERO and len(value) <= MOST_DIGITS:
        return value
    return _told.get(value) or _understood(value, names)


def _is_no_word(value: bytes) -> bool:
    """Whether a plain scalar is text; a long one need not be hashed to know."""
    return len(value) > LONGEST_WORD or value not in _WORDS


def _has_no_key(value: bytes) -> bool:
    """Whether no `: ` is in a text; one character is found at once, two are looked for."""
    return b":" not in value or b": " not in value


def has_one_json(text: str) -> bool:
    """Whether a value is short and has the same JSON in every document: it holds no short name."""
    return len(text) <= REMEMBERED_LENGTH and not ("#" in text or "\\" in text or text[0] == "|")


def block_json(lines: bytes, header: bytes, names: Names) -> bytes:
    """JSON of a `|` block.

    Args:
        lines: Its lines without their indentation; none of those below it.
        header: What stands beside its key.
        names: Short names of ids, with what takes their place.

    Raises:
        NotCanonical: Our emitter writes no such block.
        UnicodeDecodeError: It is no text.
    """
    return plain_json(restored(block_text(our_text(lines), header.decode()), names)).encode()


def _understood(value: bytes, names: Names) -> bytes:
    """What `inline_json` tells, remembered where no document gives it another meaning."""
    text = value.decode()
    if text[0] == "|":
        raise NotCanonical
    meaning = value_beside(text)
    if not has_one_json(text):  # a short name, maybe written by escapes
        return plain_json(restored(meaning, names)).encode()
    found = plain_json(meaning).encode()
    if len(_told) >= REMEMBERED:
        _told.clear()
    _told[value] = found
    return found
