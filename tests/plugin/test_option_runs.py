"""Every replay that asks anybody is kept in a run file."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from kept_runs import IT, answered, lines_of, replay, run_file, runs, several
from made_cassettes import cassette, event
from projects import Project
from servers.provider_server import cuts, fails, says
from unwritable import read_only, small_disk

SECRET = "sk-proj-" + "Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4z"


@pytest.fixture
def three(project: Project) -> Project:
    """A project whose cassette asks three questions."""
    return several(project, 3)


def test_a_run_file_tells_what_was_asked_and_what_came(three: Project) -> None:
    """Header, a row per call as it came, and how it ended; the summary names it."""
    result = replay(three)
    head, *rows, end = lines_of(run_file(three))
    assert (1, "run-1", 3) == (head["run"], head["id"], head["calls"])
    assert ["same"] == [target["name"] for target in head["targets"]]
    assert {"0001-ask", "0002-ask", "0003-ask"} == {row["call"]["label"] for row in rows}
    assert {IT} == {row["call"]["cassette"] for row in rows}
    assert all(row["sent"]["body"]["messages"] for row in rows)
    assert {200} == {row["reply"]["status"] for row in rows}
    assert {"whole": True, "outcomes": {"changed": 3}} == end["end"]
    result.stdout.fnmatch_lines(["kept as    run-1", "see all    pytest-llmreplay show run-1"])


def test_nobody_else_reads_it_and_git_does_not_see_it(three: Project) -> None:
    """It holds prompts and answers."""
    replay(three)
    own = three.path / ".llmreplay"
    assert 0o700 == stat.S_IMODE(own.stat().st_mode)
    assert 0o600 == stat.S_IMODE(run_file(three).stat().st_mode)
    assert "*\n" == (own / ".gitignore").read_text()


def test_a_replay_that_asks_nobody_writes_nothing(three: Project) -> None:
    """The self-check of the cassettes works where nothing can be written."""
    three.run("--llm-replay").assert_outcomes(passed=3)
    three.run("--llm-replay", "--llm-model=simulated/steady", "--co")
    assert not (three.path / ".llmreplay").exists()


def test_each_run_has_a_number_of_its_own(three: Project) -> None:
    """The numbers rise, whatever else lies there."""
    replay(three)
    replay(three)
    run_file(three, 1).unlink()
    (three.path / ".llmreplay/runs/run-7.jsonl").write_text("")
    (three.path / ".llmreplay/runs/run-x.jsonl").write_text("")
    replay(three)
    assert ["run-2.jsonl", "run-7.jsonl", "run-8.jsonl", "run-x.jsonl"] == runs(three)


def test_another_directory(three: Project) -> None:
    """`--llm-runs` is relative to where pytest is started, the ini key to the root directory."""
    replay(three, "--llm-runs=kept/here")
    assert ["run-1.jsonl"] == [path.name for path in (three.path / "kept/here").glob("*.jsonl")]
    three.write("pytest.ini", "[pytest]\nllm_runs = there\n")
    replay(three)
    assert (three.path / "there/run-1.jsonl").is_file()
    assert not (three.path / ".llmreplay").exists()


@pytest.mark.parametrize("place", ["../elsewhere", "link"])
@pytest.mark.parametrize("said", ["llm_runs = {}", "addopts = --llm-runs={}"])
def test_the_directory_of_the_ini_file_is_in_the_checkout(
    three: Project, place: str, said: str
) -> None:
    """An ini file writes nothing beyond it, also not behind a link."""
    outside = three.path.parent / "elsewhere"
    outside.mkdir(exist_ok=True)
    (three.path / "link").symlink_to(outside)
    three.write("pytest.ini", f"[pytest]\n{said.format(place)}\n")
    result = replay(three)
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines([f"ERROR: llm_runs: '*{place}' leads out of *--llm-runs"])
    assert [] == list(outside.iterdir())
    typed = three.path.parent / f"typed-{three.path.name}"
    replay(three, "--llm-runs", str(typed))
    assert ["run-1.jsonl"] == [path.name for path in typed.glob("*.jsonl")]


def test_what_failed_is_kept_too(three: Project) -> None:
    """A refusal as it came, a broken connection in words."""
    three.server.next(fails(401, "Incorrect API key provided"), cuts(), says("Fine."))
    replay(three, "--llm-concurrency=1")
    first, second, third = lines_of(run_file(three))[1:-1]
    assert 401 == first["reply"]["status"]
    assert "cut" == second["failure"]["kind"]
    assert 200 == third["reply"]["status"]
    assert {"error": 2, "changed": 1} == lines_of(run_file(three))[-1]["end"]["outcomes"]


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_no_secret_reaches_the_file(project: Project, stream: bool) -> None:
    """Neither what is sent nor what is answered, nor the key of the target."""
    body = {"stream": stream}
    project.write(IT, cassette(event(1, asks="Say hello", body=body)))
    project.server.next(says(f"The key is {SECRET}, keep it."))
    assert 1 == answered(replay(project, "--llm-set", f"user={SECRET}"))
    text = run_file(project).read_text()
    assert SECRET not in text
    assert "keep" in text
    assert "REDACTED" in text
    assert "authorization" not in text.lower()


@pytest.mark.parametrize("place", ["", ".llmreplay", ".llmreplay/runs"])
def test_a_directory_that_cannot_be_written(three: Project, place: str) -> None:
    """The replay goes on without a run file and says so; what is there is read all the same."""
    if place:
        replay(three)
    if place == ".llmreplay":
        shutil.rmtree(three.path / ".llmreplay/runs")
    with read_only(three.path / place):
        result = replay(three)
    assert 3 == answered(result)
    result.stdout.fnmatch_lines(["this run is not kept: *Permission denied"])


def test_a_directory_of_ones_own_that_cannot_be_written(three: Project) -> None:
    """Who names it wants the run kept: nothing is sent."""
    with read_only(three.path):
        three.refuses("--llm-runs=kept", "ERROR: *kept: cannot be written: Permission denied")


def test_something_else_in_the_place_of_the_directory(three: Project) -> None:
    """Told before the first call; asked for by name it stops the run."""
    three.write(".llmreplay", "a file")
    result = replay(three)
    assert 3 == answered(result)
    result.stdout.fnmatch_lines(["this run is not kept: *a directory of its own*"])
    seen = len(three.server.seen)
    result = replay(three, "--llm-runs=.llmreplay/mine")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    assert seen == len(three.server.seen)
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


def test_a_disk_that_becomes_full(project: Project) -> None:
    """Every answer is judged, what is kept can be read, and the rest is said."""
    several(project, 6)
    with small_disk(2000):
        result = replay(project, "--llm-concurrency=1")
    assert 6 == answered(result)
    result.stdout.fnmatch_lines(["not all of this run is kept: *run-1.jsonl*"])
    assert '"end"' not in run_file(project).read_text()


def test_a_disk_that_is_full(three: Project) -> None:
    """Not even the first line fits: the replay goes on, and the next one finds no torn file."""
    with small_disk(20):
        result = replay(three)
    assert 3 == answered(result)
    result.stdout.fnmatch_lines(["this run is not kept: *run-1.jsonl: only 20 of *"])
    assert [] == runs(three)
    assert 3 == answered(replay(three, "--llm-resume"))


def test_old_runs_go(three: Project) -> None:
    """The last 50 stay, and of the others the calibration and what is unfinished for days."""
    replay(three, "--llm-calibrate", "--llm-samples=1")
    directory = three.path / ".llmreplay/runs"
    head = '{"run": 1, "id": "run-1", "started": "", "targets": [], "selection": {}, '
    head += '"overrides": "", "calls": 0}\n'
    end = '{"end": {"whole": true, "outcomes": {}}}\n'
    for number in range(2, 61):
        whole = number not in {2, 3}
        (directory / f"run-{number}.jsonl").write_text(head + (end if whole else ""))
    _age(directory / "run-3.jsonl", days=8)
    replay(three)
    assert 52 == len(runs(three))
    assert (directory / "run-1.jsonl").is_file()
    assert (directory / "run-2.jsonl").is_file()
    assert not (directory / "run-3.jsonl").exists()
    assert not (directory / "run-11.jsonl").exists()


def _age(path: Path, *, days: int) -> None:
    then = path.stat().st_mtime - days * 86400
    os.utime(path, (then, then))


def test_two_replays_at_once(three: Project) -> None:
    """Each has a number of its own, and both files are whole."""
    words = ["--llm-replay", "--llm-base-url", three.server.openai, "--llm-check=answered"]
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words],
            cwd=three.path,
            stdout=subprocess.DEVNULL,
        )
        for _ in range(2)
    ]
    assert [0, 0] == [process.wait(timeout=120) for process in started]
    assert ["run-1.jsonl", "run-2.jsonl"] == runs(three)
    for number in (1, 2):
        head, *rows, end = lines_of(run_file(three, number))
        assert f"run-{number}" == head["id"]
        labels = sorted(row["call"]["label"] for row in rows)
        assert ["0001-ask", "0002-ask", "0003-ask"] == labels
        assert end["end"]["whole"] is True
