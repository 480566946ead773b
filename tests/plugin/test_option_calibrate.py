"""`--llm-calibrate`: the recorded model is asked again, and its answers are the noise floor."""

from __future__ import annotations

import json
import stat

import pytest
from gated_project import EVENTS, FLOOR, IT, Gated
from made_cassettes import cassette, event

from pytest_llmreplay import Cassette

KEPT = ".llmreplay/calibration.json"


def kept(gate: Gated) -> dict[str, dict[str, object]]:
    """The events of the noise floor."""
    events: dict[str, dict[str, object]] = json.loads((gate.project.path / KEPT).read_text())[
        "events"
    ]
    return events


def test_ten_answers_of_the_recorded_model_are_kept(gate: Gated) -> None:
    """With the model, for its owner alone, found by match key."""
    result = gate.replay(*FLOOR)
    result.assert_outcomes(passed=EVENTS)
    result.stdout.fnmatch_lines(
        [
            f"same * {10 * EVENTS} calls*",
            f"noise floor of {EVENTS} events kept in {KEPT}: *",
            "kept as    run-1",
        ]
    )
    result.stdout.no_fnmatch_line("see all*")
    assert 10 * EVENTS == gate.models.calls("gpt-5-mini")
    first = kept(gate)[f"{IT}::r1:{1:016x}#0"]
    assert {"text": [1.0] * 10} == first["scores"]
    assert ("same", "gpt-5-mini") == (first["by"], first["model"])
    assert 0o600 == stat.S_IMODE((gate.project.path / KEPT).stat().st_mode)


def test_divergences_of_the_recorded_model_are_what_is_measured(gate: Gated) -> None:
    """They fail nothing; the figures are kept."""
    gate.models.recorded = "worse"
    result = gate.replay(*FLOOR)
    assert {"passed": EVENTS // 2, "diverged": EVENTS // 2} == result.parseoutcomes()
    assert pytest.ExitCode.OK == result.ret
    result.stdout.fnmatch_lines(
        ["noise floor of *", f"  text held in 50 % of {10 * EVENTS} answers"]
    )
    assert {"text": [0.0] * 10} == kept(gate)[f"{IT}::r1:{2:016x}#0"]["scores"]


def test_fewer_answers_where_that_is_asked_for(gate: Gated) -> None:
    """`--llm-samples` counts the recorded model's, if nothing else is replayed."""
    gate.replay(*FLOOR, "--llm-samples=3")
    assert {"text": [1.0] * 3} == kept(gate)[f"{IT}::r1:{1:016x}#0"]["scores"]


def test_one_command_calibrates_and_judges(gate: Gated) -> None:
    """Both are asked in one run, the recorded model in front."""
    result = gate.gated("worse", "--llm-calibrate", "--llm-samples=2")
    result.stdout.fnmatch_lines(
        ["llm replay: same, openai/worse", "regression: openai/worse, text"]
    )
    assert (10 * EVENTS, 2 * EVENTS) == (
        gate.models.calls("gpt-5-mini"),
        gate.models.calls("worse"),
    )


def test_a_part_calibrated_anew_leaves_the_rest(gate: Gated) -> None:
    """What is kept of other events stays."""
    gate.replay(*FLOOR)
    before = kept(gate)
    gate.models.recorded = "worse"
    gate.replay(*FLOOR, "-k", "0002", "--llm-samples=1")
    after = kept(gate)
    changed = [key for key, told in before.items() if told["scores"] != after[key]["scores"]]
    assert [f"{IT}::r1:{2:016x}#0"] == changed


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (event(1, asks="1", says="Anew."), "1 recorded anew since"),
        (event(1, asks="2", says="Echo: 1"), "1 calibrated with another request"),
        (event(1, asks="1", says="Echo: 1", model="gpt-5"), "1 calibrated with another request"),
        (event(99, asks="1", says="Echo: 1"), "1 never calibrated"),
    ],
    ids=["answer", "request", "model", "key"],
)
def test_what_changed_since_has_no_noise_floor(gate: Gated, document: str, said: str) -> None:
    """A calibration of something else is none, and the run says why."""
    gate.project.write(IT, cassette(event(1, asks="1", says="Echo: 1")))
    gate.replay(*FLOOR)
    gate.project.write(IT, cassette(document))
    result = gate.gated("steady")
    result.stdout.fnmatch_lines([f"*no noise floor for 1 of 1 event ({said})*--llm-calibrate*"])


