"""A stream as lines that a reviewer can read, and from which every byte comes back.

    388 {"choices":[{"delta":{"role":"assistant","content":""}}]}
    412 "The "  431 "jobs "  455 "argument"
    502 [DONE]

A line begins with the milliseconds since the request was sent. After them stands the payload of a
server-sent event as the server wrote it; or, for pieces that equal the payload above but for the
text they bring, that text alone (`stream_template`); or `raw` and the piece as a JSON string; or
`base64`. In frames of AWS the payload is the type of the event and its JSON.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable

from pytest_llmreplay.cassette.yaml_text.characters import is_harmless
from pytest_llmreplay.errors import CassetteDamaged
from pytest_llmreplay.event import Chunk, StreamBody

from .framing import LOOKED_AT, Framing, framing_of
from .template import Pieces, Template

__all__ = ["read_pieces", "read_stream", "write_stream"]

WIDTH = 96


def write_stream(body: StreamBody) -> tuple[str, Framing]:
    """The lines of a stream, and the framing to read them with."""
    framing = framing_of([chunk.data for chunk in body.chunks[:LOOKED_AT]])
    texts = [framing.text(chunk.data) for chunk in body.chunks]
    lines: list[str] = []
    template: Template | None = None
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
            template = Template(payload, framing)
    return "".join([f"{line}\n" for line in [*lines, *_wrapped(group)]]), framing


def read_stream(text: str, framing: Framing) -> StreamBody:
    """The stream that the lines stand for.

    Raises:
        CassetteDamaged: With the line counted from the first of the block.
    """
    read = read_pieces(text, framing)
    return StreamBody(
        chunks=tuple(
            [
                Chunk(at=int(at) / 1000, data=data)
                for at, data in zip(read.times, read.data, strict=True)
            ]
        )
    )


def read_pieces(
    text: str, framing: Framing, restore: Callable[[bytes], bytes] | None = None
) -> Pieces:
    """The pieces that the lines stand for.

    Args:
        text: The lines.
        framing: How the pieces are wrapped.
        restore: Puts what was drawn by lot in the place of its short names. It does so in what is
            written whole, not in the texts that are put into it.

    Raises:
        CassetteDamaged: With the line counted from the first of the block.
    """
    pieces = Pieces()
    template: Template | None = None
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
            template.fill(texts, number - len(texts), pieces)
            texts = []
        if framing.may_begin(rest):
            template = Template(rest, framing, restore)
            pieces.add(time, template.whole)
        else:
            data = _unraw(rest, number)
            pieces.add(time, data if restore is None else restore(data))
    if texts and template is not None:
        template.fill(texts, len(lines) + 1 - len(texts), pieces)
    return pieces


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
