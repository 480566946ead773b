"""`--llm-fresh` and `llm_max_age`: what is not worth a call any more is `stale`."""

from __future__ import annotations

import pytest
from made_cassettes import cassette, event
from projects import Project
from servers.provider_server import says

IT = "cassettes/tests/test_app/test_it.yaml"
CHECK = ("--llm-check=answered", "--llm-check-only")


@pytest.fixture
def changed(project: Project) -> Project:
    """A project that was recorded with two questions, and asks only one of them today."""
    project.tests('def test_it(llm_cassette):\n    chat("One?")\n    chat("Two?")\n')
    project.record().assert_outcomes(passed=1)
    project.tests('def test_it(llm_cassette):\n    chat("Two?")\n')
    project.server.reset()
    return project


def test_only_what_todays_tests_ask_for_is_sent(changed: Project) -> None:
    """The rest is told, and counts neither as passed nor as failed."""
    result = changed.replay("--llm-fresh", *CHECK)
    assert {"passed": 1, "skipped": 1} == result.parseoutcomes()
    assert pytest.ExitCode.OK == result.ret
    assert ["Two?"] == [seen.json["messages"][0]["content"] for seen in changed.server.seen]
    result.stdout.fnmatch_lines(
        [
            "llm replay: 1 event is asked for by today's tests",
            "same * 1 call*",
            "stale * 1",
            "*today's tests do not ask for it*",
        ]
    )


@pytest.mark.parametrize("chosen", ["tests/test_app.py::test_it", "tests", IT, "cassettes"])
def test_the_tests_are_those_that_recorded_the_selection(changed: Project, chosen: str) -> None:
    """However it was selected."""
    result = changed.replay("--llm-fresh", *CHECK, chosen)
    assert {"passed": 1, "skipped": 1} == result.parseoutcomes()


def test_only_the_tests_of_the_selection_are_played(changed: Project) -> None:
    """By whatever it was selected; as this run finds them, and in one process."""
    changed.write("tests/test_broken.py", "import nothing_of_that_name\n")
    changed.write("tests/test_slow.py", "def test_it():\n    raise SystemExit('was run')\n")
    changed.write("own.py", "import app\napp.chat.__defaults__ = ()\n")
    changed.write("pytest.ini", "[pytest]\naddopts = -n 2\npython_functions = other_*\n")
    options = ("-p", "own", "-o", "python_functions=test_*", "-o", "pythonpath=.")
    result = changed.replay("--llm-fresh", *CHECK, "-k", "0002 and test_it", *options)
    assert {"passed": 1, "deselected": 1} == result.parseoutcomes()
    result.stdout.fnmatch_lines(["llm replay: 1 event is asked for by today's tests"])


def test_a_test_that_is_gone_asks_for_nothing(changed: Project) -> None:
    """Neither one whose file is gone."""
    changed.tests("def test_other():\n    pass\n")
    for _ in range(2):
        result = changed.replay("--llm-fresh", *CHECK)
        assert {"skipped": 2} == result.parseoutcomes()
        result.stdout.fnmatch_lines(["llm replay: 0 events are asked for by today's tests"])
        (changed.path / "tests/test_app.py").unlink(missing_ok=True)
    assert [] == changed.server.seen


def test_an_estimate_is_of_what_is_asked_for(changed: Project) -> None:
    """What is not sent costs nothing."""
    result = changed.replay("--llm-fresh", "--llm-estimate")
    result.stdout.fnmatch_lines(["llm replay: 1 event is asked *", "same  * 1  *"])


def test_a_test_that_misses_is_told(changed: Project) -> None:
    """What it asks for beyond its cassette cannot be replayed."""
    changed.tests('def test_it(llm_cassette):\n    chat("Two?")\n    chat("Three?")\n')
    result = changed.replay("--llm-fresh", *CHECK)
    assert {"passed": 1, "skipped": 1} == result.parseoutcomes()
    result.stdout.fnmatch_lines(
        [
            "llm replay: 1 event is asked *; not all of them pass in playback*",
            "  no test that passes asks for it *",
        ]
    )


def test_tests_that_cannot_run_stop_the_replay(changed: Project) -> None:
    """With pytest's own words, and nothing sent."""
    changed.write("tests/test_app.py", "import nothing_of_that_name\n")
    result = changed.replay("--llm-fresh", *CHECK)
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(
        ["ERROR: --llm-fresh: the tests could not be played back first:", "*nothing_of_that_name*"]
    )
    assert [] == changed.server.seen


def test_fixtures_of_a_module_count(project: Project) -> None:
    """What they play is asked for as well."""
    text = """
        @pytest.fixture(scope="module")
        def greeting():
            return chat("Hello?")

        def test_it(llm_cassette, greeting):
            {body}
        """
    project.tests(text.replace("{body}", 'chat("One?")'))
    project.record().assert_outcomes(passed=1)
    project.tests(text.replace("{body}", "assert greeting"))
    project.server.reset()
    result = project.replay("--llm-fresh", *CHECK)
    assert {"passed": 1, "skipped": 1} == result.parseoutcomes()
    assert ["Hello?"] == [seen.json["messages"][0]["content"] for seen in project.server.seen]


def old(project: Project, age: str) -> Project:
    """A project with a recording of 2020, and one of 2999."""
    project.write("pytest.ini", f"[pytest]\nllm_max_age = {age}\n")
    once, later = "2020-01-01T00:00:00.000Z", "2999-01-01T00:00:00.000Z"
    recorded = "2026-11-20T17:00:00.000Z"
    events = (event(1).replace(recorded, once), event(2).replace(recorded, later))
    project.write(IT, cassette(*events))
    return project


@pytest.mark.parametrize("age", ["90d", "12w", "90 d"])
def test_old_recordings_are_stale(project: Project, age: str) -> None:
    """They are not sent; offline they are still compared with themselves."""
    old(project, age).server.next(says("Hello."))
    result = project.replay(*CHECK)
    assert {"passed": 1, "skipped": 1} == result.parseoutcomes()
    result.stdout.fnmatch_lines(["*recorded more than * days ago (llm_max_age)*"])
    assert 1 == len(project.server.seen)
    project.run("--llm-replay").assert_outcomes(passed=2)


def test_where_all_are_stale_nobody_answers(project: Project) -> None:
    """The summary does not say whose the answers are."""
    old(project, "90d").write(IT, cassette(event(1).replace("2026-11-20", "2020-01-01")))
    result = project.replay(*CHECK)
    assert {"skipped": 1} == result.parseoutcomes()
    result.stdout.fnmatch_lines(["nothing was sent"])


@pytest.mark.parametrize("age", ["0d", "d", "90", "3 months", "-1d", "9999999d"])
def test_no_age_is_one_clear_error(project: Project, age: str) -> None:
    """Exit code 4, the key by name, what to write."""
    old(project, age)
    result = project.replay()
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines([f"*llm_max_age: '{age}' is no age; write days or weeks, as 90d*"])


def test_fresh_belongs_to_a_replay(one: Project) -> None:
    """Without one, it would say nothing."""
    result = one.run("--llm-fresh")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["ERROR: --llm-fresh is an option of a replay: say *"])
