"""What a verdict says to people and to programs; the golden texts stand in `golden/`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatchcase

import pytest
from made_scores import Group, held, scores_of

from pytest_llmreplay.compare.statistics.decide import decide
from pytest_llmreplay.compare.statistics.preference import (
    Preferences,
    decide_preference,
    preference_preflight,
)
from pytest_llmreplay.compare.statistics.reach import preflight
from pytest_llmreplay.compare.statistics.rules import GateRules, Verdict
from pytest_llmreplay.compare.statistics.stages import looks
from pytest_llmreplay.report.verdict.figures import points, rare, share
from pytest_llmreplay.report.verdict.named_figures import figure_lines
from pytest_llmreplay.report.verdict.noise_floor import FloorView, calibrated_lines
from pytest_llmreplay.report.verdict.run_verdict import (
    TargetVerdictView,
    verdict_lines,
    verdict_text,
    verdicts_lines,
)

Golden = Callable[[str, str], None]

RULES = GateRules()
SESSIONS = GateRules(scope="sessions")
STEADY = (held(10, 10), held(3, 3))
FORBIDDEN = re.compile(r"significan|p-value|\bnull\b|hypothes|\bp [=<.]|alpha", re.IGNORECASE)

RUNS: dict[str, tuple[list[Group], GateRules]] = {
    "ok": ([(29, *STEADY), (1, held(9, 10), held(2, 3))], replace(RULES, margin=0.08)),
    "ok-close": ([(59, held(10, 10), (1,))], RULES),
    "ok-sessions": ([(240, (1,), (1,))], SESSIONS),
    "ok-no-calibration": ([(30, (), held(3, 3))], RULES),
    "regression": ([(21, held(9, 10), held(3, 3)), (9, held(9, 10), held(1, 3))], RULES),
    "regression-broken": ([(26, *STEADY), (4, held(10, 10), held(0, 3))], RULES),
    "regression-graded": ([(12, (0.8, 0.9, 0.7), (0.6, 0.7, 0.5))], RULES),
    "regression-sessions": ([(28, (1, 1), (1, 0))], SESSIONS),
    "too-few": ([(8, held(9, 10), held(3, 3)), (2, held(9, 10), held(2, 3))], RULES),
    "too-few-steady": ([(15, *STEADY)], RULES),
    "too-few-sessions": ([(12, *STEADY)], SESSIONS),
    "small-real-drop": ([(90, *STEADY), (10, held(10, 10), held(2, 3))], RULES),
    "no-noise-floor": ([(10, (), held(0, 3)), (20, (), held(1, 3))], RULES),
    "no-noise-floor-of-some": ([(20, *STEADY), (5, (), held(3, 3))], RULES),
    "local-break": ([(99, held(10, 10), held(5, 5)), (1, held(10, 10), held(0, 5))], RULES),
    "not-measured": ([(26, *STEADY), (4, held(10, 10), (1, 1, None))], RULES),
    "nothing-measured": ([(4, held(10, 10), (None,))], RULES),
    "one-event": ([(1, held(10, 10), held(0, 5))], RULES),
}


def verdict_of(name: str) -> Verdict:
    """What one of the runs says."""
    groups, rules = RUNS[name]
    return decide("tool_calls", scores_of(*groups, per_session=4), rules)


def text_of(name: str) -> str:
    """The same in sentences, with what a larger run could see."""
    groups, rules = RUNS[name]
    events, verdict = scores_of(*groups, per_session=4), verdict_of(name)
    return "\n".join(
        verdict_lines(
            verdict,
            "gpt-5-mini",
            80,
            preflight=preflight(events, verdict.samples, rules),
            calibration_cost=0.4,
        )
    )


@pytest.mark.parametrize("name", RUNS)
def test_a_verdict_reads_like_this(name: str, golden: Golden) -> None:
    """At 80 columns, in words that need no course in statistics."""
    text = text_of(name)
    golden(f"verdict-{name}-80", text)
    assert not FORBIDDEN.search(text)
    assert all(len(line) <= 80 for line in text.splitlines())


def staged(samples: int) -> Verdict:
    """A run of thirty events that is judged at four looks."""
    events = scores_of((100, held(10, 10), held(samples, samples)))
    return decide("tool_calls", events, RULES, looks((1, 2, 3, 5), 10))


def test_a_run_that_stopped_early_says_what_it_saved(golden: Golden) -> None:
    """And that looking early is paid for; the last look has nothing to tell."""
    golden("verdict-stopped-80", "\n".join(verdict_lines(staged(2), "gpt-5-mini", 80)))
    assert "Stopped" not in " ".join(verdict_lines(staged(5), "gpt-5-mini", 80))


def test_a_regression_that_is_not_confirmed_is_told_as_such() -> None:
    """Never as a pass, never as a regression."""
    verdict = replace(verdict_of("ok"), outcome="inconclusive", reason="not_confirmed")
    assert [
        "A drop was seen, but fresh answers of the recorded model do not confirm it.",
        "About these events only.",
    ] == verdict_lines(verdict, "gpt-5-mini", 80)


def test_a_regression_says_whether_fresh_answers_bear_it_out() -> None:
    """They were paid for, and where none came the calibration stands alone."""
    for count, said in (
        (340, "340 fresh answers of the recorded model bear it out."),
        (0, "No fresh answer of the recorded model was judged, so that none bears it out."),
    ):
        verdict = replace(verdict_of("regression"), fresh_answers=count)
        assert said in " ".join(verdict_lines(verdict, "gpt-5-mini", 80))
    assert "fresh" not in " ".join(verdict_lines(verdict_of("regression"), "gpt-5-mini", 80))


def test_too_few_answers_without_advice_are_still_told() -> None:
    """Nobody asked what a larger run could see."""
    lines = verdict_lines(verdict_of("too-few"), "gpt-5-mini", 200)
    assert "This run could have seen a drop of 29 points." in lines[0]


def test_names_from_outside_are_made_safe() -> None:
    """A target, a metric and a key that would move the cursor."""
    events = scores_of((9, held(10, 10), held(0, 3)))
    hostile = [replace(event, key="\x1b[2J" + event.key) for event in events]
    text = "\n".join(verdict_lines(decide("\x1b[H", hostile, RULES), "\u202egpt", 80))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert r"\x1b[2J0000" in text


def test_what_decides_is_told_first_and_the_same_once() -> None:
    """A screen of checks that are fine does not stand before the one that is not."""
    fine, worse = verdict_of("ok"), verdict_of("regression")
    checks = [replace(fine, metric="answered"), worse, replace(fine, metric="refusal")]
    view = TargetVerdictView(
        target="gpt-5-mini",
        outcome="regression",
        fails=True,
        verdicts=[(one, preflight([], 1, RULES)) for one in checks],
        floor=FloorView(),
    )
    first, *blocks = verdict_text(view, 200).split("\n\u2502\n")
    assert f"regression: gpt-5-mini, {worse.metric}" == first.split("\n")[0]
    assert "gpt-5-mini is worse on these" in first
    (alike,) = blocks
    assert "No regression on these 30 events. answered, refusal held in 99 %" in alike


def test_several_targets_judged_one_by_one_tell_their_false_alarms() -> None:
    """Nine at 5 % each; one alone, and those that are judged together, tell nothing."""
    one = TargetVerdictView(
        target="gpt-5-mini",
        outcome="ok",
        fails=False,
        verdicts=[(verdict_of("ok"), preflight([], 1, RULES))],
        floor=FloorView(),
        alpha=0.05,
    )
    assert verdicts_lines([one] * 9, 200)[-1].startswith(
        "9 targets judged one by one: expect up to 0.45 false alarms"
    )
    for views in ([one], [replace(one, alpha=None)] * 9):
        assert "false alarms" not in "\n".join(verdicts_lines(views, 200))


@pytest.mark.parametrize(
    ("p", "words"),
    [(0.012933, "about 1 of 77"), (0.05, "about 1 of 20"), (1e-5, "fewer than 1 of 10,000")],
)
def test_luck_is_told_as_one_of_so_many_runs(p: float, words: str) -> None:
    """A small number of a small number is hard to read."""
    assert words == rare(p)


def test_a_share_is_never_all_unless_it_is() -> None:
    """One failure of a thousand is not 100 %, one pass is not nothing."""
    assert ["0 %", "1 %", "99 %", "100 %"] == [share(x) for x in (0, 0.001, 0.999, 1)]
    assert ["0", "8.5", "8"] == [points(0, 0), points(0.085), points(0.0849, 0)]


def preferred(*shares: float | None, left_out: int = 0) -> Verdict:
    """What a judge that compared pairs says of events with two samples each."""
    known = [
        Preferences(key=f"{at:04d}", session="s", shares=(share,) * 2)
        for at, share in enumerate(shares)
    ]
    alone = [Preferences(key=f"n{at}", session="s", shares=()) for at in range(left_out)]
    return decide_preference("judge>=-0.1", [*known, *alone], RULES)


@pytest.mark.parametrize(("mean", "said"), [((0.9,) * 10, "0.90"), ((1.0,) * 10, "1.00")])
def test_a_score_is_told_as_a_score_where_it_looks_like_a_count(
    mean: tuple[float, ...], said: str
) -> None:
    """Ten answers of 0.9 each are not nine that held."""
    verdict = decide("judge>=0.8", scores_of((8, mean, (0.25,) * 4)), RULES)
    told = " ".join(verdict_lines(verdict, "gpt-5-mini", 80))
    assert f"Most likely: 0000 ({said} \u2192 0.25)" in told
    assert "of 10 " not in told


def test_a_noise_floor_of_scores_is_told_as_scores() -> None:
    """A judge's mean of 0.9 is no share of answers that held."""
    held = {"judge>=0.8": [0.9] * 20, "text": [1.0] * 18 + [0.0] * 2}
    told = " ".join(calibrated_lines(2, held, "floor.json", 80))
    assert "judge>=0.8 scored 0.90 over 20 answers" in told
    assert "text held in 90 % of 20 answers" in told


