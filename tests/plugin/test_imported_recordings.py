"""`import pytest-recording`: each cassette goes where its test will look for it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from importing import ANSWER, QUESTION
from made_cassettes import cassette, event
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


def test_the_root_of_the_cassettes_is_that_of_the_project_of_the_tests(recorded: Project) -> None:
    """Where a directory has an ini file of its own, from above it too."""
    recorded.write("tests/tox.ini", "[pytest]\nllm_cassettes = kept\nllm_redact = Hello\n")
    inside("import", "pytest-recording", "tests", cwd=recorded.path)
    cassette = recorded.path / "tests/kept/test_app/test_plain.yaml"
    assert "content: '[REDACTED]?'" in cassette.read_text()
    recorded.run("tests/test_app.py::test_plain").assert_outcomes(passed=1)
    assert "orphan" not in inside("check", cwd=recorded.path).stdout


def test_each_test_finds_its_cassette_and_stale_ones_are_told(recorded: Project) -> None:
    """The tests play what was imported, offline; nothing is imported for tests that are gone."""
    done = inside("import", "pytest-recording", "tests", cwd=recorded.path)
    gone = "neither test_gone.py nor a module in test_gone/ has a test 'test_a'"
    assert [
        "tests/cassettes/test_app/test_renamed.yaml: stale: test_app.py has no test 'test_renamed'",
        f"{OLD}/test_gone/test_a.yaml: stale: {gone}",
    ] == done.stderr.splitlines()
    told = (
        "imported 4 calls into 4 cassettes in cassettes/tests/test_app; 2 not imported; passed "
        "over 1, each a file where no test looks for its cassette\n"
    )
    assert (1, told) == (done.returncode, done.stdout)
    written = (recorded.path / "cassettes/tests/test_app").iterdir()
    assert ["TestGroup", "TestGroup", "TestSub", "test_plain"] == sorted(
        path.name.split(".")[0] for path in written
    )
    result = recorded.run("tests/test_app.py")
    assert 0 == result.ret
    result.assert_outcomes(passed=4)


def test_a_test_is_not_stale_where_only_a_run_could_tell(project: Project) -> None:
    """Its class is imported, or it stands below an `if`."""
    project.write(
        "tests/test_app.py", "from base import TestTheirs\nif 1:\n    def test_if(): ...\n"
    )
    for name in ("TestTheirs.test_it", "test_if"):
        project.write(f"{OLD}/test_app/{name}.yaml", RECORDING)
    done = inside("import", "pytest-recording", "tests", cwd=project.path)
    told = "imported 2 calls into 2 cassettes in cassettes/tests/test_app\n"
    assert (0, told, "") == (done.returncode, done.stdout, done.stderr)


def test_a_recording_of_other_words_is_told_and_may_be_played_all_the_same(
    recorded: Project,
) -> None:
    """As vcrpy compares no bodies, what was imported is often older than the code."""
    inside("import", "pytest-recording", "tests", cwd=recorded.path)
    tests = recorded.path / "tests/test_app.py"
    tests.write_text(TESTS.replace("Hello?", "Hello, who are you?"))
    result = recorded.run("tests/test_app.py::test_plain")
    result.assert_outcomes(failed=1)
    said = [line.removeprefix("│ ") for line in result.stdout.lines]
    at = said.index(
        "It was imported from a recorder that compares no bodies? To match as that does:"
    )
    assert '  @pytest.mark.llm_cassette(match_ignore=["*"])' == said[at + 1]
    result = recorded.run("-o", "llm_match_ignore=*", "tests/test_app.py::test_plain")
    result.assert_outcomes(passed=1)


STRANGER = """
import httpx, pytest

@pytest.mark.llm_cassette
def test_plain():
    try:
        answer = httpx.post("https://llm.example/v1/chat/completions", json=%s)
    except httpx.HTTPError:
        return
    assert "Hi." == answer.json()["choices"][0]["message"]["content"]
