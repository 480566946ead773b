"""Files that are imported, within bounds: no line and no archive can harm.

Files of lines are read line by line; gzip is recognised by its first bytes.
"""

from __future__ import annotations

import os
import stat
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import RawIOBase
from itertools import chain
from pathlib import Path
from typing import Final

from pytest_llmreplay.errors import InputUnreadable

__all__ = ["LONGEST_LINE", "InputFile", "Line", "refuse_bomb"]

LONGEST_LINE: Final = 64 * 1024 * 1024
"""Bytes of one line, or of a file that has no lines."""
MOST_EXPANSION: Final = 100
"""How many times larger than the file its decompressed content may be."""
MOST_BYTES: Final = 4 * 1024**3
"""Decompressed bytes of one file."""

_BLOCK: Final = 1024 * 1024
_ALWAYS_ALLOWED: Final = 16 * _BLOCK
"""A short log of one thing over and over is no attack."""
_GZIP: Final = b"\x1f\x8b"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_ZIP: Final = b"PK\x03\x04"
_UTF_8_MARK: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a file."""

    number: int
    """Counted from 1."""
    data: bytes
    """Without its end; empty where it is too long."""
    problem: str | None = None
    """Why it cannot be read."""


@dataclass(slots=True, kw_only=True)
class InputFile:
    """A file that is imported."""

    path: Path
    """As it was typed, for messages."""
    advance: Callable[[int], None] = field(default=lambda _: None)
    """Told how many more bytes of the file have been read."""
    hosts: frozenset[str] = frozenset()
    """Further hosts whose HTTP is calls of models, as `llm_hosts` has them."""

    def blocks(self) -> Iterator[bytes]:
        """The content in blocks, decompressed.

        Raises:
            InputUnreadable: There is no such file, or it expands beyond all bounds.
        """
        try:
            with self._descriptor_file() as file:
                yield from _plain(self._counted(file))
        except OSError as error:
            raise InputUnreadable(f"cannot be read: {error.strerror}") from error

    def lines(self, since: int = 1) -> Iterator[Line]:
        """The lines that are not blank.

        Args:
            since: The number of the first that is wanted.

        Raises:
            InputUnreadable: As `text_blocks`. Lines before stay good.
        """
        number, pending, lost = 1, bytearray(), False
        for block in self.text_blocks():
            first, *rest = block.split(b"\n")
            pending += b"" if lost else first
            for following in rest:
                if number >= since:
                    yield from _line(number, pending, lost=lost)
                number, pending, lost = number + 1, bytearray(following), False
            if len(pending) > LONGEST_LINE or number < since:
                pending, lost = bytearray(), True
        if number >= since:
            yield from _line(number, pending, lost=lost)

    def whole(self) -> bytes:
        """The content at once.

        Raises:
            InputUnreadable: It is larger than 64 MB, or as `text_blocks`.
        """
        data = bytearray()
        for block in self.text_blocks():
            data += block
            if len(data) > LONGEST_LINE:
                raise InputUnreadable("is larger than 64 MB, and a file of this kind is read whole")
        return bytes(data)

    def text_blocks(self) -> Iterator[bytes]:
        """The content in blocks, without a mark of its encoding.

        Raises:
            InputUnreadable: As `blocks`, or the text is UTF-16.
        """
        first = True
        for block in self.blocks():
            if first and block.startswith(_UTF_16):
                raise InputUnreadable("is UTF-16; write it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE")
            if first and block.startswith(_ZIP):
                raise InputUnreadable("is a ZIP archive; import what is in it: unzip FILE")
            yield block.removeprefix(_UTF_8_MARK) if first else block
            first = False

    def _descriptor_file(self) -> RawIOBase:
        descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise InputUnreadable("is no plain file: write what comes from it to one, FILE.jsonl")
        return os.fdopen(descriptor, "rb", buffering=0)

    def _counted(self, file: RawIOBase) -> Iterator[bytes]:
        while block := file.read(_BLOCK):
            self.advance(len(block))
            yield block


def _line(number: int, data: bytearray, *, lost: bool) -> Iterator[Line]:
    if lost or len(data) > LONGEST_LINE:
        yield Line(number=number, data=b"", problem="is longer than 64 MB")
    elif plain := bytes(data).strip():
        yield Line(number=number, data=plain)


def _plain(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks, decompressed where the first begins as gzip does."""
    first = next(blocks, b"")
    if first.startswith(_GZIP):
        yield from _unzipped(chain([first], blocks))
    else:
        yield from chain([first], blocks)


def _unzipped(blocks: Iterator[bytes]) -> Iterator[bytes]:
    stream, read, written = zlib.decompressobj(zlib.MAX_WBITS | 16), 0, 0
    for block in blocks:
        read, rest = read + len(block), block
        while rest:
            if stream.eof:
                stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
            try:
                plain = stream.decompress(rest, _BLOCK)
            except zlib.error:
                raise InputUnreadable("is no sound gzip file") from None
            rest = stream.unused_data if stream.eof else stream.unconsumed_tail
            written += len(plain)
            refuse_bomb(read, written)
            yield plain
    if not stream.eof:
        raise InputUnreadable("is a gzip file that was cut off; what it still holds was read")


def refuse_bomb(read: int, written: int) -> None:
    """Refuse what is decompressed, once it has become too large for what was read of it.

    Raises:
        InputUnreadable: It has.
    """
    if written > MOST_BYTES:
        raise InputUnreadable("expands to more than 4 GB")
    if written > _ALWAYS_ALLOWED and written > MOST_EXPANSION * read:
        raise InputUnreadable(f"expands to more than {MOST_EXPANSION} times its size")
