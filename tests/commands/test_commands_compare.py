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


def test_runs_without_a_common_event_are_wrong_use(runs_of: Project) -> None:
    """Nothing compared is no success."""
    several(runs_of, 3)
    replay(runs_of, "-k0003")
    done = inside("compare", "run-1", "run-3", cwd=runs_of.path)
    said = "pytest-llmreplay: run-1 and run-3 have no event and target in common\n"
    assert (2, "", said) == (done.returncode, done.stdout, done.stderr)


def test_a_run_of_one_model_is_compared_with_a_run_of_another(runs_of: Project) -> None:
    """Events are the same whoever is asked; both targets are named."""
    runs_of.server.next(says("Hello."), says("Other."))
    runs_of.replay("--llm-model=openai/other", "--llm-concurrency=1", "--llm-check=text")
    done = inside("compare", "run-1", "run-3", "--check=text", cwd=runs_of.path)
    assert (1, "") == (done.returncode, done.stderr)
    assert "same \u2192 openai/other" in done.stdout
    assert "::0002-ask[openai/other]" in done.stdout
