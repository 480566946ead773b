"""Characters that may not stand in a cassette as they are.

YAML 1.1 readers take U+0085, U+2028, U+2029 and CR for the end of a line, so text that holds one
leaves its `|` block and becomes keys of the document. Controls are refused by the parsers,
bidirectional marks show a reviewer another order than the one that is read, and what has no width
and joins no letters is not shown at all. Tags and the supplement of variation selectors spell whole
sentences that a model reads and nobody sees.
"""

from __future__ import annotations

import re

__all__ = ["BREAKING", "ORDINARY", "RISKY", "is_harmless"]

_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f"
_LINE_ENDS = r"\u2028\u2029"
_NOT_TEXT = r"\ufeff\ud800-\udfff\ufffe\uffff"
_UNSEEN = r"\u180e\u200b\u2060-\u2065\u206a-\u206f"
_BIDIRECTIONAL = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_TAGS = r"\U000e0000-\U000e007f"
_SELECTORS = r"\U000e0100-\U000e01ef"

BREAKING = re.compile(f"[{_CONTROLS}{_LINE_ENDS}{_NOT_TEXT}]")
"""What a document may not hold at all; tab and line feed are the allowed controls."""

RISKY = re.compile(
    f"[{_CONTROLS}{_LINE_ENDS}{_NOT_TEXT}{_BIDIRECTIONAL}{_UNSEEN}{_TAGS}{_SELECTORS}]"
)
"""What is written only as an escape in double quotes."""


ORDINARY = bytes([9, 10, *range(32, 127)])
"""What of ASCII may stand anywhere; looked for in bytes, as `translate` is many times faster."""


def is_harmless(text: str) -> bool:
    """Whether the text may stand as it is; tabs and line feeds may."""
    if text.isascii():
        return not text.encode("ascii").translate(None, ORDINARY)
    return RISKY.search(text) is None