"""


def test_calls_to_a_host_that_is_not_known_play_once_it_is_named(recorded: Project) -> None:
    """Else they go out, past the cassette: the import tells it, and so does the test."""
    tests = recorded.path / "tests"
    (tests / "test_app.py").write_text(STRANGER % json.dumps(QUESTION))
    recording = RECORDING.replace("api.openai.com", "llm.example")
    (tests / "cassettes/test_app/test_plain.yaml").write_text(recording)
    told = "1 call to llm.example, no known host of models: tests play none before the ini file"
    done = inside("import", "pytest-recording", "tests", cwd=recorded.path)
    assert f"{told} says llm_hosts = llm.example" in done.stderr.splitlines()
    result = recorded.run("tests/test_app.py")
    result.stdout.fnmatch_lines(
        [
            "1 of 1 recorded events were not played: their host is not known",
            "It does serve them? Write in the ini file:",
            "  llm_hosts = llm.example",
        ]
    )
    recorded.write("pytest.ini", "[pytest]\nllm_hosts = llm.example\n")
    done = inside("import", "pytest-recording", "tests", cwd=recorded.path)
    assert "llm.example" not in done.stderr
    recorded.run("tests/test_app.py").assert_outcomes(passed=1)


def test_events_left_unplayed_for_two_reasons_are_told_both(recorded: Project) -> None:
    """One went to a host that is not known, the other to one that is."""
    tests = recorded.path / "tests"
    (tests / "test_app.py").write_text("def test_plain(): pass\n")
    cassette = tests / "cassettes/test_app/test_plain.yaml"
    known = json.loads(RECORDING)["interactions"]
    unknown = json.loads(RECORDING.replace("api.openai.com", "llm.example"))["interactions"]
    cassette.write_text(json.dumps({"interactions": [*known, *unknown]}))
    inside("import", "pytest-recording", "tests", cwd=recorded.path)
    result = recorded.run("tests/test_app.py", "-o", "llm_autouse=true")
    reason = "the test no longer makes these calls, or their host is not known"
    result.stdout.fnmatch_lines(
        [f"2 of 2 recorded events were not played: {reason}", "  llm_hosts = llm.example"]
    )


def test_a_directory_of_the_users_choice_is_the_root_of_the_cassettes(recorded: Project) -> None:
    """As `llm_cassettes` names it."""
    inside("import", "pytest-recording", "tests", "-o", "kept", cwd=recorded.path)
    assert Path(recorded.path / "kept/tests/test_app/test_plain.yaml").is_file()


@pytest.mark.parametrize(
    ("module", "folder"),
    [
        ("tests/test_app.py", "tests/_vcr/test_app"),
        ("tests/test_app.py", "tests/cassettes"),
        ("tests/agents/test_app.py", "tests/cassettes/agents"),
        ("tests/agents/deep/test_app.py", "tests/cassettes"),
        ("tests/agents/test_app.py", "tests/recorded/agents/test_app"),
    ],
)
def test_cassettes_in_other_folders_find_their_tests(
    project: Project, module: str, folder: str
) -> None:
    """As pytest-vcr names them, and projects that have a `vcr_cassette_dir` of their own."""
    tests = project.path / module
    tests.parent.mkdir(parents=True)
    tests.write_text(TESTS)
    (tests.parent / "base.py").write_text("class Inherited: pass\n")
    (tests.parent / "test_other.py").write_text("def test_nothing(): pass\n")
    project.write(f"{folder}/test_plain.yaml", RECORDING)
    done = inside("import", "pytest-recording", "tests", cwd=project.path)
    assert (0, "") == (done.returncode, done.stderr)
    result = project.run(f"{module}::test_plain")
    result.assert_outcomes(passed=1)


def test_compressed_cassettes_find_their_tests(recorded: Project) -> None:
    """As LangChain writes them."""
    cassette = recorded.path / "tests/cassettes/test_app/test_plain.yaml"
    cassette.with_name("test_plain.yaml.gz").write_bytes(gzip.compress(cassette.read_bytes()))
    cassette.unlink()
    inside("import", "pytest-recording", "tests", cwd=recorded.path)
    recorded.run("tests/test_app.py::test_plain").assert_outcomes(passed=1)


@pytest.mark.parametrize("folder", ["cassettes/test_app", "cassettes"])
@pytest.mark.parametrize(
    "used", ['pytest.mark.default_cassette("shared.yaml")', 'use_cassette("cassettes/shared.yaml")']
)
def test_a_cassette_that_tests_share_is_not_called_stale(
    project: Project, folder: str, used: str
) -> None:
    """It is not imported either, and the way that takes it is named."""
    project.write("tests/test_app.py", f"import pytest\n\n@{used}\ndef test_it(): pass\n")
    for name in ("shared", "test_it"):
        project.write(f"tests/{folder}/{name}.yaml", RECORDING)
    done = inside("import", "pytest-recording", "tests", cwd=project.path)
    said = (
        f"tests/{folder}/shared.yaml: shared: no test is called 'shared', but test_app.py names "
        "it: 'import vcrpy' takes it; see `docs/importing.md`, Moving a suite\n"
    )
    assert (1, said) == (done.returncode, done.stderr)


def test_a_test_that_several_modules_have_is_told(project: Project) -> None:
    """A folder that is none of a module's does not say whose cassette it is."""
    for name in ("test_a.py", "test_b.py"):
        project.write(f"tests/{name}", "def test_it(): pass\n")
    project.write("tests/cassettes/test_it.yaml", RECORDING)
    project.write("tests/cassettes/test_gone.yaml", RECORDING)
    done = inside("import", "pytest-recording", "tests", cwd=project.path)
    several = "test_a.py and test_b.py have a test 'test_it': put it into a folder test_a or test_b"
    assert [
        f"{OLD}/test_gone.yaml: stale: no module beside cassettes/ has a test 'test_gone'",
        f"{OLD}/test_it.yaml: {several}",
        f"{OLD}/test_gone.yaml: looks like a log for 'import vcrpy'",
    ] == done.stderr.splitlines()
    assert 1 == done.returncode


