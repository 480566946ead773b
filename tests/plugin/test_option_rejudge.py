"""`--llm-rejudge`: the answers of a stored run, judged by today's checks without a call."""

from __future__ import annotations

import pytest
from kept_runs import IT, answered, replay, run_file, several
from made_cassettes import cassette, event
from projects import Project
from servers.provider_server import fails, says


@pytest.fixture
def three(project: Project) -> Project:
    """A project whose run has two answers and an error."""
    several(project, 3)
    project.server.next(says("Hello."), fails(500, "Overloaded"), says("Hello there."))
    replay(project, "--llm-concurrency=1")
    return project


def rejudge(project: Project, *arguments: str) -> pytest.RunResult:
    """Judge the run again; nothing may be sent."""
    seen = len(project.server.seen)
    result = project.run("--llm-replay", "--llm-rejudge=run-1", *arguments)
    assert seen == len(project.server.seen)
    return result


def test_new_checks_over_stored_answers(three: Project) -> None:
    """Without a call, a key or a target on the command line; an error stays one."""
    result = rejudge(three, "--llm-check=text")
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "run-1 has 2 answers that are judged again",
            "text: *",
            "*replayed*same*taken over from run-1*",
            "nothing was sent: the answers are those of an earlier run",
        ]
    )


def test_the_command_that_goes_on_judges_the_run_again(three: Project) -> None:
    """It names the run in the place of a target, which would be asked anew."""
    seen = len(three.server.seen)
    result = three.pytester.runpytest_inprocess(
        "--llm-replay", "--llm-rejudge=run-1", "--llm-check=text", "--llm-fail-on=structure"
    )
    said = " ".join(result.stdout.str().replace("\\", "").split())
    options = "--llm-rejudge run-1 --llm-check text --llm-fail-on structure --lf"
    assert f"again pytest --llm-replay {options}" in said
    again = three.pytester.runpytest_inprocess("--llm-replay", *options.split())
    again.assert_outcomes(failed=1)
    assert seen == len(three.server.seen)


def test_what_the_run_lacks_is_not_run(three: Project) -> None:
    """A skip with its reason, and the result is not green."""
    asks = (event(n, name="ask", asks=f"Question {n}") for n in (1, 4))
    three.write(IT, cassette(*asks))
    result = rejudge(three, "--llm-check=answered", "-rs")
    assert (1, 1) == (answered(result), result.parseoutcomes()["skipped"])
    assert pytest.ExitCode.TESTS_FAILED == result.ret
    result.stdout.fnmatch_lines(["*not run: the run has no answer to the request*"])


def test_an_answer_that_holds_can_be_accepted(three: Project) -> None:
    """With every option that judges."""
    result = rejudge(three, "-k0001", "--llm-check=text", "--llm-accept", "--junitxml=out.xml")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"{IT}: 1 answer accepted*"])
    assert 'name="taken_from" value="run-1"' in (three.path / "out.xml").read_text()


def test_no_run_file_is_made(three: Project) -> None:
    """Nothing came that is not kept already."""
    rejudge(three)
    assert run_file(three).is_file()
    assert not run_file(three, 2).exists()


def test_the_targets_are_those_of_the_run(project: Project) -> None:
    """`--llm-model` chooses among them."""
    several(project, 1)
    models = ("--llm-model=simulated/steady", "--llm-model=simulated/refusal")
    project.run("--llm-replay", *models)
    assert 2 == sum(rejudge(project).parseoutcomes().values())
    assert 1 == sum(rejudge(project, models[0]).parseoutcomes().values())
    refused = rejudge(project, "--llm-model=other")
    assert pytest.ExitCode.USAGE_ERROR == refused.ret
    refused.stderr.fnmatch_lines(["*run-1 has no target 'other'*simulated/steady*"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--llm-rejudge=run-8",), "*no run 'run-8' in *; the last ones are run-1*"),
        (("--llm-rejudge=run-1", "--llm-resume"), "*--llm-rejudge sends nothing*--llm-resume out*"),
        (("--llm-rejudge=run-1", "--llm-set=top_p=1"), "*sends nothing: leave --llm-set out*"),
    ],
)
def test_wrong_use_is_one_line(three: Project, options: tuple[str, ...], said: str) -> None:
    """Before anything is done."""
    result = three.run("--llm-replay", *options)
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines([said])
    assert "Traceback" not in result.stderr.str()


def test_a_run_of_a_later_version(three: Project) -> None:
    """Refused, with what to do."""
    text = run_file(three).read_text()
    run_file(three).write_text(text.replace('{"run":1,', '{"run":2,', 1))
    result = rejudge(three)
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["*run file of format 2*upgrade it*"])


def test_one_answer_is_told_in_the_singular(project: Project) -> None:
    """A run of one event has one answer."""
    several(project, 1)
    replay(project)
    result = rejudge(project, "--llm-check=answered")
    result.stdout.fnmatch_lines(["run-1 has 1 answer that is judged again"])
