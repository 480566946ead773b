"""Budgets on a mean score: kept, passed or open, by the interval of the verdict over a run."""

from __future__ import annotations

import pytest

from pytest_llmreplay.compare.statistics.means import mean_at_least, mean_change
from pytest_llmreplay.compare.statistics.rules import GateRules
from pytest_llmreplay.compare.statistics.scores import EventScores

RULES = GateRules()
SESSIONS = GateRules(scope="sessions")
Scores = tuple[float, ...]


def events(*pairs: tuple[Scores, Scores], times: int = 1) -> list[EventScores]:
    """Events with a calibration and a target, each a session of its own."""
    return [
        EventScores(key=str(place), session=str(place), calibration=then, target=now)
        for place, (then, now) in enumerate(pairs * times)
    ]


GRADED = (
    ((0.8, 0.9, 0.7), (0.6, 0.7, 0.5)),
    ((0.9, 0.9, 0.8), (0.8, 0.9, 0.7)),
    ((0.5, 0.6, 0.7), (0.6, 0.4, 0.5)),
    ((1.0, 0.9, 1.0), (0.7, 0.8, 0.9)),
)


@pytest.mark.parametrize(
    ("least", "outcome"),
    [(-0.23, "ok"), (-0.2293, "inconclusive"), (-0.0348, "inconclusive"), (-0.034, "regression")],
)
def test_a_change_is_judged_by_the_interval_of_the_gate(least: float, outcome: str) -> None:
    """The bounds are those of the reference vector for graded scores."""
    found = mean_change(events(*GRADED), least, RULES)
    assert found.then is not None
    assert outcome == found.outcome
    assert pytest.approx(-0.133333333) == found.now - found.then
    assert pytest.approx((-0.229314944, -0.034743462)) == (
        found.low - found.then,
        found.high - found.then,
    )


def test_a_recorded_score_is_taken_as_known() -> None:
    """Only the target's scores vary: the bounds are those of its mean alone, moved."""
    now = events(((0.9,), (0.8, 0.9)), ((0.7,), (0.9, 0.9)), times=8)
    beside, alone = mean_change(now, -0.05, RULES), mean_at_least(now, 0.75, RULES)
    assert pytest.approx(0.8) == beside.then
    assert pytest.approx((alone.low, alone.high)) == (beside.low, beside.high)
    assert "ok" == beside.outcome == alone.outcome


def test_few_answers_decide_little() -> None:
    """Ten perfect scores may be luck for a mean of 0.8, fourteen hardly."""
    perfect = ((1.0,), (1.0,))
    assert "inconclusive" == mean_at_least(events(perfect, times=13), 0.8, RULES).outcome
    assert "ok" == mean_at_least(events(perfect, times=14), 0.8, RULES).outcome
    assert "regression" == mean_at_least(events(((1.0,), (0.0,)), times=3), 0.8, RULES).outcome


def test_a_mean_of_sessions_takes_five_of_them() -> None:
    """As any verdict about sessions like these does."""
    few = mean_change(events(*GRADED), -0.5, SESSIONS)
    assert ("inconclusive", "too_few_sessions") == (few.outcome, few.reason)
    assert "ok" == mean_change(events(*GRADED, times=10), -0.5, SESSIONS).outcome
