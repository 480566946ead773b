"""The fixture `llm_replay`: the replay for tests with assertions of their own."""

from __future__ import annotations

import pytest
from made_cassettes import cassette, event
from projects import Project
from servers.provider_server import says

AGAIN = """
    def test_again(llm_replay):
        event = llm_replay.event("test_it.yaml::0001-ask")
        result = llm_replay{to}.replay(event=event)
        result.pretty_print()
        assert result.error_message is None, result.error_message
        assert result.text_after == {says!r}
"""


def again(project: Project, *, says: str, to: str = "") -> None:
    """A test that replays an event of another test's cassette."""
    project.write("cassettes/tests/test_app/test_it.yaml", cassette(event(1, name="ask")))
    project.tests(AGAIN.format(says=says, to=to), "tests/test_again.py")


def test_a_plain_run_asks_nobody(project: Project) -> None:
    """The event is found in the project's cassettes, and its recorded answer stands."""
    again(project, says="Hello.")
    project.run("tests/test_again.py").assert_outcomes(passed=1)
    assert [] == project.server.seen


def test_a_test_names_its_own_target(project: Project) -> None:
    """Then it is asked, whatever the cassette of the test itself plays."""
    again(project, says="Anew.", to=f".to('same', base_url='{project.server.openai}')")
    text = (project.path / "tests/test_again.py").read_text()
    marked = text.replace("def test_again(", "def test_again(llm_cassette, ")
    project.write("tests/test_again.py", marked)
    project.server.next(says("Anew."))
    result = project.run("tests/test_again.py")
    result.assert_outcomes(passed=1)
    assert 1 == len(project.server.seen)


def test_the_guard_does_not_take_a_replay_for_a_stray_call(project: Project) -> None:
    """It is asked for by name."""
    again(project, says="Anew.", to=f".to('same', base_url='{project.server.openai}')")
    project.write("pytest.ini", "[pytest]\nllm_guard = true\n")
    project.server.next(says("Anew."))
    project.run("tests/test_again.py").assert_outcomes(passed=1)


def test_tests_that_run_live_replay_against_their_target(project: Project) -> None:
    """With `--llm-replay-tests` its target, base URL and limits are those of the engine."""
    again(project, says="Live.")
    project.server.next(says("Live."))
    result = project.run(
        *("tests/test_again.py", "--llm-replay-tests", "--llm-model=same"),
        f"--llm-base-url={project.server.openai}",
    )
    result.assert_outcomes(passed=1)
    assert 1 == len(project.server.seen)


def test_checks_of_the_conftest_are_asked(project: Project) -> None:
    """An event that brings one along is judged by it, as in a replay."""
    again(project, says="Hello.")
    hook = "def pytest_llmreplay_checks():\n    return {'polite': lambda *_: 'says no please'}\n"
    project.write("tests/conftest.py", hook)
    text = cassette(event(1, name="ask", checks=["polite"]))
    project.write("cassettes/tests/test_app/test_it.yaml", text)
    tests = (project.path / "tests/test_again.py").read_text()
    tests += '    assert ["polite"] == [one.check for one in result.divergences]\n'
    project.write("tests/test_again.py", tests)
    project.run("tests/test_again.py").assert_outcomes(passed=1)


def test_data_goes_nowhere_that_the_project_does_not_allow(project: Project) -> None:
    """The ini key holds for targets that a test names, too."""
    again(project, says="Anew.", to=f".to('same', base_url='{project.server.openai}')")
    project.write("pytest.ini", "[pytest]\nllm_targets_allow = anthropic\n")
    result = project.run("tests/test_again.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*this project does not allow gpt-5-mini at 127.0.0.1*"])
    assert [] == project.server.seen


def test_no_money_is_spent_unwatched(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where CI is set, a call that leaves this machine needs a limit."""
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    again(project, says="Hello.", to=".to('gpt-5-mini')")
    result = project.run("tests/test_again.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*CI is set, and calls to api.openai.com may cost money*"])


def test_a_broken_config_file_is_one_message(project: Project) -> None:
    """The test errors with file and line, and no traceback of ours."""
    again(project, says="Hello.")
    project.write("llmreplay.yaml", "target: {}\n")
    result = project.run("tests/test_again.py")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*llmreplay.yaml:1: unknown key 'target'; did you mean*"])
    assert "replay_fixture" not in result.stdout.str()
