"""Budgets: what people may write, and where they trip."""

from __future__ import annotations

import pytest

from pytest_llmreplay.compare.syntax.bad_spec import BadSpec
from pytest_llmreplay.compare.syntax.budget import UNITS, parse_budget


@pytest.mark.parametrize(
    ("text", "unit", "recorded", "limit"),
    [
        ("<=1.3x", "tokens", 1000, 1300),
        ("<=2x", "tokens", 5, 25),
        ("<=+200", "tokens", 1000, 1200),
        ("<=+1", "tokens", 1000, 1020),
        ("<=4000", "tokens", 1000, 4000),
        ("<=0.5x", "tokens", 1000, 520),
        ("<=2x", "seconds", 0.1, 0.6),
        ("<=2x", "seconds", 2.0, 4.0),
        ("<=+500ms", "seconds", 1.0, 1.5),
        ("<=+2s", "seconds", 1.0, 3.0),
        ("<=3s", "seconds", 1.0, 3.0),
        ("<=250ms", "seconds", 1.0, 0.25),
        ("<=1.1x", "dollars", 0.0001, 0.0002),
        ("<=$0.02", "dollars", 5.0, 0.02),
        ("<=+$0.01", "dollars", 0.02, 0.03),
    ],
)
def test_a_budget_is_a_limit_that_a_floor_keeps_from_tripping_on_noise(
    text: str, unit: str, recorded: float, limit: float
) -> None:
    """A relative budget never trips below its floor; an absolute one is what it says."""
    assert limit == pytest.approx(parse_budget(text, UNITS[unit]).limit(recorded))


@pytest.mark.parametrize(
    ("text", "unit", "at"),
    [
        ("", "tokens", 0),
        (">=2x", "tokens", 0),
        ("<2x", "tokens", 0),
        ("<=", "tokens", 2),
        ("<=2", "seconds", 2),
        ("<=+5", "seconds", 3),
        ("<=3s", "tokens", 2),
        ("<=0.02", "dollars", 2),
        ("<=$x", "dollars", 2),
        ("<=-2x", "tokens", 2),
        ("<=1e9x", "tokens", 2),
        ("<=infx", "tokens", 2),
        ("<=+2x", "tokens", 3),
    ],
)
def test_what_is_no_budget_is_refused_with_its_place(text: str, unit: str, at: int) -> None:
    """The error says at which character the reading stopped, and gives examples of the unit."""
    with pytest.raises(BadSpec) as caught:
        parse_budget(text, UNITS[unit])
    assert at == caught.value.at
    assert UNITS[unit].examples in caught.value.problem
