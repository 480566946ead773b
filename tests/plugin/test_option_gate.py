"""`--llm-gate run`: events only report, and the run as a whole is ok, a regression, or neither."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from xml.etree import ElementTree as ET

import pytest
from gated_project import EVENTS, FLOOR, IT, RUN, Gated, said
from made_cassettes import cassette, event
from projects import Project

JUDGE = """
def judge(question, answer):
    return "fine, I think" if answer == "Other." else 1.0

def pytest_llmreplay_judge(target):
    return judge
"""


WRITES_JSON = """
import json, pathlib

def pytest_runtest_logreport(report):
    if report.when == "call" and "verdict" in report.nodeid:
        pathlib.Path("out.json").write_text(json.dumps(report.user_properties))
"""


@pytest.mark.parametrize("option", ["--llm-gate=all", "--llm-margin=2", "--llm-margin=x"])
def test_a_wrong_value_is_one_clear_error(one: Project, option: str) -> None:
    """Exit code 4, the option by name, nothing sent."""
    one.refuses(option, f"*{option.partition('=')[0]}: *")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("gate: {pass_rate: 0}", "*yaml:1: pass_rate is 0, not a number above 0 and up to 1"),
        ("gate:\n  margin: wide", "*yaml:2: margin is 'wide', not a number above 0 *"),
        ("gate:\n  scope: all", "*yaml:2: scope is 'all', none of events, sessions"),
        ("gate:\n  schedule: [3, 1]", "*yaml:2: schedule is [[]3, 1], not a growing list *"),
        ("gate:\n  confirm: maybe", "*yaml:2: confirm is 'maybe', not true or false"),
        (
            "gate:\n  pass_rte: 1",
            "*yaml:2: unknown key 'pass_rte'; did you mean 'pass_rate'? Known *",
        ),
        ("gate: each", "*yaml:1: gate is 'each', not a mapping of keys to values"),
    ],
)
def test_a_wrong_config_points_at_its_line(one: Project, written: str, said: str) -> None:
    """File and line, the key, what it may be; nothing sent."""
    one.write("llmreplay.yaml", written)
    one.refuses("--llm-gate=run", said)


def test_a_wrong_ini_value_names_its_key(one: Project) -> None:
    """And what it may be."""
    one.write("pytest.ini", "[pytest]\nllm_inconclusive = maybe\n")
    one.refuses("--llm-gate=run", "ERROR: llm_inconclusive: 'maybe' is none of fail, warn")


def test_a_steady_model_is_ok(gate: Gated) -> None:
    """All stages are needed to rule a drop out, and the verdict is a passed item of its own."""
    gate.replay(*FLOOR).assert_outcomes(passed=EVENTS)
    result = gate.gated("steady", "--llm-margin=0.1")
    result.assert_outcomes(passed=EVENTS + 1)
    result.stdout.fnmatch_lines(["*llm-run .*", "verdict on openai/steady: ok"])
    assert pytest.ExitCode.OK == result.ret


def test_a_worse_model_is_a_regression(gate: Gated) -> None:
    """Its events report and do not fail; the verdict fails, after few calls."""
    gate.replay(*FLOOR)
    result = gate.gated("worse")
    counts = {"diverged": EVENTS // 2, "passed": EVENTS // 2, "failed": 1}
    assert counts == result.parseoutcomes()
    result.stdout.fnmatch_lines(
        [
            "regression: openai/worse, text",
            "*48 of 60 calls saved*",
            "FAILED llm-run::verdict[[]openai/worse[]] - regression: openai/worse, text",
        ]
    )
    assert pytest.ExitCode.TESTS_FAILED == result.ret
    assert 5 * EVENTS > gate.models.calls("worse")


def test_a_failed_verdict_is_explained_once(gate: Gated) -> None:
    """The failure has the sentences, the summary a line."""
    gate.replay(*FLOOR)
    result = gate.gated("worse")
    result.stdout.fnmatch_lines(["verdict on openai/worse: regression, text", "kept as    run-2"])
    assert 1 == result.stdout.str().count("calls saved")


def test_a_recorded_model_that_is_as_unreliable_excuses_a_target(gate: Gated) -> None:
    """What the recorded model does itself is no regression."""
    gate.models.recorded = "flaky"
    gate.replay(*FLOOR)
    result = gate.gated("flaky")
    result.stdout.fnmatch_lines(["inconclusive: openai/flaky, text"])
    assert 5 * EVENTS == gate.models.calls("flaky")


def test_what_cannot_be_told_fails_with_its_own_word(gate: Gated) -> None:
    """Unless `llm_inconclusive` says that it only warns."""
    gate.replay(*FLOOR)
    failed = gate.gated("steady", "--llm-samples=1", "-v")
    assert 1 == failed.parseoutcomes()["failed"]
    failed.stdout.fnmatch_lines(["*llm-run::verdict[[]openai/steady[]] INCONCLUSIVE*"])
    gate.project.write("pytest.ini", "[pytest]\nllm_inconclusive = warn\n")
    warned = gate.gated("steady", "--llm-samples=1")
    assert 1 == warned.parseoutcomes()["inconclusive"]
    assert pytest.ExitCode.OK == warned.ret


def test_without_a_noise_floor_no_regression_is_claimed(gate: Gated) -> None:
    """It says how to get one, before and after, and stops paying."""
    result = gate.gated("worse")
    assert 1 == result.parseoutcomes()["failed"]
    result.stdout.fnmatch_lines(
        [
            f"*no noise floor for {EVENTS} of {EVENTS} events ({EVENTS} never calibrated)*",
            "inconclusive: openai/worse, text",
            "*--llm-calibrate (120 calls*",
        ]
    )
    assert EVENTS == gate.models.calls("worse")


def test_what_is_not_replayed_is_not_planned_for(gate: Gated) -> None:
    """Nor is it told as never calibrated: a calibration would not ask it either."""
    asked = [event(n, asks=f"{n}", says=f"Echo: {n}") for n in range(1, EVENTS + 1)]
    refused = event(EVENTS + 1, asks="Say no", status=400)
    gate.project.write(IT, cassette(*asked, refused))
    gate.replay(*FLOOR)
    result = gate.gated("steady", "--llm-samples=1")
    result.stdout.fnmatch_lines([f"verdict on openai/steady: {EVENTS} events *"])
    result.stdout.no_fnmatch_line("*never calibrated*")


def test_what_cannot_be_reached_is_said_before_it_is_paid_for(gate: Gated) -> None:
    """With what would do."""
    result = gate.gated("steady", "--llm-samples=1")
    result.stdout.fnmatch_lines(
        [
            "*ok is out of reach: 12 answers, and 59 that all hold are the fewest; use *",
            "    --llm-margin 0.10 and --llm-samples 3",
        ]
    )
    enough = gate.gated("steady", "--llm-samples=3")
    enough.stdout.fnmatch_lines(["*use --llm-samples 5 or", "*--llm-margin 0.10"])
    staged = gate.gated("steady")
    staged.stdout.fnmatch_lines(
        ["*ok is out of reach in stages: 60 answers, *; use --llm-samples 5*"]
    )


def test_a_noisy_check_is_said_to_need_more_before_it_is_paid_for(gate: Gated) -> None:
    """An unchanged model would rarely be ok, though a perfect one could."""
    gate.models.recorded = "flaky"
    gate.replay(*FLOOR)
    said = "a target that does as the recorded model did may well not end as ok; "
    for margin, advice in (
        ("0.05", f"{said}more events would do requests"),  # nor would a margin of ten points
        ("0.16", f"{said}use --llm-samples 10"),
    ):
        told = gate.gated("steady", "--llm-samples=6", f"--llm-margin={margin}").stdout.str()
        assert advice in " ".join(told.split())
    assert said not in gate.gated("steady", "--llm-samples=6", "--llm-margin=0.4").stdout.str()


def of_sessions(count: int) -> list[str]:
    """Events, each of a session of its own."""
    return [
        event(n, asks=f"{n}", says=f"Echo: {n}", session={"id": f"s{n}"})
        for n in range(1, count + 1)
    ]


def test_about_other_sessions_it_is_sessions_that_count(gate: Gated) -> None:
    """No number of samples makes up for them, which is said before it is paid for and after."""
    gate.project.write(IT, cassette(*of_sessions(EVENTS)))
    gate.project.write("llmreplay.yaml", "gate: {scope: sessions, margin: 0.1}\n")
    gate.replay(*FLOOR)
    result = gate.gated("steady", "--llm-samples=5")
    result.stdout.fnmatch_lines(
        [
            "verdict on openai/steady: 12 events * 5 samples, margin 10 points, noise floor of *",
            "  ok is out of reach: about other sessions it takes 29 of them at this margin, *",
        ]
    )
    assert "--llm-samples" not in said(result).partition("requests as recorded")[0]
    assert "could have seen a drop" not in said(result)


def test_four_other_sessions_decide_nothing_so_that_nothing_is_sent(gate: Gated) -> None:
    """No answer could make them a regression or an ok, which is said beforehand."""
    four_sessions(gate)
    result = gate.gated("worse", "--llm-samples=5", "--junitxml=out.xml")
    told = said(result)
    early = before(told)
    assert "inconclusive, whatever is answered: it takes at least 5 sessions to say any" in early
    assert "and 59 for an ok at this margin" in early
    assert "so nothing is sent to it; --llm-gate each judges the events one by one" in early
    assert not re.search("out of reach|llm-calibrate|more calls", early)
    assert 0 == gate.models.calls("worse")
    result.assert_outcomes(skipped=4, failed=1)
    assert "its verdict is inconclusive, whatever is answered" in told
    assert "openai/worse, text 4 sessions say nothing about others: it takes at least 5. ==" in told
    found = properties_of(gate, "verdict[[]openai/worse]")
    assert ("too_few_sessions", "4", "0") == tuple(found[f"text.{x}"] for x in ("reason", "G", "k"))
    assert pytest.ExitCode.TESTS_FAILED == result.ret


def test_nothing_is_estimated_where_nothing_is_sent(gate: Gated) -> None:
    """As it is said of the run."""
    four_sessions(gate)
    told = said(gate.gated("worse", "--llm-estimate"))
    assert "so nothing is sent to it" in told
    assert not re.search(r"[1-9]\d* calls|recorded ones", told)
    assert "nothing would be sent" in told


def test_the_recorded_model_is_asked_for_its_noise_floor_all_the_same(gate: Gated) -> None:
    """It serves runs over more sessions, and other scopes."""
    four_sessions(gate)
    gate.gated("worse", "--llm-calibrate")
    assert (0, 40) == (gate.models.calls("worse"), gate.models.calls("gpt-5-mini"))
    assert (gate.project.path / ".llmreplay/calibration.json").is_file()


@pytest.mark.parametrize(
    "wanted",
    [
        "--llm-check=run:tokens<=5x",
        "--llm-check=session:trajectory",
        "--llm-accept",
        "--llm-record",
        "--override-ini=llm_inconclusive=warn",
    ],
)
def test_answers_that_are_wanted_for_more_than_a_verdict_are_asked_for(
    gate: Gated, wanted: str
) -> None:
    """Once, as no further stage decides; the verdict is what it is."""
    four_sessions(gate)
    told = said(gate.gated("worse", wanted))
    assert "inconclusive, whatever is answered" in before(told)
    assert "nothing is sent" not in told
    assert 4 == gate.models.calls("worse")
    assert "4 sessions say nothing about others" in told


def test_a_stored_run_is_judged_again_whatever_its_verdict(gate: Gated) -> None:
    """Its answers are there: what they say of the events is told."""
    gate.project.write(IT, cassette(*of_sessions(4)))
    gate.gated("worse", "--llm-samples=1")
    gate.project.write("llmreplay.yaml", "gate: {scope: sessions}\n")
    told = said(gate.project.run("--llm-replay", "--llm-rejudge=run-1", *RUN[:-1]))
    assert "nothing is sent" not in told
    assert re.search(r"DIVERGED +2", told)
    assert "4 sessions say nothing about others" in told


def test_a_check_of_one_session_hides_no_other(gate: Gated) -> None:
    """What is asked of a single event decides nothing, and what is asked of all may."""
    asks = event(6, asks="6", says="Echo: 6", session={"id": "s6"}, checks=["contains:Echo"])
    gate.project.write(IT, cassette(*of_sessions(5), asks))
    gate.project.write("llmreplay.yaml", "gate: {scope: sessions}\n")
    checks = ("--llm-check=text", "--llm-retries=0")
    gate.replay("--llm-calibrate", *checks)
    told = said(gate.replay("--llm-model=openai/other", "--llm-gate=run", *checks))
    assert "whatever is answered" not in told
    assert gate.models.calls("other")


def four_sessions(gate: Gated) -> None:
    """Make them all there is, and ask about others."""
    gate.project.write(IT, cassette(*of_sessions(4)))
    gate.project.write("llmreplay.yaml", "gate: {scope: sessions}\n")


def before(told: str) -> str:
    """What was said before the first event was judged."""
    return told.partition("0001")[0].partition("requests as recorded")[0].partition(f"{IT} ")[0]


def test_each_sentence_says_which_check_it_is_about(gate: Gated) -> None:
    """Where there are several, of which the same may be said; one says its name anyway."""
    several = ("--llm-check=text", "--llm-check=contains:Echo", "--llm-check=answered")
    gate.replay("--llm-calibrate", *several, "--llm-check-only")
    result = gate.replay(
        "--llm-model=openai/flaky",
        "--llm-gate=run",
        "--llm-samples=1",
        *several,
        "--llm-check-only",
    )
    for name in ("text", "contains:Echo", "answered"):
        told = rf"{name}: Not enough answers to decide|{name}(, \S+)* held in"
        assert re.search(told, said(result))


def test_a_judge_that_talks_nonsense_proves_nothing(gate: Gated) -> None:
    """Half of the target's answers have no score: neither ok nor a regression."""
    gate.project.write("conftest.py", JUDGE)
    checks = ("--llm-check=judge>=0.5", "--llm-check-only", "--llm-retries=0")
    gate.replay("--llm-calibrate", *checks)
    result = gate.replay("--llm-model=openai/worse", "--llm-gate=run", *checks)
    result.stdout.fnmatch_lines(["inconclusive: openai/worse, judge*", "*not measured*"])
    assert pytest.ExitCode.TESTS_FAILED == result.ret


