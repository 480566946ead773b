"""A noise floor that was measured with other settings of a check is none for that check."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from gated_project import Gated
from judges import Asked, config, judging
from kept_runs import run_file
from made_cassettes import cassette, event
from servers.provider_server import ProviderServer

IT = "cassettes/tests/test_app/test_it.yaml"
ANSWER = '{"city": "Paris"}'
SCHEMA = {"type": "object", "required": ["city"]}
LENIENT = """
LONGEST = 100

def fits(text):
    return len(text) <= LONGEST

def short(baseline, replayed, argument):
    return fits(replayed.response.text)

def other():
    return 1

def pytest_llmreplay_checks():
    return {"short": short}
"""


@pytest.fixture
def judged(gate: Gated) -> Iterator[Gated]:
    """Two events, a schema, a check of the user's own, and a judge with a rubric."""

    def likes(_: Asked) -> dict[str, object]:
        return {"explanation": "Fine.", "score": 0.4}

    gate.project.write(IT, cassette(*(event(n, asks=f"{n}", says=ANSWER) for n in (1, 2))))
    gate.project.write("answer.json", json.dumps(SCHEMA))
    gate.project.write("conftest.py", LENIENT)
    gate.project.write("rubric.md", "1.0: right")
    with ProviderServer(judging(likes)) as server:
        gate.project.write("llmreplay.yaml", config(server.openai, rubric="rubric.md"))
        yield gate


CHECKS = ("schema:answer.json", "short", "judge>=0.3", "answered")
OPTIONS = ("--llm-check-only", *(f"--llm-check={one}" for one in CHECKS))


def floor_told(gate: Gated, *more: str) -> str:
    """What a gated run says of the noise floor before its first call, in one line."""
    given = ("--llm-model=openai/steady", "--llm-gate=run", "--llm-samples=1", *OPTIONS, *more)
    printed = " ".join(gate.replay(*given).stdout.str().split())
    return printed.partition("no noise floor for ")[2].partition(": run --llm-calibrate")[0]


@pytest.fixture
def calibrated(judged: Gated) -> Gated:
    """The same, calibrated."""
    judged.replay("--llm-calibrate", "--llm-samples=2", *OPTIONS)
    return judged


def test_the_same_settings_have_a_noise_floor(calibrated: Gated) -> None:
    """Whatever stands elsewhere in the files that hold them."""
    calibrated.project.write("conftest.py", LENIENT.replace("return 1", "return 2"))
    calibrated.project.write("answer.json", json.dumps(SCHEMA, indent=2))
    assert "" == floor_told(calibrated)


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("answer.json", '{"type": "array"}', "another schema for schema:answer.json"),
        ("conftest.py", LENIENT.replace("<= LONGEST", "< LONGEST"), "another function for short"),
        ("conftest.py", LENIENT.replace("100", "5"), "another function for short"),
        ("rubric.md", "1.0: short", "another rubric for judge>=0.3"),
    ],
    ids=["schema", "function", "limit", "rubric"],
)
def test_a_file_that_decides_and_was_changed(
    calibrated: Gated, file: str, text: str, said: str
) -> None:
    """What it was measured with is named, and the way out; other checks keep their floor."""
    calibrated.project.write(file, text)
    assert f"2 of 2 events (2 calibrated with {said})" == floor_told(calibrated)


def test_another_judge(calibrated: Gated) -> None:
    """Another model, and more judgings of each answer."""
    path = calibrated.project.path / "llmreplay.yaml"
    path.write_text(path.read_text().replace('"model": "judge-1"', '"model": "judge-2"'))
    said = "2 of 2 events (2 calibrated with another judge for judge>=0.3)"
    assert said == floor_told(calibrated)
    path.write_text(path.read_text().replace('"rubric"', '"samples": 2, "rubric"'))
    assert "another judge and number of judgings for judge>=0.3" in floor_told(calibrated)


def test_a_verdict_does_without_it(calibrated: Gated) -> None:
    """No regression is claimed, and the reason stands beside the verdict."""
    calibrated.project.write("answer.json", '{"type": "array"}')
    given = ("--llm-model=openai/steady", "--llm-gate=run", "--llm-samples=1", *OPTIONS)
    result = calibrated.replay(*given)
    result.stdout.fnmatch_lines(
        [
            "inconclusive: openai/steady, schema:answer.json*",
            "*Without a noise floor: 2 calibrated with another schema for schema:answer.json.",
            "*answers are kept: measure them anew by --llm-rejudge run-1*",
        ]
    )


def test_the_answers_that_are_kept_are_measured_anew_for_free(calibrated: Gated) -> None:
    """The run of the calibration, judged again, makes the noise floor of today's settings."""
    calibrated.project.write("answer.json", '{"type": "array"}')
    calibrated.project.run("--llm-replay", "--llm-rejudge=run-1", "--llm-calibrate", *OPTIONS)
    assert "" == floor_told(calibrated)


def test_answers_that_are_gone_are_not_offered(calibrated: Gated) -> None:
    """The file of an old run may have been removed."""
    calibrated.project.write("answer.json", '{"type": "array"}')
    given = ("--llm-model=openai/steady", "--llm-gate=run", "--llm-samples=1", *OPTIONS)
    calibrated.replay(*given).stdout.fnmatch_lines(["*--llm-rejudge run-1 *"])
    run_file(calibrated.project).unlink()
    assert "--llm-rejudge" not in calibrated.replay(*given).stdout.str()


def test_scores_of_another_judge_are_no_baseline_of_a_mean_score(calibrated: Gated) -> None:
    """A budget on the drop of a mean score says why it is not measured."""
    calibrated.project.write("rubric.md", "1.0: short")
    check = ("--llm-check=run:judge>=-0.5", "--llm-check-only")
    result = calibrated.replay("--llm-model=openai/steady", *check)
    said = "*: not measured, the noise floor was scored with another rubric*--llm-calibrate*"
    result.stdout.fnmatch_lines([f"run:judge>=-0.5{said[1:]}"])
