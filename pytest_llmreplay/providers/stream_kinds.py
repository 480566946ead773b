"""What the pieces of a streamed answer are: server-sent events, or frames of AWS."""

from __future__ import annotations

from typing import Protocol

from .aws_frames import CONTENT_TYPE, FrameSplitter, looks_like_frames
from .sse import SseSplitter, looks_like_sse

__all__ = ["SSE", "Splitter", "content_type_of", "is_aws_stream", "splitter_for"]

SSE = "text/event-stream"


class Splitter(Protocol):
    """Cuts a stream into its events as its bytes arrive; joined, all pieces are the stream."""

    def feed(self, data: bytes) -> list[bytes]:
        """The events that these bytes complete."""
        ...

    def close(self) -> list[bytes]:
        """What is left when the stream ends."""
        ...


def splitter_for(content_type: str, start: bytes) -> Splitter | None:
    """What cuts an answer into events; none where it is no stream.

    Providers have sent events under other content types, so the first bytes count too.
    """
    if is_aws_stream(content_type, start):
        return FrameSplitter()
    return SseSplitter() if SSE in content_type or looks_like_sse(start) else None


def is_aws_stream(content_type: str, start: bytes) -> bool:
    """Whether an answer is made of frames of AWS."""
    return CONTENT_TYPE in content_type or looks_like_frames(start)


def content_type_of(start: bytes) -> str:
    """The content type of a stream that begins so."""
    return CONTENT_TYPE if looks_like_frames(start) else SSE
