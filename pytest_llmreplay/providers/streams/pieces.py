"""What the pieces of a stream are: server-sent events, JSON lines, or frames of AWS."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_llmreplay.event import Chunk

from .aws_frames import CONTENT_TYPE as AWS_FRAMES
from .aws_frames import FrameSplitter, is_aws_stream, looks_like_frames
from .json_lines import JSON_LINES, LineSplitter, is_json_lines
from .splitter import Splitter
from .sse import SseSplitter, looks_like_sse

__all__ = [
    "SERVER_SENT",
    "content_type_of",
    "splitter_for",
    "whole_pieces",
]

SERVER_SENT = "text/event-stream"


def splitter_for(content_type: str, data: bytes) -> Splitter | None:
    """What cuts an answer into pieces; none for one that is no stream.

    Providers have sent streams under other content types, so the bytes count too.

    Args:
        content_type: What the answer says it is.
        data: The answer, or its beginning.
    """
    if is_aws_stream(content_type, data):
        return FrameSplitter()
    if SERVER_SENT in content_type or looks_like_sse(data):
        return SseSplitter()
    return LineSplitter() if is_json_lines(content_type, data) else None


def whole_pieces(chunks: Iterable[Chunk], splitter: Splitter) -> tuple[Chunk, ...]:
    """One chunk per piece of the stream, each with the time at which its last byte came."""
    pieces: list[Chunk] = []
    at = 0.0
    for chunk in chunks:
        at = chunk.at
        pieces += [Chunk(at=at, data=raw) for raw in splitter.feed(chunk.data)]
    pieces += [Chunk(at=at, data=raw) for raw in splitter.close()]
    return tuple(pieces)


def content_type_of(piece: bytes) -> str:
    """How a stream that begins with this piece is announced."""
    if looks_like_frames(piece):
        return AWS_FRAMES
    return JSON_LINES if piece[:1] == b"{" else SERVER_SENT
