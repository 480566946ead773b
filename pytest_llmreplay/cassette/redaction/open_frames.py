"""Frames of an AWS event stream opened for redaction, and closed again.

Whoever looks for secrets sees a line of JSON where a frame was, and inside it the JSON that a frame
holds in base64.
"""

from __future__ import annotations

from dataclasses import replace

from pytest_llmreplay.cassette.streams.aws_lines import opened, packed
from pytest_llmreplay.event import Chunk, StreamBody
from pytest_llmreplay.providers.streams.aws_frames import (
    Frame,
    frame_bytes,
    looks_like_frames,
    read_frame,
)

__all__ = ["closed_frames", "opened_frames"]

_PACKED = b'"bytes":"'
_SIGNS = (b":event-type\x07", b":exception-type\x07")
"""Headers that show a frame even where its lengths are damaged."""


def opened_frames(stream: StreamBody) -> StreamBody | None:
    """The stream with each frame as a line of its JSON; none where it is not made of frames.

    What came of a broken frame cannot be looked through where it is base64: it ends there.
    """
    first = stream.chunks[0].data if stream.chunks else b""
    if not looks_like_frames(first) and not any(sign in first for sign in _SIGNS):
        return None
    return StreamBody(chunks=tuple([_opened(chunk) for chunk in stream.chunks]))


def closed_frames(stream: StreamBody, lines: StreamBody, clean: StreamBody) -> StreamBody:
    """The stream with what redaction made of its lines.

    Args:
        stream: What came.
        lines: The same, opened.
        clean: The lines as they may be written.
    """
    chunks = zip(stream.chunks, lines.chunks, clean.chunks, strict=True)
    closed = tuple([_closed(*each) for each in chunks])
    return stream if closed == stream.chunks else StreamBody(chunks=closed)


def _opened(chunk: Chunk) -> Chunk:
    frame = read_frame(chunk.data)
    if frame is None:
        return replace(chunk, data=chunk.data.partition(_PACKED)[0])
    return replace(chunk, data=_line(frame))


def _line(frame: Frame) -> bytes:
    try:
        return f"{opened(frame.payload.decode())}\n".encode()
    except UnicodeDecodeError:
        return frame.payload + b"\n"


def _closed(chunk: Chunk, line: Chunk, clean: Chunk) -> Chunk:
    frame = read_frame(chunk.data)
    if frame is None:
        return replace(chunk, data=clean.data)
    if clean.data == line.data:
        return chunk
    payload = clean.data.removesuffix(b"\n")
    if line.data != frame.payload + b"\n":
        payload = packed(payload.decode(errors="replace")).encode()
    return replace(chunk, data=frame_bytes(Frame(headers=frame.headers, payload=payload)))
