"""`pytest-llmreplay diff`: two cassettes, or two events."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from made_cassettes import cassette, event
from shell import command, inside

BEFORE = (event(1, name="ask"), event(2, asks="Count to ten", says="One"), event(3, name="end"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The first of two cassettes."""
    (tmp_path / "a.yaml").write_text(cassette(*BEFORE))
    return tmp_path


def diff(folder: Path, *after: str) -> tuple[int, str]:
    """Exit code and output of comparing the first cassette with another one."""
    (folder / "b.yaml").write_text(cassette(*after))
    done = inside("diff", "a.yaml", "b.yaml", cwd=folder)
    assert "" == done.stderr
    return done.returncode, done.stdout


def test_equal_cassettes(folder: Path) -> None:
    """Exit code 0; when they were recorded makes no difference."""
    (folder / "b.yaml").write_text(cassette(*BEFORE).replace("2026-11-20", "2026-11-21"))
    done = command("diff", "a.yaml", "b.yaml", cwd=folder)
    assert (0, "a.yaml → b.yaml\n3 the same\n") == (done.returncode, done.stdout)


def test_an_answer_that_changed(folder: Path) -> None:
    """Only that differs; exit code 1."""
    code, said = diff(folder, BEFORE[0], event(2, asks="Count to ten", says="One, two"), BEFORE[2])
    assert 1 == code
    expected = """\
a.yaml → b.yaml
2 the same, 1 changed

0002: answer
│ answer
│ -  One
│ +  One, two
│       ^^^^^
"""
    assert expected == said


def test_a_request_that_changed(folder: Path) -> None:
    """A named event is the same step whatever it asks; the path says where it differs."""
    code, said = diff(folder, event(1, name="ask", asks="Greet me"), *BEFORE[1:])
    assert (1, True) == (code, "0001-ask: request\n│ body.messages[0].content\n" in said)


def test_new_and_gone(folder: Path) -> None:
    """Events that only one of them has; what moved is the same event still."""
    code, said = diff(folder, event(1, name="end"), event(2, name="other", asks="What?"))
    assert 1 == code
    assert ["1 the same, 2 gone, 1 new", "- 0001-ask", "- 0002", "+ 0002-other"] == said.split(
        "\n"
    )[1:5]


def test_a_change_of_many_events_is_told_once(folder: Path) -> None:
    """As where a system prompt was changed."""
    _, said = diff(
        folder,
        event(1, name="ask", body={"top_p": 1}),
        event(2, asks="Count to ten", says="One", body={"top_p": 1}),
        event(3, name="end", body={"top_p": 1}),
    )
    assert 1 == said.count("body.top_p")
    assert 2 == said.count("request as in 0001-ask")


def test_the_name_and_the_format_count(folder: Path) -> None:
    """What is asked of another provider, or under another name, is another call."""
    _, said = diff(
        folder,
        event(1, name="ask", provider="azure"),
        event(2, name="count", asks="Count to ten", says="One"),
        BEFORE[2],
    )
    assert "│ provider\n│ -  openai\n│ +  azure\n" in said
    assert "│ name\n" in said


def test_another_ending(folder: Path) -> None:
    """Is told although the words are the same."""
    cut = BEFORE[1].replace('"finish_reason": "stop"', '"finish_reason": "length"')
    _, said = diff(folder, BEFORE[0], cut, BEFORE[2])
    assert "│ ended with\n│ -  stop\n│ +  length\n" in said


def test_two_events(folder: Path) -> None:
    """However different they are."""
    done = inside("diff", "a.yaml::1", "a.yaml::2", cwd=folder)
    assert 1 == done.returncode
    assert "0001-ask → 0002: request and answer\n" in done.stdout


