"""Looking at a run more often than once."""

from __future__ import annotations

from statistics import NormalDist

import pytest
from made_scores import held, scores_of

from pytest_llmreplay.compare.statistics.decide import decide
from pytest_llmreplay.compare.statistics.rules import GateRules
from pytest_llmreplay.compare.statistics.stages import levels, looks

SCHEDULE = (1, 2, 3, 5)
NORMAL = NormalDist()


def test_the_levels_of_the_default_schedule_are_those_of_the_specification() -> None:
    """Part 4, ten samples of calibration."""
    found = looks(SCHEDULE, 10)
    assert list(SCHEDULE) == [look.samples for look in found]
    assert [0.27273, 0.5, 0.69231, 1] == [round(look.time, 5) for look in found]
    assert [0.00372, 0.01041, 0.01802, 0.03974] == [round(look.regression, 5) for look in found]
    assert [0.01364, 0.01628, 0.01899, 0.02843] == [round(look.ok, 5) for look in found]


def test_levels_agree_with_those_of_gsdesign() -> None:
    """Vector 16: five looks, spending of the O'Brien-Fleming type, to four digits."""
    times = tuple(number / 5 for number in range(1, 6))
    z = NORMAL.inv_cdf(1 - 0.025 / 2)
    spent = tuple(2 * (1 - NORMAL.cdf(z / time**0.5)) for time in times)
    found = [NORMAL.inv_cdf(1 - level) for level in levels(times, spent)]
    assert [4.8769, 3.3570, 2.6803, 2.2898, 2.0310] == [round(bound, 4) for bound in found]


def test_one_look_is_judged_at_the_full_level() -> None:
    """Nothing is paid for looks that are not taken."""
    (only,) = looks((3,), 10, alpha=0.05)
    assert pytest.approx((0.05, 0.05)) == (only.regression, only.ok)


def test_several_metrics_share_the_chance_of_a_false_alarm() -> None:
    """Each may call a regression at a third of the level, and `ok` at all of it."""
    alone, shared = looks(SCHEDULE, 10), looks(SCHEDULE, 10, metrics=3)
    assert all(few.regression < one.regression for few, one in zip(shared, alone, strict=True))
    assert pytest.approx(alone[0].regression / 3) == shared[0].regression
    assert [look.ok for look in alone] == [look.ok for look in shared]


def test_looks_that_are_close_to_each_other_spend_no_more_than_there_is() -> None:
    """Twenty looks, the last ones with hardly any news between them."""
    found = looks(tuple(range(1, 21)), 3)
    assert 0.05 > max(look.regression for look in found) > found[0].regression
    assert all(0 < look.ok < 0.05 for look in found)


def test_without_a_calibration_every_sample_is_news() -> None:
    """Information then grows with the samples of the target alone."""
    assert [0.2, 0.4, 0.6, 1] == [look.time for look in looks(SCHEDULE, 0)]


@pytest.mark.parametrize(("samples", "look"), [(1, 1), (2, 2), (3, 3), (4, 3), (5, 4)])
def test_a_look_is_judged_at_its_own_levels(samples: int, look: int) -> None:
    """The verdict says which look it is, at which levels, and how many were planned."""
    planned = looks(SCHEDULE, 10)
    events = scores_of((30, held(10, 10), held(samples, samples)))
    verdict = decide("text", events, GateRules(schedule=SCHEDULE), planned)
    assert (look, planned) == (verdict.look, verdict.looks)
    assert (planned[look - 1].ok, planned[look - 1].regression) == (
        verdict.level,
        verdict.regression_level,
    )


def test_an_early_look_is_harder_to_convince_than_the_only_one() -> None:
    """What would do at the end does not at the first of four looks."""
    events = scores_of((59, held(10, 10), (1,)))
    assert "ok" == decide("text", events, GateRules()).outcome
    assert "inconclusive" == decide("text", events, GateRules(), looks(SCHEDULE, 10)).outcome
