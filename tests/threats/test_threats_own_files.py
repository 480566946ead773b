"""T7: a link that a pull request puts among our own files leads to none of the user's."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from projects import Project

FIXTURE = """
    @pytest.fixture(scope="session")
    def topic():
        return chat("x")

    @pytest.mark.llm_cassette
    def test_it(topic):
        chat("y")
"""


def run_mark(project: Project) -> Path:
    """Where the recording of the fixture's cassette is noted: anybody can tell."""
    cassette = project.cassette("tests/test_app/fixture.topic.yaml")
    name = hashlib.sha256(os.fsencode(cassette)).hexdigest()[:24]
    return project.path / f".llmreplay/locks/{name}.run"


def ignored(project: Project) -> Path:
    """The file that keeps git out."""
    return project.path / ".llmreplay/.gitignore"


def partial(project: Project) -> Path:
    """Where the calls of the test are kept."""
    return project.path / ".llmreplay/partial/cassettes/tests/test_app/test_it.jsonl"


@pytest.mark.parametrize("place", [run_mark, ignored, partial])
@pytest.mark.parametrize("there", [True, False])
def test_a_link_in_the_place_of_an_own_file(
    project: Project, place: Callable[[Project], Path], *, there: bool
) -> None:
    """It is told; what it leads to is neither written, nor made, nor read."""
    link, outside = place(project), project.path.parent / f"outside-of-{project.path.name}"
    if there:
        outside.write_text("" if place is ignored else '{"partial": 1, "needle": "x"}\n')
    before = outside.read_bytes() if there else None
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    project.tests(FIXTURE)
    result = project.record()
    assert pytest.ExitCode.TESTS_FAILED == result.ret
    result.stdout.fnmatch_lines([f"*{link.name}: cannot be * symbolic links*"])
    assert "Traceback" not in result.stdout.str()
    assert "needle" not in result.stdout.str()
    assert before == (outside.read_bytes() if there else None)
    assert there == outside.exists()


def test_an_endless_file_in_the_place_of_kept_calls(project: Project) -> None:
    """Nobody reads it to its end."""
    link = partial(project)
    link.parent.mkdir(parents=True)
    link.symlink_to("/dev/zero")
    project.tests(FIXTURE)
    result = project.record()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*test_it.jsonl: cannot be read: *"])
