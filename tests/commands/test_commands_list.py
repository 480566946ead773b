"""`pytest-llmreplay list`: cassettes, events and sessions in tables."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from made_cassettes import cassette, event
from shell import COMMAND, command, environment, inside

DEBATE = {"id": "s-1", "name": "AI Debate", "path": "/debate"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with two cassettes; one holds a session."""
    (tmp_path / "pyproject.toml").write_text("")
    below = tmp_path / "cassettes" / "tests"
    below.mkdir(parents=True)
    (below / "test_a.yaml").write_text(cassette(event(1, name="ask"), event(2, status=500)))
    inner = {**DEBATE, "path": "/debate/turn"}
    documents = (event(1, model="gpt-4o-mini"), event(2, model="gpt-4o-mini", session=inner))
    (below / "test_b.yaml").write_text(cassette(*documents, session=DEBATE))
    return tmp_path


def test_all_cassettes_of_the_project(folder: Path) -> None:
    """A row for each, and their sum; as a shell starts the command."""
    done = command("list", cwd=folder)
    assert (0, "") == (done.returncode, done.stderr)
    head, first, second, total = done.stdout.splitlines()
    assert ["cassette", "events", "recorded", "input", "output", "time", "cost"] == head.split()
    told = ["cassettes/tests/test_a.yaml", "2", "2026-11-20", "18", "6", "3.00", "s"]
    assert told == first.split()[:7]
    assert "cassettes/tests/test_b.yaml" == second.split()[0]
    assert ["2", "cassettes", "4", "36", "12", "6.00", "s"] == total.split()[:7]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_an_output_that_a_full_disk_cuts_is_told_in_one_line(folder: Path) -> None:
    """A script does not take half a table for a whole one."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "list"],
            cwd=folder,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    said = "pytest-llmreplay: the output is not whole: No space left on device\n"
    assert (2, said) == (done.returncode, done.stderr)


def test_a_sum_that_lacks_a_figure_says_so(folder: Path) -> None:
    """A plus: it is that much at least."""
    path = folder / "cassettes/tests/test_a.yaml"
    path.write_text(path.read_text().replace("duration: 1.5", "x: 1", 1).replace(", x: 1", ""))
    assert "1.50 s+" in inside("list", cwd=folder).stdout
    told = json.loads(inside("list", "--json", cwd=folder).stdout)[0]
    assert (1.5, 1) == (told["duration"], told["duration_of_events"])


def test_a_column_in_which_nothing_stands_is_left_out(folder: Path) -> None:
    """Logs without moments leave its place to the names."""
    path = folder / "cassettes/tests/test_a.yaml"
    path.write_text(re.sub(r"at: '[^']*', ", "", path.read_text()))
    done = inside("list", "--filter", "prompt=ask", cwd=folder)
    assert ["cassette", "events", "input", "output"] == done.stdout.split()[:4]


def test_the_events_of_one_cassette(folder: Path) -> None:
    """How each ended, and what it took."""
    done = inside("list", "cassettes/tests/test_a.yaml", cwd=folder)
    rows = done.stdout.splitlines()
    assert ["0001-ask", "gpt-5-mini", "stop", "9", "3", "1.50", "s"] == rows[1].split()[:7]
    assert ["0002", "gpt-5-mini", "error"] == rows[2].split()[:3]


def test_events_as_json(folder: Path) -> None:
    """Seconds and USD; nothing is rounded."""
    done = inside("list", "cassettes/tests/test_b.yaml", "--json", cwd=folder)
    first, second = json.loads(done.stdout)
    assert ("cassettes/tests/test_b.yaml::0001", 1.5) == (first["id"], first["duration"])
    assert pytest.approx(9 * 0.15e-6 + 3 * 0.6e-6) == first["cost"]
    assert {"id": "s-1", "name": "AI Debate", "path": "/debate/turn"} == second["session"]


def test_sessions(folder: Path) -> None:
    """Name, id, where in it, and the sums."""
    done = inside("list", "--sessions", cwd=folder)
    head, row = done.stdout.splitlines()
    assert ["session", "events", "path"] == head.split()[:3]
    assert ["AI", "Debate", "(s-1)", "2", "/debate/…", "18", "6"] == row.split()[:7]
    told = json.loads(inside("list", "--sessions", "--json", cwd=folder).stdout)
    assert [("s-1", ["/debate", "/debate/turn"], 2)] == [
        (one["id"], one["paths"], one["events"]) for one in told
    ]


def test_a_long_name_of_a_session_keeps_its_beginning(folder: Path) -> None:
    """In a narrow terminal, where a long place keeps its end."""
    session = {"id": "s-2", "name": "Refund of a lamp" * 5, "path": f"/{'far/' * 20}away"}
    (folder / "cassettes/tests/test_b.yaml").write_text(cassette(event(1, session=session)))
    narrow = environment(COLUMNS="80")
    _, row = inside("list", "--sessions", cwd=folder, env=narrow).stdout.splitlines()
    assert row.startswith("Refund of a lamp")
    assert "/far/away  " in row
    assert 80 >= len(row)


def test_no_session(folder: Path) -> None:
    """That is said, not an empty table."""
    done = inside("list", "--sessions", "cassettes/tests/test_a.yaml", cwd=folder)
    said = "no event names a session; a replay takes the events of a cassette for one\n"
    assert (0, said) == (done.returncode, done.stdout)


def test_hostile_names_move_nothing(folder: Path) -> None:
    """What a cassette says is shown, not obeyed."""
    path = folder / "cassettes/tests/test_b.yaml"
    path.write_text(path.read_text().replace("AI Debate", r"\x1b[2J::error::").replace("'", '"'))
    for words in (("list", "--sessions"), ("show", "s-1")):
        assert "\x1b" not in inside(*words, cwd=folder).stdout


def test_an_output_of_few_characters_shows_our_signs_in_ascii(folder: Path) -> None:
    """As a pipe on Windows; words that it lacks are escapes, not a traceback."""
    path = folder / "cassettes/tests/test_b.yaml"
    path.write_text(path.read_text().replace("Hello.", "\u4f60 \u2192 \u00e9."), encoding="utf-8")
    env = environment(PYTHONIOENCODING="cp1252")
    done = command("show", "cassettes/tests/test_b.yaml::1", cwd=folder, env=env, encoding="cp1252")
    assert (0, "") == (done.returncode, done.stderr)
    assert "\n| \\u4f60 -> \u00e9.\n" in done.stdout


def test_what_is_damaged_is_told_and_the_rest_is_listed(folder: Path) -> None:
    """With file and line, behind the table; exit code 1."""
    below = folder / "cassettes/tests"
    (below / "test_0.yaml").write_text("cassette: 99\n")
    torn = cassette(event(1), event(2).replace("provider:", "provder:"), event(3))
    (below / "test_c.yaml").write_text(torn)
    done = inside("list", cwd=folder)
    rows = {line.split()[0]: line.split()[1] for line in done.stdout.splitlines()[1:-1]}
    assert [("test_0", "0"), ("test_a", "2"), ("test_b", "2"), ("test_c", "2")] == [
        (Path(name).stem, count) for name, count in rows.items()
    ]
    line = torn[: torn.index("provder")].count("\n") + 1
    first, second = done.stderr.splitlines()
    assert first.startswith("cassettes/tests/test_0.yaml:1: damaged: ")
    assert second.startswith(f"cassettes/tests/test_c.yaml:{line}: damaged: provder: unknown key")
    assert 1 == done.returncode
    for words in (("list", "--json"), ("show", "s-1"), ("show", "cassettes/tests/test_c.yaml")):
        done = inside(*words, cwd=folder)
        assert (1, True) == (done.returncode, ": damaged: provder: " in done.stderr)
        assert done.stdout
    one = inside("show", "cassettes/tests/test_c.yaml::3", cwd=folder)
    assert (0, "") == (one.returncode, one.stderr)


def test_a_damaged_accepted_answer_hides_no_event(folder: Path) -> None:
    """It is told with its line; the recordings stand."""
    path = folder / "cassettes/tests/test_a.yaml"
    line = path.read_text().count("\n") + 1
    path.write_text(path.read_text() + "--- # accepted 1 openai/x\naccepted: 1\nodd: 1\n...\n")
    done = inside("list", "cassettes/tests/test_a.yaml", cwd=folder)
    assert ["0001-ask", "0002", "2"] == [row.split()[0] for row in done.stdout.splitlines()[1:]]
    (told,) = done.stderr.splitlines()
    place, kind, _ = told.split(": ", 2)
    assert (1, "damaged", True) == (done.returncode, kind, int(place.split(":")[1]) >= line)


def test_a_filter_chooses_events(folder: Path) -> None:
    """By the keys of `--llm-filter`; cassettes without such an event are left out."""
    done = inside("list", "--filter", "model=gpt-4o-*", "--filter", "path=/debate/*", cwd=folder)
    (row,) = done.stdout.splitlines()[1:]
    assert ("test_b", "1") == (Path(row.split()[0]).stem, row.split()[1])
    path = "cassettes/tests/test_a.yaml"
    for words, known in (
        (("list", path, "--json"), ["0002"]),
        (("show", path, "--json"), ["0002"]),
        (("show", "cassettes", "--json"), ["0002"]),
        (("list", "--sessions", "--json"), []),
    ):
        told = json.loads(inside(*words, "--filter", "status=error", cwd=folder).stdout)
        assert known == [one["id"].rpartition("::")[2] for one in told]
    for asked in (["list"], ["list", path], ["list", "--sessions"], ["show", path]):
        done = inside(*asked, "--filter", "prompt=x*", cwd=folder)
        assert 0 == done.returncode
        assert " events has prompt=x*; there are: ask\n" in done.stdout
    done = inside("list", "--filter", "promt=x", cwd=folder)
    assert "--filter: unknown key 'promt'; did you mean 'prompt'?" in done.stderr


@pytest.mark.parametrize("words", [("nowhere",), ("pyproject.toml",)])
def test_wrong_use_is_one_clear_line(folder: Path, words: tuple[str, ...]) -> None:
    """Exit code 2, with what is wrong with which path."""
    done = inside("list", *words, cwd=folder)
    assert (2, "", 1) == (done.returncode, done.stdout, len(done.stderr.splitlines()))
    assert words[0] in done.stderr


def test_a_directory_of_another_name_is_listed_where_it_holds_cassettes(folder: Path) -> None:
    """As imports may be anywhere; what else lies there is left alone."""
    imported = folder / "imported"
    imported.mkdir()
    (imported / "one.yaml").write_text(cassette(event(1)))
    (imported / "notes.yaml").write_text("interactions: []\n")
    done = inside("list", "imported", cwd=folder)
    assert (0, 1) == (done.returncode, done.stdout.count("one.yaml"))
    assert "notes" not in done.stdout


def test_counts_of_tokens_are_whole_numbers(folder: Path) -> None:
    """As in the events that they sum up."""
    for said in (["--json"], ["--sessions", "--json"]):
        told = json.loads(inside("list", *said, cwd=folder).stdout)[-1]
        assert ["18", "6"] == [json.dumps(told[f"{side}_tokens"]) for side in ("input", "output")]


def test_places_without_a_slash_are_places_below_the_root(folder: Path) -> None:
    """As the tree of the session has them."""
    events = (event(number, session={"id": "s-2", "path": f"a/{number}"}) for number in (1, 2))
    (folder / "cassettes/tests/test_b.yaml").write_text(cassette(*events))
    assert " /a/… " in inside("list", "--sessions", cwd=folder).stdout


def test_a_link_is_told_and_not_read(folder: Path) -> None:
    """What a link in a pull request points at is shown nowhere; the other cassettes are."""
    path = folder / "cassettes" / "tests" / "test_b.yaml"
    path.rename(folder / "outside.yaml")
    path.symlink_to(folder / "outside.yaml")
    done = command("list", cwd=folder)
    assert (1, ["2", "0"]) == (
        done.returncode,
        [line.split()[1] for line in done.stdout.splitlines()[1:-1]],
    )
    assert "test_b.yaml: damaged: is a link; a cassette is a plain file" in done.stderr
