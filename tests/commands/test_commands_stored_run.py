"""Commands that read a stored run: what they refuse alike."""

from __future__ import annotations

import pytest
from kept_runs import IT, replay, run_file, several
from projects import Project
from shell import inside


@pytest.mark.parametrize(
    "words", [("accept", "run-1"), ("show", "run-1"), ("compare", "run-1", "run-1")], ids=" ".join
)
def test_a_run_of_a_later_version(project: Project, words: tuple[str, ...]) -> None:
    """One line with what to do; nothing is stored."""
    several(project, 1)
    replay(project)
    text = run_file(project).read_text()
    run_file(project).write_text(text.replace('{"run":1,', '{"run":2,', 1))
    before = (project.path / IT).read_bytes()
    done = inside(*words, cwd=project.path)
    assert (2, "") == (done.returncode, done.stdout)
    pytest.LineMatcher(done.stderr.splitlines()).fnmatch_lines(
        ["pytest-llmreplay: *run-1.jsonl: a run file of format 2, *reads format 1; upgrade it *"]
    )
    assert 1 == len(done.stderr.splitlines())
    assert before == (project.path / IT).read_bytes()


@pytest.mark.parametrize(
    "words", [("accept", "run-1"), ("show", "run-1"), ("compare", "run-1", "run-2")], ids=" ".join
)
def test_damaged_lines_of_a_run_are_told(project: Project, words: tuple[str, ...]) -> None:
    """What stood there is not left out in silence; the rest is read."""
    several(project, 3)
    replay(project)
    replay(project)
    head, first, *rest = run_file(project).read_text().splitlines()
    run_file(project).write_text("\n".join([head, first[:-9], *rest, ""]))
    done = inside(*words, cwd=project.path)
    assert ".llmreplay/runs/run-1.jsonl: damaged and left out: line 2\n" == done.stderr
    assert (0, True) == (done.returncode, bool(done.stdout))
