"""Checks over a session or over the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from compared_events import MakeEvent

from pytest_llmreplay.compare.check import Diverged, Held, NotMeasured, Pair
from pytest_llmreplay.compare.figures.call_figures import EventFigures, Figures, figures_of_both
from pytest_llmreplay.compare.specs.parsing import parse_scoped
from pytest_llmreplay.event import ResponseError

Call = tuple[str, Any]
Calls = Sequence[Call]

LOOK: Call = ("get_order", {"id": 1})
REFUND: Call = ("refund", {"id": 1})
MAIL: Call = ("send_mail", {"to": "x"})


def judged(spec: str, given: Sequence[Any]) -> Any:
    """What one check finds."""
    (check,) = parse_scoped([spec])
    return check.judge(given)


def session(event: MakeEvent, then: Sequence[Calls], now: Sequence[Calls]) -> list[Pair]:
    """Turns that make some calls."""
    return [
        Pair(baseline=event(calls=old), replayed=event(calls=new), live=True)
        for old, new in zip(then, now, strict=True)
    ]


def figures(*replayed: Figures, recorded: Figures, **more: Any) -> EventFigures:
    """What an event took."""
    return EventFigures(key="e", recorded=recorded, replayed=replayed, **more)


@pytest.mark.parametrize(
    ("now", "held"),
    [
        ([[LOOK], [REFUND, MAIL]], ["", ":ordered", ":subset", ":final"]),
        ([[LOOK], [MAIL, REFUND]], ["", ":subset", ":final"]),
        ([[REFUND], [LOOK, MAIL]], ["", ":subset", ":final"]),
        ([[LOOK, LOOK], [REFUND, MAIL]], [":subset", ":final"]),
        ([[], [REFUND, MAIL]], [":subset", ":final"]),
        ([[LOOK], [REFUND]], [":subset"]),
        ([[LOOK], [("refund", {"id": 2}), MAIL]], [":subset"]),
        ([[LOOK], [REFUND, MAIL, ("close", {})]], []),
        ([[LOOK, ("search", {})], [REFUND, MAIL]], [":final"]),
    ],
)
def test_a_trajectory_is_the_calls_of_all_turns(
    event: MakeEvent, now: Sequence[Calls], held: list[str]
) -> None:
    """In any order, in order, without a new tool, or only those that do something."""
    pairs = session(event, [[LOOK], [REFUND, MAIL]], now)
    ways = ("", ":ordered", ":subset", ":final")
    found = [way for way in ways if isinstance(judged(f"session:trajectory{way}", pairs), Held)]
    assert held == found


def test_a_trajectory_that_differs_is_shown(event: MakeEvent) -> None:
    """What a reader needs is in the headline: the argument, the order, the tool, the words."""
    then = [[LOOK], [REFUND, MAIL]]
    other = session(event, then, [[LOOK], [("refund", {"id": 2}), MAIL]])
    assert "refund.id is 2, recorded 1" == judged("session:trajectory", other).headline
    turned = session(event, then, [[LOOK], [MAIL, REFUND]])
    found = judged("session:trajectory:ordered", turned)
    assert "call 2 is send_mail, recorded refund: another order" == found.headline
    assert "tool_calls" == found.severity
    new = judged("session:trajectory:subset", session(event, then, [[LOOK], [("close", {})]]))
    assert "calls close, which the recording never does" == new.headline
    last = Pair(baseline=event("Done."), replayed=event("Failed."), live=True)
    found = judged("session:trajectory:final", [last])
    assert ("says 'Failed.', recorded 'Done.'", "wording") == (found.headline, found.severity)


def test_a_session_without_an_answer_has_no_trajectory(event: MakeEvent) -> None:
    """A turn that failed says nothing about what would have come."""
    assert isinstance(judged("session:trajectory", []), NotMeasured)
    broken = event(response={"error": ResponseError(status=500, type="x", message="y")})
    found = judged("session:trajectory", [Pair(baseline=event(), replayed=broken, live=True)])
    assert "call 1 of 1 has no answer" == found.reason


@pytest.mark.parametrize(
    ("spec", "headline"),
    [
        ("session:cost<=$0.05", "$0.060, limit $0.050"),
        ("session:cost<=1.5x", "$0.060, recorded $0.020 (3.00x), limit $0.030"),
        ("session:tokens<=+50", "600, recorded 240 (2.50x), limit 290"),
        ("session:output_tokens<=300", "400, limit 300"),
        ("session:latency<=4s", "6.00 s, limit 4.00 s"),
    ],
)
def test_a_session_has_a_budget_for_all_its_calls(
    event: MakeEvent, spec: str, headline: str
) -> None:
    """The sums are told with the limit."""
    then = event(cost=0.01)
    now = event(tokens=(100, 200), cost=0.03, duration=3.0)
    pairs = [Pair(baseline=then, replayed=now, live=True)] * 2
    found = judged(spec, pairs)
    assert (headline, "budget") == (found.headline, found.severity)
    assert isinstance(judged(spec, [Pair(baseline=then, replayed=then, live=True)]), Held)


@pytest.mark.parametrize(
    ("spec", "headline"),
    [
        ("session:trajectory", "calls search, recorded send_mail"),
        ("session:trajectory:final", "no call, recorded send_mail"),
        ("session:cost<=$0.05", "$0.060, limit $0.050"),
        ("session:cost<=1.5x", "$0.060, recorded $0.020 (3.00x), limit $0.030"),
    ],
)
def test_calls_that_only_one_side_made_count(event: MakeEvent, spec: str, headline: str) -> None:
    """A target that runs freely may take more calls than the recording, and other ones fewer."""
    then, now = event(cost=0.01), event(cost=0.03)
    further = event("Done.", calls=[("search", {})], cost=0.03)
    recorded = event("Done.", calls=[MAIL], cost=0.01)
    pair = Pair(baseline=then, replayed=now, live=True, beyond=(further,), spared=(recorded,))
    assert headline == judged(spec, [pair]).headline


def test_the_last_words_of_a_session_may_be_those_of_a_further_call(event: MakeEvent) -> None:
    """And be recorded by a call that the target had no need of."""
    then, now = event("Wait.", calls=[LOOK]), event("Let me see.", calls=[LOOK])
    pair = Pair(baseline=then, replayed=now, live=True, beyond=(event("Ok."),))
    assert isinstance(
        judged("session:trajectory:final", [replace(pair, spared=(event("Ok."),))]), Held
    )
    assert "says 'Ok.', recorded 'Wait.'" == judged("session:trajectory:final", [pair]).headline


@pytest.mark.parametrize(
    ("spec", "sides", "reason"),
    [
        ("session:tokens<=9999", ({}, {"tokens": (1, None)}), "the answer reports no usage"),
        ("session:tokens<=2x", ({"tokens": (None, 1)}, {}), "the recording reports no usage"),
        (
            "session:cost<=$9",
            ({}, {"provider": "ollama"}),
            "unpriced: a local server has no",
        ),
        (
            "session:cost<=$9",
            ({}, {"cost": float("nan")}),
            "unpriced: no list price for",
        ),
    ],
)
def test_one_missing_figure_leaves_the_sum_of_a_session_unknown(
    event: MakeEvent, spec: str, sides: tuple[dict[str, Any], dict[str, Any]], reason: str
) -> None:
    """The reason says of which call."""
    whole = Pair(baseline=event(cost=0.01), replayed=event(cost=0.01), live=True)
    lacking = Pair(baseline=event(**sides[0]), replayed=event(**sides[1]), live=True)
    found = judged(spec, [whole, lacking])
    assert isinstance(found, NotMeasured)
    assert found.reason.startswith(f"call 2 of 2: {reason}")
    played = Pair(baseline=event(), replayed=event(), live=False)
    assert isinstance(judged("session:latency<=9s", [played]), NotMeasured)
    assert isinstance(judged(spec, []), NotMeasured)


@pytest.mark.parametrize(
    ("figure", "limit"), [("tokens", "900"), ("output_tokens", "900"), ("cost", "$1")]
)
def test_a_stream_that_was_left_has_no_recorded_sum(
    event: MakeEvent, figure: str, limit: str
) -> None:
    """The beginning of an answer is not held against the whole of another one."""
    usage: dict[str, Any] = {"tokens": (100, 1), "cost": 0.001, "duration": 0.01, "first": 0.01}
    left = event("one", finish=None, response={"truncated": True}, **usage)
    whole = event("one two", tokens=(100, 500), cost=0.2, duration=9.0, first=0.01)
    then, now = figures_of_both(Pair(baseline=left, replayed=whole, live=True))
    run = [figures(now, recorded=then)]
    found = judged(f"run:{figure}<=2x", run)
    assert isinstance(found, NotMeasured)
    assert found.reason.startswith("only 0 of 1 events have a known recorded")
    assert isinstance(judged(f"run:{figure}<={limit}", run), Held)
    assert isinstance(judged("run:input_tokens<=1x", run), Held)
    assert (None, 0.01) == (then.duration, then.time_to_first_chunk)


def test_a_run_has_a_budget_for_one_pass_over_all_events() -> None:
    """Each event counts once, as the mean of its samples, against its calibration if there is."""
    one, two, four = (Figures(cost=n / 100, input_tokens=n, output_tokens=n) for n in (1, 2, 4))
    run = [figures(two, four, recorded=one), figures(two, recorded=one)]
    found = judged("run:cost<=1.1x", run)
    assert "$0.050, recorded $0.020 (2.50x), limit $0.022" == found.headline
    assert isinstance(judged("run:cost<=$0.05", run), Held)
    assert isinstance(judged("run:tokens<=10", run), Held)
    assert "10, recorded 4 (2.50x), limit 9" == judged("run:tokens<=9", run).headline
    calibrated = [figures(four, recorded=one, calibration=(four, four))]
    assert isinstance(judged("run:cost<=1x", calibrated), Held)
    said = "$0.040, the recorded model asked again $0.040 (1.00x), limit $0.010"
    assert said == judged("run:cost<=$0.01", calibrated).headline


@pytest.mark.parametrize(
    ("spec", "event", "reason"),
    [
        ("run:cost<=$9", {"recorded": Figures(cost=0.1)}, "only 1 of 2 events have a known cost"),
        (
            "run:cost<=2x",
            {"recorded": Figures(), "replayed": (Figures(cost=0.1),)},
            "only 1 of 2 events have a known recorded cost",
        ),
        (
            "run:output_tokens<=9",
            {"recorded": Figures(), "replayed": (Figures(cost=float("nan")),)},
            "only 0 of 2 events have a known number of output tokens",
        ),
    ],
)
def test_one_missing_figure_leaves_the_sum_of_a_run_unknown(
    spec: str, event: dict[str, Any], reason: str
) -> None:
    """Nothing is taken for free."""
    whole = figures(Figures(cost=0.1), recorded=Figures(cost=0.1))
    found = judged(spec, [whole, EventFigures(key="e", **event)])
    assert isinstance(found, NotMeasured)
    assert reason == found.reason
    assert isinstance(judged(spec, []), NotMeasured)


def test_a_percentile_of_a_run_needs_enough_live_calls() -> None:
    """59 of each side for p95, 5 for p50, and only its own side for an absolute one."""

    def run(count: int, seconds: float, then: float | None = 1.0) -> list[EventFigures]:
        slow, fast = Figures(duration=seconds), Figures(duration=then)
        return [figures(slow, recorded=fast) for _ in range(count)]

    few = judged("run:latency.p95<=1.2x", run(58, 1.0))
    assert "p95 needs 59 live calls per side; this run had 58" == few.reason
    assert isinstance(judged("run:latency.p95<=2x", run(59, 1.0)), Held)
    found = judged("run:latency.p95<=1.2x", run(59, 3.0))
    assert "3.00 s, recorded 1.00 s (3.00x), limit 1.50 s" == found.headline
    blind = judged("run:latency.p95<=1.2x", run(60, 1.0, None))
    assert "p95 needs 59 live calls per side; the recording has 0" == blind.reason
    assert isinstance(judged("run:latency.p95<=2s", run(60, 1.0, None)), Held)
    alone = judged("run:latency.p95<=2s", run(58, 1.0, None))
    assert "p95 needs 59 live calls; this run had 58" == alone.reason
    assert isinstance(judged("run:latency.p50<=2s", run(5, 3.0)), Diverged)
    assert isinstance(judged("run:ttft.p50<=2s", run(5, 3.0)), NotMeasured)


def test_a_run_has_a_least_score() -> None:
    """On average over the events, absolute or against the recorded answers; NaN is no score."""

    def run(*scores: tuple[float | None, ...], times: int = 20) -> list[EventFigures]:
        return [
            EventFigures(
                key=str(place),
                recorded=Figures(judge=0.9),
                replayed=tuple(Figures(judge=one) for one in given),
            )
            for place, given in enumerate(scores * times)
        ]

    assert Held(check="run:judge>=0.7", detail="0.80") == judged("run:judge>=0.7", run((0.7, 0.9)))
    found = judged("run:judge>=-0.05", run((0.8,), (0.6,)))
    assert "0.70 on average, recorded 0.90, at least 0.85 asked for" == found.headline
    assert isinstance(judged("run:judge>=-0.3", run((0.8,), (0.6,))), Held)
    torn = judged("run:judge>=0.8", run((0.7,), (0.9,), times=2))
    assert torn.reason.startswith("undecided: 0.80 on average, truly between 0.67 and 0.9")
    assert torn.reason.endswith(", at least 0.80 asked for; more samples decide")
    for missing in ((None,), (float("nan"),), ()):
        assert isinstance(judged("run:judge>=0", run((0.9,), missing)), NotMeasured)
    unknown = [EventFigures(key="e", replayed=(Figures(judge=1.0),))]
    assert isinstance(judged("run:judge>=-1", unknown), NotMeasured)
    assert isinstance(judged("run:judge>=0", []), NotMeasured)


def test_samples_that_lie_apart_decide_nothing() -> None:
    """A sum of several samples is over its budget, within it, or undecided with its interval."""

    def run(*dollars: float, then: float = 1.0, **more: Any) -> list[EventFigures]:
        samples = [Figures(cost=one) for one in dollars]
        return [figures(*samples, recorded=Figures(cost=then), **more) for _ in range(30)]

    assert isinstance(judged("run:cost<=1.1x", run(0.99, 1.0, 1.01)), Held)
    assert isinstance(judged("run:cost<=$30", run(0.9, 0.91, 0.92)), Held)
    over = judged("run:cost<=1.1x", run(1.5, 1.6, 1.7))
    assert "$48.00, recorded $30.00 (1.60x), limit $33.00" == over.headline
    torn = judged("run:cost<=1.1x", run(0.2, 1.0, 2.1))
    assert isinstance(torn, NotMeasured)
    assert torn.reason.startswith("undecided: $33.00, truly between $2")
    assert torn.reason.endswith(", limit $33.00; more samples decide")
    twice = (Figures(cost=0.9), Figures(cost=1.1))
    assert isinstance(judged("run:cost<=1.1x", run(0.99, 1.01, calibration=twice)), Held)


def test_a_percentile_that_is_near_its_budget_is_undecided() -> None:
    """One call of sixty that is slow does not make a run slow."""
    times = [Figures(duration=1.0 + max(place - 50, 0) / 5) for place in range(60)]
    calls = [figures(one, recorded=one) for one in times]
    found = judged("run:latency.p95<=1.2x", calls)
    assert isinstance(found, NotMeasured)
    assert found.reason.startswith("undecided: 2.20 s, truly between 1.")
    assert isinstance(judged("run:latency.p95<=3x", calls), Held)
    assert isinstance(judged("run:latency.p95<=1.2s", calls), Diverged)


def test_a_figure_that_was_recorded_as_nothing_has_a_limit_all_the_same() -> None:
    """Nothing times anything is the floor."""
    free, dear = Figures(cost=0.0), Figures(cost=1.0)
    assert isinstance(judged("run:cost<=2x", [figures(free, free, recorded=free)]), Held)
    assert isinstance(judged("run:cost<=2x", [figures(dear, dear, recorded=free)]), Diverged)
    still = Figures(duration=0.0)
    runs = [figures(still, recorded=still) for _ in range(59)]
    assert isinstance(judged("run:latency.p95<=2x", runs), Held)
