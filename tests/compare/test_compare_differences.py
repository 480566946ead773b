"""The smallest useful difference."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.compare.answers.differences import edges, hunks, normalized, segments

LINES = st.lists(st.text(alphabet="ab \u0301.", max_size=6), max_size=8)


def test_equal_lines_stay_out() -> None:
    """A hunk knows its place in the recorded text."""
    found = hunks(["a", "b", "c", "d"], ["a", "x", "c", "d", "e"])
    assert [(2, ("b",), ("x",)), (5, (), ("e",))] == [
        (hunk.line, hunk.recorded, hunk.replayed) for hunk in found
    ]


def test_words_are_not_torn() -> None:
    """What changed is a word, not the letters that two words do not share."""
    old, new = segments("at most three of them", "at most two of them")
    assert ["three"] == [piece.text for piece in old if piece.changed]
    assert ["two"] == [piece.text for piece in new if piece.changed]


@given(LINES, LINES)
def test_hunks_turn_one_text_into_the_other(recorded: list[str], replayed: list[str]) -> None:
    """Nothing that differs is left out, nothing that is equal is shown."""
    result, at = list[str](), 0
    for hunk in hunks(recorded, replayed):
        result += recorded[at : hunk.line - 1]
        assert hunk.recorded == tuple(recorded[hunk.line - 1 : hunk.line - 1 + len(hunk.recorded)])
        result += hunk.replayed
        at = hunk.line - 1 + len(hunk.recorded)
    assert replayed == result + recorded[at:]


@given(st.text(max_size=60), st.text(max_size=60))
def test_segments_add_up_to_their_lines(recorded: str, replayed: str) -> None:
    """And what is not marked is equal."""
    old, new = segments(recorded, replayed)
    assert (recorded, replayed) == ("".join(p.text for p in old), "".join(p.text for p in new))
    same = "".join(p.text for p in old if not p.changed)
    assert same.split() == "".join(p.text for p in new if not p.changed).split()


@given(LINES, LINES)
def test_edges_leave_the_middle(one: list[str], other: list[str]) -> None:
    """Common beginning and end are never longer than the shorter list."""
    head, left, right, tail = edges(one, other)
    assert one == [*one[:head], *left, *one[len(one) - tail :]]
    assert other == [*other[:head], *right, *other[len(other) - tail :]]


@given(st.text(max_size=60))
def test_normalizing_twice_changes_nothing_more(text: str) -> None:
    """NFKC may bring blanks and quotes of its own."""
    assert normalized(text) == normalized(normalized(text))


@given(st.text(st.characters(max_codepoint=127)))
def test_a_foreign_letter_changes_nothing_beside_it(text: str) -> None:
    """Plain texts take a shorter way to the same words."""
    assert f"{normalized(text)} \u00e9".strip() == normalized(f"{text} \u00e9")
