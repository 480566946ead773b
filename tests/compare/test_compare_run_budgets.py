"""Budgets over a run: totals and quantiles, beside what the recorded model takes."""

from __future__ import annotations

from dataclasses import replace
from math import nan

import pytest

from pytest_llmreplay.compare.statistics.budgets import Amounts
from pytest_llmreplay.compare.statistics.quantiles import (
    Ranks,
    fewest_calls,
    quantile_ratio,
    quantile_within,
    ranks,
)
from pytest_llmreplay.compare.statistics.rules import GateRules
from pytest_llmreplay.compare.statistics.totals import total_ratio, total_within

RULES = GateRules()
SESSIONS = GateRules(scope="sessions")
Figures = tuple[float | None, ...]


def amounts(*pairs: tuple[Figures, Figures]) -> list[Amounts]:
    """Events, each a session of its own."""
    return [
        Amounts(key=str(at), session=str(at), calibration=then, target=now)
        for at, (then, now) in enumerate(pairs)
    ]


THREE = amounts(
    ((100, 110, 90), (130, 140, 120)),
    ((200, 220, 180), (230, 250, 240)),
    ((50, 55, 45), (70, 60, 65)),
)


def test_a_ratio_of_totals_has_the_figures_of_the_reference_vector() -> None:
    """Vector 17."""
    verdict = total_ratio(THREE, 1.1, RULES)
    assert "regression" == verdict.outcome
    assert pytest.approx(1.242857143) == verdict.found
    assert pytest.approx(0.014244052, abs=1e-9) == verdict.p_over
    assert pytest.approx((1.143797071, 1.359187511)) == (verdict.low, verdict.high)


@pytest.mark.parametrize(
    ("budget", "outcome", "reason"),
    [(1.1, "regression", None), (1.25, "inconclusive", "too_few"), (1.4, "ok", None)],
)
def test_a_budget_is_kept_passed_or_open(budget: float, outcome: str, reason: str | None) -> None:
    """By the interval of the ratio, 1.14 to 1.36."""
    verdict = total_ratio(THREE, budget, RULES)
    assert (outcome, reason) == (verdict.outcome, verdict.reason)


def test_a_total_is_held_against_an_amount() -> None:
    """Three events that take 435 together, give or take 18; the interval is an amount too."""
    over, open_, kept = (total_within(THREE, limit, RULES) for limit in (400, 440, 460))
    assert ["regression", "inconclusive", "ok"] == [each.outcome for each in (over, open_, kept)]
    assert pytest.approx((435, 400)) == (over.found, over.budget)
    assert over.low is not None
    assert over.high is not None
    assert over.low < 435 < over.high


def test_a_recorded_figure_may_be_a_price_list() -> None:
    """It is known exactly, so that one is enough and the interval is narrower."""
    listed = [replace(event, calibration=event.calibration[:1]) for event in THREE]
    assert "not_measured" == total_ratio(listed, 1.1, RULES).reason
    exact = total_ratio(listed, 1.1, RULES, exact=True)
    assert "regression" == exact.outcome
    assert pytest.approx(435 / 350) == exact.found
    assert exact.low is not None
    assert exact.low > 1.15


def test_figures_that_never_vary_are_certain() -> None:
    """Tokens of a target that always says the same; a budget that is just met is kept."""
    same = amounts(((10, 10), (11, 11)), ((20, 20), (22, 22)))
    assert ["ok", "regression"] == [total_ratio(same, b, RULES).outcome for b in (1.1, 1.09)]


def test_a_ratio_to_nothing_is_none() -> None:
    """The recorded model cost nothing and the target does; both cost nothing."""
    some = total_ratio(amounts(((0, 0), (1, 2)), ((0, 0), (1, 1))), 1.1, RULES)
    assert ("inconclusive", None, None, None) == (some.outcome, some.found, some.low, some.high)
    assert "ok" == total_ratio(amounts(((0, 0), (0, 0))), 1.1, RULES).outcome


def test_a_target_that_may_be_free_has_a_lower_bound_of_nothing() -> None:
    """A total so uncertain that 0 is not ruled out."""
    verdict = total_ratio(amounts(((10, 11), (0, 5))), 1.1, RULES)
    assert verdict.low is not None
    assert verdict.low < 1e-9


