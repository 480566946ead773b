"""The body of a request, taken out of the bytes that a client has sent so far."""

from __future__ import annotations

import re

from .reply import Refused

__all__ = ["BODY_LIMIT", "TOO_LARGE", "Chunked", "Sized"]

BODY_LIMIT = 32 * 1024 * 1024
"""Largest body of a request, in bytes."""

TOO_LARGE = f"The body is larger than {BODY_LIMIT:,} bytes."
"""Why a larger one is refused."""

_LINE_LIMIT = 8 * 1024  # bytes of a chunk's size with its extensions, and of all trailers
_SIZE = re.compile(rb"([0-9a-fA-F]{1,16})[ \t]*(?:;.*)?")  # RFC 9112, 7.1


class Sized:
    """A body of a known length.

    Args:
        length: In bytes.
    """

    def __init__(self, length: int) -> None:
        self._length = length

    def take(self, buffer: bytearray) -> bytes | None:
        """The body, gone from the buffer; none while some of it is still to come."""
        return _cut(buffer, self._length) if len(buffer) >= self._length else None


class Chunked:
    """A body in chunks, as clients send what they write while they make it."""

    def __init__(self) -> None:
        self._body = bytearray()
        self._last = False

    def take(self, buffer: bytearray) -> bytes | None:
        """The body, gone from the buffer with its framing; none while some of it is still to come.

        Raises:
            Refused: These are no chunks, or too many.
        """
        while not self._last:
            if not self._take_chunk(buffer):
                return None
        end = _find(buffer, b"\r\n\r\n")
        if end is None:
            return None
        _cut(buffer, end + 4)
        return bytes(self._body)

    def _take_chunk(self, buffer: bytearray) -> bool:
        line = _find(buffer, b"\r\n")
        if line is None:
            return False
        size = self._size(buffer[:line])
        if size == 0:
            # The line's own end stays: with that of the body, or of its trailers, it ends all.
            _cut(buffer, line)
            self._last = True
            return True
        start, end = line + 2, line + 2 + size
        if len(buffer) < end + 2:
            return False
        if buffer[end : end + 2] != b"\r\n":
            raise Refused(400, "A chunk of the body is longer than it says.")
        self._body += buffer[start:end]
        _cut(buffer, end + 2)
        return True

    def _size(self, line: bytearray) -> int:
        found = _SIZE.fullmatch(line)
        if found is None:
            raise Refused(400, "A chunk of the body has no size.")
        size = int(found[1], 16)
        if len(self._body) + size > BODY_LIMIT:
            raise Refused(413, TOO_LARGE)
        return size


def _find(buffer: bytearray, mark: bytes) -> int | None:
    """Where a line or the trailers end; none while that is still to come."""
    found = buffer.find(mark, 0, _LINE_LIMIT)
    if found < 0 and len(buffer) >= _LINE_LIMIT:
        raise Refused(400, "A line in the framing of the body is too long.")
    return None if found < 0 else found


def _cut(buffer: bytearray, length: int) -> bytes:
    taken = bytes(buffer[:length])
    del buffer[:length]
    return taken
