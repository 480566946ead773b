"""Citations of pages, read from the shapes of three formats."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_llmreplay.event import Json, Part, ReasoningPart, TextPart
from pytest_llmreplay.providers.answers.citations import Citation, citations_of, cited

FLAT: Json = {
    "type": "url_citation",
    "url": "https://a.example",
    "title": "A",
    "start_index": 2,
    "end_index": 5,
}
NESTED = {
    "type": "url_citation",
    "url_citation": {key: value for key, value in FLAT.items() if key != "type"},
}
SEARCHED: Json = {"type": "web_search_result_location", "url": "https://b.example", "title": None}


@pytest.mark.parametrize("raw", [FLAT, NESTED])
def test_both_shapes_of_openai_are_read_and_written(raw: Any) -> None:
    """One is nested in the other."""
    (citation,) = citations_of(TextPart(content="so cited", annotations=(raw,)))
    assert Citation(url="https://a.example", title="A", start=2, end=5) == citation
    assert (FLAT, NESTED) == (citation.flat, citation.nested)


def test_a_search_of_anthropic_s_is_cited_by_the_whole_block() -> None:
    """The block holds nothing else; a page without a title has an empty one."""
    (citation,) = citations_of(TextPart(content="cited", annotations=(SEARCHED,)))
    assert Citation(url="https://b.example", title="", start=0, end=5) == citation


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "https://a.example",
        {"type": "file_citation", "file_id": "f", "index": 1},
        {"type": "char_location", "cited_text": "x", "document_index": 0},
        {"type": "url_citation", "url": "https://a.example"},
        {"type": "url_citation", "url_citation": {"start_index": 1, "end_index": 2}},
    ],
)
def test_what_names_no_page_or_no_words_is_no_citation(raw: Any) -> None:
    """Files and documents are those of an account."""
    assert () == citations_of(TextPart(content="x", annotations=(raw,)))


def test_places_count_from_the_beginning_of_all_words() -> None:
    """Thoughts do not count."""
    parts: list[Part] = [
        TextPart(content="Well, "),
        ReasoningPart(content="hm"),
        TextPart(content="cited", annotations=(SEARCHED,)),
        TextPart(content="; so cited", annotations=(FLAT,)),
    ]
    assert [(6, 11), (13, 16)] == [(one.start, one.end) for one in cited(parts)]
