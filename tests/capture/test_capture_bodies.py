"""Bodies as files."""

from __future__ import annotations

import io
from http.client import IncompleteRead

import pytest

from pytest_llmreplay.capture.libraries.bodies import PlayedFile, read_body
from pytest_llmreplay.capture.tape import Playback


def played(*chunks: bytes, ended: str = "complete") -> PlayedFile:
    """A recorded body as a file."""
    return PlayedFile(Playback(status=200, headers=(), chunks=chunks, ended=ended))  # type: ignore[arg-type]  # a `Literal` by its text


@pytest.mark.parametrize(
    "body",
    [b"body", "body", bytearray(b"body"), io.BytesIO(b"body"), io.StringIO("body"), ["bo", b"dy"]],
    ids=lambda body: type(body).__name__,
)
def test_every_kind_of_body_is_read(body: object) -> None:
    """Bytes, text, files and iterables give the same bytes."""
    assert b"body" == read_body(body)


def test_no_body_is_empty() -> None:
    """A request without a body has none."""
    assert b"" == read_body(None)


def test_read1_gives_piece_by_piece() -> None:
    """Empty pieces are no end."""
    file = played(b"one", b"", b"two")
    assert [b"one", b"two", b""] == [file.read1(), file.read1(), file.read1()]


def test_a_size_joins_and_splits_pieces() -> None:
    """As a file does."""
    file = played(b"a" * 9000, b"b" * 9000)
    assert b"a" * 9000 + b"b" * 6000 == file.read(15000)
    assert b"b" * 3000 == file.read()
    assert file.closed


def test_a_piece_larger_than_the_buffer_is_split() -> None:
    """No byte is lost to a small buffer."""
    file, buffer = played(b"abc"), bytearray(2)
    assert (2, b"ab") == (file.raw.readinto(memoryview(buffer)), bytes(buffer))
    assert b"c" == file.read()


def test_a_cut_body_raises_with_what_came() -> None:
    """The partial bytes are in the error, as http.client does it."""
    with pytest.raises(IncompleteRead) as raised:
        played(b"one", b"two", ended="cut").read()
    assert b"onetwo" == raised.value.partial


def test_a_stalled_body_times_out() -> None:
    """A recorded timeout is raised where it happened."""
    file = played(b"one", ended="timeout")
    assert b"one" == file.read1()
    with pytest.raises(TimeoutError):
        file.read1()


def test_a_body_that_was_left_just_ends() -> None:
    """Whoever reads on past what was read then sees the end."""
    assert b"one" == played(b"one", ended="left").read()
