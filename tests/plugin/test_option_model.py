"""`--llm-model`: where a replay goes, and what stops it before the first call."""

from __future__ import annotations

import pytest
from made_cassettes import cassette, event
from projects import Project

IT = "cassettes/tests/test_app/test_it.yaml"


@pytest.fixture
def one(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with a cassette of one event, and no keys."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "MISTRAL_API_KEY", "LLMREPLAY_TRUST"):
        monkeypatch.delenv(name, raising=False)
    project.write(IT, cassette(event(1, asks="Hi", says="Echo: Hi")))
    return project


@pytest.mark.parametrize("model", ["mistral/mistral-small", "gpt-5-mini", "same"])
def test_a_missing_key_is_named(one: Project, model: str) -> None:
    """The variable stands in the usage error, and nothing was sent."""
    result = one.run("--llm-replay", "--llm-model", model)
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    variable = "MISTRAL_API_KEY" if "mistral" in model else "OPENAI_API_KEY"
    result.stderr.fnmatch_lines([f"ERROR: *no key for *: set {variable}*"])
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize("model", ["simulated/drfit", "recoded", "mistrl/x"])
def test_an_unknown_target(one: Project, model: str) -> None:
    """The message names it and those that exist."""
    result = one.run("--llm-replay", f"--llm-model={model}")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines([f"ERROR: --llm-model: no target {model!r}*"])


def test_a_target_of_the_config_file(one: Project) -> None:
    """Its model, parameters and address are used; a failure says what was changed."""
    target = f"{{model: tiny, base_url: '{one.server.openai}', parameters: {{temperature: 0}}}}"
    one.write("llmreplay.yaml", f"targets:\n  local: {target}\n")
    one.run("--llm-replay", "--llm-model=local").assert_outcomes(passed=1)
    assert ("tiny", 0) == tuple(one.server.seen[0].json[key] for key in ("model", "temperature"))
    result = one.run("--llm-replay", "--llm-model=local", "--llm-check=model")
    result.stdout.fnmatch_lines(["*sent with  temperature=0*"])


def test_a_target_of_one_package_alone(one: Project) -> None:
    """The nearest config file above a cassette counts, wherever pytest was started."""
    one.write("package/pytest.ini", "[pytest]\n")
    one.write(f"package/{IT}", cassette(event(1, asks="Hi", says="Echo: Hi")))
    one.write(
        "package/llmreplay.yaml",
        f"targets:\n  local: {{model: tiny, base_url: '{one.server.openai}'}}\n",
    )
    one.run("--llm-replay", "--llm-model=local", "package").assert_outcomes(passed=1)
    refused = one.run("--llm-replay", "--llm-model=local")
    assert pytest.ExitCode.USAGE_ERROR == refused.ret


def test_a_foreign_host_in_a_config_file(one: Project) -> None:
    """It is a proposal: the run stops with the line that would allow it."""
    entry = "{provider: openai, model: x, base_url: 'https://llm.example.com/v1'}"
    one.write("llmreplay.yaml", f"targets:\n  local: {entry}\n")
    result = one.run("--llm-replay", "--llm-model=local")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["*llmreplay.yaml:2*llm.example.com*export LLMREPLAY_TRUST=*"])


@pytest.mark.parametrize("flag", ["--llm-accept", "--llm-record", "--llm-set=temperature=0"])
def test_the_recording_cannot_be_changed_by_itself(one: Project, flag: str) -> None:
    """An option that needs an answer asks for a target."""
    result = one.run("--llm-replay", flag)
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    name = flag.partition("=")[0]
    result.stderr.fnmatch_lines([f"ERROR: {name}: nothing is sent to 'recorded'*--llm-model*"])


def test_a_target_without_a_replay_is_refused(project: Project) -> None:
    """Silence would look like a replay that passed."""
    result = project.run("--llm-model", "gpt-5-mini")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["*--llm-model is an option of a replay*pytest --llm-replay*"])
