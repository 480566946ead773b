"""`--llm-estimate`: what a replay would cost, without sending anything."""

from __future__ import annotations

import pytest
from made_cassettes import cassette, event
from projects import Project


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
            "all targets * 3 * 27 * 9  about $0.0000031",
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
    result.stdout.fnmatch_lines(["mine * about $15.00"])
    assert [] == one.server.seen


def test_tokens_that_nobody_recorded_are_estimates(
    one: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are told apart; without a tokenizer on this machine a character is a quarter token."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(one.path / "empty"))
    silent = event(1, asks="x" * 400, says="y" * 40, model="claude-sonnet-4-6")
    silent = silent.replace("input_tokens: 9, output_tokens: 3, ", "")
    one.write("cassettes/tests/test_app/test_it.yaml", cassette(silent))
    result = one.run("--llm-replay", "--llm-model=gpt-5-mini", "--llm-estimate")
    result.stdout.fnmatch_lines(
        [
            "gpt-5-mini * 1 * 104 * 10  about $*",
            "no usage was recorded: tokens of 1 call are estimated, a quarter of a token for*",
        ]
    )
    assert not (one.path / "empty").exists()


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
