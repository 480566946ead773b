"""What a verdict over the run compares with: the calibration and the recording, nothing else."""

from __future__ import annotations

import re

import pytest
from gated_project import EVENTS, FLOOR, IT, Gated
from made_cassettes import cassette, event
from shell import inside

OTHER = "other/cassettes/tests/test_app/test_it.yaml"


def test_an_accepted_answer_excuses_no_target(gate: Gated) -> None:
    """The recorded model was never held against it; the run says that it does not count."""
    gate.replay("--llm-model=openai/worse", "--llm-record", "--llm-check=answered")
    gate.replay(*FLOOR)
    result = gate.gated("worse")
    result.stdout.fnmatch_lines(
        [
            f"*accepted answers of {EVENTS} events do not count here: *with the recording",
            "regression: openai/worse, text",
        ]
    )


def test_without_accepted_answers_nothing_is_said_of_them(gate: Gated) -> None:
    """There is nothing to leave aside."""
    gate.replay(*FLOOR)
    assert "accepted answers" not in gate.gated("steady", "--llm-samples=1").stdout.str()


@pytest.fixture
def two(gate: Gated) -> Gated:
    """A second project beside the first, with a config file of its own."""
    gate.project.write("llmreplay.yaml", "checks: [text]\ngate:\n  margin: 0.1\n")
    gate.project.write("other/pyproject.toml", "")
    gate.project.write(OTHER, cassette(event(1, asks="1", says="Echo: 1")))
    return gate


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("gate:\n  alpha: 0.05\n  margin: 0.2\n", "other/llmreplay.yaml:3: gate.margin is 0.2*"),
        ("gate: {schedule: [[]1, 2]}", "other/llmreplay.yaml:1: gate.margin is not set*"),
        ("checks: [text]\n", "other/llmreplay.yaml:1: gate.margin is not set*"),
    ],
)
@pytest.mark.parametrize("option", ["--llm-gate=run", "--llm-check=run:tokens<=2x"])
def test_two_gates_in_one_run_are_refused(two: Gated, written: str, said: str, option: str) -> None:
    """Both files and lines, and the ways out, before anything is sent."""
    two.project.write("other/llmreplay.yaml", written.replace("[[]", "["))
    result = two.replay("--llm-model=openai/steady", option)
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    first = "llmreplay.yaml:3: gate.margin is 0.1"
    result.stderr.fnmatch_lines([f"ERROR: a run has one gate, and these differ: {first}; {said}"])
    assert 0 == two.models.calls("steady")


@pytest.mark.parametrize(
    ("written", "options"),
    [
        ("gate: {margin: 0.1, pass_rate: 0.5}", ("--llm-gate=run", "--llm-samples=1")),
        ("gate: {margin: 0.2}", ()),
        ("gate: {margin: 0.2}", ("--llm-config=llmreplay.yaml", "--llm-gate=run")),
    ],
    ids=["equal", "each event", "one file for all"],
)
def test_gates_that_do_not_meet_are_fine(
    two: Gated, written: str, options: tuple[str, ...]
) -> None:
    """Equal ones, those of single events, and where one file was named for all."""
    two.project.write("other/llmreplay.yaml", written)
    result = two.replay("--llm-model=openai/steady", *options)
    assert "one gate" not in result.stderr.str()
    assert 0 < two.models.calls("steady")


@pytest.mark.parametrize("kept", ["kept", "in the first run"])
def test_two_runs_are_held_against_the_same_baseline(gate: Gated, kept: str) -> None:
    """The noise floor that is kept, as when they were made, else the one that either run has.

    The recorded model answers in two words now, and in thirty when it was recorded.
    """
    asks = (event(n, asks=f"{n}", says=f"Echo: {n}") for n in range(1, EVENTS + 1))
    long = (one.replace("output_tokens: 3,", "output_tokens: 30,") for one in asks)
    gate.project.write(
        IT, cassette(*long).replace('completion_tokens": 3,', 'completion_tokens": 30,')
    )
    check = "run:output_tokens<=1.2x"
    budget = (f"--llm-check={check}", "--llm-check-only", "--llm-samples=2")
    gate.replay("--llm-model=openai/steady", "--llm-calibrate", "--llm-gate=run", *budget)
    made = gate.replay("--llm-model=openai/wordy", *budget)
    assert pytest.ExitCode.TESTS_FAILED == made.ret
    if kept != "kept":
        (gate.project.path / ".llmreplay/calibration.json").unlink()
    done = inside("compare", "run-1", "run-2", f"--check={check}", cwd=gate.project.path)
    assert (1, "") == (done.returncode, done.stderr)
    assert re.search(r"run:output_tokens<=1\.2x +holds +DIVERGED", done.stdout)
