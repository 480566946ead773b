"""Where the true change lies, and the functions that say so."""

from __future__ import annotations

from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_scores import held

from pytest_llmreplay.compare.statistics.beta import beta_cdf, beta_quantile, t_quantile, t_tail
from pytest_llmreplay.compare.statistics.interval import Arm, arm


@pytest.mark.parametrize(
    ("passes", "calls", "lower", "upper"),
    [(27, 30, 0.761402142707, 0.972184450260), (90, 90, 0.05 ** (1 / 90), 1), (0, 5, 0, None)],
)
def test_a_share_has_the_limits_of_clopper_and_pearson(
    passes: int, calls: int, lower: float, upper: float | None
) -> None:
    """Vector 14, at 5 % per side."""
    side = Arm(mean=passes / calls, size=calls)
    assert pytest.approx(lower, abs=1e-12) == side.lower(0.05)
    assert pytest.approx(1 - 0.05**0.2 if upper is None else upper, abs=1e-12) == side.upper(0.05)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.data())
def test_the_beta_function_counts_binomial_chances(calls: int, data: st.DataObject) -> None:
    """Its share below x is the chance of so many successes or more."""
    passes, x = data.draw(st.integers(1, calls)), data.draw(st.floats(0.001, 0.999))
    chance = sum(comb(calls, n) * x**n * (1 - x) ** (calls - n) for n in range(passes, calls + 1))
    assert pytest.approx(chance, abs=1e-12) == beta_cdf(x, passes, calls - passes + 1)


@settings(max_examples=100, deadline=None)
@given(st.floats(0.001, 0.999), st.floats(0.05, 5_000), st.floats(0.05, 5_000))
def test_a_quantile_of_the_beta_function_is_its_inverse(p: float, a: float, b: float) -> None:
    """For effective sizes far above any run."""
    x = beta_quantile(p, a, b)
    assert 0 <= x <= 1
    below, above = beta_cdf(x * (1 - 1e-9), a, b), beta_cdf(min(1, x * (1 + 1e-9)), a, b)
    assert below - 1e-9 <= p <= above + 1e-9


@pytest.mark.parametrize(("a", "b", "end"), [(1e-300, 5, 0), (1e-3, 5, 0), (5, 1e-17, 1)])
def test_a_quantile_too_close_to_an_end_is_the_end(a: float, b: float, end: float) -> None:
    """A grade that is hardly above 0 has no room below it."""
    assert pytest.approx(end) == beta_quantile(0.05, a, b)


def test_nothing_lies_outside_the_unit_interval() -> None:
    """A share below 0 or above 1 is none."""
    assert (0, 1) == (beta_cdf(0, 2, 3), beta_cdf(1, 2, 3))


@pytest.mark.parametrize(
    ("tail", "freedom", "t"),
    [(0.05, 1, 6.313751515), (0.05, 8, 1.859548038), (0.025, 30, 2.042272456)],
)
def test_students_t_has_the_quantiles_of_the_tables(tail: float, freedom: int, t: float) -> None:
    """And a tail is symmetric about 0."""
    assert pytest.approx(t) == t_quantile(tail, freedom)
    assert pytest.approx(tail) == t_tail(t, freedom)
    assert pytest.approx(1 - tail) == t_tail(-t, freedom)


def test_steady_events_are_worth_more_answers_than_they_gave() -> None:
    """Half of the events always hold, half never do: ten times as many at most."""
    assert pytest.approx(300) == arm([held(3, 3), held(0, 3)] * 5).size
    assert pytest.approx(30) == arm([held(3, 3)] * 10).size


def test_events_that_are_each_a_coin_are_worth_what_they_gave() -> None:
    """Noise from sample to sample cannot make them worth less."""
    assert 40 == arm([held(1, 2)] * 20).size


def test_single_answers_are_judged_by_the_spread_among_events() -> None:
    """Where no event was asked twice, nothing else shows; one answer shows nothing."""
    assert pytest.approx(10) == arm([(1.0,)] * 5 + [(0.0,)] * 5).size
    assert 1 == arm([(0.5,)]).size


def test_events_of_which_not_all_were_asked_twice_are_judged_among_each_other() -> None:
    """One event with a single answer hides the noise of the others from sample to sample."""
    assert pytest.approx(120) == arm([held(1, 2)] * 10 + [(1.0,)]).size
    assert pytest.approx(40 / 3) == arm([held(1, 1)] * 5 + [held(0, 2)] * 5).size
