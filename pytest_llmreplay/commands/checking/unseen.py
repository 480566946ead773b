"""Characters that a reviewer cannot see, or that show him another order than is read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from pytest_llmreplay.cassette.yaml_text.characters import BREAKING, RISKY
from pytest_llmreplay.cassette.yaml_text.yaml_place import place_of

from .finding import Finding

__all__ = ["name_of", "unseen_in", "unseen_raw"]

# Flags of parts of a country are spelled in tags behind a black flag:
# https://unicode.org/reports/tr51/#def_std_emoji_tag_sequence_set
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e007a]{1,7}\U000e007f")
_MOST = 1000


def unseen_in(text: str) -> Iterator[tuple[int, str]]:
    """Each character that a cassette may hold and nobody sees, with its offset."""
    if text.isascii():
        return
    flags = [flag.span() for flag in _FLAG.finditer(text)] if "\U000e007f" in text else []
    for found in RISKY.finditer(text):
        at = found.start()
        if not BREAKING.match(found[0]) and not any(start < at < end for start, end in flags):
            yield at, found[0]


def unseen_raw(path: Path, data: bytes) -> Iterator[Finding]:
    """A finding for the first such character of each line of a cassette; of many, the first ones.

    A recording writes them as escapes, which show; a raw one was put there by hand.
    """
    text = data.decode(errors="replace")
    line, before, last = 1, 0, 0
    for at, character in islice(unseen_in(text), _MOST):
        line, before = line + text.count("\n", before, at), at
        if line != last:
            last = line
            yield Finding(
                kind="unseen character",
                path=path,
                line=line,
                place=place_of(text, at),
                problem=f"raw {name_of(character)}; take it out, or write it as an escape in "
                "double quotes",
            )


def name_of(character: str) -> str:
    """`U+202E RIGHT-TO-LEFT OVERRIDE`."""
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X} {name}".rstrip()
