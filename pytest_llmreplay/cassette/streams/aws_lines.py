r"""A frame of an AWS event stream as a line that a reviewer can read.

    contentBlockDelta {"contentBlockIndex":0,"delta":{"text":"The "},"p":"abcdefg"}

is the type of the event and its JSON; an exception is `exception:TYPE` and its JSON. Lengths,
checksums and the other headers follow from them. Where a model's own event is packed in base64, as
Bedrock's invoke streams do, it stands open: `chunk {"bytes":{"type":"ping"},"p":"abc"}`.
"""

from __future__ import annotations

import base64
import json
import re
from functools import lru_cache

from pytest_llmreplay.providers.streams.aws_frames import Frame, frame_bytes, headers_of, read_frame

__all__ = ["frame_of_line", "is_line", "line_of_frame", "opened", "packed"]

_EXCEPTION = "exception:"
_LINE = re.compile(r"(exception:)?([A-Za-z][\w.-]{0,127}) (\{[^\r\n]*\})", re.ASCII)
_PACKED = re.compile(r'\{"bytes":"([A-Za-z0-9+/=]+)"')
_OPENED = '{"bytes":{'
_KEY = len(_OPENED) - 1
_OTHERS = frozenset({"base64", "raw"})
"""Words that begin other lines of a stream."""
_inner = json.JSONDecoder().raw_decode


def is_line(text: str) -> bool:
    """Whether a text is the line of a frame."""
    found = _LINE.fullmatch(text)
    return found is not None and found[2] not in _OTHERS


def line_of_frame(data: bytes) -> str | None:
    """The line from which exactly this frame comes back; none where there is no such line."""
    frame = read_frame(data)
    if frame is None:
        return None
    try:
        payload = frame.payload.decode()
    except UnicodeDecodeError:
        return None
    line = f"{'' if frame.is_event else _EXCEPTION}{frame.kind} {opened(payload)}"
    return line if is_line(line) and frame_of_line(line) == data else None


def frame_of_line(line: str) -> bytes:
    """The frame that a line stands for."""
    kind, _, payload = line.partition(" ")
    return frame_bytes(Frame(headers=_headers(kind), payload=packed(payload).encode()))


def opened(payload: str) -> str:
    """A payload with the JSON that it holds in base64 as JSON."""
    found = _PACKED.match(payload)
    if found is None:
        return payload
    try:
        inner = base64.b64decode(found[1], validate=True).decode()
    except ValueError:
        return payload
    text = f'{{"bytes":{inner}{payload[found.end() :]}'
    return text if inner.startswith("{") and packed(text) == payload else payload


def packed(text: str) -> str:
    """The payload again, as `opened` found it."""
    if not text.startswith(_OPENED):
        return text
    try:
        _, end = _inner(text, _KEY)
    except (ValueError, RecursionError):
        return text
    inner = base64.b64encode(text[_KEY:end].encode(errors="surrogatepass")).decode()
    return f'{{"bytes":"{inner}"{text[end:]}'


@lru_cache(maxsize=64)
def _headers(kind: str) -> bytes:
    word = kind.removeprefix(_EXCEPTION)
    return headers_of(word, exception=word != kind)
