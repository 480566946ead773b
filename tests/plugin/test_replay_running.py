"""Replay items are run like tests: stops, reruns, reports, other plugins."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from made_cassettes import cassette, event
from projects import Project
from servers.provider_server import says

IT = "cassettes/tests/test_app/test_it.yaml"


@pytest.fixture
def live(project: Project) -> Project:
    """A project with a cassette of six events, whose provider echoes."""
    asks = [event(number, asks=f"{number}", says=f"Echo: {number}") for number in range(1, 7)]
    project.write(IT, cassette(*asks))
    return project


def test_every_event_is_asked_once_and_judged(live: Project) -> None:
    """A base URL alone asks the recorded model there; equal answers pass, at no list price."""
    result = live.replay()
    result.assert_outcomes(passed=6)
    assert 6 == len(live.server.seen)
    assert {"gpt-5-mini"} == {seen.json["model"] for seen in live.server.seen}
    result.stdout.fnmatch_lines(["requests as recorded 2026-11-20*", "same  127.0.0.1:*6 calls"])


@pytest.mark.parametrize("stop", [["-x"], ["--maxfail=1"]], ids=" ".join)
def test_a_stop_ends_the_calls(live: Project, stop: list[str]) -> None:
    """After the first failure nothing more is asked than was under way."""
    live.server.next(says("Other."))
    started = time.monotonic()
    result = live.replay("--llm-concurrency=1", "--llm-check=text", *stop)
    result.assert_outcomes(failed=1)
    assert len(live.server.seen) <= 3
    assert time.monotonic() - started < 20


def test_ctrl_c_reports_what_came(live: Project) -> None:
    """An interrupt ends at once, with the results so far and without a traceback."""
    live.server.next(says("Echo: 1"), *[says("late", delay=60)] * 5)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--llm-replay", "-v"]
    command += [
        "--llm-base-url",
        live.server.openai,
        "--llm-concurrency=2",
        "-W",
        "error::ResourceWarning",
    ]
    printed = live.path / "printed.txt"
    unbuffered = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with (
        printed.open("w") as out,
        subprocess.Popen(
            command, cwd=live.path, stdout=out, stderr=subprocess.STDOUT, env=unbuffered
        ) as run,
    ):
        _wait_for(lambda: len(live.server.seen) >= 3 and "PASSED" in printed.read_text())
        run.send_signal(signal.SIGINT)
        run.wait(timeout=50)  # the answers under way would take 60 s
    output = printed.read_text()
    assert pytest.ExitCode.INTERRUPTED == run.returncode
    assert "1 passed" in output
    assert "1 event, 1 session" in output
    assert "ResourceWarning" not in output


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)


@pytest.mark.parametrize("family", ["xunit1", "xunit2", "legacy"])
def test_junit_xml_has_the_figures_once(live: Project, family: str) -> None:
    """Properties, the duration of the call, the headline as message."""
    live.server.next(says("Echo: 1"), says("Other."))
    live.replay(
        "--junitxml=out.xml", "-o", f"junit_family={family}", "--llm-concurrency=1", IT
    ).assert_outcomes(passed=5, failed=1)
    cases = list(ET.parse(live.path / "out.xml").getroot().iter("testcase"))
    properties = [(one.get("name"), one.get("value")) for one in cases[0].iter("property")]
    names = [name for name, _ in properties]
    assert ("outcome", "ok") in properties
    assert ("target", "same") in properties
    assert "gen_ai.usage.output_tokens" in names
    assert len(names) == len(set(names))
    failure = cases[1].find("failure")
    assert failure is not None
    assert str(failure.get("message")).startswith("text: says 'Other.'")


def test_a_rerun_gets_the_same_result_and_pays_nothing(live: Project) -> None:
    """pytest-rerunfailures repeats the report, not the call."""
    live.server.next(says("Other."))
    result = live.replay("--reruns=2", "--llm-concurrency=1", "--junitxml=out.xml")
    result.assert_outcomes(failed=1, passed=5)
    assert 2 == result.parseoutcomes()["rerun"]
    assert 6 == len(live.server.seen)
    first = next(ET.parse(live.path / "out.xml").getroot().iter("testcase"))
    assert 1 == len([one for one in first.iter("property") if one.get("name") == "target"])


@pytest.mark.parametrize("where", ["-n2", "-nauto", "addopts"])
def test_the_distribution_is_taken_back(
    live: Project, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers would each pay for what they look ahead to: a replay runs in one process."""
    monkeypatch.setenv("PYTEST_XDIST_AUTO_NUM_WORKERS", "2")
    if where == "addopts":
        live.write("pytest.ini", "[pytest]\naddopts = -n 2\n")
    result = live.replay(*([where] if where != "addopts" else []))
    result.assert_outcomes(passed=6)
    assert 6 == len(live.server.seen)
    result.stdout.fnmatch_lines(["llm replay: same; replays run in one process, -n is ignored"])


