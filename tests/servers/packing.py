"""Bodies in a content-encoding, each piece readable as soon as it has come."""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["packed"]


def packed(encoding: str, pieces: Iterable[bytes]) -> list[bytes]:
    """The pieces as one compressed stream; deflate without its header, as many servers send it."""
    if not encoding:
        return list(pieces)
    add, flush, end = _PACKERS[encoding]()
    return [*(add(piece) + flush() for piece in pieces), end()]


_Packer = tuple[Callable[[bytes], bytes], Callable[[], bytes], Callable[[], bytes]]


def _zlib(wbits: int) -> _Packer:
    squeeze = zlib.compressobj(wbits=wbits)
    return squeeze.compress, lambda: squeeze.flush(zlib.Z_SYNC_FLUSH), squeeze.flush


def _brotli() -> _Packer:
    squeeze: Any = importlib.import_module("brotli").Compressor()
    return squeeze.process, squeeze.flush, squeeze.finish


def _zstd() -> _Packer:
    module: Any = importlib.import_module("zstandard")
    squeeze = module.ZstdCompressor().compressobj()
    return squeeze.compress, lambda: squeeze.flush(module.COMPRESSOBJ_FLUSH_BLOCK), squeeze.flush


_PACKERS: dict[str, Callable[[], _Packer]] = {
    "gzip": lambda: _zlib(zlib.MAX_WBITS | 16),
    "deflate": lambda: _zlib(-zlib.MAX_WBITS),
    "br": _brotli,
    "zstd": _zstd,
}
