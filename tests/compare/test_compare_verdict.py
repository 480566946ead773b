"""From scores to a verdict: the reference vectors, what gaps do, and laws that always hold."""

from __future__ import annotations

from dataclasses import replace
from math import nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_scores import Group, held, scores_of

from pytest_llmreplay.compare.statistics.decide import decide
from pytest_llmreplay.compare.statistics.rules import GateRules, Verdict
from pytest_llmreplay.compare.statistics.scores import EventScores

RULES = GateRules()
SESSIONS = GateRules(scope="sessions")
STEADY = (held(10, 10), held(3, 3))

VECTORS: list[tuple[list[Group], tuple[float, float, float, float], str, str | None]] = [
    ([(30, *STEADY)], (1, 0, -0.032738034, 0.009936082), "ok", None),
    (
        [(27, *STEADY), (3, held(10, 10), held(0, 3))],
        (1 / 286**3, -0.1, -0.117991511, -0.081153925),
        "regression",
        None,
    ),
    (
        [(21, held(9, 10), held(3, 3)), (9, held(9, 10), held(1, 3))],
        (0.012933899, -0.1, -0.168370608, -0.037259028),
        "regression",
        None,
    ),
    (
        [(8, held(9, 10), held(3, 3)), (2, held(9, 10), held(2, 3))],
        (0.806867175, 0.033333333, -0.102881986, 0.117303723),
        "inconclusive",
        "too_few",
    ),
    ([(1, held(3, 3), held(0, 3))], (0.05, -1, -1, -0.106787169), "regression", None),
    (
        [(1, held(10, 10), held(4, 5))],
        (1 / 3, -0.2, -0.657408318, 0.120987621),
        "inconclusive",
        "too_few",
    ),
    (
        [(1, (1, 1, 1), (1, 0, 1)), (1, (1, 0), (0, 0, 0)), (1, (1, 1, 0, 1), (0, 1))],
        (2 / 15, -0.361111111, -0.700522796, 0.120878354),
        "inconclusive",
        "too_few",
    ),
    (
        [(90, *STEADY), (10, held(10, 10), held(2, 3))],
        (4.28e-7, -0.033333333, -0.055884741, -0.017901164),
        "inconclusive",
        "small_real_drop",
    ),
    ([(59, held(10, 10), (1,))], (1, 0, -0.04950761, 0.005064644), "ok", None),
    ([(58, held(10, 10), (1,))], (1, 0, -0.050339338, 0.005151740), "inconclusive", "too_few"),
    (
        [(8, (1,), (0,)), (1, (0,), (1,)), (91, (1,), (1,))],
        (0.01953125, -0.07, -0.130466034, -0.0161252),
        "regression",
        None,
    ),
    (
        [
            (1, (0.8, 0.9, 0.7), (0.6, 0.7, 0.5)),
            (1, (0.9, 0.9, 0.8), (0.8, 0.9, 0.7)),
            (1, (0.5, 0.6, 0.7), (0.6, 0.4, 0.5)),
            (1, (1, 0.9, 1), (0.7, 0.8, 0.9)),
        ],
        (318 / 160_000, -0.133333333, -0.229314944, -0.034743462),
        "regression",
        None,
    ),
]


def figures(verdict: Verdict) -> tuple[float | None, ...]:
    """What the vectors print."""
    return verdict.p, verdict.change, verdict.low, verdict.high


@pytest.mark.parametrize(("groups", "expected", "outcome", "reason"), VECTORS)
def test_a_verdict_has_the_figures_of_its_reference_vector(
    groups: list[Group], expected: tuple[float, ...], outcome: str, reason: str | None
) -> None:
    """Vectors 1 to 11 of the specification, to the last printed digit."""
    verdict = decide("text", scores_of(*groups), RULES)
    assert (outcome, reason) == (verdict.outcome, verdict.reason)
    assert pytest.approx(expected[0], rel=2e-3 if expected[0] == 4.28e-7 else 1e-7) == verdict.p
    assert pytest.approx(expected[1:], abs=1e-9) == figures(verdict)[1:]


@pytest.mark.parametrize(
    ("failures", "low", "outcome"), [(0, -0.032738034, "ok"), (2, -0.068302341, "inconclusive")]
)
def test_without_a_calibration_only_a_target_that_nearly_always_holds_is_ok(
    failures: int, low: float, outcome: str
) -> None:
    """Vector 20: nobody knows how often the recorded model differs from itself."""
    verdict = decide(
        "text", scores_of((30 - failures, (), held(3, 3)), (failures, (), held(2, 3))), RULES
    )
    assert pytest.approx(low, abs=1e-9) == verdict.low
    assert (outcome, "no_noise_floor" if failures else None) == (verdict.outcome, verdict.reason)
    assert (None, None, None) == (verdict.p, verdict.change, verdict.high)


def in_sessions(sums: tuple[float, ...]) -> list[EventScores]:
    """Four events per session whose changes add up to its sum."""
    groups = [(4, (0.5,), (0.5 + value / 4,)) for value in sums]
    return scores_of(*groups, per_session=4)


