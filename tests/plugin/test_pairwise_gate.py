"""`--llm-gate run` with a judge that compares pairs: the opponents are the recorded model's own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from gated_project import IT, SPOILT, Gated, said
from judges import asked, config, judging, prefers
from kept_runs import lines_of, run_file
from made_cassettes import cassette, event
from servers.provider_server import ProviderServer

CHECK = ("--llm-check=judge>=-0.1", "--llm-check-only", "--llm-retries=0")
GATED = ("--llm-gate=run", *CHECK)


@pytest.fixture
def judge(gate: Gated) -> Iterator[ProviderServer]:
    """A judge that compares pairs; it is the one of the config file."""
    with ProviderServer(judging(prefers)) as server:
        gate.project.write("llmreplay.yaml", config(server.openai, pairwise=True))
        yield server


def asked_about(judge: ProviderServer) -> list[set[str]]:
    """Both answers of each question that was asked beyond the trial."""
    blocks = [asked(seen).blocks for seen in judge.seen]
    pairs = [{words for name, words in one.items() if name != "request"} for one in blocks]
    return [pair for pair in pairs if not any("Mercury" in words for words in pair)]


def test_the_opponent_is_what_the_recorded_model_says_itself(
    gate: Gated, judge: ProviderServer
) -> None:
    """Not the recording, which is better than that model; of equal words no judge is asked."""
    gate.models.recorded = "worse"
    gate.replay("--llm-calibrate", *CHECK)
    same = gate.replay("--llm-model=openai/worse", *GATED, "--llm-samples=2")
    assert [] == judge.seen
    assert "preferred it in 0 of 24 comparisons" in said(same)
    assert "59 events are the fewest at this margin" in said(same)
    better = gate.replay("--llm-model=openai/steady", *GATED, "--llm-samples=2")
    assert "preferred it in 12 of 24 comparisons with the recorded model's own" in said(better)
    assert "answers, those in 0, neither in 12" in said(better)
    shown = {(SPOILT in pair, len(pair)) for pair in asked_about(judge)}
    assert {(True, 2)} == shown
    rows = [row for row in lines_of(run_file(gate.project, 3)) if "judged" in row]
    told = {(row["judged"]["sample"], row["scores"]["replayed"]) for row in rows}
    assert {(0, 0.5), (1, 0.5), (0, 1.0), (1, 1.0)} == told
    opponents = {row["reasons"]["baseline"] for row in rows}
    assert len(opponents) > 5  # of ten, in turn
    assert all(re.fullmatch(r"in its place answer \d+ of the .*, run-1", one) for one in opponents)


def test_a_model_that_loses_is_a_regression(gate: Gated, judge: ProviderServer) -> None:
    """It says what was compared, also of a stored run, and takes no stand-in for what is gone."""
    gate.replay("--llm-calibrate", "--llm-check=text", "--llm-check-only")
    result = gate.replay("--llm-model=openai/worse", *GATED, "--junitxml=out.xml")
    result.stdout.fnmatch_lines(["regression: openai/worse, judge>=-0.1"])
    words = re.search(r"openai/worse is worse on these 12 events: .* About these", said(result))
    assert words is not None
    assert re.search(r"preferred it in 0 of \d+ comparisons with the recorded model's", words[0])
    assert "An unchanged model would look this bad in about 1 of 64 runs." in words[0]
    assert "preferred it in 0 of" in (gate.project.path / "out.xml").read_text()
    asked_before = len(judge.seen), gate.models.asked.total()
    again = gate.project.run("--llm-replay", "--llm-rejudge=run-2", *GATED)
    assert words[0] in said(again)
    assert asked_before == (len(judge.seen), gate.models.asked.total())
    gate.gated("worse", "--llm-samples=2")
    asked_before = asked_before[0] + 12 + 6, gate.models.asked.total()
    anew = gate.project.run("--llm-replay", "--llm-rejudge=run-3", *GATED, "--llm-judge=grader")
    assert "preferred it in 0 of 24 comparisons" in said(anew)
    assert asked_before == (len(judge.seen), gate.models.asked.total())
    run_file(gate.project).unlink()
    gone = gate.replay("--llm-model=openai/worse", *GATED, "--llm-samples=2")
    assert asked_before[0] == len(judge.seen)
    gone.stdout.fnmatch_lines(
        [
            "*no noise floor for 12 of 12 events (12 calibrated in run-1, whose file is gone or*",
            "inconclusive: openai/worse, judge>=-0.1",
            "*--llm-calibrate (120 calls*",
        ]
    )
    assert pytest.ExitCode.TESTS_FAILED == gone.ret


TARGETS_FIRST = """
def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: "[same" in item.nodeid)
"""
STOP = """
def pytest_runtest_logreport(report):
    if "0005[openai" in report.nodeid:
        import pytest
        pytest.exit("enough")
