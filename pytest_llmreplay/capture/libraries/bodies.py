"""Bodies as files: what a request is about to send, and what an answer gives to read."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from http.client import IncompleteRead
from typing import Any, Final

from pytest_llmreplay.capture.tape import Playback

__all__ = ["PlayedFile", "read_body"]


def read_body(body: Any) -> bytes:
    """All bytes of a request body; a file or iterable is used up, so send the bytes in its place.

    Args:
        body: None, bytes, text, an open file, or an iterable of bytes or text.
    """
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body)
    if hasattr(body, "read"):
        return read_body(body.read())
    assert isinstance(body, Iterable)
    return b"".join(map(read_body, body))


class _Pieces(io.RawIOBase):
    """Gives one piece at most for each read, then whatever ended the stream."""

    def __init__(self, playback: Playback, before: bytes) -> None:
        self._rest = before
        self._pieces = iter(playback.chunks)
        self._playback: Final = playback

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._next()
        size = min(len(buffer), len(piece))
        buffer[:size] = piece[:size]
        self._rest = piece[size:]
        return size

    def close(self) -> None:
        """The reader has had enough."""
        self._playback.close()
        super().close()

    def _next(self) -> bytes:
        piece = self._rest or next(filter(None, self._pieces), b"")
        if piece:
            return piece
        if self._playback.ending == "timeout":
            raise TimeoutError(f"timed out ({self._playback.reason})")
        if self._playback.ending == "cut":
            raise IncompleteRead(b"")
        return b""


class PlayedFile(io.BufferedReader):
    """A body as the file that a socket would be; `read1` gives piece by piece.

    Args:
        playback: The answer.
        before: Bytes to read before the body.
    """

    def __init__(self, playback: Playback, before: bytes = b"") -> None:
        pieces = _Pieces(playback, before)
        known = playback.chunks if isinstance(playback.chunks, tuple) else ()
        super().__init__(pieces, max(io.DEFAULT_BUFFER_SIZE, *map(len, (before, *known))))

    def read(self, size: int | None = -1, /) -> bytes:
        """As a file; closes itself once all was read, as a body does."""
        if size is not None and size >= 0:
            return super().read(size)
        data = b"".join(self._rest())
        self.close()
        return data

    def _rest(self) -> Iterator[bytes]:
        seen: list[bytes] = []
        try:
            while piece := self.read1(-1):
                seen.append(piece)
        except IncompleteRead:
            raise IncompleteRead(b"".join(seen)) from None
        yield from seen