def test_a_verdict_about_sessions_is_by_their_sums() -> None:
    """Vector 13: eight sessions show a drop."""
    verdict = decide("text", in_sessions((-0.4, -0.1, 0.2, -0.3, -0.5, 0, -0.2, -0.6)), SESSIONS)
    assert "regression" == verdict.outcome
    assert pytest.approx((0.03125, -0.059375, -0.362051595)) == figures(verdict)[:3]
    assert verdict.p_sessions == verdict.p != verdict.p_events


@pytest.mark.parametrize(
    ("sessions", "outcome", "reason"),
    [(59, "ok", None), (58, "inconclusive", "too_few"), (4, "inconclusive", "too_few_sessions")],
)
def test_sessions_that_did_not_change_are_ok_when_they_are_many(
    sessions: int, outcome: str, reason: str | None
) -> None:
    """Vector 13: what was seen in 59 sessions says enough of the one that was not."""
    verdict = decide("text", scores_of((sessions * 4, (1,), (1,)), per_session=4), SESSIONS)
    assert (outcome, reason) == (verdict.outcome, verdict.reason)
    if sessions == 59:
        assert pytest.approx(-0.044518217) == verdict.low


def test_one_session_speaks_for_no_other() -> None:
    """Four sessions cannot be told from luck, and one has no spread at all."""
    verdict = decide("text", scores_of((4, (1, 1), (0, 0))), SESSIONS)
    assert ("inconclusive", "too_few_sessions", 1.0) == (
        verdict.outcome,
        verdict.reason,
        verdict.high,
    )


@pytest.mark.parametrize("calibration", [(), held(10, 10)])
@pytest.mark.parametrize("target", [(), (None,), held(0, 3)])
def test_nothing_helps_four_sessions_to_speak_for_others(
    calibration: tuple[int, ...], target: tuple[int, ...]
) -> None:
    """No calibration, and no answer: the reason is what no further call would change."""
    verdict = decide("text", scores_of((4, calibration, target), per_session=1), SESSIONS)
    assert ("inconclusive", "too_few_sessions", 4) == (
        verdict.outcome,
        verdict.reason,
        verdict.sessions,
    )


def test_an_event_that_broke_is_not_hidden_by_the_others() -> None:
    """Fine on average, but one event failed five times of five."""
    events = scores_of((99, held(10, 10), held(5, 5)), (1, held(10, 10), held(0, 5)))
    verdict = decide("text", events, RULES)
    assert ("inconclusive", "local_break") == (verdict.outcome, verdict.reason)
    assert ["0099"] == [event.key for event in verdict.changed]
    assert pytest.approx(1 / 3003) == verdict.changed[0].p


@pytest.mark.parametrize("gap", [None, nan, 1.5, -0.1])
def test_a_sample_that_was_not_measured_never_makes_an_ok(gap: float | None) -> None:
    """As if it had failed, a drop could not be ruled out; whatever is no score is a gap."""
    events = scores_of((26, *STEADY), (4, held(10, 10), (1, 1, gap)))
    verdict = decide("text", events, RULES)
    assert ("inconclusive", "not_measured", 4) == (
        verdict.outcome,
        verdict.reason,
        verdict.not_measured,
    )


def test_a_sample_that_was_not_measured_never_makes_a_regression() -> None:
    """As if it had held, three events did not break."""
    events = scores_of((27, *STEADY), (3, held(10, 10), (None, None, 0)))
    measured = decide("text", scores_of((27, *STEADY), (3, held(10, 10), (0,))), RULES)
    assert "regression" == measured.outcome
    verdict = decide("text", events, RULES)
    assert ("inconclusive", "not_measured") == (verdict.outcome, verdict.reason)


def test_gaps_that_change_nothing_do_not_stand_in_the_way() -> None:
    """Broken events stay broken however the one gap is filled."""
    events = scores_of((27, *STEADY), (3, held(10, 10), (0, 0, None)))
    assert "regression" == decide("text", events, RULES).outcome


def test_a_gap_of_the_calibration_is_left_out() -> None:
    """The recorded model was asked eleven times and measured ten."""
    with_gap = decide("text", scores_of((30, (None, *held(10, 10)), held(3, 3))), RULES)
    assert decide("text", scores_of((30, *STEADY)), RULES) == with_gap


def test_events_without_a_calibration_are_left_out_and_named() -> None:
    """Up to a tenth of them may lack one."""
    verdict = decide("text", scores_of((27, *STEADY), (3, (), held(0, 3))), RULES)
    assert ("ok", ("0027", "0028", "0029"), 27) == (
        verdict.outcome,
        verdict.left_out,
        verdict.events,
    )
    more = decide("text", scores_of((26, *STEADY), (4, (), held(3, 3))), RULES)
    assert ("inconclusive", "no_noise_floor") == (more.outcome, more.reason)


@pytest.mark.parametrize("target", [(), (None, None)])
def test_a_run_without_a_measured_answer_decides_nothing(target: tuple[None, ...]) -> None:
    """Nothing that was measured is no pass."""
    for events in (scores_of((5, held(10, 10), target)), []):
        verdict = decide("text", events, RULES)
        assert ("inconclusive", "not_measured") == (verdict.outcome, verdict.reason)


