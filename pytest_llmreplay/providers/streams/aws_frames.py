"""AWS event streams: cut a stream into frames, keep every byte.

A frame is its length and that of its headers, a checksum of both, the headers, the payload and a
checksum of it all (https://smithy.io/2.0/aws/amazon-eventstream.html).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from zlib import crc32

from .splitter import Splitter

__all__ = [
    "CONTENT_TYPE",
    "Damage",
    "Frame",
    "FrameSplitter",
    "event_frame",
    "frame_bytes",
    "headers_of",
    "is_aws_stream",
    "looks_like_frames",
    "read_frame",
    "told_frames",
]

CONTENT_TYPE = "application/vnd.amazon.eventstream"

_LENGTHS = struct.Struct(">II")
_CHECKSUM = struct.Struct(">I")
_PRELUDE = _LENGTHS.size + _CHECKSUM.size
_AROUND = _PRELUDE + _CHECKSUM.size
_LARGEST = 24 * 1024 * 1024
"""Bytes of a frame at most; AWS's own clients read no larger ones."""
_HIGHEST = (_LARGEST >> 24).to_bytes(1, "big")
"""A frame begins with its length, whose first byte is no higher; that of JSON is."""
_TEXT = 7
"""Type of a header that is text; Bedrock sends no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One message of an event stream."""

    headers: bytes
    """As they stand in the frame."""
    payload: bytes

    @property
    def names(self) -> Mapping[str, str]:
        """The headers that are text."""
        return dict(_texts(self.headers))

    @property
    def is_event(self) -> bool:
        """Whether the frame is an event, not an exception or an error."""
        return self.names.get(":message-type", "event") == "event"

    @property
    def kind(self) -> str:
        """Type of the event, of the exception, or code of the error."""
        names = self.names
        kinds = (":event-type", ":exception-type", ":error-code")
        return next((names[name] for name in kinds if name in names), "")


class FrameSplitter(Splitter):
    """Cuts a stream into frames as its bytes arrive; from a damaged frame on it cuts no more."""

    def __init__(self) -> None:
        super().__init__()
        self._damaged = False

    def feed(self, data: bytes) -> list[bytes]:
        """The frames that these bytes complete."""
        self._pending += data
        done: list[bytes] = []
        while not self._damaged and len(self._pending) >= _PRELUDE:
            length = _length(self._pending)
            if length is not None and len(self._pending) < length:
                break
            raw = bytes(self._pending[:length])
            self._damaged = length is None or read_frame(raw) is None
            if not self._damaged:
                done.append(raw)
                del self._pending[:length]
        return done


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """Where a stream stops to be made of frames."""

    message: str


def is_aws_stream(content_type: str, data: bytes) -> bool:
    """Whether an answer is made of frames of AWS."""
    return CONTENT_TYPE in content_type or looks_like_frames(data)


def looks_like_frames(data: bytes) -> bool:
    """Whether a body begins with a frame, whatever its content type says."""
    return data[:1] <= _HIGHEST and len(data) >= _PRELUDE and _length(data) is not None


def told_frames(data: bytes) -> Iterator[Frame | Damage]:
    """The frames of a stream, and at its end the damage, if any; half a frame is none."""
    splitter = FrameSplitter()
    at = 0
    for raw in splitter.feed(data):
        at += len(raw)
        frame = read_frame(raw)
        assert frame is not None  # the splitter looked
        yield frame
    rest = b"".join(splitter.close())
    length = _length(rest) if len(rest) >= _PRELUDE else len(rest) + 1
    if rest and (length is None or len(rest) >= length):
        yield Damage(message=f"the event stream is damaged at byte {at}: a checksum is wrong")


def read_frame(raw: bytes) -> Frame | None:
    """The frame that these bytes are, if they are exactly one."""
    if len(raw) < _AROUND or _length(raw) != len(raw):
        return None
    if crc32(raw[:-4]) != _CHECKSUM.unpack(raw[-4:])[0]:
        return None
    end = _PRELUDE + _LENGTHS.unpack_from(raw)[1]
    return Frame(headers=raw[_PRELUDE:end], payload=raw[end:-4])


def frame_bytes(frame: Frame) -> bytes:
    """The frame as it goes over the wire."""
    length = _AROUND + len(frame.headers) + len(frame.payload)
    lengths = _LENGTHS.pack(length, len(frame.headers))
    raw = lengths + _CHECKSUM.pack(crc32(lengths)) + frame.headers + frame.payload
    return raw + _CHECKSUM.pack(crc32(raw))


def headers_of(kind: str, *, exception: bool = False) -> bytes:
    """The headers that Bedrock writes, in its order."""
    word = "exception" if exception else "event"
    named = {
        f":{word}-type": kind,
        ":content-type": "application/json",
        ":message-type": word,
    }
    return b"".join(
        bytes([len(name)]) + name.encode() + struct.pack(">BH", _TEXT, len(text)) + text
        for name, text in ((name, value.encode()) for name, value in named.items())
    )


def event_frame(kind: str, payload: bytes, *, exception: bool = False) -> bytes:
    """An event, or an exception, with a JSON payload."""
    return frame_bytes(Frame(headers=headers_of(kind, exception=exception), payload=payload))


def _length(data: bytes | bytearray) -> int | None:
    """How long the frame is that begins here; none where its prelude is damaged."""
    length, headers = _LENGTHS.unpack_from(data)
    whole = _AROUND + headers <= length <= _LARGEST
    right = crc32(data[: _LENGTHS.size]) == _CHECKSUM.unpack_from(data, _LENGTHS.size)[0]
    return int(length) if whole and right else None


def _texts(headers: bytes) -> Iterator[tuple[str, str]]:
    """Names and values, up to the first that is no text."""
    at = 0
    while at < len(headers):
        name_end = at + 1 + headers[at]
        value = name_end + 3
        if value > len(headers) or headers[name_end] != _TEXT:
            return
        end = value + int.from_bytes(headers[name_end + 1 : value])
        if end > len(headers):
            return
        name = headers[at + 1 : name_end].decode(errors="replace")
        yield name, headers[value:end].decode(errors="replace")
        at = end