@pytest.mark.parametrize("gone", [None, nan])
def test_figures_that_one_side_lacks_are_not_measured(gone: float | None) -> None:
    """One event has too few prices on one side: what it took is unknown there alone."""
    for event in (((1, 1), (gone, 1)), ((gone, gone), (1, 1))):
        verdict = total_ratio([*THREE, *amounts(event)], 1.1, RULES)
        assert ("inconclusive", "not_measured") == (verdict.outcome, verdict.reason)
    assert "not_measured" == total_within([*THREE, *amounts(((), (gone, 1)))], 9, RULES).reason


def test_an_event_without_any_figure_is_left_out() -> None:
    """It is on neither side; and nothing at all is no budget kept."""
    assert total_ratio(THREE, 1.1, RULES) == total_ratio([*THREE, *amounts(((), ()))], 1.1, RULES)
    assert "not_measured" == total_ratio([], 1.1, RULES).reason
    assert "not_measured" == total_within([], 1.0, RULES).reason


def test_budgets_about_sessions_go_by_their_signs() -> None:
    """Six sessions over the budget, or below: 1 in 64, which is enough on either side."""
    steady = ((10, 10), (12, 12))
    for budget, outcome in ((1.1, "regression"), (1.3, "ok")):
        verdict = total_ratio(amounts(*[steady] * 6), budget, SESSIONS)
        assert (outcome, None) == (verdict.outcome, verdict.low)
    assert "too_few_sessions" == total_ratio(amounts(*[steady] * 4), 1.1, SESSIONS).reason


def test_few_sessions_pass_a_budget_only_at_half_the_level() -> None:
    """Five sessions of five over it are 1 in 32: enough to fail it, not enough to pass it."""
    steady = ((10, 10), (12, 12))
    outcomes = [total_ratio(amounts(*[steady] * 5), b, SESSIONS).outcome for b in (1.1, 1.3)]
    assert ["regression", "inconclusive"] == outcomes


@pytest.mark.parametrize(
    ("calls", "expected"),
    [(59, (53, 57, 59)), (100, (91, 95, 99)), (300, (279, 285, 292)), (58, (52, 56, None))],
)
def test_a_quantile_lies_between_calls_of_these_ranks(
    calls: int, expected: tuple[int | None, ...]
) -> None:
    """Vector 18."""
    found = ranks(calls, 0.95, 0.05)
    assert Ranks(low=expected[0], at=expected[1] or 0, high=expected[2]) == found


def test_a_p95_needs_59_calls_per_side() -> None:
    """With fewer it is inconclusive; so is a side without any."""
    assert 59 == fewest_calls(0.95, 0.05)
    enough, few = [1 + at / 100 for at in range(59)], [1 + at / 100 for at in range(58)]
    assert quantile_ratio(enough, enough, 3, share=0.95).outcome == "ok"
    for then, now in ((few, enough), (enough, few), ([], enough), ([None, nan, 0, *few], enough)):
        verdict = quantile_ratio(then, now, 3)
        assert ("inconclusive", "too_few") == (verdict.outcome, verdict.reason)


def test_a_p95_has_an_interval_around_what_was_found() -> None:
    """The target takes twice as long in every call."""
    then = [1 + at / 100 for at in range(100)]
    now = [2 * second for second in then]
    found = [quantile_ratio(then, now, budget) for budget in (1.5, 2, 3)]
    assert ["regression", "inconclusive", "ok"] == [each.outcome for each in found]
    assert [pytest.approx(2)] * 3 == [each.found for each in found]
    assert found[0].low is not None
    assert found[0].high is not None
    assert 1.9 < found[0].low < 2 < found[0].high < 2.1


def test_a_p95_is_held_against_seconds() -> None:
    """The 53rd to the 59th of 59 calls bound it."""
    calls = [float(at) for at in range(1, 60)]
    found = [quantile_within(calls, limit) for limit in (50, 55, 59)]
    assert ["regression", "inconclusive", "ok"] == [each.outcome for each in found]
    assert pytest.approx((53, 57, 59)) == (found[0].low, found[0].found, found[0].high)
    assert "too_few" == quantile_within(calls[:58], 100).reason