def test_the_scores_of_a_judge_are_what_is_compared(gate: Gated) -> None:
    """Every answer passes the check, and the target's are worse all the same."""
    gate.project.write("conftest.py", JUDGE.replace('"fine, I think"', "0.6"))
    checks = ("--llm-check=judge>=0.5", "--llm-check-only")
    gate.replay("--llm-calibrate", *checks)
    result = gate.replay("--llm-model=openai/worse", "--llm-gate=run", *checks)
    said = " ".join(result.stdout.str().split())
    assert re.search(r"worse on these \d+ events: judge>=0.5 scored 0.\d+ over \d+ answers", said)
    assert pytest.ExitCode.TESTS_FAILED == result.ret


def test_answers_that_did_not_come_prove_nothing(gate: Gated) -> None:
    """The events fail as errors, and the verdict is no ok."""
    gate.replay(*FLOOR)
    result = gate.gated("silent", "--llm-samples=1")
    assert EVENTS // 2 + 1 == result.parseoutcomes()["failed"]
    result.stdout.fnmatch_lines(["inconclusive: openai/silent, text"])


def test_each_target_has_a_verdict(gate: Gated) -> None:
    """In the order of the targets, behind all events."""
    gate.replay(*FLOOR)
    result = gate.replay("--llm-model=openai/steady", "--llm-model=openai/worse", *RUN, "-v")
    lines = [line for line in result.outlines if line.startswith("llm-run::")]
    assert ["verdict[openai/steady]", "verdict[openai/worse]"] == [
        line.split()[0].removeprefix("llm-run::") for line in lines
    ]


