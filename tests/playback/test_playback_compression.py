"""Content-encodings: what servers send, with whichever library is there to read it."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Sequence

import pytest

from pytest_llmreplay.event import Chunk
from pytest_llmreplay.playback.live.content import decompressed, plain_content

BODY = b'{"said": "two person tents"}'
ZSTD = bytes.fromhex("28b52ffd201ce100007b2273616964223a202274776f20706572736f6e2074656e7473227d")
"""The body as one raw block: https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1"""


def in_pieces(data: bytes, encoding: str, size: int = 1) -> bytes:
    """What the pieces of a compressed body decompress to, joined."""
    cut: Sequence[bytes] = [data[i : i + size] for i in range(0, len(data), size)]
    chunks, plain, broken = decompressed([Chunk(at=0.0, data=piece) for piece in cut], encoding)
    assert (True, False) == (plain, broken)
    return b"".join(chunk.data for chunk in chunks)


def raw_deflate(data: bytes) -> bytes:
    """Deflate without a header."""
    squeeze = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return squeeze.compress(data) + squeeze.flush()


@pytest.mark.parametrize("compress", [zlib.compress, raw_deflate])
def test_deflate_is_read_with_and_without_its_header(compress: object) -> None:
    """Servers send both under the same name, and HTTP clients read both."""
    assert callable(compress)
    assert BODY == in_pieces(compress(BODY), "deflate")
    assert BODY == plain_content(compress(BODY), "deflate")


def test_gzip_members_are_one_body() -> None:
    """A body of two members is read whole."""
    assert BODY * 2 == in_pieces(gzip.compress(BODY) * 2, "gzip")


def test_what_follows_a_gzip_body_is_passed_over() -> None:
    """Bytes after the end are no reason to keep the body unreadable."""
    assert BODY == plain_content(gzip.compress(BODY) + b"\0\0", "gzip")


@pytest.mark.parametrize("library", ["backports.zstd", "zstandard"])
def test_zstd_is_read_by_whichever_library_is_installed(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two libraries read it for HTTP clients, and one of them is enough."""
    pytest.importorskip(library)
    for other in {"backports.zstd", "zstandard", "compression.zstd"} - {library}:
        monkeypatch.setitem(sys.modules, other, None)
    assert BODY == in_pieces(ZSTD, "zstd")
    assert BODY * 2 == in_pieces(ZSTD * 2, "zstd", size=50)


@pytest.mark.parametrize("encoding", ["br", "zstd"])
def test_bytes_stay_as_they_are_where_no_library_reads_them(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a library the bytes are kept, as the client that had none got them."""
    names = ("brotli", "brotlicffi", "zstandard", "backports.zstd", "compression.zstd")
    for name in names:
        monkeypatch.setitem(sys.modules, name, None)
    chunk = Chunk(at=0.0, data=ZSTD)
    assert ((chunk,), False, False) == decompressed([chunk], encoding)


def test_what_no_client_could_read_ends_where_it_is_broken() -> None:
    """What came before is kept, as a client that reads piece by piece has got it."""
    good = Chunk(at=0.1, data=gzip.compress(BODY)[:-8])
    wrong_sums = Chunk(at=0.2, data=b"\0" * 8)
    unpacked = decompressed([good, wrong_sums], "identity, gzip")
    assert ((Chunk(at=0.1, data=BODY),), True, True) == unpacked
    assert b"no gzip" == plain_content(b"no gzip", "gzip")
