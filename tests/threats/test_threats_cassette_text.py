"""E1, E2, E3, T6: no text of a cassette does more than to be read or refused with its line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from projects import Project
from threats.threat_cassettes import document, ended, header

from pytest_llmreplay import Cassette

GOOD = document()


def answering(text: str) -> str:
    """The same with an answer in raw YAML."""
    return GOOD.partition("response: ")[0] + f"response:\n  status: 200\n  body: {text}\n...\n"


BOMB = "".join(
    f"b{level}: {'&' if level < 9 else ''}{f'x{level} ' if level < 9 else ''}"
    f"[{', '.join(['*x' + str(level - 1)] * 9) if level else 'lol'}]\n"
    for level in range(10)
)
RISKS = {
    "sequences": (ended("event: 1\na: " + "[" * 10**6), ("nested more than 200 deep",)),
    "mappings": (ended("event: 1\na: " + "{a: " * 10**6), ("nested more than 200 deep",)),
    "lists": (ended("event: 1\na:\n" + "- " * 10**6), ("nested more than 200 deep",)),
    "alias_bomb": (ended(f"event: 1\n{BOMB}"), ("an anchor",)),
    "python_tag": (answering("!!python/object/apply:os.system ['touch x']"), ("a tag",)),
    "duplicate": (GOOD.replace("event: 1\n", 'event: 1\nmodel: "safe"\n'), ("stands twice",)),
    "conflict": (
        GOOD.replace(
            "event: 1\n", "event: 1\n<<<<<<< HEAD\nname: a\n=======\nname: b\n>>>>>>> x\n"
        ),
        ("merge conflict",),
    ),
    "line_separator": (answering("|\n    x\u2028event: 9"), ("U+2028",)),
    "next_line": (answering("'x\u0085event: 9'"), ("U+0085",)),
    "carriage_return": (answering("|\n    x\revent: 9"), ("U+000D",)),
    "torn": (GOOD.removesuffix("...\n"), ("torn",)),
    "not_a_mapping": (ended("event: 1\n- x\n"), ("not valid YAML", "'request' is missing")),
}
TESTS = """
    @pytest.mark.parametrize("name", {names!r})
    @pytest.mark.llm_cassette
    def test_it(name):
        chat("Say hello")
"""


@pytest.fixture
def hostile(project: Project) -> Project:
    """A test for each of the files."""
    project.tests(TESTS.format(names=list(RISKS)))
    for name, (text, _) in RISKS.items():
        cassette = project.cassette(f"tests/test_app/test_it[{name}].yaml")
        node = f"tests/test_app.py::test_it[{name}]"
        cassette.parent.mkdir(parents=True, exist_ok=True)
        cassette.write_text(header(node) + text, encoding="utf-8", newline="")
    return project


def told(result: pytest.RunResult) -> dict[str, str]:
    """Name of the file → what was said of it."""
    found: dict[str, str] = {}
    for place, line in enumerate(result.outlines):
        if name := re.search(r"test_it\[(\w+)\]\.yaml:\d+: ", line):
            said = " ".join(result.outlines[place : place + 2])
            found[name[1]] = f"{found.get(name[1], '')} {said}"
    return found


def files(project: Project) -> set[Path]:
    """What is in a project, but for what pytest and Python leave there."""
    ours = project.path.glob("[!rs]*")
    found = {path for top in ours for path in (top, *top.rglob("*"))}
    return {path for path in found if "__pycache__" not in path.parts}


@pytest.mark.parametrize("mode", [[], ["--llm-replay", "--continue-on-collection-errors"]])
def test_refused_with_file_and_line(hostile: Project, mode: list[str]) -> None:
    """Playback and replay end in one message per file: no signal, no traceback, no command run."""
    before = files(hostile)
    result = hostile.run_apart(*mode)
    assert pytest.ExitCode.TESTS_FAILED == result.ret
    said = told(result)
    assert set(RISKS) == set(said)
    for name, (_, problems) in RISKS.items():
        assert any(problem in said[name] for problem in problems), (name, said[name])
    assert "Traceback" not in result.stdout.str() + result.stderr.str()
    assert "INTERNALERROR" not in result.stdout.str()
    after = files(hostile)
    assert before == after
    assert [] == hostile.server.seen


BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\ufeff\u202e"
PIECES = st.sampled_from(
    [*BREAKS, "\r\n", "--- ", "...", "event: 9", "injected: true", "  ", "|", ": ", "- ", "#", "\t"]
)
TEXTS = st.lists(
    st.one_of(
        st.lists(PIECES, min_size=1, max_size=8).map("".join),
        st.text(st.characters(codec="utf-8"), max_size=20),
    ),
    min_size=30,
    max_size=30,
    unique=True,
)
RECORDING = """
import json, pathlib
TEXTS = json.loads(pathlib.Path({file!r}).read_text())

@pytest.mark.llm_cassette
def test_it():
    for text in TEXTS:
        assert chat(text) == "Echo: " + text
        assert "".join(stream(text)) == "Echo: " + text
        assert message(text) == "Echo: " + text
"""


@settings(
    max_examples=2,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(texts=TEXTS)
def test_no_answer_writes_a_document(project: Project, texts: list[str]) -> None:
    """Recorded through the real SDKs, texts of all line breaks stay texts, and play as they were.

    Another reader of YAML finds as many documents as there were calls, and the same texts.
    """
    project.write("texts.json", json.dumps(texts))
    project.write("tests/test_app.py", "from app import *\n" + RECORDING.format(file="texts.json"))
    project.cassette().unlink(missing_ok=True)
    project.record().assert_outcomes(passed=1)
    asked = len(project.server.seen)
    written = project.cassette().read_text(encoding="utf-8")
    documents = list(yaml.load_all(written, Loader=yaml.BaseLoader))
    assert 1 + 3 * len(texts) == len(documents)
    assert all("injected" not in one for one in documents)
    said = [event.response.text for event in Cassette.load(project.cassette()).events]
    assert [f"Echo: {text}" for text in texts for _ in range(3)] == said
    project.run().assert_outcomes(passed=1)
    assert asked == len(project.server.seen)
