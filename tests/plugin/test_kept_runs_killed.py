"""A replay that is killed: what was answered is on disk, whatever the moment."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kept_runs import lines_of, several
from projects import Project
from servers.provider_server import ProviderServer, says

EVENTS, AT_ONCE, KILLS = 120, 4, 20


@pytest.fixture
def provider_server() -> Iterator[ProviderServer]:
    """Answers everything, after a few milliseconds."""
    with ProviderServer(says("Fine.", delay=0.03)) as server:
        yield server


def started(project: Project, *arguments: str) -> subprocess.Popen[bytes]:
    """A replay in a process of its own."""
    how = ("--llm-check=answered", f"--llm-concurrency={AT_ONCE}", "-p", "no:cacheprovider")
    base = ("--llm-replay", "--llm-base-url", project.server.openai)
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", *base, *how, *arguments],
        cwd=project.path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def killed(project: Project, after: int) -> None:
    """Go on with the replay until so many calls have reached the server, then send SIGKILL."""
    process = started(project, "--llm-resume")
    goal = len(project.server.seen) + after
    while process.poll() is None and len(project.server.seen) < goal:
        time.sleep(0.002)
    time.sleep(random.Random(after).uniform(0, 0.04))
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)


def test_a_killed_run_is_resumed_with_all_it_had(project: Project) -> None:
    """Killed at 20 moments: nothing is asked again but what was in flight at a kill."""
    several(project, EVENTS)
    for moment in range(KILLS):
        killed(project, random.Random(moment).randint(1, EVENTS // KILLS))
    kept = {row["call"]["label"] for row in whole_rows(project)}
    assert len(project.server.seen) - len(kept) <= KILLS * AT_ONCE
    asked = len(project.server.seen)
    assert 0 == started(project, "--llm-resume").wait(timeout=60)
    assert EVENTS - len(kept) == len(project.server.seen) - asked
    head, *rows, end = lines_of(max(files(project), key=lambda path: path.stat().st_mtime))
    assert (EVENTS, EVENTS, True) == (head["calls"], len(rows), end["end"]["whole"])


def files(project: Project) -> list[Path]:
    """All run files."""
    return list((project.path / ".llmreplay/runs").glob("*.jsonl"))


def whole_rows(project: Project) -> Iterator[dict[str, Any]]:
    """The calls in all run files."""
    lines = (line for path in files(project) for line in path.read_bytes().splitlines())
    return (json.loads(line) for line in lines if line.startswith(b'{"call"') and line[-1:] == b"}")
