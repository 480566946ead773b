"""Columns, cuts and breaks."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_llmreplay.report.calls.place import command_lines
from pytest_llmreplay.report.text.diff import differences
from pytest_llmreplay.report.text.layout import columns, fit, fit_tail, joined, left, right, wrapped
from pytest_llmreplay.report.text.sanitise import safe_line

TEXT = st.lists(
    st.sampled_from(["a", "b", " ", "\u4f60", "\U0001f600", "e\u0301", "\u2764\ufe0f"]), max_size=60
).map("".join)


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("abc", 3),
        ("\u4f60\u597d", 4),
        ("\uff21", 2),
        ("e\u0301", 1),
        ("\U0001f600", 2),
        ("\u2764\ufe0f", 2),
        ("\U0001f1e9\U0001f1ea", 2),
    ],
)
def test_width_is_that_of_a_terminal(text: str, width: int) -> None:
    """Wide letters and emoji take two columns, combining marks none."""
    assert width == columns(text)


@given(TEXT, st.integers(min_value=4, max_value=40))
def test_what_is_cut_fits(text: str, width: int) -> None:
    """At either end."""
    assert columns(fit(text, width)) <= width
    assert columns(fit_tail(text, width)) <= width


@given(TEXT, st.integers(min_value=4, max_value=40))
@example(" aaaa", 4)
def test_what_is_wrapped_fits_and_loses_nothing(text: str, width: int) -> None:
    """But blanks at the breaks."""
    lines = wrapped(text, width)
    assert all(columns(line) <= width for line in lines)
    assert "".join(text.split()) == "".join("".join(lines).split())


def test_items_are_kept_together() -> None:
    """A line breaks between them."""
    assert ["a 1, b 2,", "c 3"] == joined(["a 1", "b 2", "c 3"], ", ", 11)
    assert ["  x"] == [right("x", 3)]
    assert "x  |" == left("x", 3) + "|"


def test_a_command_is_continued_as_a_shell_takes_it() -> None:
    """No argument is broken, not even one that is too long."""
    assert [
        "accept     pytest --llm-replay \\",
        "             'a file.yaml::0001[x]' \\",
        "             --llm-record",
    ] == command_lines("accept", "pytest --llm-replay 'a file.yaml::0001[x]' --llm-record", 40)
    assert [] == command_lines("accept", None, 40)
    assert ["x          it's me"] == command_lines("x", "it's me", 40)


@given(st.text(max_size=150), st.text(max_size=150), st.integers(min_value=20, max_value=100))
def test_a_difference_fits_and_its_marks_stand_below_its_text(
    one: str, other: str, width: int
) -> None:
    """Whatever the texts hold."""
    found = differences(one.split("\n"), other.split("\n"), width)
    for place in found.places:
        for line in (*place.recorded, *place.replayed):
            assert line.startswith(("-  ", "+  ", "   "))
            assert columns(line) <= width + 10
            assert safe_line(line) == line or "#" in line or "::" in line


def test_marks_count_columns_not_characters() -> None:
    """Under wide letters stand two marks."""
    (place,) = differences(["\u4f60\u597d: three"], ["\u4f60\u597d: two"], 80).places
    assert ("+  \u4f60\u597d: two", "         ^^^") == place.replayed
    (wide,) = differences(["at least \u4f60 of it"], ["at least \u6211 of it"], 80).places
    assert "            ^^" == wide.replayed[1]


def test_only_deletions_are_marked_above() -> None:
    """Where the new text has nothing to mark."""
    (place,) = differences(["one big word"], ["one word"], 80).places
    assert (("-  one big word", "       ^^^^"), ("+  one word",)) == (
        place.recorded,
        place.replayed,
    )


def test_of_a_long_line_only_the_sentence_is_shown() -> None:
    """Equal sentences stay out."""
    same = "This sentence is the same in both of them. " * 5
    (place,) = differences([f"{same}It has three parts."], [f"{same}It has two parts."], 70).places
    assert "-  It has three parts." == place.recorded[0]


def test_a_long_change_is_cut_with_a_count() -> None:
    """The reader knows how much is missing."""
    (place,) = differences(["short"], ["long " * 300], 60).places
    assert 6 == len(place.replayed)
    assert place.replayed[-1].endswith("more characters")


def test_many_places_are_counted() -> None:
    """Three are shown."""
    found = differences([f"a{n}\nx" for n in range(9)], [f"b{n}\ny" for n in range(9)], 60)
    assert 1 <= len(found.places) <= 3
    old = [line for n in range(5) for line in (f"a{n}", "same")]
    new = [line for n in range(5) for line in (f"b{n}", "same")]
    assert 2 == differences(old, new, 60).more
