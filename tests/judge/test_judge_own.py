"""A function that compares two answers: both orders are asked, and what it may read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event

import pytest
from compared_events import make_event as event

from pytest_llmreplay.judge.own.own_judge import OwnJudge
from pytest_llmreplay.judge.own.workers import Workers

NOW, THEN, ITSELF = "It is Paris.", "It is Lyon.", "It is Rome."


@pytest.fixture
def workers() -> Iterator[Workers]:
    """Threads that call the functions."""
    threads = Workers(2)
    yield threads
    threads.stop()


def prefers(words: str) -> Callable[[str, str, str], float]:
    """A function that says how far an answer is better than another one."""
    return lambda _, answer, other: 0.5 + ((words in answer) - (words in other)) / 2


@pytest.mark.parametrize(
    ("function", "value"),
    [
        (prefers("Paris"), 1.0),
        (prefers("Lyon"), 0.0),
        (prefers("nothing"), 0.5),
        (lambda *_: 1.0, 0.5),
        (lambda _, answer, __: 0.7 if answer == NOW else None, None),
    ],
    ids=["better", "worse", "alike", "likes the first", "knows one order"],
)
def test_a_comparison_is_made_in_both_orders(
    workers: Workers, function: Callable[[str, str, str], float], value: float | None
) -> None:
    """Who likes the first place finds a tie; what was not said in both orders is not measured."""
    judge = OwnJudge(function, name="mine", pairwise=True, timeout=5, workers=workers)
    scores = judge.scores(event(THEN), event(NOW))
    assert {"baseline": 0.5, "replayed": value} == {k: one.value for k, one in scores.items()}


def test_another_opponent_stands_in_for_the_recorded_answer(workers: Workers) -> None:
    """The recording is not shown then."""
    seen: list[set[str]] = []

    def judge(_: str, answer: str, other: str) -> float:
        seen.append({answer, other})
        return 0.5

    mine = OwnJudge(judge, name="mine", pairwise=True, timeout=5, workers=workers)
    mine.scores(event(THEN), event(NOW), opponent=ITSELF)
    assert [{NOW, ITSELF}] * 2 == seen
    assert 2 * (3 + 1) == mine.most_calls(answers=3, baselines=1)


def test_what_was_not_asked_before_the_end_never_will_be() -> None:
    """Nobody waits for it: neither for what stands in the queue, nor for what comes later."""
    threads, begun, go_on = Workers(1), Event(), Event()

    def judge(_: str, answer: str, __: str) -> float:
        begun.set()
        go_on.wait(20)
        return 1.0

    mine = OwnJudge(judge, name="mine", timeout=60, workers=threads)
    mine.begin(event(THEN), event(NOW))
    assert begun.wait(20)
    threads.stop()
    go_on.set()
    scores = mine.scores(event(THEN), event(NOW))
    assert (1.0, None) == (scores["replayed"].value, scores["baseline"].value)
    later = mine.scores(event(THEN), event(ITSELF))["replayed"]
    assert "the run was stopped" == later.problem
