"""Where run files are: several runs at once, and what others put there."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.runs.header import RunHeader
from pytest_llmreplay.runs.place import Runs


def header(name: str) -> RunHeader:
    """Of a run that asks nobody."""
    return RunHeader(id=name, started="2026-11-20T17:00:00Z", targets=())


def test_runs_that_begin_at_once_share_a_directory_that_is_not_there_yet(tmp_path: Path) -> None:
    """Each has a number of its own."""
    together = threading.Barrier(4)

    def begin(runs: Runs) -> str:
        together.wait()
        file = runs.create(header)
        file.close()
        return file.path.name

    with ThreadPoolExecutor(4) as pool:
        for place in map(str, range(40)):
            runs = Runs(tmp_path, tmp_path / place / "runs")
            names = list(pool.map(begin, [runs] * 4))
            assert [f"run-{number}.jsonl" for number in range(1, 5)] == sorted(names)
            assert "*\n" == (runs.directory / ".gitignore").read_text()


def test_a_run_that_another_process_removes_meanwhile_is_passed_over(tmp_path: Path) -> None:
    """As the fifty-first is, whenever one begins."""
    runs = Runs(tmp_path)
    files = [runs.create(header) for _ in range(3)]
    for file in files:
        file.close()

    def fits(one: RunHeader) -> bool:
        files[1].path.unlink(missing_ok=True)
        return True

    assert ["run-3", "run-1"] == [run.header.id for run in runs.newest_first(fits)]


@pytest.mark.timeout(20)
def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    """Nobody ever writes into a pipe that a stranger left; a directory is told."""
    runs = Runs(tmp_path)
    runs.create(header).close()
    os.mkfifo(runs.directory / "run-2.jsonl")
    assert ["run-1"] == [run.header.id for run in runs.newest_first(lambda _: True)]
    (runs.directory / "run-3.jsonl").mkdir()
    with pytest.raises(CassetteError, match=r"run-3\.jsonl: is no file"):
        list(runs.newest_first(lambda _: True))
