"""`pytest-llmreplay show` of cassettes, events and sessions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from made_cassettes import cassette, event
from shell import inside

TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}


def in_path(path: str) -> dict[str, str]:
    """A session at a place."""
    return {"id": "s-1", "name": "AI Debate", "path": path}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A session over two cassettes: four calls in three places."""
    (tmp_path / "pyproject.toml").write_text("")
    below = tmp_path / "cassettes" / "tests"
    below.mkdir(parents=True)
    first = (
        event(1, name="plan", session=in_path("/debate"), body={"tools": [TOOL], "top_p": 0.5}),
        event(2, name="argue", session=in_path("/debate/turn/1")),
        event(3, name="judge", session=in_path("/debate/turn/2")),
    )
    (below / "test_a.yaml").write_text(cassette(*first))
    last = event(1, name="end", session=in_path("/debate")).replace("T17:", "T18:")
    (below / "test_b.yaml").write_text(cassette(last))
    return tmp_path


@pytest.mark.parametrize("name", ["s-1", "AI Debate", "/debate/turn/1"])
def test_a_session_is_a_tree(folder: Path, name: str) -> None:
    """By its paths, with the sums of all below each place; by id, name or path."""
    done = inside("show", name, cwd=folder)
    assert (0, "") == (done.returncode, done.stderr)
    rows = [(len(line) - len(line.lstrip()), *line.split()) for line in done.stdout.splitlines()]
    told = [row[:4] if "gpt" in " ".join(map(str, row)) else row[:5] for row in rows[1:]]
    assert [
        (0, "AI", "Debate", "(s-1)", "4"),
        (2, "/debate", "4", "36", "12"),
        (4, "0001-plan", "gpt-5-mini", "9"),
        (4, "/turn", "2", "18", "6"),
        (6, "/1", "1", "9", "3"),
        (8, "0002-argue", "gpt-5-mini", "9"),
        (6, "/2", "1", "9", "3"),
        (8, "0003-judge", "gpt-5-mini", "9"),
        (4, "0001-end", "gpt-5-mini", "9"),
    ] == told


def test_a_session_as_json(folder: Path) -> None:
    """The same tree, each event by its node id."""
    told = json.loads(inside("show", "s-1", "--json", cwd=folder).stdout)
    debate = told["tree"]["branches"][0]
    assert ("AI Debate", "/debate", 4, 6.0) == (
        told["name"],
        debate["name"],
        debate["events"],
        debate["duration"],
    )
    assert "cassettes/tests/test_a.yaml::0001-plan" == debate["branches"][0]["event"]


@pytest.mark.parametrize("label", ["0001-plan", "1", "0001-plan[same]"])
def test_one_event_whole(folder: Path, label: str) -> None:
    """What was asked and answered, in words; by its label, its number, or its node id."""
    done = inside("show", f"cassettes/tests/test_a.yaml::{label}", cwd=folder)
    assert """\
cassettes/tests/test_a.yaml::0001-plan
│ asked      openai chat_completions
│ model      gpt-5-mini
│ session    AI Debate /debate s-1
│ with       top_p=0.5
│ tools      look
│
│ [user]
│ Say hello
│
│ answered   2026-11-20
│ Hello.
│ ended with stop
│
│ input      9
│ output     3
""" in (done.stdout)


def test_a_whole_cassette(folder: Path) -> None:
    """All of its events, in their order."""
    done = inside("show", "cassettes/tests/test_a.yaml", cwd=folder)
    names = [line for line in done.stdout.splitlines() if "::" in line]
    assert 3 == len(names)
    told = json.loads(inside("show", "cassettes/tests/test_a.yaml", "--json", cwd=folder).stdout)
    assert ["Say hello", "Hello."] == [
        told[0]["request"]["messages"][0]["content"],
        told[0]["answer"]["text"],
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("cassettes/tests/test_a.yaml::0003-jugde",), "there is 0003-judge"),
        (("nowhere.yaml",), "nowhere.yaml: no such file or directory"),
        (
            ("AI Debat",),
            "no run, cassette, event or session 'AI Debat'; there is session 'AI Debate'",
        ),
        (("s-1", "-k", "x"), "-k: 's-1' is no run"),
        (("run-1", "--json"), "--json: the file of a run is JSON Lines already"),
        (("run-1", "--filter", "model=x"), "--filter: 'run-1' is a run; choose its events with -k"),
    ],
)
def test_wrong_use_is_one_clear_line(folder: Path, words: tuple[str, ...], said: str) -> None:
    """With the nearest that there is."""
    done = inside("show", *words, cwd=folder)
    assert (2, "", 1) == (done.returncode, done.stdout, len(done.stderr.splitlines()))
    assert said in done.stderr


def test_where_nothing_is_near_the_list_is_named(folder: Path) -> None:
    """A guess at a name is the first thing that a person tries."""
    for path in folder.rglob("*.yaml"):
        path.write_text(cassette(event(1)))
    done = inside("show", "test_it", cwd=folder)
    said = "session 'test_it'; `pytest-llmreplay list` names what there is\n"
    assert done.stderr.endswith(said)


def test_two_sessions_of_one_name(folder: Path) -> None:
    """Are not mixed: the ids are named."""
    path = folder / "cassettes/tests/test_b.yaml"
    path.write_text(path.read_text().replace("s-1", "s-2"))
    done = inside("show", "AI Debate", cwd=folder)
    assert "'AI Debate' is 2 sessions; name one by its id: s-1, s-2" in done.stderr
