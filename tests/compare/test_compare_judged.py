"""`judge>=0.8`, `judge>=-0.1`, and the scores that they are measured by."""

from __future__ import annotations

import math
from typing import Any

import pytest
from compared_events import make_event as event

from pytest_llmreplay.compare.check import Diverged, Held, NotMeasured, Pair
from pytest_llmreplay.compare.judged import Opinion, Score, opinion, score_of
from pytest_llmreplay.compare.specs.parsing import parse_checks

NOTHING = Opinion(value=None, problem="the judge refused")


def found(spec: str, then: float | None, now: float | None, **pair: Any) -> Any:
    """What a check finds about these scores."""
    scores = {"baseline": Score(value=then), "replayed": Score(value=now, explanation="So so.")}
    (check,) = parse_checks([spec])
    known: dict[str, Any] = {"live": True, "scores": scores} | pair
    return check.judge(Pair(baseline=event(), replayed=event(), **known))


@pytest.mark.parametrize(
    ("spec", "then", "now", "finding"),
    [
        ("judge>=0.8", 0.1, 0.8, Held),
        ("judge>=0.8", 0.9, 0.79, Diverged),
        ("judge>=.8", None, 0.9, Held),
        ("judge>=-0.1", 0.9, 0.8, Held),
        ("judge>=-0.1", 0.9, 0.79, Diverged),
        ("judge>=+0.1", 0.5, 0.6, Held),
        ("judge>=+0.1", 0.5, 0.5, Diverged),
        ("judge>=1", 1.0, 1.0, Held),
        ("judge>=0.8", 0.9, None, NotMeasured),
        ("judge>=-0.1", None, 0.9, NotMeasured),
    ],
)
def test_a_score_is_held_against_a_level_or_against_the_recorded_one(
    spec: str, then: float | None, now: float | None, finding: type
) -> None:
    """A sign makes the difference; a score that is missing on a side that counts is no pass."""
    assert isinstance(found(spec, then, now), finding)


def test_a_low_score_says_both_and_why() -> None:
    """The headline has the figures, the note the judge's words."""
    low = found("judge>=0.8", 0.86, 0.41)
    assert "0.86 \u2192 0.41, at least 0.80 asked for" == low.headline
    assert "So so." in low.note


def test_what_is_not_live_is_not_judged() -> None:
    """A recording compared with itself asks nobody."""
    said = found("judge>=0.8", 1, 1, scores=None, live=False)
    assert "nothing was replayed, so no judge was asked" == said.reason


@pytest.mark.parametrize("value", [math.nan, math.inf, -0.1, 1.01, True, None, "0.9", [0.9]])
def test_what_is_no_number_from_0_to_1_is_no_opinion(value: object) -> None:
    """Neither is it a zero."""
    assert None is opinion(value).value
    assert opinion(value).problem is not None


@pytest.mark.parametrize(
    ("values", "score"),
    [
        ([0.9], 0.9),
        ([0.9, 0.2, 0.8], 0.8),
        ([0.9, 0.7], 0.8),
        ([0.9, None, 0.7], 0.8),
        ([0.9, None], 0.9),
        ([0.9, None, None], None),
        ([None], None),
        ([], None),
    ],
)
def test_the_median_counts_where_half_of_the_opinions_can_be_used(
    values: list[float | None], score: float | None
) -> None:
    """Two of three are enough, one of three is not."""
    opinions = [NOTHING if one is None else Opinion(value=one) for one in values]
    assert score == pytest.approx(score_of(opinions, target="j").value)


def test_too_few_opinions_say_how_many_and_why() -> None:
    """In the judge's own terms."""
    said = score_of([Opinion(value=0.9), NOTHING, NOTHING], target="j")
    assert "1 of 3 judgings can be used: the judge refused" == said.problem


def test_an_explanation_is_one_short_line() -> None:
    """Of the opinion next to the median, however long the judge talks."""
    said = score_of(
        [opinion(0.2, "low"), opinion(0.5, "a\n\nb"), opinion(0.9, "x" * 900)], target="j"
    )
    assert "a b" == said.explanation
    assert 500 == len(opinion(0.5, "x" * 900).explanation)