@pytest.mark.parametrize(
    "blocked",
    [
        *(["no:xdist"], ["no:terminal"], ["no:cacheprovider"], ["no:junitxml", "no:rerunfailures"]),
        ["no:setuponly", "no:setupplan"],
    ],
    ids=" ".join,
)
def test_a_replay_needs_no_other_plugin(live: Project, blocked: list[str]) -> None:
    """Any of pytest's own may be blocked."""
    flags = [part for name in blocked for part in ("-p", name)]
    result = live.replay("--noconftest", "--llm-check=text", *flags)
    assert pytest.ExitCode.OK == result.ret, result.errlines
    assert 6 == len(live.server.seen)
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


def test_durations_are_those_of_the_calls(live: Project) -> None:
    """`--durations` shows how long the model took, not how long pytest waited."""
    live.server.next(*[says(f"Echo: {number}", delay=0.4) for number in range(1, 7)])
    result = live.replay("--durations=1", "-vv", "--llm-check=text")
    result.stdout.fnmatch_lines(["0.[4-9]*s call *test_it.yaml::000?[[]same[]]"])


def test_collecting_sends_nothing(live: Project) -> None:
    """`--co` and `--setup-plan` only look."""
    for flag in ("--co", "--setup-plan", "--setup-only"):
        live.replay(flag)
    assert [] == live.server.seen


def test_changed_answers_have_a_letter_and_a_count(live: Project) -> None:
    """Where no gated check judges the words, other words are neither passed nor failed."""
    live.server.next(says("Other."))
    result = live.replay("--llm-check=tool_calls", "--llm-concurrency=1")
    assert {"changed": 1, "passed": 5} == {
        key: count for key, count in result.parseoutcomes().items() if key != "warnings"
    }
    result.stdout.fnmatch_lines(["*test_it.yaml c.....*", "changed, not judged * 1*"])
    verbose = live.replay("--llm-check=tool_calls", "--llm-set=n=1", "-v")
    assert pytest.ExitCode.OK == verbose.ret


def test_two_targets_side_by_side(live: Project) -> None:
    """Every event goes to each target; the summary has a column for each."""
    result = live.replay("--llm-model=same", "--llm-model=simulated/steady", "--llm-check=text")
    result.assert_outcomes(passed=12)
    assert 6 == len(live.server.seen)
    result.stdout.fnmatch_lines(["* same*simulated/steady*", " command line  text"])


def test_no_key_is_in_any_output(live: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not with locals, not in JUnit XML, not after a stop inside of the engine."""
    needle = "sk-needle-0123456789abcdef"
    monkeypatch.setenv("OPENAI_API_KEY", needle)
    monkeypatch.setenv("OPENAI_BASE_URL", live.server.openai)
    live.write(
        "conftest.py",
        "def pytest_runtest_logreport(report):\n    if report.nodeid.endswith('0003[same]'):\n"
        "        raise RuntimeError('from a hook')\n",
    )
    monkeypatch.setenv("PYTEST_ADDOPTS", "-l --tb=long --showlocals -vv --junitxml=out.xml")
    result = live.run("--llm-replay", "--llm-model=same", "-p", "no:cacheprovider")
    assert any(needle in str(seen.headers) for seen in live.server.seen)
    written = (live.path / "out.xml").read_text() if (live.path / "out.xml").exists() else ""
    assert needle not in result.stdout.str() + result.stderr.str() + written
    assert os.environ["OPENAI_API_KEY"] == needle


GROWTH = """
import collections
import gc
import pytest

REPORTS = {}

def pytest_runtest_logreport(report):
    REPORTS.setdefault(report.nodeid, []).append(report)

def alive():
    gc.collect()
    kinds = (str(type(one)) for one in gc.get_objects())
    return collections.Counter(kind for kind in kinds if "pytest_llmreplay." in kind)

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session):
    before = alive()
    result = yield
    more = alive() - before
    grown = [kind for kind, count in more.items() if 2 * count > len(session.items)]
    shared = all(
        setup.keywords is call.keywords is teardown.keywords
        and call.user_properties is teardown.user_properties
        for setup, call, teardown in REPORTS.values()
    )
    print(f"\\ngrown={grown} shared={shared}")
    return result