def test_a_figure_stands_on_one_line_with_its_name() -> None:
    """However narrow the terminal is; only a list of levels is broken."""
    for width in range(24, 81):
        for line in figure_lines(verdict_of("too-few"), width):
            assert not re.search(r" (?:n|G|k|k0|D|lo|hi|p|mdd|seed|reason)$", line)


PREFERRED = {
    "ok": preferred(*[0.5] * 80, *[1.0] * 2),
    "regression": preferred(*[0.0] * 9, 1.0),
    "too-few": preferred(0.5, 1.0, 0.0, 1.0, 0.0, 0.5),
    "no-opponent": preferred(*[0.0] * 8, left_out=2),
}


@pytest.mark.parametrize("name", PREFERRED)
def test_what_a_judge_preferred_reads_like_this(name: str, golden: Golden) -> None:
    """Out of how many comparisons, with what, and what that means."""
    verdict, planned = PREFERRED[name], preference_preflight([], RULES)
    lines = verdict_lines(verdict, "gpt-5-mini", 80, preflight=planned, calibration_cost=0.4)
    golden(f"verdict-preferred-{name}-80", "\n".join(lines))
    assert not FORBIDDEN.search(" ".join(lines))


UNSURE = "A drop was seen, and could not be confirmed"


@pytest.mark.parametrize(
    ("gaps", "left_out", "said"),
    [
        (0, 0, "A drop was seen, but fresh answers of the recorded model do not confirm it."),
        (2, 0, f"{UNSURE}: 4 of 20 comparisons with fresh answers of * were not measured."),
        (0, 1, f"{UNSURE}: 1 event had no such answer (n0)."),
        (1, 2, f"{UNSURE}: 2 of 20 * measured. 2 events had no such answer (n0, n1)."),
    ],
)
def test_a_second_look_that_saw_too_little_is_told(gaps: int, left_out: int, said: str) -> None:
    """It is no evidence against the drop."""
    seen = preferred(*[0.0] * (10 - gaps), *[None] * gaps, left_out=left_out)
    verdict = replace(seen, outcome="inconclusive", reason="not_confirmed")
    told = " ".join(verdict_lines(verdict, "gpt-5-mini", 80))
    assert fnmatchcase(told, f"{said} About these events only.")