def test_another_check_has_no_noise_floor(gate: Gated) -> None:
    """It was not measured."""
    gate.replay(*FLOOR)
    result = gate.gated("steady", "--llm-check=text:normalized", "--llm-samples=1")
    result.stdout.fnmatch_lines([f"*({EVENTS} calibrated without text:normalized)*"])


def test_an_event_needs_no_noise_floor_for_a_check_of_another(gate: Gated) -> None:
    """A check that stands in one cassette is missing in no other."""
    other = cassette(event(1, asks="90", says="Echo: 90"), checks=["contains:Echo"])
    gate.project.write("cassettes/tests/test_app/test_other.yaml", other)
    words = ("--llm-check=text", "--llm-retries=0")
    gate.replay("--llm-calibrate", *words)
    result = gate.replay("--llm-model=openai/steady", "--llm-gate=run", "--llm-samples=1", *words)
    result.stdout.fnmatch_lines(["verdict on openai/steady: inconclusive, text, contains:Echo"])
    result.stdout.no_fnmatch_line("*oise floor for*")
    result.stdout.no_fnmatch_line("*ithout a noise floor*")


def test_a_simulation_is_no_noise_floor_of_a_real_model(gate: Gated) -> None:
    """It never varies."""
    gate.project.run("--llm-replay", "--llm-model=simulated/steady", *FLOOR)
    result = gate.gated("steady", "--llm-samples=1")
    result.stdout.fnmatch_lines([f"*({EVENTS} calibrated with simulated/steady)*"])


def test_the_age_of_a_noise_floor_is_shown(gate: Gated) -> None:
    """A provider's drift since then is not measured."""
    gate.replay(*FLOOR)
    path = gate.project.path / KEPT
    text = path.read_text()
    day = next(iter(kept(gate).values()))["at"]
    path.write_text(text.replace(str(day)[:10], "2026-01-02"))
    result = gate.gated("steady", "--llm-samples=1")
    result.stdout.fnmatch_lines(["verdict on openai/steady: 12 events *", "*floor of 2026-01-02"])


def test_parameters_of_a_target_are_not_those_of_the_recorded_model(gate: Gated) -> None:
    """The noise floor is that of the request as recorded."""
    result = gate.replay(*FLOOR, "--llm-set", "temperature=0")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["ERROR: --llm-calibrate: * leave --llm-set out*"])


@pytest.mark.parametrize("option", ["--llm-accept", "--llm-record"])
def test_no_answer_of_a_calibration_becomes_a_recording(gate: Gated, option: str) -> None:
    """What the recorded model varies around stays; beside a target, only its answers are taken."""
    path = gate.project.path / IT
    before = [one.exchange for one in Cassette.load(path).events]
    result = gate.replay(*FLOOR, option)
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines([f"ERROR: --llm-calibrate: * leave {option} out"])
    gate.models.recorded = "worse"
    gate.replay(*FLOOR, option, "--llm-model=openai/steady")
    assert before == [one.exchange for one in Cassette.load(path).events]
    assert {"openai/steady"} == set(Cassette.load(path).accepted)


def test_a_regression_is_told_only_after_a_second_look(
    gate: Gated, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the recorded model can be asked, an unlucky noise floor accuses nobody."""
    monkeypatch.setenv("OPENAI_BASE_URL", gate.url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0123456789abcdef0123")
    gate.replay(*FLOOR)
    gate.models.recorded = "worse"
    asked = gate.models.calls("gpt-5-mini")
    result = gate.project.run(
        "--llm-replay", "--llm-model=openai/worse", *FLOOR[1:], "--llm-gate=run"
    )
    assert 10 * EVENTS == gate.models.calls("gpt-5-mini") - asked
    result.stdout.fnmatch_lines(
        ["*before a regression is told: 120 more calls*", "inconclusive: openai/worse, text"]
    )


def test_fresh_answers_for_one_target_of_a_family_are_not_those_of_another(
    gate: Gated, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `family: run` both are judged together, and each regression has a second look."""
    monkeypatch.setenv("OPENAI_BASE_URL", gate.url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0123456789abcdef0123")
    gate.project.write("llmreplay.yaml", "gate: {family: run}\n")
    gate.replay(*FLOOR)
    targets = ("--llm-model=openai/steady", "--llm-model=openai/worse")
    result = gate.project.run(
        "--llm-replay", *targets, *FLOOR[1:], "--llm-gate=run", "--llm-samples=1"
    )
    result.stdout.fnmatch_lines(["regression: openai/worse, text"])
    assert "KeyError" not in result.stdout.str()
