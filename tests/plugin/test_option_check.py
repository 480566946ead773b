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


def test_no_checks_are_told_with_who_asked_for_none(one: Project) -> None:
    """A config file of somebody else, in which nothing is checked, makes no run silently green."""
    one.write(IT, cassette(event(1), event(2)))
    one.write("llmreplay.yaml", "checks: []\n")
    result = replay(one)
    assert pytest.ExitCode.OK == result.ret
    result.stdout.fnmatch_lines(["checks in force", " config * no checks"])


def test_checks_of_addopts_are_not_those_of_the_command_line(one: Project) -> None:
    """Who reads the summary of somebody else's ini file sees that nobody typed them."""
    one.write("pytest.ini", "[pytest]\naddopts = --llm-check=answered --llm-check-only\n")
    result = replay(one)
    result.stdout.fnmatch_lines([" addopts * answered", " cassette header, dropped *"])


def test_two_targets_do_not_count_twice(one: Project) -> None:
    """A check of one event of two stays a check of one event."""
    result = replay(one, "--llm-model=same", "--llm-model=simulated/steady")
    result.stdout.fnmatch_lines([" cassette header * tool_calls [[]1 event[]]"])


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("command line", "ERROR: --llm-check: unknown check 'txt'; did you mean 'text'?"),
        ("ini", "ERROR: llm_checks: unknown check 'txt'*"),
        ("config", "ERROR: llmreplay.yaml:2: checks: unknown check 'txt'*"),
    ],
)
def test_a_check_that_cannot_be_read(one: Project, where: str, said: str) -> None:
    """It is a usage error that names the place, before anything is sent."""
    if where == "ini":
        one.write("pytest.ini", "[pytest]\nllm_checks = txt\n")
    if where == "config":
        one.write("llmreplay.yaml", "gate: {}\nchecks: txt\n")
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


def test_a_schema_file_belongs_to_the_project_of_the_cassette(one: Project) -> None:
    """It is read relative to it, wherever pytest was started, and never from outside it."""
    one.write("schemas/number.json", '{"type": "integer"}')
    one.write("../outside.json", "true")
    result = replay(one, "--llm-check=schema:schemas/number.json", "-k", "0001")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["schema:schemas/number.json: the answer is no JSON*"])
    one.server.reset()
    said = "ERROR: --llm-check: the schema file is outside the project"
    one.refuses("--llm-check=schema:../outside.json", said)


def test_a_cassette_whose_schema_file_is_missing_is_an_error_of_its_events(one: Project) -> None:
    """The message names the cassette and its line; nothing is sent for it."""
    one.write(IT, cassette(event(1), checks=["schema:none.json"]))
    result = replay(one)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*test_it.yaml:*: checks: the schema file does not exist*"])
    assert [] == one.server.seen


def test_checks_of_the_marker_are_in_the_cassette_and_judge_a_replay(project: Project) -> None:
    """Recording writes them into the header, where a replay finds them."""
    project.tests(
        """
        @pytest.mark.llm_cassette(checks=["contains:Echo", "warn:regex:^No"])
        def test_it():
            chat("Hello")
        """
    )
    project.record().assert_outcomes(passed=1)
    project.server.next(says("Other words."))
    result = project.replay("--llm-check=answered")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["contains:Echo: the answer does not contain it"])
    result.stdout.fnmatch_lines([" cassette header * contains:Echo, warn:regex:^No"])


def test_checks_over_a_session_or_the_run_are_in_force_and_listed(one: Project) -> None:
    """They judge no single event, and are read before anything is sent."""
    result = replay(one, "--llm-check=answered", "--llm-check=run:latency.p95<=1.2x")
    result.assert_outcomes(passed=2, failed=1)  # two calls are too few for a p95
    result.stdout.fnmatch_lines([" command line * answered, run:latency.p95<=1.2x"])
    one.server.reset()
    one.refuses("--llm-check=run:cots<=2x", "ERROR: --llm-check: one of tokens, *")
