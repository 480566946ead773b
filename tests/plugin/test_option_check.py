"""`--llm-check` and `--llm-check-only`: which checks are in force, and who asked for them."""

from __future__ import annotations

import pytest
from made_cassettes import cassette, event
from projects import Project
from servers.provider_server import says

IT = "cassettes/tests/test_app/test_it.yaml"


@pytest.fixture
def one(project: Project) -> Project:
    """A project whose cassette and event have checks of their own."""
    project.write(IT, cassette(event(1), event(2, checks=["model"]), checks=["tool_calls"]))
    return project


def replay(project: Project, *arguments: str) -> pytest.RunResult:
    """Replay against the loopback provider, which says what the cassette says."""
    project.server.next(says("Hello."), says("Hello."))
    return project.run("--llm-replay", "--llm-base-url", project.server.openai, *arguments)


def test_the_default_and_those_of_the_cassette(one: Project) -> None:
    """The summary names every place."""
    result = replay(one)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        ["checks in force", " default * exact *", " cassette header * tool_calls [[]1 event[]]"]
    )
    result.stdout.fnmatch_lines([" event * model [[]1 event[]]"])


def test_the_command_line_replaces_the_default(one: Project) -> None:
    """Those of a cassette stay."""
    result = replay(one, "--llm-check=answered", "--llm-check=warn:text")
    result.stdout.fnmatch_lines([" command line *answered, warn:text", " cassette header*"])


def test_check_only_drops_all_others(one: Project) -> None:
    """The summary says which were dropped."""
    result = replay(one, "--llm-check=answered", "--llm-check-only")
    result.stdout.fnmatch_lines([" command line * answered", " cassette header, dropped *"])
    result.stdout.fnmatch_lines([" event, dropped * model [[]1 event[]]"])


def test_config_before_ini_before_default(one: Project) -> None:
    """The nearest place counts."""
    one.write("pytest.ini", "[pytest]\nllm_checks =\n    answered\n    refusal\n")
    replay(one).stdout.fnmatch_lines([" ini * answered, refusal"])
    one.write("llmreplay.yaml", "checks: [finish_reason]\n")
    replay(one).stdout.fnmatch_lines([" config * finish_reason"])


def test_two_targets_do_not_count_twice(one: Project) -> None:
    """A check of one event of two stays a check of one event."""
    result = replay(one, "--llm-model=same", "--llm-model=simulated/steady")
    result.stdout.fnmatch_lines([" cassette header * tool_calls [[]1 event[]]"])


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("command line", "ERROR: --llm-check: unknown check 'txt'; did you mean 'text'?"),
        ("ini", "ERROR: llm_checks: unknown check 'txt'*"),
        ("config", "ERROR: llmreplay.yaml: checks: unknown check 'txt'*"),
    ],
)
def test_a_check_that_cannot_be_read(one: Project, where: str, said: str) -> None:
    """It is a usage error that names the place, before anything is sent."""
    if where == "ini":
        one.write("pytest.ini", "[pytest]\nllm_checks = txt\n")
    if where == "config":
        one.write("llmreplay.yaml", "checks: txt\n")
    result = replay(one, *(["--llm-check=txt"] if where == "command line" else []))
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    assert [] == one.server.seen
    result.stderr.fnmatch_lines([said])


def test_a_warning_reports_and_does_not_fail(one: Project) -> None:
    """With `warn:` other words make the event `changed`."""
    one.server.next(says("Other."))
    result = one.run("--llm-replay", "--llm-base-url", one.server.openai, "--llm-check=warn:text")
    assert 0 == result.ret
    assert 2 == result.parseoutcomes()["changed"]


def test_what_cannot_be_measured_fails_only_live_and_by_name(one: Project) -> None:
    """A recorded answer has no latency of its own; that is a skip."""
    one.write(IT, cassette(event(1)))
    one.run("--llm-replay", "--llm-check=latency<=2x").assert_outcomes(skipped=1)
    result = replay(one, "--llm-check=cost<=2x")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["cost<=2x: not measured*"])
