"""`--llm-estimate`: what a replay would cost, without sending anything."""

from __future__ import annotations

import json
import re

import pytest
from judges import config
from made_cassettes import cassette, event
from projects import Project
from shell import inside


def test_nothing_is_sent(one: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key is needed, no limit on a CI server, and the exit code is 0."""
    monkeypatch.setenv("CI", "true")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    result = one.run("--llm-replay", "--llm-model=gpt-4o-mini", "--llm-estimate")
    assert pytest.ExitCode.OK == result.ret
    result.stdout.fnmatch_lines(
        [
            "* calls  input tokens  output tokens * cost",
            "gpt-4o-mini * 1 * 9 * 3  about $0.0000031",
            "nothing was sent; tokens as recorded, prices of genai-prices *",
        ]
    )
    assert "nothing was sent: the answers" not in result.stdout.str()


def test_targets_stand_below_each_other(one: Project) -> None:
    """With their sum; what has no price is named, and what is on this machine told."""
    models = ("gpt-4o-mini", "openai/nobody-knows", "simulated/steady")
    result = one.run("--llm-replay", *(f"--llm-model={one}" for one in models), "--llm-estimate")
    result.stdout.fnmatch_lines(
        [
            "together * 3 * 27 * 9  about $0.0000031",
            "no list price, not in the sum: openai/nobody-knows (1 call)",
            "on this machine, without a price: 1 call",
        ]
    )


def test_the_price_of_a_target_counts_before_the_list(one: Project) -> None:
    """Also for a server on this machine, which has none otherwise."""
    one.write(
        "llmreplay.yaml",
        f"""
        targets:
          mine: {{provider: openai, model: gpt-4o-mini, base_url: {one.server.openai},
                  price: {{input: 1000000, output: 2000000}}}}
        """,
    )
    result = one.run("--llm-replay", "--llm-model=mine", "--llm-estimate")
    note = "nothing was sent; tokens as recorded, prices of llmreplay.yaml"
    result.stdout.fnmatch_lines(["mine * about $15.00", note])
    assert [] == one.server.seen


def test_tokens_that_nobody_recorded_are_estimates(
    one: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are told apart; without a tokenizer on this machine a character is a quarter token."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(one.path / "empty"))
    silent = event(1, asks="x" * 400, says="y" * 40, model="claude-sonnet-4-6")
    silent = silent.replace("input_tokens: 9, output_tokens: 3, ", "")
    silent = silent.replace('"usage": {', '"unknown": {')
    one.write("cassettes/tests/test_app/test_it.yaml", cassette(silent))
    result = one.run("--llm-replay", "--llm-model=gpt-5-mini", "--llm-estimate")
    result.stdout.fnmatch_lines(
        [
            "gpt-5-mini * 1 * 104 * 10  about $*",
            "no usage was recorded: tokens of 1 call are estimated, a quarter of a token for*",
        ]
    )
    assert not (one.path / "empty").exists()


def test_the_usage_of_an_answer_counts_where_nothing_else_tells_it(one: Project) -> None:
    """A `measured` written by hand lacks the tokens; the body is the truth, and has them."""
    silent = event(1).replace("input_tokens: 9, output_tokens: 3, ", "")
    one.write("cassettes/tests/test_app/test_it.yaml", cassette(silent))
    result = one.run("--llm-replay", "--llm-model=gpt-5-mini", "--llm-estimate")
    result.stdout.fnmatch_lines(["gpt-5-mini * 1 * 9 * 3  about $*"])
    assert "no usage was recorded" not in result.stdout.str()


def test_what_is_not_replayed_is_told(one: Project) -> None:
    """With the reason."""
    events = [event(1), event(2, status=500, says="down")]
    one.write("cassettes/tests/test_app/test_it.yaml", cassette(*events))
    result = one.run("--llm-replay", "--llm-model=gpt-4o-mini", "--llm-estimate")
    result.stdout.fnmatch_lines(["not replayed: 1 recorded error"])


def test_the_recording_itself_costs_nothing(one: Project) -> None:
    """And that is said."""
    result = one.run("--llm-replay", "--llm-estimate")
    assert pytest.ExitCode.OK == result.ret
    result.stdout.fnmatch_lines(["nothing would be sent: the answers are the recorded ones"])


def test_only_a_replay_is_estimated(project: Project) -> None:
    """What tests would ask is not known before they run."""
    project.tests("def test_it(): pass\n")
    result = project.run("--llm-estimate")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["ERROR: --llm-estimate is an option of a replay: *"])


def told(result: pytest.RunResult, name: str) -> tuple[str, str]:
    """Calls and cost of a target, wherever they are told."""
    line = next(line for line in result.outlines if line.startswith(f"{name} "))
    calls, cost = re.search(r"([\d,]+) (?:calls?|  )", line), re.search(r"\$[\d.]+", line)
    assert calls
    assert cost
    return calls[1], cost[0]


@pytest.fixture
def paid(project: Project) -> Project:
    """Three events, one of which is an error, against targets and a judge with prices."""
    events = [event(1), event(2, asks="Again"), event(3, status=500, says="down")]
    project.write("cassettes/tests/test_app/test_it.yaml", cassette(*events))
    price = {"price": {"input": 1000, "output": 1000}}
    base = {"provider": "openai", "base_url": project.server.openai, **price}
    targets = {name: {**base, "model": name} for name in ("grader", "tiny")}
    project.write("llmreplay.yaml", config("", targets=targets, samples=2))
    return project


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ((), ("tiny",)),
        (("--llm-samples=3",), ("tiny",)),
        (("--llm-gate=run", "--llm-check=text"), ("tiny",)),
        (("--llm-judge=grader",), ("tiny", "judge grader")),
        (("--llm-check=judge>=0.5", "--llm-samples=3"), ("tiny", "judge grader")),
    ],
)
def test_the_header_of_the_run_says_the_same(
    paid: Project, options: tuple[str, ...], names: tuple[str, ...]
) -> None:
    """Calls and cost of targets and judges, all samples counted."""
    estimate = paid.run("--llm-replay", "--llm-model=tiny", *options, "--llm-estimate")
    assert [] == paid.server.seen
    run = paid.run("--llm-replay", "--llm-model=tiny", *options)
    for name in names:
        assert told(run, name) == told(estimate, name)


def test_the_header_counts_tokens_that_nobody_recorded(paid: Project) -> None:
    """As the estimate does, where they cost money."""
    silent = event(1, asks="x" * 400).replace("input_tokens: 9, output_tokens: 3, ", "")
    silent = silent.replace('"usage": {', '"unknown": {')
    paid.write("cassettes/tests/test_app/test_it.yaml", cassette(silent))
    options = ("--llm-replay", "--llm-model=tiny", "--llm-judge=grader")
    estimate, run = paid.run(*options, "--llm-estimate"), paid.run(*options)
    assert ("1", "$0.11") == told(estimate, "tiny") == told(run, "tiny")
    assert told(estimate, "judge grader") == told(run, "judge grader")


def test_a_judge_is_asked_about_every_answer_and_every_recording(paid: Project) -> None:
    """Twice each, as the file says, and in its trial; each question has the task beside it."""
    options = ("--llm-model=tiny", "--llm-judge=grader", "--llm-samples=3", "--llm-estimate")
    result = paid.run("--llm-replay", *options)
    calls = 2 * (2 * 3 + 2 + 1)
    result.stdout.fnmatch_lines([f"judge grader * {calls} * {calls * 412:,} * {calls * 80:,} *"])


def test_a_calibration_is_asked_of_the_recorded_model(
    paid: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten answers to each event; what is asked only in need is told apart."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    both = ("--llm-model=tiny", "--llm-gate=run", "--llm-check=text", "--llm-estimate")
    result = paid.run("--llm-replay", "--llm-calibrate", *both)
    result.stdout.fnmatch_lines(
        ["same * 20 *", "tiny * 10 *", "each event 10 times: same", "not in it: retries"]
    )
    result = paid.run("--llm-replay", *both)
    result.stdout.fnmatch_lines(
        [
            "tiny * 10 *",
            "each event up to 5 times, all counted",
            "not in it: retries, and 20 calls*",
        ]
    )


PROMPTS = {
    "ask": [{"name": "v1", "text": "Be brief."}, {"name": "v2", "text": "Be kind, be long."}]
}


@pytest.mark.parametrize(
    "options",
    [
        ("--samples=3", "--judge=grader"),
        ("--calibrate", "--gate=run", "--check=judge>=0.5"),
        ("--gate=run", "--check=text"),
        ("--filter=prompt=ask", "--variant=v*", "--variant=none", "--set=max_tokens=5"),
        ("--filter=status=error", "--model=simulated/steady"),
        ("--allow=recorded_errors", "--model=same"),
    ],
)
def test_the_command_says_the_same(
    paid: Project, options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the letter, whatever is selected, changed, calibrated or judged."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    asks = [event(1, name="ask"), event(2, name="other", asks="Again")]
    events = [*asks, event(3, status=500, says="down")]
    paid.write("cassettes/tests/test_app/test_it.yaml", cassette(*events))
    with (paid.path / "llmreplay.yaml").open("a") as file:
        file.write(f"prompts: {json.dumps(PROMPTS)}\n")
    inner = ["--model=tiny", *options]
    typed = [option.replace("--", "--llm-", 1) for option in inner]
    ran = paid.run("--llm-replay", "--llm-estimate", *typed)
    head = next(at for at, line in enumerate(ran.outlines) if "input tokens" in line)
    told = inside("estimate", "cassettes", *inner, cwd=paid.path)
    assert (0, "") == (told.returncode, told.stderr)
    table = told.stdout.splitlines()
    shown = [line for line in table if "events:" not in line]
    assert shown == ran.outlines[head : head + len(shown)]
    assert [] == paid.server.seen


def test_a_judge_that_cannot_judge_is_told(paid: Project) -> None:
    """As the run itself would."""
    options = ("--llm-model=tiny", "--llm-judge=same", "--llm-estimate")
    result = paid.run("--llm-replay", *options)
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["ERROR: judge same: a judge is a model*"])
