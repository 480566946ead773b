"""What the tests of kept runs share: a project of several events, and its run files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from made_cassettes import cassette, event
from projects import SCOPE, Project

__all__ = ["IT", "answered", "lines_of", "replay", "run_file", "runs", "several"]

IT = "cassettes/tests/test_app/test_it.yaml"


def several(project: Project, count: int) -> Project:
    """Give a project a cassette of as many events, each of which asks something else."""
    asks = (event(n, name="ask", asks=f"Question {n}") for n in range(1, count + 1))
    project.write(IT, cassette(*asks))
    return project


def replay(project: Project, *arguments: str, lf: bool = False) -> pytest.RunResult:
    """Replay against the loopback provider, judged by whether anything was answered."""
    base = ("--llm-replay", "--llm-base-url", project.server.openai, "--llm-check=answered")
    cache = () if lf else ("-p", "no:cacheprovider")
    return project.pytester.runpytest_inprocess(
        *cache, *SCOPE, *base, "--llm-retries=0", *arguments
    )


def runs(project: Project) -> list[str]:
    """Names of the run files."""
    return sorted(path.name for path in (project.path / ".llmreplay/runs").glob("*.jsonl"))


def run_file(project: Project, number: int = 1) -> Path:
    """The file of a run."""
    return project.path / f".llmreplay/runs/run-{number}.jsonl"


def lines_of(path: Path) -> list[dict[str, Any]]:
    """The lines of a run file, parsed."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def answered(result: pytest.RunResult) -> int:
    """Events whose checks hold."""
    counts = result.parseoutcomes()
    return counts.get("passed", 0) + counts.get("changed", 0)
