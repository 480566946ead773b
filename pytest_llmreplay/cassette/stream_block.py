"""A stream as lines that a reviewer can read, and from which every byte comes back.

    388 {"choices":[{"delta":{"role":"assistant","content":""}}]}
    412 "The "  431 "jobs "  455 "argument"
    502 [DONE]

A line begins with the milliseconds since the request was sent. After them stands the payload of a
server-sent event as the server wrote it; or, for pieces that equal the payload above but for the
text they bring, that text alone; or `raw` and the piece as a JSON string; or `base64`. Which texts
of a payload are replaced follows from the payload: the strings under the keys of `TEXT_KEYS`, one
after the other, while a `sequence_number` counts on. In a stream of JSON lines the moment at which
each was made (`created_at`, Ollama's) stands among them. In frames of AWS the payload is the type
of the event and its JSON, and the texts under `AWS_KEYS` are replaced too.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from functools import cached_property, lru_cache
from itertools import chain

from pytest_llmreplay.errors import CassetteDamaged
from pytest_llmreplay.event import Chunk, StreamBody

from .characters import is_harmless
from .framing import LOOKED_AT, Framing, framing_of

__all__ = ["TEXT_KEYS", "read_pieces", "read_stream", "write_stream"]

WIDTH = 96

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

_STRING = r'"[^"\\\n\0]*+(?:\\.[^"\\\n\0]*+)*+"'
_JSON_STRING = re.compile(_STRING)
AWS_KEYS = ("input", "p", "signature")
"""More such keys in frames of AWS; `p` is padding. Part of the format: fixed."""
_SLOT, _SLOT_OF_LINES = (
    re.compile(rf'"(?:{"|".join(keys)})"\s*:\s*({_STRING})|"sequence_number"\s*:\s*(\d+)')
    for keys in (TEXT_KEYS, (*TEXT_KEYS, "created_at"))
)
_AWS_SLOT = re.compile(rf'"(?:{"|".join((*TEXT_KEYS, *AWS_KEYS))})"\s*:\s*({_STRING})')
_NUMBER = 2  # group of a slot
_TEXTS = re.compile(rf"([0-9]+)((?: {_STRING})+)(?:  |\Z)")


def write_stream(body: StreamBody) -> tuple[str, Framing]:
    """The lines of a stream, and the framing to read them with."""
    framing = framing_of([chunk.data for chunk in body.chunks[:LOOKED_AT]])
    texts = [framing.text(chunk.data) for chunk in body.chunks]
    lines: list[str] = []
    template: _Template | None = None
    group: list[str] = []
    for chunk, text in zip(body.chunks, texts, strict=True):
        at = round(chunk.at * 1000)
        strings = template.strings(text) if template and text is not None else None
        if strings is not None:
            group.append(f"{at} {' '.join(strings)}")
            continue
        lines += _wrapped(group)
        group = []
        payload = framing.payload(text) if text is not None else None
        if payload is None or not _may_stand(payload, framing):
            lines.append(f"{at} {_raw(chunk.data, None if framing.aws_frames else text)}")
        else:
            lines.append(f"{at} {payload}")
            template = _Template(payload, framing)
    return "".join([f"{line}\n" for line in [*lines, *_wrapped(group)]]), framing


def read_stream(text: str, framing: Framing) -> StreamBody:
    """The stream that the lines stand for.

    Raises:
        CassetteDamaged: With the line counted from the first of the block.
    """
    times, pieces = read_pieces(text, framing)
    return StreamBody(
        chunks=tuple(
            [Chunk(at=int(at) / 1000, data=data) for at, data in zip(times, pieces, strict=True)]
        )
    )


def read_pieces(
    text: str, framing: Framing, restore: Callable[[bytes], bytes] | None = None
) -> tuple[list[str], list[bytes]]:
    """Milliseconds and bytes of the pieces that the lines stand for.

    Args:
        text: The lines.
        framing: How the pieces are wrapped.
        restore: Puts what was drawn by lot in the place of its short names. It does so in what is
            written whole, not in the texts that are put into it.

    Raises:
        CassetteDamaged: With the line counted from the first of the block.
    """
    times: list[str] = []
    pieces: list[bytes] = []
    template: _Template | None = None
    texts: list[str] = []
    lines = text.removesuffix("\n").split("\n") if text else []
    for number, line in enumerate(lines, start=1):
        time, _, rest = line.partition(" ")
        if not (time.isascii() and time.isdigit() and rest):
            raise CassetteDamaged("a line of a stream begins with its milliseconds", line=number)
        if rest[0] == '"':
            if template is None:
                raise CassetteDamaged("text stands before the payload it belongs to", line=number)
            texts.append(line)
            continue
        if texts and template is not None:
            template.fill(texts, number - len(texts), times, pieces)
            texts = []
        times.append(time)
        if framing.may_begin(rest):
            template = _Template(rest, framing, restore)
            pieces.append(template.whole)
        else:
            data = _unraw(rest, number)
            pieces.append(data if restore is None else restore(data))
    if texts and template is not None:
        template.fill(texts, len(lines) + 1 - len(texts), times, pieces)
    return times, pieces


def _slot_of(framing: Framing) -> re.Pattern[str]:
    """What finds the texts of a payload that differ from piece to piece."""
    if framing.aws_frames:
        return _AWS_SLOT
    return _SLOT_OF_LINES if framing.lines else _SLOT


class _Template:
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

    def fill(self, lines: list[str], number: int, times: list[str], pieces: list[bytes]) -> None:
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
        times += parts[1 :: texts + 2]
        pieces += self._framing.data("".join(filled))

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
        return "".join(chain.from_iterable(zip(between, fills, strict=False))) + between[-1]


@lru_cache(maxsize=16)
def _pieces_of(texts: int) -> re.Pattern[str]:
    """Milliseconds and as many strings, and what ends a piece; all but the end in groups."""
    return re.compile(rf"([0-9]+){texts * f' ({_STRING})'}(?:  |\n)")


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


def _wrapped(group: list[str]) -> list[str]:
    """The texts of a group, as many per line as fit."""
    lines: list[str] = []
    for texts in group:
        if lines and len(lines[-1]) + 2 + len(texts) <= WIDTH:
            lines[-1] += f"  {texts}"
        else:
            lines.append(texts)
    return lines


def _may_stand(payload: str, framing: Framing) -> bool:
    if not payload or payload[-1] in " \t" or not is_harmless(payload):
        return False
    return framing.may_begin(payload)


def _raw(data: bytes, text: str | None) -> str:
    if text is None:
        return f"base64 {base64.b64encode(data).decode()}"
    return f"raw {json.dumps(text)}"


def _unraw(rest: str, number: int) -> bytes:
    kind, _, value = rest.partition(" ")
    try:
        if kind == "base64":
            return base64.b64decode(value, validate=True)
        if kind == "raw" and isinstance(text := json.loads(value), str):
            return text.encode()
    except (ValueError, binascii.Error, RecursionError) as problem:
        raise CassetteDamaged(f"{kind} is not readable: {problem}", line=number) from problem
    raise CassetteDamaged(
        "a line of a stream holds a JSON payload, texts in double quotes, raw or base64",
        line=number,
    )
