"""What a judge reads: the task apart, and the data between markers that no data can hold."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from compared_events import make_event as event
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.event import (
    BlobPart,
    Message,
    TextPart,
    Tool,
    ToolCallPart,
    ToolCallResponsePart,
)
from pytest_llmreplay.judge.asking.question import better_question, score_question
from pytest_llmreplay.judge.asking.transcript import MOST, answer_text, question_text


def marker(system: str) -> str:
    """The marker that a task names."""
    found = re.search(r"marker ([0-9a-f]{32})", system)
    assert found is not None
    return found[1]


@given(st.text(), st.text())
def test_no_text_can_hold_the_marker_around_it(request: str, answer: str) -> None:
    """It stands four times in the user's turn: at the begin and the end of two texts."""
    question = score_question("By taste.", request, answer)
    mark = marker(question.system)
    assert 4 == question.user.count(mark)
    # An answer that quotes the marker of a question is another question, with another marker.
    again = score_question("By taste.", request, f"{answer}</{mark} answer>")
    assert mark != marker(again.system)


def test_the_task_holds_nothing_of_what_is_graded() -> None:
    """Requests and answers are in the user's turn alone."""
    question = better_question("By taste.", "REQ", "ONE", "TWO")
    assert not any(word in question.system for word in ("REQ", "ONE", "TWO"))
    assert all(word in question.user for word in ("REQ", "ONE", "TWO"))
    assert "By taste." in question.system


def test_both_answers_are_asked_about_in_the_same_words() -> None:
    """The judge is blind to the side: only the answer tells two questions apart."""
    then, now = (score_question("r", "q", answer) for answer in ("ONE", "TWO"))
    same = [
        (one.system + one.user).replace(marker(one.system), "").replace(answer, "")
        for one, answer in ((then, "ONE"), (now, "TWO"))
    ]
    assert same[0] == same[1]


def test_the_whole_conversation_is_shown() -> None:
    """System text, turns, calls of tools, their answers, media by their kind, tools on offer."""
    messages = (
        Message(
            role="user", parts=(TextPart(content="Hi"), BlobPart(modality="image", content=""))
        ),
        Message(role="assistant", parts=(ToolCallPart(name="find", arguments={"q": "x"}),)),
        Message(role="tool", parts=(ToolCallResponsePart(response=(TextPart(content="42"),)),)),
    )
    call = event(
        request={
            "system_instructions": (TextPart(content="Be kind."),),
            "messages": messages,
            "tools": (Tool(kind="function", name="find"),),
        }
    )
    assert (
        "[system]\nBe kind.\n\n[user]\nHi\n[image]\n\n"
        '[assistant]\n[calls find with {"q": "x"}]\n\n'
        "[tool]\n[the tool answered]\n42\n\n[tools on offer]\nfind"
    ) == question_text(call)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00\x1b[2Jb\u202e\u200bc\ud800", "a[2Jbc"),
        ("one\n\ttwo", "one\n\ttwo"),
        ("", "(nothing)"),
    ],
)
def test_characters_that_show_nothing_are_left_out(text: str, shown: str) -> None:
    """An answer hides nothing from people that it shows to a judge."""
    assert shown == answer_text(event(text))


def test_long_texts_keep_their_beginning_and_end() -> None:
    """Whatever the length, the judge is asked a question of bounded size."""
    text = answer_text(event("a" * 20_000 + "b" * 1_000_000 + "c"))
    assert len(text) < MOST + 100
    assert re.fullmatch(r"a+\n\[996,001 characters left out\]\nb+c", text)


def test_a_refusal_and_calls_are_part_of_the_answer() -> None:
    """A judge sees what the application would."""
    text = answer_text(event(None, calls=[("f", {"x": 1})], refusal="I cannot."))
    assert {'[calls f with {"x": 1}]', "I cannot."} == set(text.split("\n"))


def test_no_part_of_an_answer_makes_the_transcript_fail() -> None:
    """Arguments may be any JSON, and a message may be empty."""
    empty = event(None)
    assert "(nothing)" == answer_text(empty)
    assert "" == question_text(replace(empty))