"""


def test_one_command_calibrates_and_compares(gate: Gated, judge: ProviderServer) -> None:
    """Answers wait for what they are compared with; a run that is gone on with asks none twice."""
    options = ("--llm-model=openai/worse", "--llm-calibrate", *GATED, "--llm-samples=2")
    gate.project.write("conftest.py", TARGETS_FIRST + STOP)
    gate.replay(*options, "--llm-concurrency=2")
    assert 0 < len(judge.seen)
    gate.project.write("conftest.py", TARGETS_FIRST)
    result = gate.replay(*options, "--llm-concurrency=1", "--llm-resume")
    result.stdout.fnmatch_lines(
        ["judge grader *  up to 54 calls"]
    )  # with the trial, in both orders
    result.stdout.fnmatch_lines(["*regression: openai/worse, judge>=-0.1"])
    assert "preferred it in 0 of 24 comparisons" in said(result)
    again = gate.project.run("--llm-replay", "--llm-rejudge=run-2", *GATED)
    assert "preferred it in 0 of 24 comparisons" in said(again)
    assert (12, 12 + 6) == (len(asked_about(judge)), len(judge.seen))
    gate.models.recorded = "silent"
    none = gate.replay(*options)
    assert "6 of 12 events (0002, 0004, 0006 and 3 more) have no answer of the" in said(none)
    assert "6 without an answer of the recorded model in this run" in said(none)
    assert pytest.ExitCode.TESTS_FAILED == none.ret


def test_a_verdict_is_about_scores_or_about_what_is_preferred(
    gate: Gated, judge: ProviderServer
) -> None:
    """Two config files that say different things are refused before anything is sent."""
    words = cassette(event(1, asks="90", says="Echo: 90"))
    gate.project.write("apart/cassettes/tests/test_a/test_a.yaml", words)
    gate.project.write("apart/llmreplay.yaml", config(judge.openai))
    paths = ("cassettes", "apart/cassettes")
    result = gate.replay("--llm-model=openai/steady", *GATED, *paths)
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(
        ["ERROR: a verdict over the run is about scores or about what is *"]
    )
    assert 0 == gate.models.asked.total()


OWN = """
def judge(question, answer, baseline):
    print("compared", sorted([answer, baseline]))
    good = [words.startswith("Echo") for words in (answer, baseline)]
    return 0.5 + (good[0] - good[1]) / 2, "by its worth"

def pytest_llmreplay_judge(target):
    return judge
"""


def test_a_judge_of_ones_own_gets_the_same_opponents(gate: Gated) -> None:
    """Where `judge.pairwise` says that it compares; it has to take both answers."""
    gate.project.write("llmreplay.yaml", "judge: {pairwise: true}\n")
    gate.project.write("conftest.py", OWN)
    gate.models.recorded = "worse"
    gate.replay("--llm-calibrate", *CHECK)
    result = gate.replay("--llm-model=openai/steady", *GATED, "--llm-samples=1", "-s")
    assert "preferred it in 6 of 12 comparisons" in said(result)
    assert 12 == result.stdout.str().count("compared ['Echo: ")
    assert 12 == result.stdout.str().count("'Other.']")
    simulated = ("--llm-replay", "--llm-model=simulated/refusal", "--llm-calibrate")
    lost = gate.project.run(*simulated, *GATED, "--llm-samples=1")
    lost.stdout.fnmatch_lines(["regression: simulated/refusal, judge>=-0.1"])
    alone = OWN.replace(", baseline):", "):").replace("baseline", "answer")
    gate.project.write("conftest.py", alone)
    refused = gate.replay("--llm-model=openai/steady", *GATED)
    assert pytest.ExitCode.USAGE_ERROR == refused.ret
    refused.stderr.fnmatch_lines(["ERROR: *write the judge as judge(question, answer, baseline)"])


def test_answers_that_cannot_be_read_are_none(gate: Gated) -> None:
    """Each kind is told by its own words; nothing else stands in for them."""
    gate.project.write("llmreplay.yaml", "judge: {pairwise: true}\n")
    gate.project.write("conftest.py", OWN)
    gate.replay("--llm-calibrate", *CHECK, "--llm-samples=2")
    floor = gate.project.path / ".llmreplay/calibration.json"
    known = json.loads(floor.read_text())
    known["events"][f"{IT}::r1:{1:016x}#0"]["run"] = None
    floor.write_text(json.dumps(known))
    path = run_file(gate.project)
    lines = [line for line in path.read_text().splitlines() if '"label":"0002"' not in line]
    broken = ['"label":"0003"' in line for line in lines]
    told = [
        re.sub(r'"pieces":\[.*\]\]', '"pieces":[[0,"{}"]]', line) if is_broken else line
        for line, is_broken in zip(lines, broken, strict=True)
    ]
    assert 2 == sum(broken)
    path.write_text("\n".join(told) + "\n")
    result = gate.replay("--llm-model=openai/steady", *GATED, "--llm-samples=1", "-rs")
    words = said(result)
    assert "1 calibrated in a run that does not keep every answer" in words
    assert "1 calibrated without an answer in run-1" in words
    assert "3 skipped" in words
    assert "inconclusive: openai/steady" in words
    path.write_text("nothing\n")
    gone = gate.replay("--llm-model=openai/steady", *GATED, "--llm-samples=1")
    assert "11 calibrated in run-1, whose file is gone or damaged" in said(gone)
