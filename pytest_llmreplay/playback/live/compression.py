"""Content-encodings, read with whatever libraries the HTTP clients brought for them."""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Callable
from typing import Any, Final, Protocol

__all__ = ["PACKAGES", "Decompressor", "decompressor_for"]

PACKAGES: Final = {"br": "brotli", "zstd": "zstandard"}
"""What to install for an encoding that Python itself does not read."""

_ZSTD_MODULES: Final = ("compression.zstd", "backports.zstd")
"""Python 3.14's own and its backport, which httpx2, urllib3 and aiohttp prefer to `zstandard`."""


class Decompressor(Protocol):
    """Gives for each piece of compressed bytes what they decompress to."""

    def decompress(self, data: bytes, /) -> bytes:
        """The bytes that this piece completes; any error means that it is not compressed so."""
        ...


def decompressor_for(encoding: str) -> Decompressor | None:
    """A fresh decompressor, or none where the encoding is unknown or no library for it is there.

    Args:
        encoding: One name of a `content-encoding` header, lower-case.
    """
    make = _MAKERS.get(encoding)
    return None if make is None else make()


def _gzip() -> Decompressor:
    return _Frames(lambda: zlib.decompressobj(zlib.MAX_WBITS | 16))


class _Deflate:
    """`deflate`, which servers send with a zlib header, as it is specified, or without one.

    https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1.2
    """

    def __init__(self) -> None:
        self._start = b""
        self._inner: Any = None

    def decompress(self, data: bytes) -> bytes:
        if self._inner is not None:
            return bytes(self._inner.decompress(data))
        self._start += data
        if len(self._start) < 2:  # noqa: PLR2004  # the zlib header is two bytes
            return b""
        bits = zlib.MAX_WBITS if _has_zlib_header(self._start) else -zlib.MAX_WBITS
        self._inner = zlib.decompressobj(bits)
        return bytes(self._inner.decompress(self._start))


def _has_zlib_header(start: bytes) -> bool:
    """https://www.rfc-editor.org/rfc/rfc1950#section-2.2 (method 8, and a check of both bytes)."""
    return start[0] & 0x0F == zlib.DEFLATED and int.from_bytes(start[:2]) % 31 == 0


class _Frames:
    """Gzip members or zstd frames, one after another: each has a decompressor of its own.

    What follows the first and is none is passed over, as the HTTP clients do.
    """

    def __init__(self, begin: Callable[[], Any]) -> None:
        self._begin = begin
        self._frame = begin()
        self._first = True

    def decompress(self, data: bytes) -> bytes:
        plain = b""
        while data:
            if self._frame.eof:
                self._frame, self._first = self._begin(), False
            plain += self._piece(data)
            data = self._frame.unused_data if self._frame.eof else b""
        return plain

    def _piece(self, data: bytes) -> bytes:
        try:
            return bytes(self._frame.decompress(data))
        except Exception:
            if self._first:
                raise
            return b""


def _zstd() -> Decompressor | None:
    for name in _ZSTD_MODULES:
        if (module := _installed(name)) is not None:
            return _Frames(module.ZstdDecompressor)
    zstandard = _installed("zstandard")
    if zstandard is None:
        return None
    return _Frames(lambda: zstandard.ZstdDecompressor().decompressobj())


class _Brotli:
    """The two brotli packages, which name one method differently."""

    def __init__(self, decompressor: Any) -> None:
        self._feed = getattr(decompressor, "process", None) or decompressor.decompress

    def decompress(self, data: bytes) -> bytes:
        return bytes(self._feed(data))


def _brotli() -> Decompressor | None:
    module = _installed("brotli") or _installed("brotlicffi")
    return _Brotli(module.Decompressor()) if module else None


_MAKERS: Final[dict[str, Callable[[], Decompressor | None]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _Deflate,
    "br": _brotli,
    "zstd": _zstd,
}


def _installed(name: str) -> Any:
    """A module, or none."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
