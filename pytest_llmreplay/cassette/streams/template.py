"""A payload of a stream whose texts differ from piece to piece, and are told alone.

Which texts these are follows from the payload: the strings under the keys of `TEXT_KEYS`, one after
the other, while a `sequence_number` counts on. In a stream of JSON lines the moment at which each
was made (`created_at`, Ollama's) stands among them, in frames of AWS what is under `AWS_KEYS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain

from pytest_llmreplay.cassette.yaml_text.characters import is_harmless
from pytest_llmreplay.errors import CassetteDamaged

from .framing import Framing

__all__ = ["Pieces", "Template"]

TEXT_KEYS = (
    "arguments",
    "content",
    "delta",
    "obfuscation",
    "partial_json",
    "reasoning",
    "reasoning_content",
    "refusal",
    "response",
    "text",
    "thinking",
)
"""Keys whose strings differ from piece to piece of a stream. Part of the format: fixed."""

AWS_KEYS = ("input", "p", "signature")
"""More such keys in frames of AWS; `p` is padding. Part of the format: fixed."""

_STRING = r'"[^"\\\n\0]*+(?:\\.[^"\\\n\0]*+)*+"'
_JSON_STRING = re.compile(_STRING)
_SLOT, _SLOT_OF_LINES = (
    re.compile(rf'"(?:{"|".join(keys)})"\s*:\s*({_STRING})|"sequence_number"\s*:\s*(\d+)')
    for keys in (TEXT_KEYS, (*TEXT_KEYS, "created_at"))
)
_AWS_SLOT = re.compile(rf'"(?:{"|".join((*TEXT_KEYS, *AWS_KEYS))})"\s*:\s*({_STRING})')
_NUMBER = 2  # group of a slot
_TEXTS = re.compile(rf"([0-9]+)((?: {_STRING})+)(?:  |\Z)")


@dataclass(slots=True)
class Pieces:
    """The pieces of a stream, in their order."""

    times: list[str] = field(default_factory=list)
    """Milliseconds, in digits."""
    data: list[bytes] = field(default_factory=list)
    gist: list[bytes] = field(default_factory=list)
    """The same in few: of pieces that differ by their texts alone, one that brings all of these.

    Formats put such texts together, so nearly always it says what the stream says.
    """

    def add(self, time: str, piece: bytes) -> None:
        """Add a piece that is written whole."""
        self.times.append(time)
        self.data.append(piece)
        self.gist.append(piece)


class Template:
    """A payload whose texts are replaced by those of the pieces after it."""

    def __init__(
        self, payload: str, framing: Framing, restore: Callable[[bytes], bytes] | None = None
    ) -> None:
        before, after = framing.wrap(payload)
        self._framing = framing
        self._text = before + payload + after
        self._begin = len(before)
        self._slot = _slot_of(framing)
        if restore is not None:
            self._text = restore(self._text.encode()).decode()
        self.whole = framing.data(f"{self._text}\0")[0]
        """The piece with its own texts."""
        self.pieces = 0

    @cached_property
    def _cut(self) -> tuple[list[str], dict[int, int]]:
        """What stands around the slots, and those that count on with the payload's own number.

        Found when texts follow: most payloads have none.
        """
        between: list[str] = []
        numbers: dict[int, int] = {}
        begin = 0
        for slot in self._slot.finditer(self._text, self._begin):
            kind = slot.lastindex or 0
            if kind == _NUMBER:
                numbers[len(between)] = int(slot[kind])
            between.append(self._text[begin : slot.start(kind)])
            begin = slot.end(kind)
        return [*between, self._text[begin:]], numbers

    def strings(self, text: str) -> list[str] | None:
        """The JSON strings that make the payload this next piece, if that is all they need."""
        between, numbers = self._cut
        at = 0
        strings: list[str] = []
        for slot, segment in enumerate(between[:-1]):
            if not text.startswith(segment, at):
                return None
            at += len(segment)
            if slot in numbers:
                at += len(str(numbers[slot] + self.pieces + 1))
            elif found := _JSON_STRING.match(text, at):
                strings.append(found[0])
                at = found.end()
            else:
                return None
        if not strings or self._filled(strings, self.pieces + 1) != text:
            return None
        self.pieces += 1
        return strings if is_harmless("".join(strings)) else None

    def fill(self, lines: list[str], number: int, into: Pieces) -> None:
        """Add the pieces of lines of texts, the first of which is line `number`."""
        between, numbers = self._cut
        slots = len(between) - 1
        texts = slots - len(numbers)
        parts = _pieces_of(texts).split("\n".join([*lines, ""]))
        if not texts or any(parts[:: texts + 2]):
            raise _misfit(lines, number, texts)
        count = len(parts) // (texts + 2)
        strings = (parts[column :: texts + 2] for column in range(2, texts + 2))
        columns = [
            _counted(numbers[slot] + self.pieces + 1, count) if slot in numbers else next(strings)
            for slot in range(slots)
        ]
        self.pieces += count
        step = 2 * slots + 1
        filled = [f"{between[-1]}\0"] * (step * count)  # no document holds a NUL
        for slot, column in enumerate(columns):
            filled[2 * slot :: step] = [between[slot]] * count
            filled[2 * slot + 1 :: step] = column
        into.times += parts[1 :: texts + 2]
        into.data += self._framing.data("".join(filled))
        into.gist += self._framing.data(f"{self._with([_joined(column) for column in columns])}\0")

    def _filled(self, strings: list[str], piece: int) -> str | None:
        """The payload with its texts replaced, `piece` pieces after it."""
        between, numbers = self._cut
        if len(strings) + len(numbers) != len(between) - 1:
            return None
        rest = iter(strings)
        fills = [
            str(numbers[slot] + piece) if slot in numbers else next(rest)
            for slot in range(len(between) - 1)
        ]
        return self._with(fills)

    def _with(self, fills: Sequence[str]) -> str:
        between, _ = self._cut
        return "".join(chain.from_iterable(zip(between, fills, strict=False))) + between[-1]


def _slot_of(framing: Framing) -> re.Pattern[str]:
    """What finds the texts of a payload that differ from piece to piece."""
    if framing.aws_frames:
        return _AWS_SLOT
    return _SLOT_OF_LINES if framing.lines else _SLOT


@lru_cache(maxsize=16)
def _pieces_of(texts: int) -> re.Pattern[str]:
    """Milliseconds and as many strings, and what ends a piece; all but the end in groups."""
    return re.compile(rf"([0-9]+){texts * f' ({_STRING})'}(?:  |\n)")


def _joined(column: list[str]) -> str:
    """One JSON string of several; of numbers the first."""
    if column[0][0] != '"':
        return column[0]
    return f'"{"".join([text[1:-1] for text in column])}"'


def _counted(first: int, count: int) -> list[str]:
    return [str(number) for number in range(first, first + count)]


def _misfit(lines: list[str], number: int, wanted: int) -> CassetteDamaged:
    """What is wrong with the first line of texts that is not as its payload demands."""
    for place, line in enumerate(lines, start=number):
        found = _TEXTS.findall(line)
        if "  ".join([at + strings for at, strings in found]) != line:
            return CassetteDamaged('a line of texts is not like `12 "a"  15 "b"`', line=place)
        for _, strings in found:
            if len(_JSON_STRING.findall(strings)) != wanted:
                problem = f"{strings.strip()} does not fit the payload above: it has {wanted} texts"
                return CassetteDamaged(problem, line=place)
    raise AssertionError("each line of texts is as its payload demands")
