"""Answers of a calibration in the run file: resumed, judged again, held against later runs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from gated_project import EVENTS, FLOOR, IT, RUN, Gated
from kept_runs import lines_of, run_file
from made_cassettes import cassette, event

from pytest_llmreplay.cli import main

TARGET = "--llm-model=openai/flaky"


def kept(gate: Gated) -> dict[str, Any]:
    """The first event of the noise floor."""
    told = json.loads((gate.project.path / ".llmreplay/calibration.json").read_text())
    found: dict[str, Any] = told["events"][f"{IT}::r1:{1:016x}#0"]
    return found


def rejudge(gate: Gated, run: int, *arguments: str) -> pytest.RunResult:
    """Judge a run again; nothing may be sent."""
    asked = gate.models.asked.total()
    result = gate.project.run("--llm-replay", f"--llm-rejudge=run-{run}", *arguments)
    assert asked == gate.models.asked.total()
    return result


def test_they_are_rows_of_their_own_kind(gate: Gated) -> None:
    """So that nobody takes one for a target's answer."""
    gate.gated("flaky", "--llm-calibrate", "--llm-samples=1")
    calls = [row["call"] for row in lines_of(run_file(gate.project))[1:-1]]
    found = {(call["purpose"], call["target"], call["sample"]) for call in calls}
    floor = {("calibration", "same", sample) for sample in range(10)}
    assert {("answer", "openai/flaky", 0), *floor} == found


def test_a_calibration_that_was_stopped_is_not_paid_twice(gate: Gated) -> None:
    """Each answer is asked for once in both runs together."""
    gate.project.write(
        "conftest.py",
        "import pytest\n\ndef pytest_runtest_logreport(report):\n"
        "    if '0003' in report.nodeid:\n        pytest.exit('enough')\n",
    )
    gate.replay(*FLOOR, "--llm-concurrency=1")
    gate.project.write("conftest.py", "")
    before = sum("reply" in row for row in lines_of(run_file(gate.project)))
    assert 20 <= before < 10 * EVENTS
    asked = gate.models.calls("gpt-5-mini")
    result = gate.replay(*FLOOR, "--llm-resume")
    assert 10 * EVENTS - before == gate.models.calls("gpt-5-mini") - asked
    result.stdout.fnmatch_lines(
        [
            f"run-1 has {before} answers that need not be asked for again",
            f"kept as    run-2 · {before} of {10 * EVENTS} answers taken over from run-1",
        ]
    )
    assert {"text": [1.0] * 10} == kept(gate)["scores"]


def test_an_answer_of_the_recorded_model_as_a_target_is_no_calibration(gate: Gated) -> None:
    """What was asked for another purpose is asked for again."""
    gate.project.write(IT, cassette(event(1, asks="1", says="Echo: 1")))
    gate.replay("--llm-model=same", "-x", "--llm-check=text")
    path = run_file(gate.project)
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    gate.replay("--llm-calibrate", "--llm-resume", "--llm-check=text", "--llm-samples=2")
    assert 3 == gate.models.calls("gpt-5-mini")


def test_new_checks_get_a_noise_floor_without_a_call(gate: Gated) -> None:
    """From the answers that are kept, as old as they are."""
    gate.replay(*FLOOR, "--llm-samples=3")
    path = run_file(gate.project)
    path.write_text(path.read_text().replace('"at":"2026-', '"at":"2025-'))
    checks = ("--llm-check=text", "--llm-check=text:normalized", "--llm-check-only")
    result = rejudge(gate, 1, "--llm-calibrate", *checks)
    result.stdout.fnmatch_lines([f"run-1 has {3 * EVENTS} answers that are judged again"])
    assert {"text": [1.0] * 3, "text:normalized": [1.0] * 3} == kept(gate)["scores"]
    assert kept(gate)["at"].startswith("2025-")


def test_a_run_is_judged_again_as_a_whole(gate: Gated) -> None:
    """With the calibration that is in it, by any check; what is kept of others stays."""
    gate.models.recorded = "worse"
    gate.gated("worse", "--llm-calibrate", "--llm-samples=3")
    before = kept(gate)
    checks = ("--llm-check=answered", "--llm-check-only", "--llm-margin=0.3")
    result = rejudge(gate, 1, "--llm-gate=run", *checks)
    result.stdout.fnmatch_lines(["verdict on openai/worse: ok", "*; the recorded model itself:*"])
    assert before == kept(gate)


def test_a_run_that_stopped_early_is_judged_by_what_it_has(gate: Gated) -> None:
    """Samples that were never asked for are no gaps."""
    gate.replay(*FLOOR)
    assert 2 * EVENTS > gate.gated("worse").parseoutcomes()["passed"]
    told = gate.models.calls("worse")
    assert EVENTS == told
    result = rejudge(gate, 2, "--llm-gate=run", *RUN[1:3])
    result.stdout.fnmatch_lines(["regression: openai/worse, text"])
    other = rejudge(gate, 2, "--llm-gate=run", "--llm-check=answered", "--llm-check-only")
    other.stdout.fnmatch_lines(["*calibrated without answered*"])
    assert "could not be measured" not in other.stdout.str()


def test_a_run_without_a_calibration_has_none_to_judge(gate: Gated) -> None:
    """One line says so."""
    gate.replay(TARGET, "--llm-check=text")
    result = gate.project.run("--llm-replay", "--llm-rejudge=run-1", "--llm-calibrate")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["ERROR: run-1 has no answers of --llm-calibrate; *"])


def test_budgets_over_a_run_know_an_earlier_calibration(gate: Gated) -> None:
    """Its times stand in for the recording's, of which each event has one alone."""
    budget = ("--llm-check=answered", "--llm-check=run:latency.p90<=9x", "--llm-check-only")
    alone = gate.replay(TARGET, "--llm-samples=5", *budget)
    alone.stdout.fnmatch_lines([f"*p90 needs 29 live calls per side; the recording has {EVENTS}*"])
    gate.replay(*FLOOR)
    result = gate.replay(TARGET, "--llm-samples=5", *budget)
    assert "failed" not in result.parseoutcomes()


@pytest.mark.parametrize("command", ["accept", "show"])
def test_a_calibration_has_nothing_to_accept(
    gate: Gated, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its answers stand for no target; the message says what they are for."""
    gate.replay(*FLOOR, "--llm-samples=1")
    assert 2 == main([command, "run-1"])
    said = "run-1 has answers of --llm-calibrate alone, which stand for no target: judge them again"
    assert said in capsys.readouterr().err


def test_a_confirmation_is_kept_as_such(gate: Gated, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no calibration, which a later run would take for the noise floor."""
    monkeypatch.setenv("OPENAI_BASE_URL", gate.url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0123456789abcdef0123")
    gate.replay(*FLOOR)
    judged = ("--llm-model=openai/worse", *RUN)
    told = gate.project.run("--llm-replay", *judged)
    told.stdout.fnmatch_lines(["regression: *", f"*{10 * EVENTS} fresh answers*"])
    calls = [row["call"] for row in lines_of(run_file(gate.project, 2))[1:-1]]
    found = {call["purpose"]: call["target"] for call in calls}
    assert {"answer": "openai/worse", "confirmation": "same"} == found
    rejudge(gate, 2, "--llm-gate=run", *RUN[1:3]).stdout.fnmatch_lines(["regression: *"])
