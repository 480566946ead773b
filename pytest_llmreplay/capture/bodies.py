"""Bodies as files: what a request is about to send, and what a recorded answer gives to read."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from http.client import IncompleteRead
from typing import Any, Final

from .tape import Playback

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
    """Gives one recorded piece at most for each read, then whatever ended the stream."""

    def __init__(self, playback: Playback, before: bytes) -> None:
        self._left = [before, *playback.chunks] if before else list(playback.chunks)
        self._left.reverse()
        self._ended: Final = playback.ended

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._next()
        size = min(len(buffer), len(piece))
        buffer[:size] = piece[:size]
        if size < len(piece):
            self._left.append(piece[size:])
        return size

    def _next(self) -> bytes:
        while self._left:
            piece = self._left.pop()
            if piece:
                return piece
        if self._ended == "timeout":
            raise TimeoutError("timed out (as recorded)")
        if self._ended == "cut":
            raise IncompleteRead(b"")
        return b""


class PlayedFile(io.BufferedReader):
    """A recorded body as the file that a socket would be; `read1` gives piece by piece.

    Args:
        playback: The recorded answer.
        before: Bytes to read before the body.
    """

    def __init__(self, playback: Playback, before: bytes = b"") -> None:
        pieces = _Pieces(playback, before)
        super().__init__(pieces, max(io.DEFAULT_BUFFER_SIZE, *map(len, (before, *playback.chunks))))

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