def test_an_event_that_was_never_sent_counts_as_not_measured() -> None:
    """A run that ended early is not judged by its better half."""
    events = scores_of((27, *STEADY), (3, held(10, 10), ()))
    verdict = decide("text", events, RULES)
    assert ("inconclusive", "not_measured", 9) == (
        verdict.outcome,
        verdict.reason,
        verdict.not_measured,
    )


def test_passes_through_a_session_stay_whole() -> None:
    """Ten turns that broke in the same pass are one accident, not ten."""
    events = scores_of((10, held(3, 3), held(2, 3)), per_session=10)
    apart = decide("text", events, RULES)
    whole = decide("text", events, replace(RULES, free_running=True))
    assert apart.p == pytest.approx(0.5**10)
    assert whole.p == 0.5
    assert whole.low is not None
    assert apart.low is not None
    assert whole.low < apart.low


def test_a_pass_that_ended_early_lacks_its_later_turns() -> None:
    """It left the recording at the second turn; a pass of the calibration that did is left out."""
    events = scores_of((1, (1, 1, 1), (1, 1)), (1, (1, None, 1), (1,)), per_session=2)
    verdict = decide("text", events, replace(RULES, free_running=True))
    assert (1, 2) == (verdict.not_measured, verdict.calibration_samples)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"margin": 0}, "margin is 0; it must lie between 0 and 1"),
        ({"margin": nan}, "margin is nan; it must lie between 0 and 1"),
        ({"alpha": 0.5}, r"alpha is 0.5; it must lie between 0 and 0.5"),
        ({"schedule": (1, 1)}, "it must rise, as in 1, 2, 3, 5"),
        ({"schedule": (0, 1)}, "it must rise, as in 1, 2, 3, 5"),
    ],
)
def test_rules_that_make_no_sense_are_refused(given: dict[str, float], words: str) -> None:
    """A margin of 0 could never be ruled out."""
    with pytest.raises(ValueError, match=words):
        GateRules(**given)  # type: ignore[arg-type]  # mistakes, too


SCORES = st.one_of(st.sampled_from([0.0, 1.0, 1, 0]), st.floats(0, 1))
ODD = st.one_of(SCORES, st.none(), st.floats())
SIDE = st.lists(ODD, max_size=4).map(tuple)
EVENTS = st.lists(
    st.builds(
        EventScores,
        key=st.text(max_size=3),
        session=st.sampled_from("abcdefg"),
        calibration=SIDE,
        target=SIDE,
    ),
    max_size=8,
)
ANY_RULES = st.builds(
    GateRules,
    margin=st.floats(0.001, 0.999),
    alpha=st.floats(0.001, 0.499),
    scope=st.sampled_from(["events", "sessions"]),
    free_running=st.booleans(),
)


@settings(max_examples=150, deadline=None)
@given(events=EVENTS, rules=ANY_RULES)
def test_any_scores_have_a_verdict_that_makes_sense(
    events: list[EventScores], rules: GateRules
) -> None:
    """It never raises; p is above 0 and at most 1, and the change lies in its interval."""
    verdict = decide("text", events, rules)
    assert (verdict.outcome == "inconclusive") is (verdict.reason is not None)
    assert all(0 < p <= 1 for p in (verdict.p, verdict.p_events, verdict.p_sessions) if p)
    if verdict.change is not None:
        assert verdict.low is not None
        assert verdict.high is not None
        assert -1 <= verdict.low <= verdict.change + 1e-9
        assert verdict.change - 1e-9 <= verdict.high <= 1


@settings(max_examples=40, deadline=None)
@given(events=EVENTS, data=st.data())
def test_the_order_of_events_does_not_matter(
    events: list[EventScores], data: st.DataObject
) -> None:
    """Not for anything that is printed, draws included."""
    shuffled = data.draw(st.permutations(events))
    assert decide("text", events, RULES) == decide("text", shuffled, RULES)


def test_the_same_run_is_drawn_alike_and_another_question_is_not() -> None:
    """Eight graded events have too many ways to look at all of them."""
    graded = (8, (0.5, 0.61, 0.72, 0.8, 0.83), (0.47, 0.55, 0.7))
    first, again = (decide("text", scores_of(graded), RULES).p for _ in range(2))
    assert first == again
    assert first != decide("json", scores_of(graded), RULES).p


@settings(max_examples=60, deadline=None)
@given(events=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3)), min_size=1, max_size=12))
def test_a_target_that_does_worse_never_looks_better(events: list[tuple[int, int]]) -> None:
    """One more failure of one event lowers the change, the bounds and p, or leaves them."""
    groups = [(1, held(then, 3), held(now, 3)) for then, now in events]
    worse = [*groups[:-1], (1, groups[-1][1], held(events[-1][1] - 1, 3))]
    before, after = (decide("text", scores_of(*each), RULES) for each in (groups, worse))
    assert before.change is not None
    assert after.change is not None
    assert after.change < before.change
    assert after.p is not None
    assert before.p is not None
    assert after.p <= before.p + 1e-12
