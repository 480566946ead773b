"""`pytest-llmreplay compare`: two stored runs of the same events."""

from __future__ import annotations

import json

import pytest
from kept_runs import replay, several
from projects import Project
from servers.provider_server import says
from shell import inside


@pytest.fixture
def runs_of(project: Project) -> Project:
    """A project with two runs: the second diverges in the second event."""
    several(project, 2)
    for second in ("Hello.", "Other."):
        project.server.next(says("Hello."), says(second))
        replay(project, "--llm-concurrency=1")
    return project


def test_what_only_the_second_run_breaks_is_a_finding(runs_of: Project) -> None:
    """With the event named; the other way round nothing is worse."""
    done = inside("compare", "run-1", "run-2", "--check=text", cwd=runs_of.path)
    assert (1, "") == (done.returncode, done.stderr)
    assert "::0002-ask[same]" in done.stdout
    assert "output tokens" in done.stdout
    assert 0 == inside("compare", "run-2", "run-1", "--check=text", cwd=runs_of.path).returncode


def test_counts_as_json(runs_of: Project) -> None:
    """By target."""
    done = inside("compare", "run-1", "run-2", "--check=text", "--json", cwd=runs_of.path)
    counts = json.loads(done.stdout)["targets"]["same"]
    assert (2, 1, 1) == (counts["joined"], counts["only_b"], counts["neither"])
