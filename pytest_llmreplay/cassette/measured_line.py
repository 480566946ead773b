"""What a played answer needs of its `measured` line: the name of the call, and short names.

Patterns would tell the same in fewer lines, but in a played call they are cold, and cost several
times what they cost in a loop.
"""

from __future__ import annotations

from .fast_scalar import NotCanonical, plain
from .ids import Drawn, Names, drawn_as

__all__ = ["told_by_line"]

_OPENING = "\nmeasured: {"
_ID = "request_id: "
_NAMES = "ids: {"
_OF_NAMES = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-#.:+ ,'"


def told_by_line(line: bytes) -> tuple[str | None, Names]:
    """The provider's own name of the call, if it is told, and the short names.

    Args:
        line: `measured` and what stands beside it, between line feeds; without the second one.

    Raises:
        NotCanonical: It is not as our emitter writes it, or not so simple.
        UnicodeDecodeError: It is no text.
        WrongField: What should be a time is none.
    """
    text = line.decode()
    if not text.isascii() or not text.startswith(_OPENING) or '"' in text:
        raise NotCanonical
    begin = text.find(_NAMES)
    if begin < 0:
        return _request_id(text, len(text) - 1), {}
    if not text.endswith("}}"):
        raise NotCanonical
    _refuse_within(text, begin)
    return _request_id(text, begin), _names(text[begin + len(_NAMES) : -2])


def _request_id(text: str, stop: int) -> str | None:
    """The name of the call, of what stands before an offset."""
    at = text.find(_ID, 0, stop)
    if at < 0:
        return None
    _refuse_within(text, at)
    end = text.find(",", at, stop)
    value = text[at + len(_ID) : stop if end < 0 else end]
    word = _word(value)
    if word is value and plain(value) != value:
        raise NotCanonical
    return word


def _refuse_within(text: str, at: int) -> None:
    """Refuse a key that is the end of another one, or part of a text."""
    if text[at - 1] not in "{ " or text.count("'", 0, at) % 2:
        raise NotCanonical


def _names(text: str) -> dict[str, Drawn]:
    if text.encode().translate(None, _OF_NAMES):
        raise NotCanonical
    names: dict[str, Drawn] = {}
    for pair in text.split(", "):
        name, colon, drawn = pair.partition(": ")
        if not colon or not name.partition("#")[2]:
            raise NotCanonical
        names[name] = drawn_as(name, _word(drawn))
    return names


def _word(value: str) -> str:
    """A scalar that is one word, with or without quotation marks around it."""
    word = value[1:-1] if value[0:1] == value[-1:] == "'" else value
    if not word or "'" in word or "\\" in word or " " in word:
        raise NotCanonical
    return word
