"""Bytes as a log keeps them → the bodies of a call, decompressed within bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.event import Body, Chunk, StreamBody
from pytest_llmreplay.playback.live.compression import PACKAGES, decompressor_for
from pytest_llmreplay.playback.live.content import body_of, stream_of

from .bounded_json import refuse_crowd
from .files import refuse_bomb

__all__ = ["answer_body", "decompressed", "request_body"]

_GZIP: Final = b"\x1f\x8b"
"""How gzip begins, also where the name of the encoding was blotted out."""
_SLICE: Final = 64
"""Bytes that are decompressed at a time: even brotli's most extreme fit into memory."""


def request_body(data: bytes, headers: Mapping[str, str]) -> Body | None:
    """What a logged request asked: JSON, text or bytes, decompressed.

    Args:
        data: As it was sent, or decompressed already.
        headers: Lower-case names.

    Raises:
        InputUnreadable: It expands beyond all bounds, holds more values than any call has, or no
            library for its encoding is installed.
    """
    return body_of(decompressed(data, headers.get("content-encoding", "")))


def answer_body(data: bytes, headers: Mapping[str, str]) -> Body | StreamBody | None:
    """The body of an answer; a stream arrives at once, for no log knows when its pieces came.

    Raises:
        InputUnreadable: As `request_body`.
    """
    plain = decompressed(data, headers.get("content-encoding", ""))
    return stream_of((Chunk(at=0.0, data=plain),), headers) or body_of(plain)


def decompressed(data: bytes, encoding: str) -> bytes:
    """The bytes decompressed; as they are where they are no such thing, as in many a log.

    Raises:
        InputUnreadable: As `request_body`.
    """
    names = [name.strip().lower() for name in encoding.split(",") if name.strip()]
    for name in reversed(names):
        data = _decompressed(data, name)
    refuse_crowd(data)
    return data


def _decompressed(data: bytes, encoding: str) -> bytes:
    if data[:1] in (b"{", b"["):
        return data
    decompressor = decompressor_for("gzip" if data.startswith(_GZIP) else encoding)
    if decompressor is None:
        _refuse_compressed(data, encoding)
        return data
    plain = bytearray()
    for start in range(0, len(data), _SLICE):
        try:
            plain += decompressor.decompress(data[start : start + _SLICE])
        except Exception:  # noqa: BLE001 - each library has an error of its own
            return data
        refuse_bomb(start + _SLICE, len(plain))
    return bytes(plain)


def _refuse_compressed(data: bytes, encoding: str) -> None:
    """Refuse what no library here reads; text has been decompressed by whoever logged it."""
    package = PACKAGES.get(encoding)
    if package is None:
        return
    try:
        data.decode()
    except UnicodeDecodeError:
        raise InputUnreadable(
            f"a body is compressed by {encoding!r}; to read it: pip install {package}"
        ) from None
