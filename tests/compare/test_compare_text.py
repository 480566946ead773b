"""`text` and `text:normalized`."""

from __future__ import annotations

from typing import Any

import pytest
from compare.one_check import judged
from compared_events import MakeEvent

from pytest_llmreplay.compare.check import Diverged, Held
from pytest_llmreplay.event import Choice, Message, TextPart


@pytest.mark.parametrize(
    ("then", "now", "headline"),
    [
        ("The tax works.", "The tax fails.", "says 'fails.', recorded 'works.'"),
        ("One two three", "One three", "leaves out 'two'"),
        ("One three", "One two three", "adds 'two'"),
        ("a b", "a  b", "differs in white space alone"),
        ("same\na b c\nx", "same\na z c\ny", "says 'z', recorded 'b'"),
        ("one\ntwo", "one\n\nthree\ntwo", "adds 'three'"),
        ("one\ntwo\nthree", "one", "leaves out 'two three'"),
        ("Yes.", "", "no words, recorded 'Yes.'"),
        ("", "Yes.", "says 'Yes.', recorded without words"),
        ("x" * 99, "y", f"says 'y', recorded '{'x' * 23}…'"),
    ],
)
def test_the_headline_is_what_the_answer_says_now(
    event: MakeEvent, then: str, now: str, headline: str
) -> None:
    """Words that both have in common stay out of the headline."""
    assert headline == judged("text", event(then), event(now)).headline


@pytest.mark.parametrize(
    ("then", "now", "severity"),
    [("Yes.", "No.", "wording"), ("", "Yes.", "wording"), ("Yes.", "", "structure")],
)
def test_an_answer_without_words_is_more_than_another_wording(
    event: MakeEvent, then: str, now: str, severity: str
) -> None:
    """So the summary does not call it wording alone."""
    assert severity == judged("text", event(then), event(now)).severity


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ("It's \u201cfine\u201d \u2013 really", 'It\u2019s "fine" - really'),
        ("caf\u00e9", "cafe\u0301"),
        ("a\n\nb ", "a b"),
        ("\uff21", "A"),
        ("1\u00a0%", "1 %"),
    ],
)
def test_normalized_looks_past_what_nobody_reads(event: MakeEvent, then: str, now: str) -> None:
    """White space, quotes, dashes and Unicode forms do not count; `text` says so in its note."""
    strict = judged("text", event(then), event(now))
    assert isinstance(judged("text:normalized", event(then), event(now)), Held)
    assert "'text:normalized' holds" in strict.note


def test_normalized_still_sees_other_words(event: MakeEvent) -> None:
    """Letters and their case count."""
    assert isinstance(judged("text:normalized", event("yes"), event("Yes")), Diverged)


def test_a_refusal_explains_why_the_words_differ(event: MakeEvent) -> None:
    """The provider's own sign stands in the note."""
    found = judged("text", event("Take two."), event(None, refusal="I cannot help with that."))
    assert "The model refused: I cannot help with that." == found.note


def test_every_choice_counts(event: MakeEvent) -> None:
    """An answer with several choices is compared choice by choice."""

    def choices(*texts: str) -> dict[str, Any]:
        messages = [Message(role="assistant", parts=(TextPart(content=text),)) for text in texts]
        return {"choices": tuple(Choice(message=m, finish_reason="stop") for m in messages)}

    found = judged("text", event(response=choices("a", "b")), event(response=choices("a", "c")))
    assert "This is choice 2 of 2." == found.note
    fewer = judged("text", event(response=choices("a", "b")), event(response=choices("a")))
    assert "1 of 2 choices" == fewer.headline
