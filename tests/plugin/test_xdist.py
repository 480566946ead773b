"""Recording and playing over several processes."""

from __future__ import annotations

import pytest
from projects import Project

pytest.importorskip("xdist")

TESTS = """
    @pytest.fixture(scope="session")
    def topic():
        return chat("choose a topic")

    @pytest.mark.llm_cassette
    @pytest.mark.parametrize("number", range(4))
    def test_it(topic, number):
        assert chat(f"say {number}") == f"Echo: say {number}"
"""


def test_a_session_fixture_is_recorded_once_and_played_by_all(project: Project) -> None:
    """One worker asks, the others wait and play; notices reach the terminal."""
    project.tests(TESTS)
    result = project.run_apart("-n2", "--llm-record")
    result.assert_outcomes(passed=4)
    asked = [seen.json["messages"][0]["content"] for seen in project.server.seen]
    assert 1 == asked.count("choose a topic")
    assert 5 == len(asked)
    result.stdout.fnmatch_lines(["*fixture.topic.yaml: 1 recorded*"])
    project.run_apart("-n2").assert_outcomes(passed=4)
    assert 5 == len(project.server.seen)


def test_a_miss_in_a_worker_is_its_text(project: Project) -> None:
    """Text and command survive the way to the controller."""
    project.tests(TESTS)
    result = project.run_apart("-n2", "-l", "--tb=long")
    result.assert_outcomes(errors=4)
    result.stdout.fnmatch_lines(["*no recording for LLM call 1*", "*--llm-record*"])
    assert "Traceback" not in result.stdout.str()