def test_modules_of_one_name_are_told_apart_by_their_folders(project: Project) -> None:
    """A cassette in the folder that the message names is found."""
    for folder in ("unit", "integration"):
        project.write(f"tests/{folder}/test_app.py", "def test_it(): pass\n")
    project.write("tests/cassettes/test_it.yaml", RECORDING)
    done = inside("import", "pytest-recording", "tests", cwd=project.path)
    both = "integration/test_app.py and unit/test_app.py have a test 'test_it': put it into a "
    assert f"{both}folder integration/test_app or unit/test_app\n" in done.stderr
    named = project.path / "tests/cassettes/unit/test_app/test_it.yaml"
    named.parent.mkdir(parents=True)
    (project.path / "tests/cassettes/test_it.yaml").rename(named)
    done = inside("import", "pytest-recording", "tests", cwd=project.path)
    assert (0, "") == (done.returncode, done.stderr)
    assert (project.path / "cassettes/tests/unit/test_app/test_it.yaml").is_file()


@needs_recordings
def test_every_real_recording_replays_without_a_divergence(project: Project) -> None:
    """Against a model that answers as recorded; what cannot be sent again is told by its reason."""
    done = inside("import", "vcrpy", str(RECORDINGS), cwd=project.path)
    assert (0, "") == (done.returncode, done.stderr)
    result = project.replay("--llm-model", "simulated/steady", "cassettes/imported")
    outcomes = result.parseoutcomes()
    assert {"passed", "skipped"} == {*outcomes} - {"warnings"}
    assert 86 <= outcomes["passed"]


def test_the_header_says_how_many_events_come_from_logs(project: Project) -> None:
    """Once, however many targets they go to: what the log left out is not sent."""
    told = event(1).replace("event: 1\n", "event: 1\norigin: reconstructed\n")
    project.write("cassettes/tests/test_app/test_it.yaml", cassette(told, event(2)))
    options = ("--llm-model=same", "--llm-model=openai/other", "--llm-check=answered")
    result = project.replay(*options)
    said = "1 event reconstructed from logs: what those left out is not sent"
    assert 1 == result.stdout.lines.count(said)
