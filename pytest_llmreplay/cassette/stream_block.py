"""A stream as lines that a reviewer can read, and from which every byte comes back.

    388 {"choices":[{"delta":{"role":"assistant","content":""}}]}
    412 "The "  431 "jobs "  455 "argument"
    502 [DONE]

A line begins with the milliseconds since the request was sent. After them stands the payload of a
server-sent event as the server wrote it; or, for pieces that equal the payload above but for the
text they bring, that text alone; or `raw` and the piece as a JSON string; or `base64`. Which texts
of a payload are replaced follows from the payload: the strings under the keys of `TEXT_KEYS`, one
after the other, while a `sequence_number` counts on.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from itertools import chain

from pytest_llmreplay.errors import CassetteDamaged
from pytest_llmreplay.event import Chunk, StreamBody

from .characters import is_harmless
from .framing import LOOKED_AT, Framing, framing_of

__all__ = ["TEXT_KEYS", "read_stream", "write_stream"]

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

_STRING = r'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"'
_JSON_STRING = re.compile(_STRING)
_SLOT = re.compile(rf'"(?:{"|".join(TEXT_KEYS)})"\s*:\s*({_STRING})|"sequence_number"\s*:\s*(\d+)')
_NUMBER = 2  # group of _SLOT
_TEXTS = re.compile(rf"(\d+)((?: {_STRING})+)(?:  |\Z)")


def write_stream(body: StreamBody) -> tuple[str, Framing]:
    """The lines of a stream, and the framing to read them with."""
    texts = [_decoded(chunk.data) for chunk in body.chunks]
    framing = framing_of([text for text in texts[:LOOKED_AT] if text is not None])
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
        if payload is None or not _may_stand(payload):
            lines.append(f"{at} {_raw(chunk.data, text)}")
        else:
            lines.append(f"{at} {payload}")
            template = _Template(payload, framing)
    return "".join([f"{line}\n" for line in [*lines, *_wrapped(group)]]), framing


def read_stream(text: str, framing: Framing) -> StreamBody:
    """The stream that the lines stand for.

    Raises:
        CassetteDamaged: With the line counted from the first of the block.
    """
    chunks: list[Chunk] = []
    template: _Template | None = None
    for number, line in enumerate(text.removesuffix("\n").split("\n") if text else (), start=1):
        time, _, rest = line.partition(" ")
        if not (time.isascii() and time.isdigit() and rest):
            raise CassetteDamaged("a line of a stream begins with its milliseconds", line=number)
        if rest[0] in "{[":
            template = _Template(rest, framing)
            chunks.append(Chunk(at=int(time) / 1000, data=template.whole))
        elif rest[0] != '"':
            chunks.append(Chunk(at=int(time) / 1000, data=_unraw(rest, number)))
        elif template is None:
            raise CassetteDamaged("text stands before the payload it belongs to", line=number)
        else:
            chunks += template.chunks(line, number)
    return StreamBody(chunks=tuple(chunks))


class _Template:
    """A payload whose texts are replaced by those of the pieces after it."""

    def __init__(self, payload: str, framing: Framing) -> None:
        before, after = framing.wrap(payload)
        text = before + payload + after
        self.whole = text.encode()
        self.between: list[str] = []
        """What stands around the slots: one more than there are slots."""
        self.numbers: dict[int, int] = {}
        """Slots that count on, with the number of the payload itself."""
        self.pieces = 0
        begin = 0
        for slot in _SLOT.finditer(text, len(before)):
            kind = slot.lastindex or 0
            if kind == _NUMBER:
                self.numbers[len(self.between)] = int(slot[kind])
            self.between.append(text[begin : slot.start(kind)])
            begin = slot.end(kind)
        self.between.append(text[begin:])

    def strings(self, text: str) -> list[str] | None:
        """The JSON strings that make the payload this next piece, if that is all they need."""
        at = 0
        strings: list[str] = []
        for slot, segment in enumerate(self.between[:-1]):
            if not text.startswith(segment, at):
                return None
            at += len(segment)
            if slot in self.numbers:
                at += len(str(self.numbers[slot] + self.pieces + 1))
            elif found := _JSON_STRING.match(text, at):
                strings.append(found[0])
                at = found.end()
            else:
                return None
        if not strings or self._filled(strings, self.pieces + 1) != text:
            return None
        self.pieces += 1
        return strings if is_harmless("".join(strings)) else None

    def chunks(self, line: str, number: int) -> Iterator[Chunk]:
        """The pieces of a line of texts."""
        found = _TEXTS.findall(line)
        if "  ".join([at + strings for at, strings in found]) != line:
            raise CassetteDamaged('a line of texts is not like `12 "a"  15 "b"`', line=number)
        for at, strings in found:
            self.pieces += 1
            data = self._filled(_JSON_STRING.findall(strings), self.pieces)
            if data is None:
                wanted = len(self.between) - 1 - len(self.numbers)
                problem = f"{strings.strip()} does not fit the payload above: it has {wanted} texts"
                raise CassetteDamaged(problem, line=number)
            yield Chunk(at=int(at) / 1000, data=data.encode())

    def _filled(self, strings: list[str], piece: int) -> str | None:
        """The payload with its texts replaced, `piece` pieces after it."""
        if len(strings) + len(self.numbers) != len(self.between) - 1:
            return None
        if self.numbers or len(strings) > 1:
            rest = iter(strings)
            fills = [
                str(self.numbers[slot] + piece) if slot in self.numbers else next(rest)
                for slot in range(len(self.between) - 1)
            ]
            return (
                "".join(chain.from_iterable(zip(self.between, fills, strict=False)))
                + self.between[-1]
            )
        return f"{self.between[0]}{strings[0]}{self.between[1]}" if strings else None


def _wrapped(group: list[str]) -> list[str]:
    """The texts of a group, as many per line as fit."""
    lines: list[str] = []
    for texts in group:
        if lines and len(lines[-1]) + 2 + len(texts) <= WIDTH:
            lines[-1] += f"  {texts}"
        else:
            lines.append(texts)
    return lines


def _decoded(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def _may_stand(payload: str) -> bool:
    return payload[:1] in {"{", "["} and payload[-1] not in " \t" and is_harmless(payload)


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
