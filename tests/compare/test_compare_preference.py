"""A judge that saw both answers."""

from __future__ import annotations

import pytest

from pytest_llmreplay.compare.statistics.preference import Pair, Preferences, decide_preference
from pytest_llmreplay.compare.statistics.rules import GateRules

RULES = GateRules()
WON, LOST, SPLIT, GAP = (1, 1), (0, 0), (1, 0), (None, 1)


def judged(*pairs: Pair, per_session: int = 1) -> list[Preferences]:
    """Events with one pair each."""
    return [
        Preferences(key=f"{at:03d}", session=str(at // per_session), pairs=(pair,))
        for at, pair in enumerate(pairs)
    ]


@pytest.mark.parametrize(
    ("pairs", "outcome", "change"),
    [
        ([LOST] * 8, "regression", -1),
        ([WON] * 8, "inconclusive", 1),
        ([SPLIT] * 59, "ok", 0),
        ([SPLIT] * 58, "inconclusive", 0),
        ([LOST, WON] * 4, "inconclusive", 0),
    ],
)
def test_both_sides_are_preferred_alike_or_not(
    pairs: list[Pair], outcome: str, change: float
) -> None:
    """A judge that likes the first place disagrees with itself: a tie, however sure it is."""
    verdict = decide_preference("judge", judged(*pairs), RULES)
    assert (outcome, change) == (verdict.outcome, verdict.change)


def test_a_preference_is_judged_by_the_signs_of_events() -> None:
    """Five events, all lost: 1 in 32. Nothing is told that only a calibration could tell."""
    verdict = decide_preference("judge", judged(*[LOST] * 5), RULES)
    assert ("regression", 0.03125) == (verdict.outcome, verdict.p)
    assert (None, None, None, ()) == (
        verdict.p_events,
        verdict.p_sessions,
        verdict.smallest_drop,
        verdict.changed,
    )


def test_a_preference_about_sessions_counts_sessions() -> None:
    """Ten events of two sessions are two."""
    about = GateRules(scope="sessions")
    verdict = decide_preference("judge", judged(*[LOST] * 10, per_session=5), about)
    assert ("inconclusive", "too_few_sessions", 2) == (
        verdict.outcome,
        verdict.reason,
        verdict.sessions,
    )


def test_few_events_are_too_few() -> None:
    """Four events cannot be told from luck."""
    assert "too_few" == decide_preference("judge", judged(*[LOST] * 4), RULES).reason


def test_a_pair_that_was_not_judged_in_both_orders_must_not_matter() -> None:
    """Whoever had won it: five lost events and a gap, eight lost events and a gap, all gaps."""
    open_ = decide_preference("judge", judged(*[LOST] * 5, GAP), RULES)
    assert ("inconclusive", "not_measured", 5, 1) == (
        open_.outcome,
        open_.reason,
        open_.answers,
        open_.not_measured,
    )
    assert "regression" == decide_preference("judge", judged(*[LOST] * 12, GAP), RULES).outcome
    assert "inconclusive" == decide_preference("judge", judged(*[SPLIT] * 59, GAP), RULES).outcome
    assert "not_measured" == decide_preference("judge", judged(*[GAP] * 9), RULES).reason
    assert "not_measured" == decide_preference("judge", [], RULES).reason
