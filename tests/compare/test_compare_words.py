"""The checks of what an answer says: `text>=`, `contains:`, `regex:`."""

from __future__ import annotations

import sys
import time

import pytest
from compare.one_check import judged
from compared_events import MakeEvent
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.compare.answers.similarity import _length, similarity
from pytest_llmreplay.compare.check import Diverged, Held, NotMeasured, Pair
from pytest_llmreplay.compare.judging import compare
from pytest_llmreplay.compare.specs.parsing import parse_checks
from pytest_llmreplay.event import Choice, Event, Message, TextPart

WORDS = st.text(alphabet="ab\u00e9 \U0001f600", max_size=40)


def choices(event: MakeEvent, *texts: str) -> Event:
    """An event with several answers."""
    said = [Message(role="assistant", parts=(TextPart(content=text),)) for text in texts]
    some = tuple(Choice(message=message, finish_reason="stop") for message in said)
    return event(response={"choices": some})


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ("", "", 1.0),
        ("", "a", 0.0),
        ("abc", "abc", 1.0),
        ("abcd", "abxd", 0.75),
        ("ab", "ba", 0.5),
        ("abc", "xyz", 0.0),
    ],
)
def test_similarity_is_the_share_of_characters_in_common(
    one: str, other: str, share: float
) -> None:
    """From 0 to 1; nothing and nothing are equal."""
    assert share == similarity(one, other)


@given(one=WORDS, other=WORDS)
def test_similarity_is_the_same_with_rapidfuzz_and_without(one: str, other: str) -> None:
    """Whether the library is installed moves no verdict."""
    indel = pytest.importorskip("rapidfuzz.distance", reason="rapidfuzz is not installed").Indel
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "rapidfuzz.distance", None)
        _length.cache_clear()
        assert similarity(one, other) == pytest.approx(indel.normalized_similarity(one, other))
    _length.cache_clear()
    assert similarity(one, other) == pytest.approx(indel.normalized_similarity(one, other))


def test_a_text_is_similar_enough_or_is_shown(event: MakeEvent) -> None:
    """The figure is cut, so that nothing reads as enough that is not."""
    then, now = event("The jobs will shift."), event("The jobs shall shift.")
    assert Held(check="text>=0.8", detail="0.878") == judged("text>=0.8", then, now)
    found = judged("text>=0.99", then, now)
    assert "similarity 0.878, at least 0.99 asked for" == found.headline
    assert ("wording", ("The jobs shall shift.",)) == (found.severity, found.replayed)


def test_an_empty_answer_is_similar_to_an_empty_one_alone(event: MakeEvent) -> None:
    """It is 0 to any words, and `text>=0` still holds."""
    assert isinstance(judged("text>=1", event(""), event("")), Held)
    assert "similarity 0.000, at least 0.1 asked for" == (
        judged("text>=0.1", event("Yes."), event("")).headline
    )
    assert isinstance(judged("text>=0", event("Yes."), event("")), Held)


def test_the_choice_that_has_least_in_common_counts(event: MakeEvent) -> None:
    """And a choice more or less is no matter of wording."""
    then, now = choices(event, "abcd", "abcd"), choices(event, "abcd", "xyzd")
    assert "This is choice 2 of 2." == judged("text>=0.9", then, now).note
    found = judged("text>=0.9", then, event("abcd"))
    assert ("1 of 2 choices", "structure") == (found.headline, found.severity)


def test_long_answers_are_not_measured_rather_than_waited_for(event: MakeEvent) -> None:
    """A difference of 50,000 characters is compared in a moment, a longer one is not."""
    before = time.perf_counter()
    assert isinstance(judged("text>=0.9", event("ab" * 24_000), event("ba" * 24_000)), Held)
    found = judged("text>=0.9", event("ab" * 30_000 + "x"), event("ba" * 30_000))
    assert isinstance(found, NotMeasured)
    assert 5 > time.perf_counter() - before
    long = "word " * 200_000
    assert isinstance(judged("text>=0.9", event(long + "a"), event(long + "b")), Held)


def test_an_answer_contains_a_text_or_is_shown(event: MakeEvent) -> None:
    """Letter by letter, in every choice, whatever was recorded."""
    assert isinstance(judged("contains:FJ-204113", event(), event("Order FJ-204113.")), Held)
    found = judged("contains:FJ-204113", event("FJ-204113"), event("Order\nfj-204113."))
    assert "the answer does not contain it" == found.headline
    assert (("Order", "fj-204113."), "structure") == (found.replayed, found.severity)
    found = judged("contains:a, b", event(), choices(event, "a, b", "a b"))
    assert "choice 2 of 2 does not contain it" == found.headline


def test_an_answer_without_words_meets_no_demand(event: MakeEvent) -> None:
    """The note says why."""
    for spec in ("contains:a", "regex:a*"):
        found = judged(spec, event(), event(None, calls=[("f", {})]))
        assert isinstance(found, Diverged) is (spec == "contains:a")
    found = judged("contains:a", event(), event("", response={"choices": ()}))
    assert "The answer has no words." == found.note


def test_an_answer_matches_an_expression_anywhere(event: MakeEvent) -> None:
    """As `re.search` finds it, with the flags that stand in the expression."""
    assert isinstance(judged(r"regex:^FJ-\d{6}\b", event(), event("FJ-204113 is late")), Held)
    assert isinstance(judged(r"regex:(?i)LATE", event(), event("FJ-204113 is late")), Held)
    found = judged(r"regex:^\d", event(), event("FJ"))
    assert ("the answer does not match", ("FJ",)) == (found.headline, found.replayed)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){25}$", "(x+x+)+y"])
def test_an_expression_that_never_ends_is_not_measured(event: MakeEvent, pattern: str) -> None:
    """Anybody may have written it; it costs a second at most, and the other checks stand."""
    hostile = event(("a" * 50_000 + "!") if "x" not in pattern else "x" * 50_000)
    before = time.process_time()
    pair = Pair(baseline=hostile, replayed=hostile, live=True)
    found = compare(pair, parse_checks([f"regex:{pattern}", "text"]))
    assert 1 > time.process_time() - before
    (reason,) = found.not_measured
    assert "the regular expression takes too long on this answer" == reason.reason
    assert ["text"] == [one.check for one in found.held]
