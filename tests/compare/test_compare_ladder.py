"""How bad a divergence is, and from where on one fails."""

from __future__ import annotations

from typing import Any

import pytest
from compared_events import MakeEvent

from pytest_llmreplay.compare.check import Pair
from pytest_llmreplay.compare.judging import compare
from pytest_llmreplay.compare.ladder import LADDER, FailOn
from pytest_llmreplay.compare.outcome import Comparison
from pytest_llmreplay.compare.specs.parsing import parse_checks
from pytest_llmreplay.event import BlobPart, Event, ResponseError

CALL = [("refund", {"id": 1})]
OTHER_CALL = [("refund", {"id": 2})]


def compared(then: Event, now: Event, *specs: str, fail_on: FailOn = "equivalent") -> Comparison:
    """The comparison by some checks."""
    pair = Pair(baseline=then, replayed=now, live=True)
    return compare(pair, parse_checks(specs), fail_on=fail_on)


@pytest.mark.parametrize(
    ("then", "now", "specs", "severity"),
    [
        ({}, {}, ["text"], "identical"),
        ({"text": "It's"}, {"text": "It\u2019s "}, ["text:normalized"], "equivalent"),
        ({"text": "It's"}, {"text": "It\u2019s"}, ["text"], "equivalent"),
        ({"text": "Yes."}, {"text": "No."}, ["warn:text"], "wording"),
        ({"text": "[1]"}, {"text": "[2]"}, ["json"], "structure"),
        ({}, {"parts": [BlobPart(modality="audio", content="AAAA")]}, ["text"], "structure"),
        ({"calls": CALL}, {"calls": OTHER_CALL}, ["tool_calls"], "tool_calls"),
        ({"calls": CALL}, {"calls": OTHER_CALL}, ["text"], "tool_calls"),
        ({}, {"finish": "length"}, ["finish_reason"], "finish_reason"),
        ({}, {"refusal": "I cannot."}, ["refusal"], "refusal"),
        ({}, {"tokens": (100, 900)}, ["tokens<=2x"], "budget"),
        ({}, {"text": ""}, ["answered"], "error"),
    ],
)
def test_every_rung_of_the_ladder_is_what_it_says(
    event: MakeEvent, then: dict[str, Any], now: dict[str, Any], specs: list[str], severity: str
) -> None:
    """The severity of an event is what differs, whether or not a check of it is gated."""
    assert severity == compared(event(**then), event(**now), *specs).severity


def test_an_event_has_the_severity_of_the_worst_that_was_found(event: MakeEvent) -> None:
    """A budget is above a refusal, an error above all."""
    now = event(None, refusal="I cannot.", tokens=(100, 900))
    assert "budget" == compared(event(), now, "refusal", "tokens<=2x").severity
    broken = event(response={"error": ResponseError(status=500, type="x", message="y")})
    assert "error" == compared(event(), broken, "refusal").severity


def test_what_is_wrong_with_an_answer_is_told_before_what_it_took(event: MakeEvent) -> None:
    """The refusal explains the tokens, not the other way round."""
    now = event(None, refusal="I cannot.", tokens=(100, 900))
    found = compared(event(), now, "tokens<=2x", "text", "refusal")
    assert ["refusal", "text", "tokens<=2x"] == [one.check for one in found.diverged]


@pytest.mark.parametrize("fail_on", [*LADDER[1:], "never"])
def test_a_divergence_fails_from_the_rung_that_was_asked_for(
    event: MakeEvent, fail_on: FailOn
) -> None:
    """It stays a divergence below it, and nothing fails where that was asked for."""
    pairs = [(event(), event("No.")), (event(calls=CALL), event(calls=OTHER_CALL))]
    found = [compared(*pair, "text", "tool_calls", fail_on=fail_on) for pair in pairs]
    assert ["diverged", "diverged"] == [one.outcome for one in found]
    rung = len(LADDER) if fail_on == "never" else LADDER.index(fail_on)
    assert [rung <= 2, rung <= 4] == [one.fails for one in found]


def test_never_lets_even_a_missing_answer_go(event: MakeEvent) -> None:
    """An error is the highest rung, and a figure that is asked for and missing has none."""
    broken = event(response={"error": ResponseError(status=500, type="x", message="y")})
    unmeasured = event(tokens=(None, None))
    assert [True, True, False, False] == [
        compared(event(), now, "tokens<=2x", fail_on=fail_on).fails
        for fail_on in ("error", "never")
        for now in (broken, unmeasured)
    ]
