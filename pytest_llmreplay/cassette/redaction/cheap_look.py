"""Cheap looks, which tell of nearly all that is written that it holds no secret.

Each pass over a text counts here, because an application waits for it while its calls are recorded.
Whoever finds nothing is right; whoever finds something leaves it to those who parse.
"""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["CleanPieces", "folded", "hides_ascii", "might_join"]

_FOLDS = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ'", b'abcdefghijklmnopqrstuvwxyz"')
_LEFT_OUT = b"-_\\"
"""What may stand in a name or not, and what stands before a quote in JSON in a text."""
_KELVIN = "\N{KELVIN SIGN}".encode()
"""The one other letter that is a letter of ASCII in lower case."""

_HIDDEN = re.compile(rb"\\(?:u00[0-7]|u212[aA]|/)")
"""All of ASCII, the sign of Kelvin, which is a `k` in lower case, and the slash."""

_MARK = b'"'
_MOST = 16 * 1024 * 1024
"""Bytes to remember; then all is forgotten."""

_OTHER_INDEX = re.compile(r"\"(?:index|contentBlockIndex)\"\s*:\s*[1-9]")
_BACKSLASHES, _QUOTE = "\x00", "\x01"
"""Stand for an escaped backslash and an escaped quote; JSON has no such characters."""
_OPENINGS = frozenset({"data: {", "data:{", "{"})
"""What stands before the first name of an event."""


def folded(data: bytes) -> bytes:
    """UTF-8 text in lower case, with one kind of quotes, without `-`, `_` and backslashes.

    Every spelling of a name is one in it.
    """
    lower = data.translate(_FOLDS, _LEFT_OUT)
    return lower if lower.isascii() else lower.replace(_KELVIN, b"k")


def hides_ascii(data: bytes) -> bool:
    r"""Whether JSON text, also such text in a text, spells a part of ASCII by an escape.

    Whoever looks for secrets in it without parsing it goes by the letters that he sees:
    `\u0073k-` is a key as good as `sk-`, and `https:\/\/` begins a URL. Most escapes hide nothing
    of the kind: `\n` and `\u00e9` end a word, as what they stand for does.
    """
    return b"\\" in data and _HIDDEN.search(data) is not None


class CleanPieces:
    """The texts between quotation marks that hold no secret, which are not looked at again.

    An agent sends its whole history with every call, and tools, names of fields and system prompts
    are the same in all of them. Between two quotation marks a text is clean or not, whatever stands
    around it: no sign of a secret holds one (`test_cassette_cheap_look.py` tries it).
    """

    def __init__(self) -> None:
        self._clean: set[bytes] = set()
        self._size = 0

    def others(self, data: bytes) -> set[bytes]:
        """The pieces of a text that are not known to be clean."""
        return set(data.split(_MARK)) - self._clean

    def remember(self, pieces: set[bytes]) -> None:
        """These hold no secret."""
        self._size += sum(map(len, pieces))
        if self._size > _MOST:
            self._clean, self._size = set(), 0
        else:
            self._clean |= pieces


def might_join(text: str, might_change: Callable[[str], bool]) -> bool:
    """Whether pieces of a stream, read as one, could be what no piece is; no is always right.

    Args:
        text: The whole stream, none of whose letters is hidden behind an escape.
        might_change: Whether redaction could change a text or JSON text; no is always right.
    """
    if _OTHER_INDEX.search(text):
        return True
    places: dict[tuple[str, int], list[str]] = {}
    inner = text.replace("\\\\", _BACKSLASHES).replace('\\"', _QUOTE)
    lines = [line for line in inner.split("\n") if '"' in line]
    if not lines or not all(_sorted_in(line, places) for line in lines):
        return True
    joined = ("".join(pieces) for pieces in places.values())
    return any(might_change(_with_escapes(one)) for one in joined)


def _sorted_in(line: str, places: dict[tuple[str, int], list[str]]) -> bool:
    """Put the texts of one event to those at the same places of others; no where that is unclear.

    A place is the name of a field and how often it was met in this event. Lists of texts, and
    what is no JSON, are left to those who parse.
    """
    parts = line.split('"')
    if len(parts) % 2 == 0 or parts[0].strip() not in _OPENINGS:
        return False
    name, value_follows = "", False
    met: list[str] = []
    for piece, after in zip(parts[1::2], parts[2::2], strict=True):
        if after[:1] == ":" or after.lstrip()[:1] == ":":
            name, value_follows = piece, after.strip() == ":"
        elif value_follows:
            places.setdefault((name, met.count(name)), []).append(piece)
            met.append(name)
            value_follows = False
        else:
            return False
    return True


def _with_escapes(text: str) -> str:
    return text.replace(_QUOTE, '\\"').replace(_BACKSLASHES, "\\\\")
