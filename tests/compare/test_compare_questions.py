"""Several questions at once, a second look, one event among many, one event alone."""

from __future__ import annotations

from dataclasses import replace
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_scores import Group, held, scores_of

from pytest_llmreplay.compare.statistics.confirm import confirmed, pooled
from pytest_llmreplay.compare.statistics.decide import decide
from pytest_llmreplay.compare.statistics.multiple import (
    benjamini_hochberg,
    holm,
    judged_together,
    overall,
)
from pytest_llmreplay.compare.statistics.rules import GateRules, Verdict
from pytest_llmreplay.compare.statistics.samples_rule import SamplesRule
from pytest_llmreplay.compare.statistics.stages import looks

RULES = GateRules()
WORSE: list[Group] = [(21, held(9, 10), held(3, 3)), (9, held(9, 10), held(1, 3))]
OK: list[Group] = [(30, held(10, 10), held(3, 3))]


def verdict(groups: list[Group], metric: str = "text") -> Verdict:
    """What a run says."""
    return decide(metric, scores_of(*groups), RULES)


def test_many_ps_are_adjusted_as_in_the_reference() -> None:
    """Vector 15."""
    assert pytest.approx([0.048, 0.09, 0.09, 0.2]) == holm([0.012, 0.04, 0.03, 0.2])
    found = benjamini_hochberg([0.001, 0.008, 0.039, 0.041, 0.6])
    assert pytest.approx([0.005, 0.02, 0.05125, 0.05125, 0.6]) == found


@given(st.lists(st.floats(0, 1), max_size=8))
def test_an_adjusted_p_is_never_rarer_than_it_was(ps: list[float]) -> None:
    """And the order of rarity stays."""
    for adjusted in (holm(ps), benjamini_hochberg(ps)):
        assert all(before - 1e-12 <= now <= 1 for before, now in zip(ps, adjusted, strict=True))
        order = sorted(range(len(ps)), key=ps.__getitem__)
        assert sorted(adjusted) == [adjusted[at] for at in order]


def test_one_metric_keeps_its_verdict() -> None:
    """There is nothing to adjust for."""
    (alone,) = judged_together([verdict(WORSE)])
    assert ("regression", alone.p) == (alone.outcome, alone.adjusted_p)


def test_a_regression_among_many_metrics_must_be_rarer() -> None:
    """A p of 0.013 is rare for one of three metrics and not for one of four."""
    three = judged_together([verdict(WORSE), *[verdict(OK)] * 2])
    assert ["regression", "ok", "ok"] == [each.outcome for each in three]
    assert "regression" == overall(three)
    four = judged_together([verdict(WORSE), *[verdict(OK)] * 3])
    assert ("inconclusive", "too_few") == (four[0].outcome, four[0].reason)
    assert pytest.approx(4 * 0.012933899) == four[0].adjusted_p
    assert "inconclusive" == overall(four)


def test_what_has_no_p_or_its_own_levels_is_not_counted() -> None:
    """No calibration; or several looks, whose levels are shared among the metrics already."""
    blind = verdict([(30, (), held(3, 3))])
    staged = decide("text", scores_of(*WORSE), RULES, looks((3, 5), 10, metrics=9))
    told = judged_together([blind, staged, verdict(WORSE)])
    assert (None, None, 0.0129) == (
        told[0].adjusted_p,
        told[1].adjusted_p,
        round(told[2].adjusted_p or 0, 4),
    )


def test_all_metrics_must_be_ok_and_none_is_no_ok() -> None:
    """One word for a target."""
    assert "ok" == overall([verdict(OK)] * 2)
    assert "inconclusive" == overall([])


def test_an_unlucky_calibration_is_found_out_by_fresh_answers() -> None:
    """The calibration was all good luck; ten fresh samples of the model fail like the target."""
    events = scores_of((21, held(10, 10), held(3, 3)), (9, held(10, 10), held(1, 3)))
    first = decide("text", events, RULES)
    again = decide("text", pooled(events, {e.key: held(5, 10) for e in events}), RULES)
    assert ("regression", 20) == (first.outcome, again.calibration_samples)
    told = confirmed(first, again, 300)
    assert ("inconclusive", "not_confirmed") == (told.outcome, told.reason)


