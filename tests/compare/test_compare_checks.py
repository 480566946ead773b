"""The checks that look at one thing: answer, ending, refusal, model, budgets."""

from __future__ import annotations

from typing import Any

import pytest
from compare.one_check import judged
from compared_events import MakeEvent

from pytest_llmreplay.compare.check import Diverged, Held, NotMeasured
from pytest_llmreplay.event import Event, Measured


def test_an_empty_answer_is_none(event: MakeEvent) -> None:
    """`answered` wants words, a call, a refusal or a medium."""
    assert "the answer is empty" == judged("answered", event("Yes."), event(" \n")).headline
    assert isinstance(judged("answered", event("Yes."), event(None, calls=[("f", {})])), Held)
    assert isinstance(judged("answered", event(""), event("")), Held)


def test_an_answer_cut_by_length_is_none(event: MakeEvent) -> None:
    """Unless the recorded one was cut too."""
    cut = event("Ye", finish="length", request={"max_tokens": 16})
    assert (
        "the answer was cut by length at max_tokens 16"
        == judged("answered", event("Yes."), cut).headline
    )
    assert isinstance(judged("answered", cut, cut), Held)


def choices(event: MakeEvent, *one_each: Event) -> Event:
    """An answer with the choices of some others."""
    found = tuple(choice for one in one_each for choice in one.response.choices)
    return event(response={"choices": found})


def test_every_choice_of_an_answer_counts(event: MakeEvent) -> None:
    """A request may ask for several; none may be empty, cut, or a refusal."""
    yes = choices(event, event("Yes."), event("Yes."))
    assert isinstance(judged("answered", yes, yes), Held)
    for bad, said in (
        (choices(event, event("Yes.")), "choice 2 of 2 is empty"),
        (choices(event, event("Yes."), event(" ")), "choice 2 of 2 is empty"),
        (choices(event, event("Yes."), event(finish="length")), "choice 2 of 2 was cut by length"),
    ):
        assert said == judged("answered", yes, bad).headline
        assert isinstance(judged("answered", bad, bad), Held)
    no = choices(event, event("Yes."), event(None, refusal="I cannot."))
    assert "refused, was answered: I cannot." == judged("refusal", yes, no).headline


def test_the_class_of_ending_counts(event: MakeEvent) -> None:
    """`finish_reason` names both."""
    found = judged("finish_reason", event(finish="tool_call"), event(finish="length"))
    assert "is 'length', recorded 'tool_call'" == found.headline
    assert "finish_reason" == found.severity
    assert isinstance(judged("finish_reason", event(), event()), Held)
    assert isinstance(judged("finish_reason", event(finish=None), event()), NotMeasured)


def test_a_refusal_counts_where_there_was_an_answer(event: MakeEvent) -> None:
    """Only the provider's own sign; an answer where a refusal was recorded holds."""
    no = event(None, refusal="I cannot.")
    assert "refused, was answered: I cannot." == judged("refusal", event(), no).headline
    assert isinstance(judged("refusal", no, event()), Held)
    assert isinstance(judged("refusal", event(), event("I'm sorry, I can't.")), Held)
    assert isinstance(judged("refusal", event(), event(finish="content_filter")), Diverged)


def test_the_answering_model_counts(event: MakeEvent) -> None:
    """`model` compares the names that the answers give."""
    then, now = event(answered_by="gpt-5-mini-a"), event(answered_by="gpt-5-mini-b")
    found = judged("model", then, now)
    assert "answered by 'gpt-5-mini-b', recorded 'gpt-5-mini-a'" == found.headline
    assert isinstance(judged("model", then, then), Held)
    nobody = event(model=None)
    assert isinstance(judged("model", then, nobody), NotMeasured)


@pytest.mark.parametrize(
    ("spec", "headline"),
    [
        ("tokens<=1.3x", "1,100, recorded 500 (2.20x), limit 650"),
        ("output_tokens<=+20", "900, recorded 400 (2.25x), limit 420"),
        ("input_tokens<=150", "200, recorded 100 (2.00x), limit 150"),
        ("latency<=2x", "3.00 s, recorded 1.00 s (3.00x), limit 2.00 s"),
        ("ttft<=+500ms", "1.00 s, recorded 0.25 s (4.00x), limit 0.75 s"),
        ("cost<=$0.02", "$0.040, recorded $0.010 (4.00x), limit $0.020"),
    ],
)
def test_a_figure_over_its_budget_is_told_with_both_figures_and_the_limit(
    event: MakeEvent, spec: str, headline: str
) -> None:
    """The headline holds all a reader needs to judge the budget."""
    then = event(tokens=(100, 400), duration=1.0, first=0.25, cost=0.01)
    now = event(tokens=(200, 900), duration=3.0, first=1.0, cost=0.04)
    assert headline == judged(spec, then, now).headline
    assert isinstance(judged(spec, then, then), Held)


@pytest.mark.parametrize(
    ("spec", "sides", "pair", "reason"),
    [
        ("latency<=2x", ({}, {}), {"live": False}, "a played-back answer has no latency"),
        ("latency<=2x", ({}, {}), {"unmeasured": "our loop was late"}, "our loop was late"),
        ("latency<=2x", ({"duration": None}, {}), {}, "the recording has no duration"),
        ("latency<=2x", ({"duration": -1.5}, {}), {}, "the recording has no duration"),
        ("ttft<=2s", ({}, {}), {}, "the answer has no time to the first chunk"),
        ("tokens<=2x", ({}, {"tokens": (1, None)}), {}, "the answer reports no usage"),
        ("tokens<=2x", ({"tokens": (None, 1)}, {}), {}, "the recording reports no usage"),
        (
            "cost<=2x",
            ({}, {"provider": "ollama"}),
            {},
            "unpriced: a local server has no list price",
        ),
    ],
)
def test_a_missing_figure_is_not_measured_and_never_a_pass(
    event: MakeEvent,
    spec: str,
    sides: tuple[dict[str, Any], dict[str, Any]],
    pair: dict[str, Any],
    reason: str,
) -> None:
    """The reason says which side lacks what."""
    then, now = sides
    found = judged(spec, event(**then), event(**now), **pair)
    assert isinstance(found, NotMeasured)
    assert reason == found.reason


def test_an_absolute_budget_needs_no_recording(event: MakeEvent) -> None:
    """What was imported without usage can still have a limit."""
    then = event(tokens=(None, None), measured=Measured())
    assert "120, limit 100" == judged("tokens<=100", then, event(tokens=(100, 20))).headline


def test_measured_tokens_stand_in_for_a_missing_usage(event: MakeEvent) -> None:
    """A stream recorded without usage may have its tokens in `measured`."""
    then = event(
        tokens=(None, None), measured=Measured(input_tokens=10, output_tokens=10, duration=1.0)
    )
    assert isinstance(judged("tokens<=2x", then, event(tokens=(10, 10))), Held)
