"""A judge that saw both answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_llmreplay.compare.statistics.preference import (
    Preferences,
    decide_preference,
    preference_preflight,
)
from pytest_llmreplay.compare.statistics.rules import GateRules, Preferred
from pytest_llmreplay.compare.statistics.stages import looks

RULES = GateRules()
WON, LOST, TIE, GAP = 1.0, 0.0, 0.5, None


def judged(*shares: float | None, per_session: int = 1, samples: int = 1) -> list[Preferences]:
    """Events whose samples all came out alike."""
    return [
        Preferences(key=f"{at:03d}", session=str(at // per_session), shares=(share,) * samples)
        for at, share in enumerate(shares)
    ]


@pytest.mark.parametrize(
    ("shares", "outcome", "change"),
    [
        ([LOST] * 8, "regression", -1),
        ([WON] * 8, "inconclusive", 1),
        ([TIE] * 59, "ok", 0),
        ([TIE] * 58, "inconclusive", 0),
        ([LOST, WON] * 4, "inconclusive", 0),
    ],
)
def test_both_sides_are_preferred_alike_or_not(
    shares: list[float | None], outcome: str, change: float
) -> None:
    """Ties prove an `ok`, of so many events; wins and losses that cancel out do not."""
    verdict = decide_preference("judge", judged(*shares), RULES)
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


def test_a_comparison_that_was_not_measured_must_not_matter() -> None:
    """Whoever had won it: five lost events and a gap, eight lost events and a gap, all gaps."""
    open_ = decide_preference("judge", judged(*[LOST] * 5, GAP), RULES)
    assert ("inconclusive", "not_measured", 5, 1) == (
        open_.outcome,
        open_.reason,
        open_.answers,
        open_.not_measured,
    )
    assert "regression" == decide_preference("judge", judged(*[LOST] * 12, GAP), RULES).outcome
    assert "inconclusive" == decide_preference("judge", judged(*[TIE] * 59, GAP), RULES).outcome
    assert "not_measured" == decide_preference("judge", judged(*[GAP] * 9), RULES).reason
    assert "not_measured" == decide_preference("judge", [], RULES).reason


def test_both_bounds_are_as_cautious() -> None:
    """What won is what the opponent lost: who changes sides changes the signs."""
    shares = (WON, LOST, LOST, TIE, LOST, LOST, WON, LOST)
    one = decide_preference("judge", judged(*shares), RULES)
    other = decide_preference("judge", judged(*(1 - share for share in shares)), RULES)
    assert (one.low, one.high) == (-(other.high or 0), -(other.low or 0))
    all_lost = decide_preference("judge", judged(*[LOST] * 30), RULES)
    assert all_lost.low is not None
    assert all_lost.high is not None
    assert -1 == all_lost.low < all_lost.high < -0.8


def test_what_was_preferred_is_counted() -> None:
    """Wins, losses and ties of all samples; the means are shares, a tie a half."""
    verdict = decide_preference("judge", judged(WON, LOST, LOST, TIE, TIE, samples=2), RULES)
    assert Preferred(won=2, lost=4, tied=4) == verdict.preferred
    assert (0.4, 0.6) == (verdict.target_mean, verdict.calibration_mean)
    assert 10 == verdict.answers


def test_events_without_an_opponent_are_left_out_and_named() -> None:
    """More than one in ten of them decides nothing, nor does a run that has no opponent at all."""
    none = Preferences(key="none", session="none", shares=())
    nine = decide_preference("judge", [*judged(*[LOST] * 9), none], RULES)
    assert ("regression", ("none",), 9) == (nine.outcome, nine.left_out, nine.events)
    eight = decide_preference("judge", [*judged(*[LOST] * 8), none], RULES)
    assert ("inconclusive", "no_noise_floor") == (eight.outcome, eight.reason)
    assert "no_noise_floor" == decide_preference("judge", [none], RULES).reason


def test_an_early_look_asks_for_more() -> None:
    """Six lost events are 1 in 64, too little for the first of four looks and enough for the last.

    More judgings of the same events do not make more events of them.
    """
    planned = looks((1, 2, 3, 5), 0)
    first = decide_preference("judge", judged(*[LOST] * 6), RULES, planned)
    last = decide_preference("judge", judged(*[LOST] * 6, samples=5), RULES, planned)
    assert ("inconclusive", "too_few", 1) == (first.outcome, first.reason, first.look)
    assert ("regression", 4, 1 / 64) == (last.outcome, last.look, last.p)


def test_an_ok_takes_as_many_events_as_the_margin_asks_for() -> None:
    """Whatever the number of samples, which is known before anything is paid for."""
    assert not preference_preflight(judged(*[TIE] * 58), RULES).ok_in_reach
    planned = preference_preflight(judged(*[TIE] * 59), RULES)
    assert (True, 59) == (planned.ok_in_reach, planned.fewest_passes)
    many = decide_preference("judge", judged(*[TIE] * 58, samples=9), RULES)
    assert "too_few" == many.reason


@pytest.mark.parametrize(("sessions", "decidable"), [(4, False), (5, True)])
def test_comparisons_of_four_sessions_decide_nothing(sessions: int, decidable: bool) -> None:
    """However many events they have, which is known before anything is paid for."""
    rules = replace(RULES, scope="sessions")
    events = judged(*[LOST] * 3 * sessions, per_session=3)
    assert decidable is preference_preflight(events, rules).decidable
    decided = "regression" == decide_preference("judge", events, rules).outcome
    assert decidable is decided
