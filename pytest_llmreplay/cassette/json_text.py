"""JSON text of lines that our own emitter wrote, without the values in between.

An answer is played as JSON text, so building its objects and writing them down again is work for
nothing. Answers of one API have one shape: the same keys in the same order, other scalars. A shape
is understood once, by fastread.py, as the JSON text that stands between the scalars; from then on
an answer is cut at its scalars and put together again. What is not ours raises NotCanonical.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from json import encoder as json_encoder

from pytest_llmreplay.event import Json

from .fastread import NotCanonical, block_text, our_text, read, value_beside
from .ids import Names, restored
from .reader import WORDS

__all__ = ["dumped", "json_text"]

REMEMBERED = 512
REMEMBERED_LENGTH = 100
REMEMBERED_SHAPES = 256
LONGEST_SHAPE = 4096
MOST_DIGITS = 18

_SIMPLE = bytes(set(range(32, 127)) - set(b'"#\\')) + b"\n"
"""What neither needs an escape nor can end a scalar or be part of a short name."""
_BESIDE = re.compile(": (.+)")
_KEY = r"(?:[^\W\d][\w.$/#-]*|\$\w+)"
_MARK = "\ue000"
_SHAPE = re.compile(rf"(?:\ *(?:-\ )*{_KEY}:(?:\ {_MARK})?(?:\n|\Z))+", re.VERBOSE)
_BLOCK = re.compile(rf"^(\ *)((?:-\ )*){_KEY}:\ (\|[^\n]*)\n", re.VERBOSE | re.MULTILINE)

_told: dict[str, str] = {}
"""Scalars and short collections as they stand beside a key → their JSON."""


def _dump() -> Callable[[Json], str]:
    """One encoder for all values; `JSONEncoder.encode` makes a new one for each."""
    make = getattr(json_encoder, "c_make_encoder", None)
    if make is None:
        return json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    quoted = json_encoder.encode_basestring
    encode = make(None, None, quoted, None, ":", ",", False, False, True)  # noqa: FBT003
    return lambda value: "".join(encode(value, 0))


dumped = _dump()
"""A value as JSON without blanks, beyond ASCII as it is."""


def json_text(lines: bytes, names: Names) -> str:
    """The JSON of the one member of a mapping, which itself is a mapping's only member.

    Args:
        lines: What follows the key of the outer mapping: a line feed, the inner key, and from the
            next line on its block; no line feed at the end.
        names: Short names of ids, with what takes their place.

    Raises:
        NotCanonical: The lines are not ours, or not so simple.
        UnicodeDecodeError: They are no text.
    """
    simple = not lines.translate(None, _SIMPLE)
    text = lines.decode() if simple else our_text(lines)
    blocks: Iterator[str] = iter(())
    if "|" in text:
        text, blocks = _without_blocks(text)
    pieces = _BESIDE.split(text)
    known = _told.get
    told = [
        (simple and _simply_told(value)) or known(value) or _told_of(value, blocks, names)
        for value in pieces[1::2]
    ]
    if next(blocks, None) is not None:
        raise NotCanonical
    shape = "\0".join(pieces[::2])
    pieces[::2] = _between(shape) if len(shape) <= LONGEST_SHAPE else _understood(shape)
    pieces[1::2] = told
    return "".join(pieces)


def _without_blocks(text: str) -> tuple[str, Iterator[str]]:
    """The lines with each `|` block left out behind its bar, and the texts of the blocks."""
    parts: list[str] = []
    blocks: list[str] = []
    at = 0
    while found := _BLOCK.search(text, at):
        indent = len(found[1]) + len(found[2]) + 2
        end = _end_of_block(indent).search(text, found.end() - 1)
        stop = end.start() if end else len(text)
        pad = "\n" + " " * indent
        shown = text[found.end() - 1 : stop].replace(pad, "\n")[1:]
        blocks.append(block_text(shown, found[3]))
        parts += [text[at : found.start(3)], "|"]
        at = stop
    return "".join([*parts, text[at:]]), iter(blocks)


@lru_cache(maxsize=128)
def _end_of_block(indent: int) -> re.Pattern[str]:
    """The line feed before the first line that is neither empty nor as far in as its block."""
    return re.compile(rf"\n(?! {{{indent}}}|\n|\Z)")


def _understood(shape: str) -> tuple[str, ...]:
    """What stands before, between and after the scalars of a shape."""
    marked = "outer:" + shape.replace("\0", f": {_MARK}")
    if not _SHAPE.fullmatch(marked):
        raise NotCanonical
    value = _only_member(_only_member(read(marked)))
    return tuple(dumped(value).split(f'"{_MARK}"'))


def _only_member(value: Json) -> Json:
    if not isinstance(value, dict) or len(value) != 1:
        raise NotCanonical
    return next(iter(value.values()))


_between = lru_cache(maxsize=REMEMBERED_SHAPES)(_understood)


def _simply_told(text: str) -> str | None:
    """JSON of a word, a text or a natural number, from lines of simple characters; or none."""
    if text[0].isalpha():
        ours = text not in WORDS and text[-1] not in ": " and ": " not in text
        return f'"{text}"' if ours else None
    return text if text.isdigit() and text[0] != "0" and len(text) <= MOST_DIGITS else None


def _told_of(text: str, blocks: Iterator[str], names: Names) -> str:
    """JSON of what stands beside a key, remembered where no document gives it another meaning."""
    if text == "|":
        block = next(blocks, None)
        if block is None:
            raise NotCanonical
        return dumped(restored(block, names))
    value = value_beside(text)
    if "#" in text or "\\" in text:  # a short name, maybe written by escapes
        return dumped(restored(value, names))
    told = dumped(value)
    if len(text) <= REMEMBERED_LENGTH:
        if len(_told) >= REMEMBERED:
            _told.clear()
        _told[text] = told
    return told
