"""Server-sent events: every byte is kept, however the stream is cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.providers.streams.sse import SseSplitter, looks_like_sse, split

STREAM = b': hello\n\nevent: a\r\ndata: {"x":\r\ndata: 1}\r\n\r\ndata: last\r\rdata:cut'


def test_lines_end_in_three_ways() -> None:
    """LF, CRLF and a lone CR end lines, and two of them an event."""
    events = [(event.event, event.data) for event in split(STREAM)]
    assert [(None, ""), ("a", '{"x":\n1}'), (None, "last"), (None, "cut")] == events


@given(st.lists(st.sampled_from([b"\n", b"\r", b"\r\n", b"data: x", b":", b"\xc3\xa9"])))
def test_no_byte_is_lost(parts: list[bytes]) -> None:
    """The raw events are the stream again."""
    data = b"".join(parts)
    assert data == b"".join(event.raw for event in split(data))


@pytest.mark.parametrize("stream", [STREAM, b"data: 1\n\n\n:\n\n\n\ndata: 2\n\nevent: x\n"])
@given(cuts=st.lists(st.integers(min_value=0, max_value=len(STREAM))))
def test_the_cut_does_not_matter(stream: bytes, cuts: list[int]) -> None:
    """Bytes that arrive in other pieces are the same events."""
    places = [0, *sorted(cuts), len(stream)]
    splitter = SseSplitter()
    events = [
        event for start, end in pairwise(places) for event in splitter.feed(stream[start:end])
    ]
    assert [event.raw for event in split(stream)] == [*events, *splitter.close()]


def test_line_feeds_alone_are_events_too() -> None:
    """An empty line more begins the next event."""
    assert [b"data: 1\n\n", b"\n:\n\n", b"\n\n", b"rest"] == [
        event.raw for event in split(b"data: 1\n\n\n:\n\n\n\nrest")
    ]


def test_an_event_is_handed_on_when_its_last_byte_came() -> None:
    """Nothing waits for the next event."""
    splitter = SseSplitter()
    assert [b"data: 1\n\n"] == splitter.feed(b"data: 1\n\n")
    assert [b"data: 2\r\n\r\n"] == splitter.feed(b"data: 2\r\n\r\n")
    assert [] == splitter.close()


def test_characters_may_be_cut_in_two() -> None:
    """UTF-8 is decoded per event, not per chunk."""
    splitter = SseSplitter()
    events = splitter.feed(b"data: \xc3") + splitter.feed(b"\xa9\n\n")
    assert ["é"] == [split(event)[0].data for event in events]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"data: {}\n\n", True),
        (b"event: error\n", True),
        (b": OPENROUTER PROCESSING\n\n", True),
        (b"\xef\xbb\xbf\r\ndata:x", True),
        (b'{"data": 1}', False),
        (b"", False),
        (b"<html>", False),
    ],
)
def test_a_stream_is_told_by_its_first_bytes(body: bytes, *, expected: bool) -> None:
    """Content types lie."""
    assert expected is looks_like_sse(body)