def test_as_json(folder: Path) -> None:
    """Every change with its place."""
    (folder / "b.yaml").write_text(cassette(*BEFORE[:2]))
    done = inside("diff", "a.yaml", "b.yaml", "--json", cwd=folder)
    assert {"before": "a.yaml", "after": "b.yaml", "same": 2, "changed": [], "new": []} | {
        "gone": ["0003-end"]
    } == json.loads(done.stdout)


def test_two_directories(folder: Path) -> None:
    """Cassette by cassette, by their names; what is damaged is told and left out."""
    for name, says in (("old", "One"), ("new", "Two")):
        inner = folder / name / "cassettes" / "deep"
        inner.mkdir(parents=True)
        (inner / "same.yaml").write_text(cassette(event(1)))
        (inner / "b.yaml").write_text(cassette(event(1), event(2, asks="Count", says=says)))
        (inner / f"{name}.yaml").write_text(cassette(event(1, name="ask")))
        (inner / "c.yaml").write_text("cassette: 1\nnonsense: 1\n")
    done = inside("diff", "old/cassettes", "new/cassettes", cwd=folder)
    assert ["2 the same, 1 changed, 1 gone, 1 new", "- deep/old.yaml::0001-ask"] == (
        done.stdout.splitlines()[1:3]
    )
    assert "deep/b.yaml::0002: answer\n" in done.stdout
    assert ["old/cassettes/deep/c.yaml:2", "new/cassettes/deep/c.yaml:2"] == [
        line.partition(": damaged: ")[0] for line in done.stderr.splitlines()
    ]


def test_two_sessions(folder: Path) -> None:
    """By their ids, wherever their cassettes are."""
    below = folder / "cassettes"
    below.mkdir()
    (folder / "pyproject.toml").write_text("")
    for name, says in (("s-1", "One"), ("s-2", "Two")):
        told = cassette(event(1), event(2, asks="Count", says=says), session={"id": name})
        (below / f"{name}.yaml").write_text(told)
    done = inside("diff", "s-1", "s-2", cwd=folder)
    assert (1, ["s-1 → s-2", "1 the same, 1 changed"]) == (
        done.returncode,
        done.stdout.splitlines()[:2],
    )


def test_hostile_answers_move_nothing(folder: Path) -> None:
    """Terminal sequences are shown, not obeyed."""
    _, said = diff(folder, event(1, name="ask", says="\x1b[2J"), *BEFORE[1:])
    assert ("\x1b" in said, r"\x1b[2J" in said) == (False, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("a.yaml", "a.yaml::1"), "a cassette and an event cannot be compared"),
        (("a.yaml::9", "a.yaml::1"), "a.yaml: no event '9'; there is 0001-ask, 0002, 0003-end"),
        (("a.yaml", "c.yaml"), "c.yaml: no such file or directory"),
        (("a.yaml", "."), "a cassette and a directory cannot be compared"),
        (("a.yaml", "s-9"), "no directory 'cassettes' of recordings below"),
        (("run-1", "run-2"), "'run-1' is a run; for two runs there is: pytest-llmreplay compare"),
    ],
)
def test_wrong_use_is_one_clear_line(folder: Path, words: tuple[str, str], said: str) -> None:
    """Exit code 2."""
    done = inside("diff", *words, cwd=folder)
    assert (2, "", 1) == (done.returncode, done.stdout, len(done.stderr.splitlines()))
    assert said in done.stderr


def test_sessions_of_several_cassettes_name_them(tmp_path: Path) -> None:
    """A label stands in each."""
    (tmp_path / "pyproject.toml").write_text("")
    below = tmp_path / "cassettes"
    below.mkdir()
    for name in ("a", "b"):
        events = event(1, session={"id": "one"}), event(2, name="end", session={"id": "two"})
        (below / f"{name}.yaml").write_text(cassette(*events))
    said = inside("diff", "one", "two", cwd=tmp_path).stdout
    for name in ("a", "b"):
        assert f"cassettes/{name}.yaml::0001 → cassettes/{name}.yaml::0002-end: request\n" in said
