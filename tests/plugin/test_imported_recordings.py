"""`import pytest-recording`: each cassette goes where its test will look for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from importing import ANSWER, QUESTION
from projects import Project
from real_calls import RECORDINGS, needs_recordings
from shell import inside

OLD = "tests/cassettes"
INNER = ("TestGroup.test_inner[one-openai-o-1]", "TestGroup.test_inner[-xe9-openai-o-1]")

TESTS = """
import os, sys, openai, pytest
from base import Inherited

def ask():
    with openai.OpenAI(api_key="sk-test", base_url="https://api.openai.com/v1") as client:
        return client.chat.completions.create(
            model="gpt-5-mini", messages=[{"role": "user", "content": "Hello?"}]
        ).choices[0].message.content

@pytest.mark.llm_cassette
def test_plain():
    assert "Hi." == ask()

class TestGroup:
    @pytest.mark.llm_cassette
    @pytest.mark.parametrize("word", ["openai:o/1"])
    @pytest.mark.parametrize("other", ["one", "\u00e9"])
    def test_inner(self, other, word):
        assert "Hi." == ask()

class TestSub(Inherited):
    pass
"""

RECORDING = json.dumps(
    {
        "interactions": [
            {
                "request": {
                    "method": "POST",
                    "uri": "https://api.openai.com/v1/chat/completions",
                    "headers": {},
                    "body": json.dumps(QUESTION),
                },
                "response": {
                    "status": {"code": 200},
                    "headers": {"content-type": ["application/json"]},
                    "body": {"string": json.dumps(ANSWER)},
                },
            }
        ]
    }
)


@pytest.fixture
def recorded(project: Project) -> Project:
    """A project with cassettes of pytest-recording, some of them stale."""
    folder = project.path / "tests"
    (folder / "cassettes/test_app").mkdir(parents=True)
    (folder / "cassettes/test_gone").mkdir()
    (folder / "test_app.py").write_text(TESTS)
    (folder / "base.py").write_text("class Inherited:\n    def test_theirs(self): pass\n")
    for name in ("test_plain", *INNER, "TestSub.test_theirs", "test_renamed"):
        (folder / f"cassettes/test_app/{name}.yaml").write_text(RECORDING)
    (folder / "cassettes/test_gone/test_a.yaml").write_text(RECORDING)
    (folder / "compose.yaml").write_text("services: {}\n")
    return project


def test_each_test_finds_its_cassette_and_stale_ones_are_told(recorded: Project) -> None:
    """The tests play what was imported, offline; nothing is imported for tests that are gone."""
    done = inside("import", "pytest-recording", "tests", cwd=recorded.path)
    assert [
        "tests/cassettes/test_app/test_renamed.yaml: stale: test_app.py has no test 'test_renamed'",
        f"{OLD}/test_gone/test_a.yaml: stale: there is no test_gone.py",
    ] == done.stderr.splitlines()
    told = (
        "imported 4 calls into 4 cassettes in cassettes/tests/test_app; 2 not imported; passed "
        "over 1, each a file outside of cassettes/MODULE/, where tests look\n"
    )
    assert (1, told) == (done.returncode, done.stdout)
    written = (recorded.path / "cassettes/tests/test_app").iterdir()
    assert ["TestGroup", "TestGroup", "TestSub", "test_plain"] == sorted(
        path.name.split(".")[0] for path in written
    )
    result = recorded.run("tests/test_app.py")
    assert 0 == result.ret
    result.assert_outcomes(passed=4)


def test_a_directory_of_the_users_choice_is_the_root_of_the_cassettes(recorded: Project) -> None:
    """As `llm_cassettes` names it."""
    inside("import", "pytest-recording", "tests", "-o", "kept", cwd=recorded.path)
    assert Path(recorded.path / "kept/tests/test_app/test_plain.yaml").is_file()


@needs_recordings
def test_every_real_recording_replays_without_a_divergence(project: Project) -> None:
    """Against a model that answers as recorded; what cannot be sent again is told by its reason."""
    done = inside("import", "vcrpy", str(RECORDINGS), cwd=project.path)
    assert (0, "") == (done.returncode, done.stderr)
    result = project.replay("--llm-model", "simulated/steady", "cassettes/imported")
    outcomes = result.parseoutcomes()
    assert {"passed", "skipped"} == {*outcomes} - {"warnings"}
    assert 86 <= outcomes["passed"]