"""


@pytest.mark.parametrize("target", ["recorded", "simulated/steady", "same"])
def test_a_run_keeps_nothing_for_an_item_that_was_reported(project: Project, target: str) -> None:
    """Of a hundred thousand events pytest's reports are all that is left, and they are small."""
    asks = [event(number, asks="x", says="Echo: x") for number in range(1, 101)]
    project.write(IT, cassette(*asks))
    project.write("conftest.py", GROWTH)
    result = project.replay(f"--llm-model={target}", "-s", "--llm-check=text")
    result.assert_outcomes(passed=100)
    result.stdout.fnmatch_lines(["grown=[[]] shared=True"])


COLLECTOR = """
import gc
import pytest

def pytest_sessionfinish():
    print("on:", gc.isenabled(), "spared:", gc.get_freeze_count() > 5_000)

@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    config.add_cleanup(lambda: print("spared at the end:", gc.get_freeze_count() > 5_000))
"""


@pytest.mark.parametrize("text", [cassette(event()), "cassette: 1\n---\n"], ids=["whole", "torn"])
def test_garbage_is_collected_again_after_the_items_are_made(project: Project, text: str) -> None:
    """Making items switches Python's collector off, and they are spared; at the end all is over."""
    project.write(IT, text)
    project.write("conftest.py", COLLECTOR)
    result = project.replay("-s")
    result.stdout.fnmatch_lines(["*on: True spared: True*", "*spared at the end: False*"])


def test_what_somebody_else_spares_stays_spared(project: Project) -> None:
    """An application that froze its objects finds them frozen when all is over."""
    project.write(IT, cassette(event()))
    project.write("conftest.py", f"{COLLECTOR}\ngc.freeze()\n")
    result = project.run_apart("-s", "--llm-replay")
    result.stdout.fnmatch_lines(["*on: True spared: True*", "*spared at the end: True*"])


CHANGES = {
    "path.write_text(path.read_text() + '\\n')": "changed while it was replayed; start again",
    "path.unlink()": "cannot be read: No such file or directory",
}
RECORDED = ["--llm-replay"]
LIVE = ["--llm-replay", "--llm-model=same", "--llm-base-url={url}", "--llm-concurrency=1"]


@pytest.mark.parametrize(("change", "said"), CHANGES.items(), ids=["written", "removed"])
@pytest.mark.parametrize("target", [RECORDED, LIVE], ids=["recorded", "live"])
def test_a_cassette_that_changes_during_a_replay_is_told(
    project: Project, target: list[str], change: str, said: str
) -> None:
    """No event is judged by another recording than was collected; all others are as ever."""
    for number in range(130):  # more than are open at a time
        project.write(
            f"cassettes/test_{number:03}.yaml", cassette(event(1, says="Echo: Say hello"))
        )
    project.write(
        "conftest.py",
        f"""
        from pathlib import Path

        def pytest_runtest_logreport(report):
            path = Path("cassettes/test_129.yaml")
            if "test_000" in report.nodeid and report.when == "setup":
                {change}
        """,
    )
    result = project.run(*(word.format(url=project.server.openai) for word in target))
    result.assert_outcomes(passed=129, failed=1)
    result.stdout.fnmatch_lines(["*_ 0001* _*", f"cassettes/test_129.yaml: {said}"])
    assert "Traceback" not in result.stdout.str()
    assert "Error" not in result.stdout.str()
