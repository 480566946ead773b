"""Text as the first look for secrets sees it: one pass, in which every spelling of a name is one.

Each pass over a text counts here, because an application waits for it while its calls are recorded.
"""

from __future__ import annotations

__all__ = ["folded"]

_FOLDS = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ'", b'abcdefghijklmnopqrstuvwxyz"')
_LEFT_OUT = b"-_\\"
"""What may stand in a name or not, and what stands before a quote in JSON in a text."""
_KELVIN = "\N{KELVIN SIGN}".encode()
"""The one other letter that is a letter of ASCII in lower case."""


def folded(data: bytes) -> bytes:
    r"""UTF-8 text in lower case, with one kind of quotes, without `-`, `_` and backslashes."""
    lower = data.translate(_FOLDS, _LEFT_OUT)
    return lower if lower.isascii() else lower.replace(_KELVIN, b"k")