@pytest.mark.parametrize("arguments", [["--co", "-q"], ["--co", "-q", "-k", "0003"]], ids=" ".join)
def test_a_verdict_is_listed_last(gate: Gated, arguments: list[str]) -> None:
    """Whatever is selected: it is about what was selected."""
    result = gate.gated("steady", *arguments)
    listed = [line for line in result.outlines if "::" in line]
    assert "llm-run::verdict[openai/steady]" == listed[-1]
    assert (2 if "-k" in arguments else EVENTS + 1) == len(listed)
    assert 0 == gate.models.calls("steady")


def test_the_recording_itself_has_no_verdict(gate: Gated) -> None:
    """It cannot differ from itself."""
    result = gate.project.run("--llm-replay", *RUN)
    result.assert_outcomes(passed=EVENTS)
    assert "llm-run" not in result.stdout.str()


def test_a_stop_leaves_the_verdict_out(gate: Gated) -> None:
    """After `-x` nothing is judged from a part."""
    gate.replay(*FLOOR)
    result = gate.gated("silent", "-x", "--llm-concurrency=1", "--llm-samples=1")
    assert 1 == result.parseoutcomes()["failed"]
    assert "verdict on" not in result.stdout.str().partition("llm replay =")[2]


def test_workers_are_taken_back(gate: Gated) -> None:
    """A verdict is over one process."""
    result = gate.gated("steady", "-n2", "--llm-samples=1")
    assert EVENTS == gate.models.calls("steady")
    assert 1 == result.parseoutcomes()["failed"]


