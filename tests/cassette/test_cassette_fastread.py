"""The fast reader reads our own lines, and leaves all else to the reader that decides."""

from __future__ import annotations

from typing import Any

import pytest
from cassette.json_values import VALUES, same
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.cassette.documents import sections
from pytest_llmreplay.cassette.documents.sections import Place, Sections
from pytest_llmreplay.cassette.yaml_text import fastread
from pytest_llmreplay.cassette.yaml_text.emitter import block
from pytest_llmreplay.cassette.yaml_text.fast_scalar import NotCanonical
from pytest_llmreplay.cassette.yaml_text.fastread import read
from pytest_llmreplay.cassette.yaml_text.fields import Fields
from pytest_llmreplay.cassette.yaml_text.reader import parse_document
from pytest_llmreplay.errors import CassetteDamaged
from pytest_llmreplay.event import Json

NOT_OURS = [
    "",
    "a\n",
    "a: 1\n\nb: 2\n",
    "a: 1 # comment\n",
    "# comment\na: 1\n",
    "a:  1\n",
    "a: 1\n  b\n",
    "a: b\n  c: d\n",
    "a:\n    b: 1\n",
    "a:\n  - 1\n",
    "a:\n",
    "a:\nb: 1\n",
    "a: 1\na: 2\n",
    " a: 1\n",
    "a: &x 1\n",
    "a: *x\n",
    "a: !x 1\n",
    "a: [1,2]\n",
    "a: [1, ]\n",
    "a: {b: [1], c: }\n",
    "a: {b: c\n",
    "a: {b: c, }\n",
    "a: [1, 2\n",
    "a: {b: 1, b: 2}\n",
    "a: {'b': 1, 'b': 2}\n",
    "a: {b: 1}}\n",
    "a: {b: 1} \n",
    "a: {b:1}\n",
    "a: {b: &x 1}\n",
    "a: {b: *x, c: [1]}\n",
    "a: {&b: 1, c: [1]}\n",
    "a: [a #b]\n",
    "a: {b: a #b}\n",
    "a: 'b\n",
    "a: 'b' c\n",
    'a: "b\n',
    'a: "b" \n',
    'a: "\\x41"\n',
    "a: >\n  b\n",
    "a: |4\n    b\n",
    "a: |\n",
    "a: |\n\n  b\n",
    "a: |\n    b\n  c\n",
    "a: |\n   b\n",
    "a: b: c\n",
    "a: b:\n",
    "a: b \n",
    "a: b\tc\n",
    "a: 1e999\n",
    "a: ? b\n",
    "? a\n: b\n",
    "- \n",
    "-\n",
    "- 1\nb: 2\n",
    "a: 1\n- 2\n",
    "a: 1\r\n",
    "a: b\u2028c\n",
    "a: b\x07c\n",
    "a: 1",
    "a: |\n  \tb\n",
    "a: |2\n\n\n",
    f"{'k' * 1001}: 1\n",
    f"a: {{{'k' * 1001}: 1}}\n",
    f"a: {{'{'k' * 1001}': [1]}}\n",
    f'a: {{"{"k" * 1001}": [1]}}\n',
    "- " * 150 + "x\n",
    "a: " + "[" * 150 + "]" * 150 + "\n",
]


@pytest.mark.parametrize("text", NOT_OURS)
def test_lines_that_are_not_ours_are_left_to_the_reader(text: str) -> None:
    """Whatever the emitter never writes is not understood at all."""
    with pytest.raises(NotCanonical):
        read(text)


def test_what_is_read_twice_is_not_shared() -> None:
    """A line is remembered, the collection on it is made anew."""
    text = "a: {b: 1}\nc: [1, 2]\nd: {e: [1]}\n"
    assert read(text) == read(text)
    first, second = read(text), read(text)
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert [True] * 3 == [first[key] is not second[key] for key in "acd"]


def test_memory_of_lines_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines that never recur do not pile up."""
    monkeypatch.setattr(fastread, "REMEMBERED_LINES", 10)
    for place in range(100):
        read(f"key{place}: {place}\n")
    assert len(fastread._seen) <= 10


def test_long_lines_are_not_remembered() -> None:
    """A prompt does not recur."""
    line = f"content: {'word ' * 50}end"
    read(f"{line}\n")
    assert line not in fastread._seen


@st.composite
def damaged(draw: st.DrawFn, text: str) -> str:
    """The text with something put in, and a little after that left out."""
    at = draw(st.integers(0, len(text)))
    more = [
        *" \n\t#-'\"|x,[]{}&*!%\\1é\xa0",
        "  ",
        ": ",
        " #",
        "\n  ",
        "|2",
        "\r",
        "\u2028",
        "\ufeff",
    ]
    put: str = draw(st.sampled_from(more))
    return text[:at] + put + text[at + draw(st.integers(0, 2)) :]


@given(VALUES, st.data())
def test_damaged_lines_never_mean_something_else(value: Json, data: st.DataObject) -> None:
    """Where the fast reader understands a changed text, the strict one reads the same."""
    text = block({"v": value}, 0)
    changed = data.draw(damaged(text))
    try:
        fast = read(changed)
    except NotCanonical:
        return
    assert same(fast, parse_document(changed))


@given(st.dictionaries(st.sampled_from(["name", "request", "answer"]), VALUES), st.data())
def test_damaged_documents_never_mean_something_else(
    values: dict[str, Json], data: st.DataObject
) -> None:
    """What is read of a document key by key is what the strict reader makes of it whole.

    A cassette that is written is proven by the fast reader alone where that understands it.
    """
    title = data.draw(st.sampled_from(["---", "--- # key r1:0123456789abcdef"]))
    changed = data.draw(damaged(f"{title}\nevent: 1\n{block(values, 0)}...\n"))
    known = frozenset(["event", *values])
    try:
        told = Sections(changed, known, Place()).of(known)
    except CassetteDamaged:
        return
    assert same(told, parse_document(changed))


@given(st.text(st.sampled_from("ab:- \n\t'\"|2{}[],#&1"), max_size=40))
def test_arbitrary_text_never_means_something_else(text: str) -> None:
    """The fast reader understands a part of what the strict one does."""
    try:
        fast = read(text)
    except NotCanonical:
        return
    try:
        assert same(fast, parse_document(text))
    except CassetteDamaged as problem:
        raise AssertionError(text) from problem


def test_what_is_read_whole_is_there_for_other_threads_at_every_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Simulated models and judges read one document side by side."""
    text = "---\nevent: 1\nrequest: {method:  GET}\nresponse: {status: 200}\n...\n"
    told = Sections(text, frozenset({"event", "request", "response"}), Place())
    seen: list[Json] = []

    def checked(*given: Any) -> Fields:
        seen.append(told["response"])
        return Fields(*given)

    monkeypatch.setattr(sections, "Fields", checked)
    assert {"method": "GET"} == told["request"]
    assert [{"status": 200}] == seen
