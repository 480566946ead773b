"""A replay that is killed: what was answered is on disk, whatever the moment."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from kept_runs import lines_of, several
from projects import Project
from servers.provider_server import ProviderServer, says

KILLS = int(os.environ.get("LLMREPLAY_KILLS", "20"))
EVENTS, AT_ONCE = 5 * KILLS, 4


@pytest.fixture
def provider_server() -> Iterator[ProviderServer]:
    """Answers everything, after a few milliseconds."""
    with ProviderServer(says("Fine.", delay=0.03)) as server:
        yield server


class Runs:
    """Replays in processes of their own, all of which are forks of one that has imported it all."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._forker = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("forker.py")],
            cwd=project.path,
            env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.killpg(self._forker.pid, signal.SIGKILL)
        self._forker.communicate()

    def start(self) -> int:
        """Go on with the replay; its process."""
        base = ("--llm-replay", "--llm-base-url", self._project.server.openai, "--llm-resume")
        how = (
            "--llm-check=answered",
            f"--llm-concurrency={AT_ONCE}",
            "-p",
            "pytest_llmreplay.plugin",
        )
        assert self._forker.stdin is not None
        self._forker.stdin.write(f"{json.dumps(['-q', *base, *how])}\n")
        self._forker.stdin.flush()
        return self._told()

    def end(self) -> int:
        """Wait for the exit code of the replay that was started."""
        return self._told()

    def _told(self) -> int:
        assert self._forker.stdout is not None
        return int(self._forker.stdout.readline())


def killed(runs: Runs, project: Project, dice: random.Random) -> None:
    """Go on with the replay until some calls have reached the server, then send SIGKILL."""
    process = runs.start()
    goal, end = len(project.server.seen) + dice.randint(1, 6), time.monotonic() + 60
    while len(project.server.seen) < goal and time.monotonic() < end:
        time.sleep(0.002)
    time.sleep(dice.uniform(0, 0.04))
    os.kill(process, signal.SIGKILL)
    assert -signal.SIGKILL == runs.end()


def test_a_killed_run_is_resumed_with_all_it_had(project: Project) -> None:
    """Killed again and again: nothing is asked again but what was in flight at a kill."""
    several(project, EVENTS)
    dice = random.Random(KILLS)
    with Runs(project) as runs:
        for kill in range(1, KILLS + 1):
            killed(runs, project, dice)
            kept = {row["call"]["label"] for row in whole_rows(project)}
            assert len(project.server.seen) - len(kept) <= kill * AT_ONCE
        asked = len(project.server.seen)
        runs.start()
        assert 0 == runs.end()
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
