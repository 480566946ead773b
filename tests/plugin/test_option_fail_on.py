"""`--llm-fail-on` and `llm_fail_on`: from which severity on a divergence fails."""

from __future__ import annotations

import pytest
from made_cassettes import cassette, event
from projects import Project
from servers.provider_server import fails, says

from pytest_llmreplay.compare.ladder import LADDER
from pytest_llmreplay.plugin.options import FAIL_ON

IT = "cassettes/tests/test_app/test_it.yaml"


@pytest.fixture
def two(project: Project) -> Project:
    """A project with a cassette of two events."""
    project.write(IT, cassette(event(1), event(2)))
    return project


def replay(project: Project, *arguments: str) -> pytest.RunResult:
    """Replay against the loopback provider, which says something else once."""
    project.server.next(says("Hello."), says("Other words."))
    return project.run("--llm-replay", "--llm-base-url", project.server.openai, *arguments)


def test_every_divergence_fails_unless_somebody_says_otherwise(two: Project) -> None:
    """The summary does not speak of what nobody asked for."""
    result = replay(two)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.no_fnmatch_line("*fails from*")


def test_a_divergence_below_the_rung_passes_and_is_counted(two: Project) -> None:
    """It has a letter of its own, stays in the causes, and the summary says what let it go."""
    result = replay(two, "--llm-fail-on=structure")
    assert 0 == result.ret
    assert 1 == result.parseoutcomes()["diverged"]
    result.stdout.fnmatch_lines(
        ["causes, worst first*", " text: other words*", "checks in force", " default *"]
    )
    result.stdout.fnmatch_lines(
        [" fails from * structure on (llm_fail_on, command line); 1 event only reported"]
    )
    result.stdout.no_fnmatch_line("again*")


def test_the_ini_key_stands_where_nothing_is_typed(two: Project) -> None:
    """And the command line before it."""
    two.write("pytest.ini", "[pytest]\nllm_fail_on = never\n")
    result = replay(two)
    assert 0 == result.ret
    result.stdout.fnmatch_lines(
        [" fails from * never, nothing does (llm_fail_on, ini); 1 event only reported"]
    )
    assert 1 == replay(two, "--llm-fail-on=wording").ret


def test_what_a_file_adds_to_the_command_line_is_named_as_such(two: Project) -> None:
    """Who reads the summary of somebody else's ini file sees that nobody typed it."""
    two.write("pytest.ini", "[pytest]\naddopts = --llm-fail-on=never\n")
    replay(two).stdout.fnmatch_lines([" fails from * (llm_fail_on, addopts); 1 event only *"])


def test_never_reports_a_call_without_an_answer_as_skipped(two: Project) -> None:
    """The reason of the skip is the error."""
    two.server.next(says("Hello."), fails(400))
    command = ["--llm-replay", "--llm-base-url", two.server.openai, "--llm-fail-on=never", "-rs"]
    result = two.run(*command)
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED*error: *400*"])


def test_junit_xml_names_the_severity(two: Project) -> None:
    """A dashboard can sort by it."""
    replay(two, "--llm-fail-on=never", "--junitxml=out.xml")
    written = (two.path / "out.xml").read_text(encoding="utf-8")
    assert 1 == written.count('name="severity" value="wording"')
    assert 1 == written.count('name="severity" value="identical"')


def test_a_word_that_is_no_rung_is_refused(two: Project) -> None:
    """The message lists the rungs."""
    two.write("pytest.ini", "[pytest]\nllm_fail_on = bad\n")
    result = two.run("--llm-replay")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["ERROR: llm_fail_on: 'bad' is none of equivalent, wording, *"])
    result = two.run("--llm-replay", "--llm-fail-on=bad")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result = two.run("--llm-fail-on=error")
    result.stderr.fnmatch_lines(["ERROR: --llm-fail-on is an option of a replay*"])


def test_every_rung_can_be_asked_for() -> None:
    """The words of the option are those of the ladder, but for the rung that is no divergence."""
    assert (*LADDER[1:], "never") == FAIL_ON
