"""Where in a document an offset is."""

from __future__ import annotations

import pytest

from pytest_llmreplay.cassette.redaction.spans import Span, replaced_in_pieces, without_overlaps
from pytest_llmreplay.cassette.yaml_text.yaml_place import place_of

TEXT = """\
cassette: 1
test: X0
--- # key r1:0
event: 1
request:
  headers: {content-type: X1}
  body:
    model: m
    messages:
    - role: user
      content: |
        role: no field
        text X2
          deeper: X3
    - role: user
      content:
      - type: text
        text: a

      - type: text
        text: X4
    tags: [a, X5]
answer:
- text: X6
response:
  status: 200
...
X7
"""


@pytest.mark.parametrize(
    ("mark", "place"),
    [
        ("X0", "test"),
        ("X1", "request.headers"),
        ("X2", "request.body.messages[0].content"),
        ("X3", "request.body.messages[0].content"),
        ("X4", "request.body.messages[1].content[1].text"),
        ("X5", "request.body.tags"),
        ("X6", "answer[0].text"),
        ("X7", ""),
    ],
)
def test_a_place_is_read_from_the_indentation(mark: str, place: str) -> None:
    """Text in a block is no field, whatever it looks like."""
    assert place == place_of(TEXT, TEXT.index(mark))


def span(start: int, end: int, replacement: str = "X") -> Span:
    """A stretch of a text."""
    return Span(start=start, end=end, kind="k", replacement=replacement)


def test_overlapping_spans_become_one() -> None:
    """The first one's replacement stands for both."""
    merged = without_overlaps([span(4, 9, "B"), span(0, 5, "A"), span(9, 10, "C"), span(1, 2)])
    assert [span(0, 9, "A"), span(9, 10, "C")] == merged


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        (["abcdef"], ["aXef"]),
        (["ab", "cd", "ef"], ["aX", "", "ef"]),
        (["a", "bcde", "f"], ["a", "Xe", "f"]),
        (["", "abc", "", "def"], ["", "aX", "", "ef"]),
    ],
)
def test_a_span_is_written_where_it_begins(pieces: list[str], expected: list[str]) -> None:
    """And cut out of the pieces that follow."""
    assert expected == replaced_in_pieces(pieces, [span(1, 4)])
