"""Processes that a test starts: one call is one event."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from projects import Project

from pytest_llmreplay import Cassette

CHILD = """
import json, os, sys, urllib.request

body = {"model": "m", "messages": [{"role": "user", "content": "hi"}], **json.loads(sys.argv[1])}
request = urllib.request.Request(
    os.environ["OPENAI_BASE_URL"] + "/chat/completions",
    data=json.dumps(body).encode(),
    headers={"content-type": "application/json", "authorization": "Bearer sk-test-0123456789"},
)
with urllib.request.urlopen(request) as response:
    print(response.read().decode())
"""
TEST = """
import os, subprocess, sys

def child(server, more):
    command = [sys.executable, "child.py", more]
    environ = {**os.environ, **server.env}
    return subprocess.run(command, env=environ, capture_output=True, check=True, text=True).stdout

def test_it(llm_server):
    assert '"Echo: hi"' in child(llm_server, "{}")
    streamed = child(llm_server, '{"stream": true}')
    assert '" hi"' in streamed and "[DONE]" in streamed
"""


def test_a_child_process(
    project: Project, proves: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole and streamed answers are recorded, and played with the provider gone."""
    monkeypatch.setenv("OPENAI_BASE_URL", project.server.openai)
    project.write("child.py", CHILD)
    project.tests(TEST)
    project.record().assert_outcomes(passed=1)
    assert 2 == len(project.server.seen)
    project.server.stop()
    project.run().assert_outcomes(passed=1)
    events = Cassette.load(project.cassette()).events
    assert 2 == len(events)
    proves("child processes through `llm_server`", events)


WORKER = """
import json, os, urllib.request

def ask(text):
    request = urllib.request.Request(
        os.environ["CHAT_URL"] + "/chat/completions",
        data=json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]}).encode(),
        headers={"content-type": "application/json", "authorization": "Bearer sk-test-0123456789"},
    )
    with urllib.request.urlopen(request) as response:
        return json.load(response)["choices"][0]["message"]["content"]
"""
PARALLEL = """
from joblib import Parallel, delayed
from worker import ask

@pytest.mark.llm_cassette
def test_it():
    said = Parallel(n_jobs=2)(delayed(ask)(text) for text in "abc")
    assert ["Echo: a", "Echo: b", "Echo: c"] == said

@pytest.mark.llm_cassette
def test_other():
    assert ["Echo: d"] == Parallel(n_jobs=2)([delayed(ask)("d")])
"""


def test_processes_of_joblib(project: Project, proves: Callable[..., None]) -> None:
    """They outlive a test; each call is in the cassette of the test that it was made for."""
    pytest.importorskip("joblib")
    project.write("worker.py", WORKER)
    project.tests(PARALLEL)
    project.record("-Wdefault").assert_outcomes(passed=2)
    assert 4 == len(project.server.seen)
    project.server.stop()
    project.run("-Wdefault").assert_outcomes(passed=2)
    events = Cassette.load(project.cassette()).events
    assert 3 == len(events)
    proves("joblib's processes (loky)", events)
