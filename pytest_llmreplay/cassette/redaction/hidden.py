r"""Escapes of JSON behind which a letter, digit or sign of a secret could hide.

Whoever looks for secrets in JSON text without parsing it goes by the letters that he sees:
`\u0073k-` is a key as good as `sk-`, and `https:\/\/` begins a URL. Most escapes hide nothing
of the kind: `\n` and `\u00e9` end a word, as what they stand for does.
"""

from __future__ import annotations

import re

__all__ = ["hides_ascii"]

_HIDDEN = re.compile(rb"\\(?:u00[0-7]|u212[aA]|/)")
"""All of ASCII, the sign of Kelvin, which is a `k` in lower case, and the slash."""


def hides_ascii(data: bytes) -> bool:
    """Whether JSON text, also such text in a text, spells a part of ASCII by an escape."""
    return b"\\" in data and _HIDDEN.search(data) is not None
