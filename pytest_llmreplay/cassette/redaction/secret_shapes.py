"""Finds secrets by their shape, after a cheap look at whether there could be any."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .cheap_look import folded
from .secret_table import AMONG_WORDS, BLOCK, TOKENS
from .spans import Span, without_overlaps

__all__ = ["might_show_secret", "secrets_by_shape"]

_SHORTEST = 19
"""Every token has as many word characters in one run, counted from its prefix on."""
_MIGHT_BE_PASSWORD = re.compile(rb"://[^\s/@:\"'<>]{0,1200}+:[^\s/@\"'<>]{1,1200}+@")
"""Credentials in a URL, also where each of their characters is an escape of six."""
_CLASSES = bytes(
    ord("w") if chr(byte).isascii() and (chr(byte).isalnum() or byte in b"-_") else ord(" ")
    for byte in range(256)
)
_RUN = b"w" * _SHORTEST
_PREFIXES = tuple(literal.encode() for shape in TOKENS for literal in shape.literals)
_BEGINNINGS = frozenset(prefix[:2] for prefix in _PREFIXES)
_LEADS = tuple(prefix for prefix in _PREFIXES if prefix.endswith((b".", b"/")))
"""Prefixes that end where the run of word characters begins."""
_BLOCK_SIGN = BLOCK.rstrip().encode()
_SIGNS = {
    folded(literal.rstrip(" :").encode()): literal.lower().encode()
    for shape in AMONG_WORDS
    for literal in shape.literals
    if literal not in {BLOCK, "://"}
}
"""What stands, folded, in every text with a secret that is no token with a prefix.

With how it is spelt in lower case: `api-key` shows a secret, `api_key` does not. A sign ends in a
letter: what ends as many words do is looked for slowly.
"""


def might_show_secret(data: bytes, text: bytes) -> bool:
    """Whether UTF-8 text could hold a secret by shape; cheap, and never wrong when it says no.

    Args:
        data: Text, or JSON text, in which the secret may stand behind an escape.
        text: The same, folded.
    """
    for sign, spelling in _SIGNS.items():
        if sign in text and spelling in data.lower():
            return True
    if _BLOCK_SIGN in data or (b"@" in data and _MIGHT_BE_PASSWORD.search(data)):
        return True
    return _might_hold_token(data)


def _might_hold_token(data: bytes) -> bool:
    """Whether one of the long runs of word characters begins as a token does."""
    classes, end = data.translate(_CLASSES), 0
    while (at := classes.find(_RUN, end)) >= 0:
        if data[at : at + 2] in _BEGINNINGS or data.endswith(_LEADS, 0, at):
            return True
        if data.startswith(b"\\", at - 1) and _begins_behind_escape(data, at):
            return True
        end = classes.find(b" ", at)
        if end < 0:
            break
    return False


def _begins_behind_escape(data: bytes, at: int) -> bool:
    r"""Whether a token follows the `n` of `\n`, or the digits of `\x1b`, `\u00e9`, `\U000e0041`."""
    return any(data[at + past : at + past + 2] in _BEGINNINGS for past in (1, 3, 5, 9))


def secrets_by_shape(text: str) -> list[Span]:
    """Every secret of a text that shows by its shape, in order."""
    data = text.encode(errors="surrogatepass")
    return without_overlaps(_found(text)) if might_show_secret(data, folded(data)) else []


def _found(text: str) -> Iterator[Span]:
    for shape in (*TOKENS, *AMONG_WORDS):
        if any(literal in text for literal in shape.literals):
            for match in re.finditer(shape.pattern, text):
                group = "secret" if "secret" in match.re.groupindex else 0
                if shape.confirm(match[group]):
                    yield Span(
                        start=match.start(group),
                        end=match.end(group),
                        kind=shape.kind,
                        replacement=shape.replacement,
                    )
