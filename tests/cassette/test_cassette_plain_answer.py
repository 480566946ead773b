"""The quick way to an answer gives what the documents give, or leaves the answer to them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from json_values import VALUES
from made_events import answer, event, streamed

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.header import Header, header_text
from pytest_llmreplay.cassette.layout import event_text
from pytest_llmreplay.cassette.plain_answer import plain_answer
from pytest_llmreplay.errors import CassetteDamaged
from pytest_llmreplay.event import Failure, HttpResponse, JsonBody, TextBody

HEADER = Header(test="tests/test_a.py::test_a")


def opened(text: str) -> Cassette:
    """A cassette with one document."""
    return Cassette.of((header_text(HEADER) + text).encode(), path=Path("a.yaml"))


def quick(cassette: Cassette) -> HttpResponse | None:
    """The answer of the first event, by the quick way."""
    slot = cassette.index.events[0]
    return plain_answer(cassette.index.data, slot.start, slot.end)


@given(VALUES)
def test_the_quick_way_gives_what_the_document_gives(value: object) -> None:
    """Whatever JSON an answer is, both ways read the same."""
    told = HttpResponse(status=200, headers={"a": "b"}, body=JsonBody(value=value))
    cassette = opened(event_text(event(came=told), header=HEADER))
    assert cassette.document(0).response == cassette.response(0)
    assert quick(cassette) in (None, cassette.document(0).response)


def test_a_plain_answer_is_taken_the_quick_way() -> None:
    """The usual answer needs no document."""
    assert answer("hi") == quick(opened(event_text(event(came=answer("hi")), header=HEADER)))


@pytest.mark.parametrize(
    "response",
    [
        streamed("a", "b"),
        Failure(kind="connect"),
        HttpResponse(status=500, body=TextBody(text="no")),
        HttpResponse(status=204),
    ],
)
def test_all_other_answers_are_left_to_the_document(response: HttpResponse | Failure) -> None:
    """Streams, failures and texts are not plain answers."""
    cassette = opened(event_text(event(came=response), header=HEADER))
    assert quick(cassette) is None
    assert cassette.document(0).response == cassette.response(0)


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("  status: 200\n", "  status: '200'\n"),
        ("  status: 200\n", "  state: 200\n"),
        ("response:\n", "responses:\n"),
        ("...\n", "junk: 1\n...\n"),
    ],
)
def test_a_damaged_answer_is_refused_as_ever(line: str, instead: str) -> None:
    """What is wrong with a document is still told."""
    text = event_text(event(came=answer("hi")), header=HEADER)
    with pytest.raises(CassetteDamaged):
        opened(text.replace(line, instead)).response(0)
