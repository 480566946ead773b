"""What two stored runs say to the same events; the golden texts stand in `golden/`."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from compared_events import MakeEvent

from pytest_llmreplay.compare.check import Pair
from pytest_llmreplay.compare.judged import Score
from pytest_llmreplay.compare.judging import compare
from pytest_llmreplay.compare.specs.parsing import parse_checks
from pytest_llmreplay.event import Event, Measured
from pytest_llmreplay.report.summary.force import CheckSource
from pytest_llmreplay.report.summary.result import EventResult, compared
from pytest_llmreplay.report.two_runs.as_json import runs_json
from pytest_llmreplay.report.two_runs.as_lines import runs_lines
from pytest_llmreplay.report.two_runs.moved import TwoRuns

Golden = Callable[[str, str], None]

RUNS = ("run-41", "run-42")
CHECKS = parse_checks(["text", "tool_calls", "judge>=0.5"])
SOURCES = (
    CheckSource(spec="text", source="command line"),
    CheckSource(spec="polite", source="cassette header", events=3),
)


def answered(event: MakeEvent, number: int, target: str, text: str, **took: Any) -> EventResult:
    """One event in one run."""

    def one(said: str, seconds: float = 1.2, tokens: int = 80, reason: str = "damaged") -> Event:
        measured = Measured(at="2026-11-20T10:00:00.000Z", duration=seconds)
        calls = [("refund_order", {"reason": reason})]
        return event(said, calls=calls, tokens=(900, tokens), cost=tokens * 2e-5, measured=measured)

    score = Score(value=0.9 if text == "It is on its way." else 0.4)
    pair = Pair(
        baseline=one("It is on its way."),
        replayed=one(text, **took),
        live=True,
        scores={"baseline": Score(value=0.9), "replayed": score},
    )
    place = f"cassettes/tests/agents/test_refund/test_refund_within_30_days_{number // 4}.yaml"
    node_id = f"{place}::{number % 4 + 1:04d}-support-agent[{target}]"
    return compared(pair, compare(pair, CHECKS), node_id=node_id, target=target)


def two_runs(event: MakeEvent, target: str, seed: int, size: int) -> TwoRuns:
    """The second run has other words now and then, other arguments, and an error."""
    dice, found = random.Random(seed), TwoRuns(target)
    for number in range(size):
        a = dice.choice(["It is on its way."] * 15 + ["Soon."])
        b = dice.choice(["It is on its way."] * 5 + ["Soon."])
        reason = dice.choice(["damaged"] * 8 + ["unwanted"])
        tokens, seconds = dice.randint(60, 120), dice.uniform(0.5, 2)
        was = answered(event, number, target, a)
        now = answered(event, number, target, b, tokens=tokens, seconds=seconds, reason=reason)
        if number == 7:
            lost = f"{target} at api.example.com: HTTP 500: \u202eoverloaded"
            now = EventResult(node_id=now.node_id, target=target, outcome="error", reason=lost)
        found.add(was, now)
    return found


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize("size", [24, 200])
def test_two_runs_read_as_their_golden_text(
    event: MakeEvent, golden: Golden, size: int, width: int
) -> None:
    """Outcomes and figures of both beside each other, then each event that moved, and why."""
    first, second = (two_runs(event, name, size + at, size) for at, name in enumerate("ab"))
    first.alone_b = 2
    second.unjudged["its request was recorded anew since, or is not recorded any more"] = 3
    lines = runs_lines(RUNS, [first] if size > 24 else [first, second], SOURCES, width)
    assert all(len(line) <= width for line in lines)
    golden(f"two-runs-{size}-{width}", "\n".join(lines))


def test_runs_that_say_the_same(event: MakeEvent) -> None:
    """No event is named, and no command."""
    found = TwoRuns("a")
    one = answered(event, 0, "a", "It is on its way.")
    found.add(one, one)
    lines = runs_lines(RUNS, [found], (), 80)
    assert not any("only in" in line or "see" in line for line in lines)


def test_the_json_names_every_event(event: MakeEvent) -> None:
    """However many they are; a hostile text is data there."""
    found = two_runs(event, "a", 200, 200)
    told: Any = json.loads(json.dumps(runs_json(RUNS, [found], SOURCES)))
    of_target = told["targets"]["a"]
    assert len(found.worse) == len(of_target["diverged"]["only_b"]) > 20
    assert 200 == of_target["events"] == sum(of_target["outcomes"]["run-42"].values())
    assert {"events": 199, "run-41": 0.9, "run-42": 0.9}.keys() == of_target["figures"][
        "judge"
    ].keys()
    assert ["text", "polite"] == [one["check"] for one in told["checks"]]
