"""What a run can see, told before it is paid for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made_scores import held, scores_of

from pytest_llmreplay.compare.statistics.decide import decide
from pytest_llmreplay.compare.statistics.reach import (
    Preflight,
    fewest_passes,
    noise,
    preflight,
    smallest_drop,
)
from pytest_llmreplay.compare.statistics.rules import GateRules
from pytest_llmreplay.compare.statistics.stages import looks

RULES = GateRules()
STEADY = held(10, 10)


@pytest.mark.parametrize(
    ("size", "drop"),
    [
        ((30, 3, 10, 0), 0.085),
        ((30, 3, 10, 0.09), 0.14),
        ((100, 3, 10, 0.09), 0.075),
        ((10, 5, 10, 0.09), 0.225),
    ],
)
def test_the_smallest_drop_that_a_run_sees(size: tuple[float, ...], drop: float) -> None:
    """Vector 19: events, samples, samples of the calibration, noise."""
    events, k, k0, variance = size
    assert drop == smallest_drop(events=int(events), k=k, k0=k0, noise=variance)


def test_a_run_may_be_too_small_to_see_anything() -> None:
    """One event, one sample, a coin."""
    assert smallest_drop(events=1, k=1, k0=1, noise=0.25) is None


@pytest.mark.parametrize(("margin", "calls"), [(0.10, 29), (0.05, 59), (0.02, 149), (0.01, 299)])
def test_so_many_answers_must_hold_to_rule_a_drop_out(margin: float, calls: int) -> None:
    """And a run of as many calls, all of which hold, is `ok`; one call less is not."""
    assert calls == fewest_passes(margin, 0.05)
    rules = replace(RULES, margin=margin)
    for number, outcome in ((calls, "ok"), (calls - 1, "inconclusive")):
        events = scores_of((number, STEADY, (1,)))
        assert outcome == decide("text", events, rules).outcome
        assert (outcome == "ok") is preflight(events, 1, rules).ok_in_reach


def test_a_preflight_says_what_would_do() -> None:
    """Ten events need six samples each; ten times three can see a drop of 0.215."""
    events = scores_of((10, STEADY, ()))
    assert Preflight(
        ok_in_reach=False,
        ok_when_unchanged=False,
        fewest_passes=59,
        samples_for_ok=6,
        smallest_drop=0.215,
        aim=0.1,
        samples_for_aim=13,
    ) == preflight(events, 3, RULES)
    assert preflight(events, 6, RULES).ok_when_unchanged


def test_a_fixed_number_of_samples_needs_no_stricter_level() -> None:
    """That a run in stages is out of reach makes no sample more of one that is judged once."""
    events = scores_of((12, STEADY, ()))
    staged = preflight(events, 5, RULES, level=looks((1, 2, 3, 5), 10, RULES.alpha)[-1].ok)
    assert (False, 70, 5) == (staged.ok_in_reach, staged.fewest_passes, staged.samples_for_ok)
    assert preflight(events, 5, RULES).ok_when_unchanged


def test_a_noisy_calibration_needs_more_samples() -> None:
    """Every answer holding would prove it, doing as the recorded model did does not."""
    found = preflight(scores_of((30, held(9, 10), ())), 3, RULES)
    assert (True, False, 32) == (found.ok_in_reach, found.ok_when_unchanged, found.samples_for_ok)
    wider = preflight(scores_of((30, held(9, 10), ())), 3, replace(RULES, margin=0.10))
    assert (False, 4) == (wider.ok_when_unchanged, wider.samples_for_ok)


def test_without_a_calibration_only_the_answers_of_the_target_count() -> None:
    """The smallest drop is then unknown."""
    found = preflight(scores_of((30, (), ())), 3, RULES)
    assert (True, 2, None) == (found.ok_in_reach, found.samples_for_ok, found.smallest_drop)


def test_about_sessions_it_is_sessions_that_count() -> None:
    """Fifty-eight sessions never prove anything of the next one, 59 do."""
    rules = replace(RULES, scope="sessions")
    for sessions, possible in ((59, True), (58, False)):
        events = scores_of((sessions * 2, STEADY, ()), per_session=2)
        assert possible is preflight(events, 5, rules).ok_in_reach


def test_four_sessions_decide_nothing() -> None:
    """That much is known before any call; of the events themselves one is enough."""
    rules = replace(RULES, scope="sessions")
    for sessions, decidable in ((4, False), (5, True)):
        events = scores_of((sessions * 2, STEADY, ()), per_session=2)
        assert decidable is preflight(events, 5, rules).decidable
    assert preflight(scores_of((1, STEADY, ())), 5, RULES).decidable


def test_the_last_look_of_a_schedule_asks_for_more() -> None:
    """Its level is lower than that of a single look."""
    last = looks((1, 2, 3, 5), 10)[-1]
    assert 70 == preflight(scores_of((30, STEADY, ())), 5, RULES, level=last.ok).fewest_passes


def test_no_events_prove_nothing() -> None:
    """Nor does any number of samples of them."""
    found = preflight([], 3, RULES)
    assert (False, None, None) == (found.ok_in_reach, found.samples_for_ok, found.smallest_drop)


def test_the_noise_of_single_answers_is_that_of_all_together() -> None:
    """Nine of ten events hold, each asked once; asked twice it is the spread inside events."""
    assert pytest.approx(0.09) == noise([(1,)] * 9 + [(0,)])
    assert 0.5 == noise([(1, 0), (1,), (0, 1)])
