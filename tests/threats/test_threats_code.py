"""T25 and the last line of all: nothing is unpickled, evaluated or started; idle is idle."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from projects import Project
from threats.threat_cassettes import chat_answer, document, header

WATCHED = """
import json, os, sys, threading

import pytest

NAMES = {"pickle.find_class", "exec", "compile", "os.system", "subprocess.Popen", "os.exec",
         "os.posix_spawn", "os.fork", "os.spawn", "ctypes.dlopen", "code.__new__", "marshal.loads"}
OURS = os.sep + "pytest_llmreplay" + os.sep
found, watching = [], False


def is_ours(frame):
    '''Whether our code is what leads to the event, and not to an import.'''
    while frame is not None:
        name = frame.f_code.co_filename
        if "importlib" in name:
            return False
        if OURS in name:
            return frame.f_code.co_name != "<module>"
        frame = frame.f_back
    return False


def hook(name, arguments):
    if watching and name in NAMES and is_ours(sys._getframe(1)):
        found.append([name, repr(arguments)[:200]])


sys.addaudithook(hook)
runs = json.loads(sys.argv[1])
for watching in (False, True):  # libraries build classes when they are first used
    codes = [int(pytest.main(["-q", "-p", "no:cacheprovider", *run])) for run in runs]
watching = False
print("TOLD", json.dumps([codes, found]))
"""


def run(program: str, project: Project, *arguments: str) -> list[object]:
    """What a program in a process of its own tells in its last line.

    Coverage is not measured there: with Python 3.14 that opens every file that runs.
    """
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=project.path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("TOLD ")]
    assert lines, done.stdout + done.stderr
    told: list[object] = json.loads(lines[0].removeprefix("TOLD "))
    return told


def test_no_data_becomes_code(project: Project) -> None:
    """Recording, playback and replay of texts that are programs: an audit hook sees no event."""
    evil = "__import__('os').system('touch ran') or !!python/object/apply:os.system ['touch ran']"
    project.tests(
        f"""
        @pytest.mark.llm_cassette
        def test_it():
            chat({evil!a})
            stream({evil!a})
            message({evil!a})
    """
    )
    tags = document().replace('"gpt-5-mini"', "!!python/object/apply:os.system ['touch ran']")
    pickled = document(2, answer=chat_answer("cos\nsystem\n(S'touch ran'\ntR."))
    hostile = project.cassette("tests/test_hostile/test_it.yaml")
    hostile.parent.mkdir(parents=True)
    hostile.write_text(header() + tags + pickled)
    project.write(
        "llmreplay.yaml", f"checks: [text]\ntargets: {{t: {{model: {json.dumps(evil)}}}}}"
    )
    live = ["--llm-model=same", f"--llm-base-url={project.server.openai}"]
    runs = [
        ["--llm-record-mode=all", "tests"],
        ["tests"],
        ["--llm-replay"],
        ["--llm-replay", *live],
        ["--llm-replay", "--llm-model=simulated/drift", "--llm-set=user=__import__('os')"],
    ]
    codes, found = run(WATCHED, project, json.dumps(runs))
    assert [0, 0, 1, 1, 1] == codes
    assert [] == found
    assert [] == list(project.path.rglob("ran"))


IDLE = """
import json, os, sys

OURS = os.sep + "pytest_llmreplay" + os.sep
NAMES = {"open", "socket.connect", "socket.bind", "socket.getaddrinfo", "_thread.start_new_thread",
         "os.mkdir", "subprocess.Popen", "os.listdir", "os.scandir"}
found = []


def caller(frame):
    while frame is not None:
        name = frame.f_code.co_filename
        if "importlib" in name:
            return None
        if OURS in name:
            return os.path.basename(name)
        frame = frame.f_back


def hook(name, arguments):
    if name in NAMES and (who := caller(sys._getframe(1))):
        found.append([name, who, repr(arguments)[:200]])


class Environment(type(os.environ)):
    def __getitem__(self, key):
        if who := caller(sys._getframe(1)):
            found.append(["environment", who, key])
        return super().__getitem__(key)


os.environ.__class__ = Environment
sys.addaudithook(hook)
import pytest

code = int(pytest.main(["-q", "-p", "no:cacheprovider", "tests"]))
heavy = {"openai", "anthropic", "vcr", "deepdiff", "genai_prices", "tiktoken", "yaml", "aiohttp",
         "httpx", "httpx2", "requests"}
ours = sorted(name for name in sys.modules if name.startswith("pytest_llmreplay."))
print("TOLD", json.dumps([code, found, sorted(heavy & set(sys.modules)), ours]))
"""


def test_idle_is_idle(project: Project) -> None:
    """Tests without a cassette: no file, socket, thread or environment variable of ours, no import.

    Only the options are there, and what tells that there is nothing to do.
    """
    project.write("conftest.py", "")
    project.write("tests/test_plain.py", "def test_it():\n    assert True\n")
    before = {path for path in project.path.rglob("*") if "__pycache__" not in path.parts}
    code, found, heavy, ours = run(IDLE, project)
    assert 0 == code
    assert [] == found
    assert [] == heavy
    assert isinstance(ours, list)
    stages = {name.split(".")[1] for name in ours}
    assert stages <= {"errors", "event", "plugin", "hookspecs"}
    after = {path for path in project.path.rglob("*") if "__pycache__" not in path.parts}
    assert before == after
