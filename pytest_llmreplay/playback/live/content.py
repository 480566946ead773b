"""Bytes of the wire → bodies: decompression, pieces of streams with their times, JSON or text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pytest_llmreplay.cassette.yaml_text.depth import DEEPEST_BODY, is_deeper
from pytest_llmreplay.event import BinaryBody, Body, Chunk, Json, JsonBody, StreamBody, TextBody
from pytest_llmreplay.event.strict_json import STRICT_JSON
from pytest_llmreplay.providers.streams.pieces import splitter_for, whole_pieces

from .compression import Decompressor, decompressor_for

__all__ = ["Unpacked", "body_of", "decompressed", "is_stream", "plain_content", "stream_of"]


def body_of(data: bytes) -> Body | None:
    """The body as JSON where a cassette can tell it so, else as text, else as bytes.

    It is nothing for no bytes.
    """
    if not data:
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return BinaryBody(data=data)
    try:
        value: Json = STRICT_JSON.decode(text)
    except (ValueError, RecursionError):
        return TextBody(text=text)
    crowded = data.count(b"[") + data.count(b"{") > DEEPEST_BODY
    return (
        TextBody(text=text) if crowded and is_deeper(value, DEEPEST_BODY) else JsonBody(value=value)
    )


def is_stream(headers: Mapping[str, str], data: bytes) -> bool:
    """Whether an answer is made of server-sent events or JSON lines."""
    return splitter_for(headers.get("content-type", ""), data) is not None


def stream_of(chunks: Sequence[Chunk], headers: Mapping[str, str]) -> StreamBody | None:
    """One chunk per event or line, each with its time; none where the answer is no stream."""
    data = b"".join([chunk.data for chunk in chunks])
    splitter = splitter_for(headers.get("content-type", ""), data)
    return StreamBody(chunks=whole_pieces(chunks, splitter)) if splitter else None


class Unpacked(NamedTuple):
    """What the pieces of an answer decompress to."""

    chunks: tuple[Chunk, ...]
    """As they came where no library reads the encoding, so that the application got them so."""
    plain: bool
    """Whether they were decompressed."""
    broken: bool = False
    """Whether no application could read on behind the last of them."""


def decompressed(chunks: Sequence[Chunk], encoding: str) -> Unpacked:
    """The chunks as the application reads them.

    Args:
        chunks: As they came.
        encoding: A `content-encoding` header.
    """
    names = [name.strip().lower() for name in encoding.split(",") if name.strip()]
    decompressors = [decompressor_for(name) for name in reversed(names) if name != "identity"]
    plain, broken = tuple(chunks), False
    for decompressor in decompressors:
        if decompressor is None:
            return Unpacked(tuple(chunks), plain=False)
        read = tuple(_readable(plain, decompressor))
        plain, broken = read, broken or len(read) < len(plain)
    return Unpacked(plain, plain=True, broken=broken)


def _readable(chunks: Iterable[Chunk], decompressor: Decompressor) -> Iterator[Chunk]:
    """The chunks before the first that is not compressed so."""
    for chunk in chunks:
        try:
            data = decompressor.decompress(chunk.data)
        except Exception:  # noqa: BLE001 - each library has an error of its own
            return
        yield Chunk(at=chunk.at, data=data)


def plain_content(data: bytes, encoding: str) -> bytes:
    """A whole body as it was before it was compressed; as it is where it resists."""
    unpacked = decompressed((Chunk(at=0.0, data=data),), encoding)
    return data if unpacked.broken else b"".join([chunk.data for chunk in unpacked.chunks])
