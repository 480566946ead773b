"""The plugin is installed and nobody uses it: it must not be felt."""

from __future__ import annotations

import pytest
from made_cassettes import cassette, event
from projects import Project

WATCHING = """
import sys, threading

seen = []

def watch(event, arguments):
    if event.startswith("socket.") and event != "socket.__new__":
        seen.append((event, arguments))
    if event == "open" and "llmreplay" in str(arguments[0]) and "w" in str(arguments[1] or ""):
        seen.append((event, arguments))

sys.addaudithook(watch)

def pytest_unconfigure(config):
    ours = sorted(name for name in sys.modules if name.startswith("pytest_llmreplay"))
    print("OURS", ours)
    print("SEEN", seen)
    print("THREADS", threading.active_count())
    heavy = {"yaml", "openai", "anthropic", "vcr", "deepdiff", "httpx", "httpx2", "urllib3"}
    print("HEAVY", sorted(heavy & set(sys.modules)))
"""
NEIGHBOURS = ("asyncio", "anyio", "hypothesispytest", "rerunfailures", "xdist")
ALONE = (*(word for name in NEIGHBOURS for word in ("-p", f"no:{name}")), "-s")


@pytest.mark.parametrize("arguments", [(), ("--collect-only",), ("--version",)])
def test_nothing_happens(project: Project, arguments: tuple[str, ...]) -> None:
    """No socket, no file, no thread, and no stage of ours is imported."""
    project.write("conftest.py", WATCHING)
    project.write("tests/test_plain.py", "def test_it(): pass\n")
    result = project.run_apart(*ALONE, *arguments)
    assert pytest.ExitCode.OK == result.ret
    if "--version" not in arguments:
        result.stdout.fnmatch_lines(["SEEN [[][]]", "THREADS 1", "HEAVY [[][]]"])
        ours = next(line for line in result.outlines if line.startswith("OURS"))
        stages = ("event", "providers", "cassette", "capture", "playback", "replay", "report")
        assert not any(f"pytest_llmreplay.{stage}" in ours for stage in stages)
    assert not (project.path / ".llmreplay").exists()
    assert not (project.path / "cassettes").exists()


def test_collecting_marked_tests_does_nothing(project: Project) -> None:
    """`--collect-only` with cassettes opens none of them."""
    project.write("conftest.py", WATCHING)
    project.write(
        "tests/test_marked.py",
        "import pytest\n@pytest.mark.llm_cassette\ndef test_it(): pass\n",
    )
    result = project.run_apart(*ALONE, "--collect-only")
    assert pytest.ExitCode.OK == result.ret
    result.stdout.fnmatch_lines(["SEEN [[][]]", "HEAVY [[][]]"])
    assert not (project.path / ".llmreplay").exists()


def test_a_replay_loads_nothing_that_records_or_writes(project: Project) -> None:
    """Every import is paid by every run: only what a replay to `recorded` needs is there."""
    project.write("conftest.py", WATCHING)
    project.write("cassettes/tests/test_app/test_it.yaml", cassette(event()))
    result = project.run_apart(*ALONE, "--llm-replay")
    assert pytest.ExitCode.OK == result.ret
    ours = next(line for line in result.outlines if line.startswith("OURS"))
    needless = (
        "capture",
        "playback",
        "replay.simulated.",
        "replay.baselines.accept",
        "cassette.redaction.redactor",
    )
    assert [] == [stage for stage in needless if f"pytest_llmreplay.{stage}" in ours]
    result.stdout.fnmatch_lines(["HEAVY [[]'yaml'[]]"])


def test_the_package_is_read_as_it_was_installed(project: Project) -> None:
    """Pytest rewrites no module of ours, so that the first run on a fresh machine is quick."""
    project.write(
        "conftest.py",
        """
import sys

def pytest_unconfigure(config):
    rewritten = [
        name for name, module in sys.modules.items()
        if name.startswith("pytest_llmreplay.")
        and type(module.__loader__).__name__ == "AssertionRewritingHook"
    ]
    print("REWRITTEN", sorted(rewritten))
    config.add_cleanup(lambda: print("LEFT", [
        finder for finder in sys.meta_path if "llmreplay" in str(finder)
    ]))
""",
    )
    project.write("tests/test_marked.py", "def test_it(llm_cassette): pass\n")
    result = project.run_apart(*ALONE)
    assert pytest.ExitCode.OK == result.ret
    first = "[[]'pytest_llmreplay.plugin', 'pytest_llmreplay.plugin.plain_imports'[]]"
    result.stdout.fnmatch_lines([f"REWRITTEN {first}", "LEFT [[][]]"])
