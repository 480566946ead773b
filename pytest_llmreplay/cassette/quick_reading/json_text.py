"""JSON of lines that our own emitter wrote, without the values in between.

An answer is played as JSON text, so building its objects and writing them down again is work for
nothing. Answers of one API are alike: the same keys in the same order, and most scalars equal. What
two of them have in common becomes a mold; from then on only what differs is read, and the rest is
compared byte by byte. What is not ours raises NotCanonical.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

from pytest_llmreplay.cassette.json_dump import plain_json
from pytest_llmreplay.cassette.short_names.ids import Names
from pytest_llmreplay.cassette.yaml_text.fast_scalar import NotCanonical
from pytest_llmreplay.cassette.yaml_text.fastread import our_text, read
from pytest_llmreplay.event import Json

from .json_scalar import block_json, has_one_json, inline_json

__all__ = ["json_text"]

MOLDS = 8
SHAPES = 256
LONGEST_SHAPE = 4096

_BESIDE = re.compile(r"((?<=: ).+|(?<=- )[{\[].+)")
"""What stands beside a key, or a short collection as an element of a list."""
_KEY = r"(?:[^\W\d][\w.$/#-]*|\$\w+)"
_MARK = "\ue000"
_BAR = ord("|")
_SHAPE = re.compile(
    rf"(?:\ *(?: (?:-\ )*{_KEY}:(?:\ {_MARK})? | (?:-\ )+{_MARK} )(?:\n|\Z))+", re.VERBOSE
)
_BLOCK = re.compile(rb"^( *)((?:- )*)[^\s'\":-][^\s:]*: (\|[^\n]*)(?=\n)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slot:
    """A place of a mold where documents differ."""

    before: bytes
    """The lines up to it from the last one, to the blank after its key or dash."""
    told: bytes
    """JSON of those lines."""
    indent: int
    """Column in which a block beside the key would stand."""


class _Mold:
    """What documents of one shape have in common."""

    __slots__ = ("_after", "_after_told", "_slots", "shape")

    def __init__(self, shape: str, values: list[str | None]) -> None:
        self.shape = shape
        keys = shape.split("\0")
        between = _between(shape)
        slots: list[_Slot] = []
        lines, json = "", b""
        for key, text, value in zip(keys, between, values, strict=False):
            lines, json = lines + key, json + text
            if value is None:
                slots.append(_Slot(before=lines.encode(), told=json, indent=_indent_under(lines)))
                lines, json = "", b""
            else:
                lines, json = lines + value, json + inline_json(value.encode(), {})
        self._slots = [
            (slot.before, len(slot.before), slot.before.endswith(b"- "), slot.told, slot.indent)
            for slot in slots
        ]
        self._after = (lines + keys[-1]).encode()
        self._after_told = json + between[-1]

    def told(self, lines: bytes, names: Names) -> bytes | None:
        """The JSON of lines that fit; none where they do not."""
        at = 0
        parts: list[bytes] = []
        for before, length, is_element, text, indent in self._slots:
            if not lines.startswith(before, at):
                return None
            at += length
            end = lines.find(b"\n", at)
            if end < 0:
                end = len(lines)
            value = lines[at:end]
            if not value or (is_element and value[0] not in b"{["):
                return None
            parts.append(text)
            if value[0] == _BAR:
                block, at = _block_under(lines, end, indent)
                parts.append(block_json(block, value, names))
            else:
                at = end
                parts.append(inline_json(value, names))
        if lines[at:] != self._after:
            return None
        parts.append(self._after_told)
        return b"".join(parts)


_molds: list[_Mold] = []
"""The one that fitted last stands first."""
_alike: dict[str, list[str | None]] = {}
"""Shape → the values that all its documents had so far; none where they differ."""


def json_text(lines: bytes, names: Names) -> bytes:
    """The JSON of the one member of a mapping, which itself is a mapping's only member.

    Args:
        lines: What follows the key of the outer mapping: a line feed, the inner key, and from the
            next line on its block; no line feed at the end.
        names: Short names of ids, with what takes their place.

    Raises:
        NotCanonical: The lines are not ours, or not so simple.
        UnicodeDecodeError: They are no text.
    """
    for place, mold in enumerate(_molds):
        text = mold.told(lines, names)
        if text is not None:
            if place:
                _use(mold)
            return text
    return _read(lines, names)


def _read(lines: bytes, names: Names) -> bytes:
    """The JSON of lines that fit no mold yet; the next ones like them will."""
    shown, blocks = _without_blocks(lines) if b"|" in lines else (lines, [])
    pieces = _BESIDE.split(our_text(shown))
    values = pieces[1::2]
    if values.count("|") != len(blocks):
        raise NotCanonical
    rest = iter(blocks)
    found = [
        block_json(*next(rest), names) if value == "|" else inline_json(value.encode(), names)
        for value in values
    ]
    shape = "\0".join(pieces[::2])
    if len(shape) <= LONGEST_SHAPE:
        between = _between(shape)
        _learn(shape, values)
    else:
        between = _understood(shape)
    return b"".join([text for pair in zip_longest(between, found) for text in pair if text])


def _learn(shape: str, values: list[str]) -> None:
    """Take note of a document; from the second of its shape on there is a mold."""
    common = [value if has_one_json(value) else None for value in values]
    known = _alike.get(shape)
    if known is not None:
        common = [one if one == other else None for one, other in zip(common, known, strict=True)]
        _use(_Mold(shape, common))
    elif len(_alike) >= SHAPES:
        _alike.clear()
    _alike[shape] = common


def _use(mold: _Mold) -> None:
    others = [one for one in _molds if one.shape != mold.shape]
    _molds[:] = [mold, *others[: MOLDS - 1]]


def _without_blocks(lines: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """The lines with each `|` block left out behind its bar, and the blocks with their headers."""
    parts: list[bytes] = []
    blocks: list[tuple[bytes, bytes]] = []
    at = 0
    while found := _BLOCK.search(lines, at):
        block, end = _block_under(lines, found.end(), len(found[1]) + len(found[2]) + 2)
        blocks.append((block, found[3]))
        parts += [lines[at : found.start(3)], b"|"]
        at = end
    return b"".join([*parts, lines[at:]]), blocks


def _block_under(lines: bytes, at: int, indent: int) -> tuple[bytes, int]:
    """A block that begins at a line feed, without its indentation, and where it ends."""
    end = _end_of_block(indent).search(lines, at)
    stop = end.start() if end else len(lines)
    return lines[at:stop].replace(b"\n" + b" " * indent, b"\n")[1:], stop


@lru_cache(maxsize=128)
def _end_of_block(indent: int) -> re.Pattern[bytes]:
    """The line feed before the first line that is neither empty nor as far in as its block."""
    return re.compile(rb"\n(?! {%d}|\n|\Z)" % indent)


def _indent_under(lines: str) -> int:
    """Column in which a block under the last of some keys stands."""
    line = lines.rpartition("\n")[2]
    return len(line) - len(line.lstrip(" -")) + 2


def _understood(shape: str) -> tuple[bytes, ...]:
    """What stands before, between and after the scalars of a shape."""
    marked = "outer:" + shape.replace("\0", _MARK)
    if not _SHAPE.fullmatch(marked):
        raise NotCanonical
    value = _only_member(_only_member(read(f"{marked}\n")))
    return tuple(plain_json(value).encode().split(f'"{_MARK}"'.encode()))


def _only_member(value: Json) -> Json:
    if not isinstance(value, dict) or len(value) != 1:
        raise NotCanonical
    return next(iter(value.values()))


_between = lru_cache(maxsize=SHAPES)(_understood)