def test_a_regression_that_fresh_answers_bear_out_is_told() -> None:
    """With the figures of both calibrations together; keys that have no fresh score keep theirs."""
    events = scores_of(*WORSE)
    fresh = {event.key: held(9, 10) for event in events[1:]}
    again = decide("text", pooled(events, fresh), RULES)
    told = confirmed(verdict(WORSE), again, 290)
    assert ("regression", 290) == (told.outcome, told.fresh_answers)
    assert again == replace(told, fresh_answers=None)


def test_what_was_no_regression_needs_no_confirmation() -> None:
    """The verdict on all scores stands."""
    first = verdict(OK)
    again = replace(first, outcome="inconclusive", reason="too_few")
    assert "too_few" == confirmed(first, again, 300).reason


def test_events_that_most_likely_changed_are_told_first() -> None:
    """Ten at most; the surest first; those that got better never."""
    groups: list[Group] = [
        (12, held(10, 10), held(2, 3)),
        (1, held(10, 10), held(0, 3)),
        (17, held(5, 10), held(3, 3)),
    ]
    changed = verdict(groups).changed
    assert "0012" == changed[0].key
    assert (10, 3, 1, 0, -1) == (
        changed[0].calibration_samples,
        changed[0].samples,
        changed[0].calibration_mean,
        changed[0].target_mean,
        changed[0].change,
    )
    assert pytest.approx((10, 1 / 286)) == (len(changed), changed[0].p)
    assert [False] * 10 == [event.is_likely for event in changed] != [changed[0].q <= 0.12]


@pytest.mark.parametrize(("events", "samples"), [(30, 4), (100, 5)])
def test_one_broken_event_is_proven_with_enough_samples(events: int, samples: int) -> None:
    """Part 5: four samples among 30 events, five among 100; one less does not do."""
    for k in (samples, samples - 1):
        groups: list[Group] = [
            (events - 1, held(10, 10), held(k, k)),
            (1, held(10, 10), held(0, k)),
        ]
        q = verdict(groups).changed[0].q
        assert (q <= 0.05) is (k == samples)


RULE_TABLE = [
    (SamplesRule(), (1, 5, 10, 20), (26, 79, 96, 100)),
    (SamplesRule(samples=3, pass_rate=2 / 3), (0, 0.7, 2.8, 10), (1, 20, 57, 96)),
    (SamplesRule(samples=5, pass_rate=0.6), (0, 0.1, 0.9, 5.8), (0, 3, 23, 83)),
]
"""As docs/statistics.md has it."""


@pytest.mark.parametrize(("rule", "one", "any_of_thirty"), RULE_TABLE)
def test_a_rule_fails_as_often_as_its_table_says(
    rule: SamplesRule, one: tuple[float, ...], any_of_thirty: tuple[float, ...]
) -> None:
    """One event, and any of thirty, by the chance that one sample holds."""
    n = rule.samples
    for p, percent, percent_of_thirty in zip(
        (0.99, 0.95, 0.9, 0.8), one, any_of_thirty, strict=True
    ):
        holds = sum(comb(n, x) * p**x * (1 - p) ** (n - x) for x in range(rule.needed, n + 1))
        digits = 0 if isinstance(percent, int) else 1
        assert percent == round(100 * (1 - holds), digits)
        assert percent_of_thirty == round(100 * (1 - holds**30))


@pytest.mark.parametrize(
    ("scores", "holds"),
    [
        ([], None),
        ([True, True], True),
        ([True, False], None),
        ([False, False], False),
        ([True, None, None], None),
        ([True, None, False], None),
        ([False, None, False], False),
    ],
)
def test_an_event_is_decided_as_soon_as_the_rest_cannot_change_it(
    scores: list[bool | None], holds: object
) -> None:
    """Two of three; a sample that was not measured is neither."""
    assert holds is SamplesRule(samples=3, pass_rate=2 / 3).verdict(scores)


def test_a_pass_rate_is_rounded_up_but_not_by_rounding_errors() -> None:
    """0.6 of 5 is 3, and any rate asks for one sample at least."""
    assert [3, 2, 1, 5] == [
        SamplesRule(samples=5, pass_rate=rate).needed for rate in (0.6, 0.4, 0.0, 0.81)
    ]
