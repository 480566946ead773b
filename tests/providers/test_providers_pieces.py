"""What a stream is made of, and where it is cut."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.event import Chunk
from pytest_llmreplay.providers.streams.json_lines import LineSplitter, is_json_lines
from pytest_llmreplay.providers.streams.pieces import content_type_of, splitter_for, whole_pieces


@pytest.mark.parametrize(
    ("content_type", "data", "kind"),
    [
        ("application/x-ndjson", b'{"a":1}', "LineSplitter"),
        ("application/jsonl", b"", "LineSplitter"),
        ("application/json", b'{"a":1}\n{"a":2}\n', "LineSplitter"),
        ("application/json", b'{"a":1}\r\n{"a":2}\r\n', "LineSplitter"),
        ("application/json", b'{"a":1}\n', None),
        ("application/json", b'{"a":1}' + b"\n" * 1_000_000, None),
        ("application/json", b'{"a":[{},\n{}]}', None),
        ("application/json", b'[{"a":1},\n{"a":2}]', None),
        ("text/event-stream", b'{"a":1}', "SseSplitter"),
        ("application/json", b'data: {"a":1}\n\n', "SseSplitter"),
        ("text/plain", b"hello", None),
    ],
)
def test_streams_are_told_by_type_and_bytes(
    content_type: str, data: bytes, kind: str | None
) -> None:
    """A stream under the content type of plain JSON is still one; a plain answer never is."""
    splitter = splitter_for(content_type, data)
    assert kind == (None if splitter is None else type(splitter).__name__)


@given(
    value=st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_no_json_value_is_taken_for_lines(value: object) -> None:
    """However it is indented."""
    data = json.dumps({"a": value, "b": [{}, {}]}, indent=1, ensure_ascii=False).encode()
    assert not is_json_lines("application/json", data)


@given(cuts=st.lists(st.binary(max_size=5)))
def test_lines_joined_are_the_stream(cuts: list[bytes]) -> None:
    """However its bytes arrive."""
    splitter = LineSplitter()
    lines = [line for data in cuts for line in splitter.feed(data)] + splitter.close()
    assert b"".join(cuts) == b"".join(lines)
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in lines[:-1])


def test_a_line_has_the_time_of_its_last_byte() -> None:
    """Two lines in one piece came together, a line in two pieces with the second."""
    came = (Chunk(at=0.1, data=b'{"a":1}\n{"a"'), Chunk(at=0.3, data=b':2}\n{"a":3}\n{'))
    lines = whole_pieces(came, LineSplitter())
    assert [0.1, 0.3, 0.3, 0.3] == [line.at for line in lines]
    assert [b'{"a":1}\n', b'{"a":2}\n', b'{"a":3}\n', b"{"] == [line.data for line in lines]


def test_a_stream_is_announced_as_what_it_is() -> None:
    """By its first piece."""
    assert "application/x-ndjson" == content_type_of(b'{"a":1}\n')
    assert "text/event-stream" == content_type_of(b"data: {}\n\n")
