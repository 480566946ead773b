"""Recording with pytest-rerunfailures: each attempt starts from nothing."""

from __future__ import annotations

import pytest
from projects import Project

pytest.importorskip("pytest_rerunfailures")

FLAKY = """
    tries = []

    @pytest.mark.llm_cassette
    def test_it():
        tries.append(1)
        chat(f"try {len(tries)}")
        assert len(tries) > 1
"""


def test_only_the_attempt_that_passed_is_written(project: Project) -> None:
    """The calls of the first attempt are in no cassette."""
    project.tests(FLAKY)
    outcomes = project.record("--reruns=1").parseoutcomes()
    assert {"passed": 1, "rerun": 1} == outcomes
    text = project.cassette().read_text()
    assert "try 2" in text
    assert "try 1" not in text


def test_unused_events_are_told_with_reruns_too(project: Project) -> None:
    """Reports that come late do not hide what a passing test left."""
    steady = "@pytest.mark.llm_cassette\ndef test_it():\n    chat('one')\n"
    project.tests(steady + "    chat('two')\n")
    project.record("--reruns=1").assert_outcomes(passed=1)
    project.tests(steady)
    result = project.run("--reruns=1")
    result.stdout.fnmatch_lines(["*1 of 2 recorded events were not played*"])
    assert pytest.ExitCode.TESTS_FAILED == result.ret
