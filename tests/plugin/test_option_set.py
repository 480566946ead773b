"""`--llm-set`, `--llm-config`, `--llm-base-url` and the figures: read before anything is sent."""

from __future__ import annotations

import pytest
from made_cassettes import cassette, event
from projects import Project
from servers.provider_server import fails, says

IT = "cassettes/tests/test_app/test_it.yaml"


@pytest.fixture
def one(project: Project) -> Project:
    """A project with a cassette of one event."""
    project.write(IT, cassette(event(1, body={"max_tokens": 9, "temperature": 1})))
    return project


def replay(project: Project, *arguments: str) -> pytest.RunResult:
    """Replay against the loopback provider."""
    return project.run("--llm-replay", "--llm-base-url", project.server.openai, *arguments)


def test_values_are_merged(one: Project) -> None:
    """Zero is a value, null removes, what is not named stays."""
    result = replay(one, "--llm-set=temperature=0", "--llm-set=top_p=null", "--llm-set=a.b=[1]")
    sent = one.server.seen[0].json
    assert (9, 0, {"b": [1]}) == (sent["max_tokens"], sent["temperature"], sent["a"])
    assert "top_p" not in sent
    result.stdout.fnmatch_lines(
        ["*sent with*temperature=0*", "*--llm-set temperature=0 --llm-set top_p=null*"]
    )


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--llm-set=temperature", "ERROR: --llm-set: a '=' is missing*"),
        ("--llm-set=a..b=1", "ERROR: --llm-set: a key is words joined by single dots"),
        ("--llm-set=model=x", "ERROR: --llm-set: *--llm-model*"),
        ("--llm-set=a=[1", "ERROR: --llm-set: the value is no YAML*"),
        ("--llm-config=nowhere.yaml", "ERROR: --llm-config: there is no file 'nowhere.yaml'"),
        ("--llm-config=broken.yaml", "ERROR: *broken.yaml:2: *"),
        ("--llm-config=unknown.yaml", "ERROR: *unknown.yaml:1: unknown key 'target'; did you*"),
        ("--llm-base-url=ftp://x", "ERROR: --llm-base-url: base URL 'ftp://x' cannot be used*"),
        ("--llm-base-url=http://u:secret@x/", "ERROR: --llm-base-url: base URL 'http://x/'*"),
    ],
)
def test_a_wrong_option_is_one_clear_error(one: Project, option: str, said: str) -> None:
    """Exit code 4, the option by name, no traceback, nothing sent."""
    one.write("broken.yaml", "targets: [\n")
    one.write("unknown.yaml", "target: {}\n")
    result = replay(one, option)
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines([said])
    assert [] == one.server.seen
    assert "Traceback" not in result.stdout.str() + result.stderr.str()
    assert "secret" not in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize(
    "option",
    ["--llm-concurrency=0", "--llm-timeout=soon", "--llm-retries=-1", "--llm-timeout=nan"],
)
def test_figures_out_of_range(one: Project, option: str) -> None:
    """The parser names option and value."""
    result = replay(one, option)
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    name, _, value = option.partition("=")
    result.stderr.fnmatch_lines([f"*{name}*{value!r} is not a*number*"])


def test_a_config_file_of_the_ini_file(one: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is found from rootdir, wherever pytest was started."""
    one.write("pytest.ini", "[pytest]\nllm_config = conf/replay.yaml\n")
    one.write("conf/replay.yaml", "checks: [answered]\n")
    one.write("tests/keep.txt", "")
    monkeypatch.chdir(one.path / "tests")
    replay(one).stdout.fnmatch_lines([" config * answered"])


def test_a_base_url_in_addopts_is_only_a_proposal(one: Project) -> None:
    """A loopback address is used; any other host stops the run."""
    one.write("pytest.ini", "[pytest]\naddopts = --llm-base-url=https://llm.example.com/v1\n")
    result = one.run("--llm-replay", "--llm-model=gpt-5-mini")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["ERROR: *addopts*llm.example.com*LLMREPLAY_TRUST*"])
    one.write("pytest.ini", f"[pytest]\naddopts = --llm-base-url={one.server.openai}\n")
    one.run("--llm-replay", "--llm-check=answered")
    assert 1 == len(one.server.seen)


def test_retries_are_counted(one: Project) -> None:
    """`--llm-retries` further attempts, told in the summary."""
    one.server.next(fails(500, retry_after=0.01), says("Hello."))
    result = replay(one, "--llm-retries=1", "--llm-check=text")
    result.assert_outcomes(passed=1)
    assert 2 == len(one.server.seen)
    result.stdout.fnmatch_lines(["*1 call*1 retry*"])
