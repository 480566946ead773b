"""How much a server may answer: limits on the bytes of one answer while they arrive."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from pytest_llmreplay.event import Chunk

__all__ = ["AnswerRefused", "Limits", "Meter"]


class AnswerRefused(Exception):
    """An answer passes a limit, or is packed in a way that nobody asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Figures that no honest answer reaches."""

    answer: int = 32 * 1024 * 1024
    """Bytes of one answer, decompressed."""
    line: int = 8 * 1024 * 1024
    """Bytes of one line of a server-sent stream, which may hold a picture in base64, or all that a
    search has found; a JSON line of Ollama may hold a whole context."""
    ratio: int = 100
    """Decompressed bytes per byte on the wire, once an answer is larger than `small`."""
    small: int = 1024 * 1024


class Meter:
    """Takes the bytes of one answer: unpacks, counts and times them.

    Args:
        limits: What to refuse.
        started: `perf_counter` when the request was sent.
        encoding: The answer's `content-encoding`.
        lines: Whether the answer is a server-sent stream, whose lines are limited too.
    """

    def __init__(self, limits: Limits, started: float, *, encoding: str, lines: bool) -> None:
        self.chunks: list[Chunk] = []
        self.complete = False
        self.size = 0
        self._wire = 0
        self._limits = limits
        self._started = started
        self._line: int | None = 0 if lines else None
        self._unpack = _unpacker(encoding)

    def take(self, data: bytes) -> bytes:
        """Note a piece of the wire, unpacked; what was unpacked."""
        now = perf_counter()
        self._wire += len(data)
        if self._unpack is not None:
            data = self._unpack(data, self._limits.answer - self.size + 1)
        self.size += len(data)
        self._check(data)
        if data:
            self.chunks.append(Chunk(at=now - self._started, data=data))
        return data

    def _check(self, data: bytes) -> None:
        limits = self._limits
        if self.size > limits.answer:
            raise AnswerRefused(f"the answer is larger than {limits.answer // 1048576} MB")
        if self.size > limits.small and self.size > limits.ratio * self._wire:
            raise AnswerRefused(f"the answer unpacks to more than {limits.ratio} times its size")
        if self._line is not None:
            self._measure_line(data, self._line)

    def _measure_line(self, data: bytes, before: int) -> None:
        ending = b"\n" if b"\n" in data else b"\r"
        first = data.find(ending)
        longest = before + (len(data) if first < 0 else first)
        if longest > self._limits.line:
            size = self._limits.line // 1048576
            raise AnswerRefused(f"a line of the stream is longer than {size} MB")
        self._line = longest if first < 0 else len(data) - data.rfind(ending) - 1


def _unpacker(encoding: str) -> Callable[[bytes, int], bytes] | None:
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return None
    if name not in {"gzip", "x-gzip", "deflate"}:
        raise AnswerRefused(
            f"the answer has content-encoding {name[:40]!r}, which was not asked for"
        )
    packed = _Packed()

    def unpack(data: bytes, most: int) -> bytes:
        try:
            return packed.unpack(data, most)
        except zlib.error as error:
            raise AnswerRefused(
                f"the answer is not the {name} that it says it is: {error}"
            ) from None

    return unpack


class _Packed:
    """Gzip, or deflate with a zlib header or without one: servers send all three, SDKs read them.

    https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1.2
    """

    def __init__(self) -> None:
        self._start = b""
        self._inner: Any = None

    def unpack(self, data: bytes, most: int) -> bytes:
        """What a piece unpacks to, up to a number of bytes."""
        if self._inner is None:
            data = self._start = self._start + data
            if len(data) < 2:  # noqa: PLR2004  # both kinds of header begin with two telling bytes
                return b""
            self._inner = zlib.decompressobj(_window(data))
        plain: bytes = self._inner.decompress(data, most)
        return plain


def _window(start: bytes) -> int:
    """https://docs.python.org/3/library/zlib.html#zlib.decompress (`wbits`)."""
    zipped = start[0] & 0x0F == zlib.DEFLATED and int.from_bytes(start[:2]) % 31 == 0
    return zlib.MAX_WBITS | 32 if zipped or start.startswith(b"\x1f\x8b") else -zlib.MAX_WBITS
