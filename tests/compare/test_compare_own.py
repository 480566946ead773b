"""Checks that users write."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from compared_events import MakeEvent

from pytest_llmreplay.compare.check import Held, NotMeasured, Pair
from pytest_llmreplay.compare.specs.parsing import parse_checks
from pytest_llmreplay.compare.syntax.surroundings import OwnCheck, Surroundings
from pytest_llmreplay.errors import CheckSyntaxError
from pytest_llmreplay.event import Event


def judged(spec: str, function: OwnCheck, baseline: Event, replayed: Event) -> Any:
    """What a check called `polite` finds."""
    (check,) = parse_checks([spec], Surroundings(own={"polite": function}))
    return check.judge(Pair(baseline=baseline, replayed=replayed, live=True))


def polite(_baseline: Event, replayed: Event, argument: str | None) -> str | None:
    """Whether the answer has the word that politeness asks for."""
    word = argument or "please"
    return None if word in replayed.response.text else f"says no {word!r}"


def test_a_function_judges_both_calls_and_has_an_argument(event: MakeEvent) -> None:
    """What stands behind the colon comes as it is; a text is the headline."""
    assert isinstance(judged("polite", polite, event(), event("Wait, please.")), Held)
    found = judged("polite:thank: you", polite, event(), event("Wait."))
    assert ("says no 'thank: you'", "structure") == (found.headline, found.severity)
    assert "does not hold" == found.cause


def test_a_function_may_say_yes_or_no(event: MakeEvent) -> None:
    """And nothing is yes, as in a test."""
    for said in (True, None):
        assert isinstance(judged("polite", lambda *_, s=said: s, event(), event()), Held)
    assert "does not hold" == judged("polite", lambda *_: False, event(), event()).headline


def test_a_function_may_assert(event: MakeEvent) -> None:
    """What the assertion says is the headline, its other lines the note."""

    def asserting(_baseline: Event, replayed: Event, _argument: str | None) -> None:
        assert "please" in replayed.response.text, "no please\nat all"

    found = judged("polite", asserting, event(), event("Wait."))
    assert "no please" == found.headline
    assert "at all assert 'please' in 'Wait.'" == found.note  # without what pytest says of objects


@pytest.mark.parametrize("raises", [pytest.fail, pytest.skip, sys.exit])
def test_what_is_no_exception_to_python_is_told_as_well(
    event: MakeEvent, raises: Callable[[str], None]
) -> None:
    """Whoever writes tests writes `pytest.fail`; it ends neither the item nor the run."""

    def failing(*_: object) -> None:
        raises("too short")

    found = judged("polite", failing, event(), event())
    assert isinstance(found, NotMeasured)
    assert found.reason.endswith(": too short")


def test_what_a_function_raises_is_told_with_the_name_of_the_hook(event: MakeEvent) -> None:
    """A mistake in it is no verdict and no traceback."""
    found = judged("polite", lambda *_: 1 / 0, event(), event())  # type: ignore[arg-type]  # a mistake
    assert (
        NotMeasured(
            check="polite",
            reason="pytest_llmreplay_checks: ZeroDivisionError: division by zero",
        )
        == found
    )
    found = judged("polite", lambda *_: 0.7, event(), event())  # type: ignore[arg-type]  # a mistake
    assert "pytest_llmreplay_checks: 0.7 is no bool, text or None" == found.reason


def test_a_name_that_is_nearly_one_is_suggested() -> None:
    """As those of built-in checks are."""
    with pytest.raises(CheckSyntaxError, match="did you mean 'polite'"):
        parse_checks(["polit"], Surroundings(own={"polite": polite}))