def test_last_failed_runs_what_a_verdict_needs(gate: Gated) -> None:
    """A verdict that failed is about all events, so all run again."""
    gate.replay(*FLOOR)
    cached = ("--llm-replay", "--llm-model=openai/worse", *RUN, "-p", "cacheprovider")
    base = ("--llm-base-url", gate.url)
    first = gate.project.pytester.runpytest_inprocess(*cached, *base)
    again = gate.project.pytester.runpytest_inprocess(*cached, *base, "--lf")
    assert first.parseoutcomes() == again.parseoutcomes()


def test_targets_are_judged_together_where_a_config_says_so(gate: Gated) -> None:
    """With `family: run` a regression of one has to stand out among all."""
    gate.project.write("llmreplay.yaml", "gate: {family: run}\n")
    gate.replay(*FLOOR)
    result = gate.replay("--llm-model=openai/steady", "--llm-model=openai/worse", *RUN)
    result.stdout.fnmatch_lines(["FAILED llm-run::verdict[[]openai/worse[]] - regression: *"])


def test_simulated_models_are_judged_offline(gate: Gated) -> None:
    """One command calibrates the simulation of the recorded model and judges another."""
    result = gate.project.run(
        "--llm-replay", "--llm-model=simulated/refusal", "--llm-calibrate", *RUN
    )
    result.stdout.fnmatch_lines(["regression: simulated/refusal, text"])
    assert 0 == len(gate.models.asked)


def test_the_figures_of_a_verdict_are_in_junit_xml(gate: Gated) -> None:
    """For other programs, by their names in statistics, each with the check that it is of."""
    gate.replay(*FLOOR)
    gate.gated("worse", "--junitxml=out.xml")
    found = properties_of(gate, "verdict[[]openai/worse]")
    assert "regression" == found["outcome"] == found["text.outcome"]
    whole = {"n": 12, "k": 1, "k0": 10, "look": 1, "G": 1, "not_measured": 0, "left_out": 0}
    assert whole == {name: int(found[f"text.{name}"]) for name in whole}
    assert "events" == found["text.scope"]
    low, change, high = (float(found[f"text.{name}"]) for name in ("lo", "D", "hi"))
    assert (-0.5, 0.05, 0.05) == (change, *(float(found[f"text.{x}"]) for x in ("margin", "alpha")))
    assert low < change < high < 0
    assert found["text.p"] == found["text.p_events"] != found["text.p_sessions"]
    assert 0 < float(found["text.p"]) < 1e-6
    assert 4 == len(json.loads(found["text.levels"]))
    assert 64 == len(found["text.seed"])
    assert 0.535 == float(found["text.mdd"])
    assert not {"text.reason", "text.adjusted_p"} & found.keys()


def test_each_check_of_a_verdict_has_figures(gate: Gated) -> None:
    """A reason where nothing was decided, an adjusted p where several questions are one."""
    checks = "--llm-check=answered"
    gate.replay(*FLOOR, checks)
    gate.gated("worse", checks, "--llm-samples=3", "--junitxml=out.xml")
    found = properties_of(gate, "verdict[[]openai/worse]")
    assert ("regression", "inconclusive") == (found["text.outcome"], found["answered.outcome"])
    assert "too_few" == found["answered.reason"]
    assert 2 * float(found["text.p"]) == pytest.approx(float(found["text.adjusted_p"]))
    assert "1.0" == found["answered.adjusted_p"]


def test_the_figures_of_a_verdict_are_told_where_more_is_asked_for(gate: Gated) -> None:
    """With `-v`; else people are not bothered with them."""
    gate.replay(*FLOOR)
    told = said(gate.gated("worse", "-v"))
    figures = told.partition("figures of text: ")[2]
    assert figures.startswith("outcome regression, scope events, n 12, G 1, k 1, k0 10, D -0.5, lo")
    assert ", p_events " in figures
    assert ", p_sessions 0.5" in figures
    assert "figures of" not in said(gate.gated("worse"))


def test_the_figures_of_a_verdict_can_be_written_as_json(gate: Gated) -> None:
    """By a plugin that writes what pytest's reports hold, as numbers and lists."""
    gate.project.write("conftest.py", WRITES_JSON)
    gate.replay(*FLOOR)
    gate.gated("worse")
    found = dict(json.loads((gate.project.path / "out.json").read_text()))
    assert (12, 1, 10, -0.5) == tuple(found[f"text.{name}"] for name in ("n", "k", "k0", "D"))
    assert [1, 2, 3, 5] == [samples for samples, _, _ in found["text.levels"]]


def properties_of(gate: Gated, item: str) -> dict[str, str]:
    """What JUnit XML says of an item."""
    root = ET.fromstring((gate.project.path / "out.xml").read_text())
    case = next(one for one in root.iter("testcase") if fnmatchcase(one.attrib["name"], item))
    return {one.attrib["name"]: one.attrib["value"] for one in case.iter("property")}


def test_a_file_that_is_no_calibration_is_one_clear_error(gate: Gated) -> None:
    """With the way out."""
    gate.replay(*FLOOR)
    kept = gate.project.path / ".llmreplay/calibration.json"
    kept.write_text(json.dumps({"calibration": 99}))
    result = gate.gated("steady")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["*calibration.json: cannot be read: expected version 2. Delete*"])
