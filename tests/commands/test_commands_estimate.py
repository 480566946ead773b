"""`pytest-llmreplay estimate`: what a replay would cost, without pytest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from judges import config
from made_cassettes import cassette, event
from shell import command, inside


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two cassettes, and a file that is none."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(cassette(event(1), event(2)))
    (tmp_path / "notes.yaml").write_text("hello: world\n")
    return tmp_path


def test_a_folder_in_words(folder: Path) -> None:
    """All cassettes in it, once, for each target; no key is needed."""
    done = command("estimate", ".", "a.yaml", "--model=gpt-4o-mini", "--samples=2", cwd=folder)
    assert (0, "") == (done.returncode, done.stderr)
    head, row, _, *notes = done.stdout.splitlines()
    assert ["calls", "input", "tokens", "output", "tokens", "cost"] == head.split()
    assert ["gpt-4o-mini", "8", "72", "24", "about", "$0.000025"] == row.split()
    assert {"each event up to 2 times, all counted", "not in it: retries"} < set(notes)


def test_a_folder_of_imported_calls(tmp_path: Path) -> None:
    """No test has recorded them."""
    text = cassette(event(1)).replace("test: tests/test_app.py::test_it\n", "")
    (tmp_path / "imported.yaml").write_text(text)
    done = inside("estimate", ".", "--model=gpt-4o-mini", cwd=tmp_path)
    assert (0, "") == (done.returncode, done.stderr)
    assert ["gpt-4o-mini", "1"] == done.stdout.splitlines()[1].split()[:2]


def test_a_cassette_as_json(folder: Path) -> None:
    """With money in USD, and what has no price named."""
    done = inside(
        "estimate", "a.yaml", "--model=gpt-4o-mini", "--model=openai/x", "--json", cwd=folder
    )
    first, second = json.loads(done.stdout)["targets"]
    assert ("gpt-4o-mini", 2, 18, 6) == (
        first["target"],
        first["calls"],
        first["input_tokens"],
        first["output_tokens"],
    )
    assert pytest.approx(18 * 0.15e-6 + 6 * 0.6e-6) == first["cost"]
    assert (None, {"openai/x": 2}) == (second["cost"], second["unpriced"])


def test_the_config_above_a_cassette_counts(folder: Path) -> None:
    """A target of the file, with its price."""
    (folder / "llmreplay.yaml").write_text(
        "targets:\n  t: {provider: openai, model: m, price: {input: 1, output: 0}}\n"
    )
    done = inside("estimate", "a.yaml", "--model=t", "--json", cwd=folder)
    assert pytest.approx(18e-6) == json.loads(done.stdout)["targets"][0]["cost"]


@pytest.mark.parametrize(
    "words", [("--judge=grader",), ("--check=judge>=0.8",), ("--check=warn:run:judge>=-0.1",)]
)
def test_a_judge_is_counted_where_a_replay_would_ask_it(
    folder: Path, words: tuple[str, ...]
) -> None:
    """Where the command line names it, or the config file does and a check wants it."""
    (folder / "llmreplay.yaml").write_text(config("http://127.0.0.1:9/v1"))
    told = inside("estimate", "a.yaml", "--model=gpt-4o-mini", "--json", *words, cwd=folder)
    _, judge = json.loads(told.stdout)["targets"]
    assert ("judge grader", 3 * (2 + 2 + 1), 15) == (
        judge["target"],
        judge["calls"],
        judge["local"],
    )


def test_a_judge_that_no_check_wants_costs_nothing(folder: Path) -> None:
    """As in a replay."""
    (folder / "llmreplay.yaml").write_text(config("http://127.0.0.1:9/v1"))
    told = inside("estimate", "a.yaml", "--model=gpt-4o-mini", "--json", cwd=folder)
    assert ["gpt-4o-mini"] == [one["target"] for one in json.loads(told.stdout)["targets"]]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("a.yaml", "--model=gpt-4o-mini", "--judge=nobody/x"), "--judge: no target 'nobody/x'"),
        (("a.yaml", "--model=gpt-4o-mini", "--judge=same"), "judge same: a judge is a model"),
        (("a.yaml", "--model=gpt-4o-mini", "--check=judge>=8"), "a judge gives 0 to 1"),
        (("nowhere", "--model=gpt-4o-mini"), "nowhere: there is no such file or folder"),
        (("notes.yaml", "--model=gpt-4o-mini"), "notes.yaml:1: "),
        (("a.yaml", "--model=gpt-4o-mini", "--samples=0"), "--samples: 0 is no number"),
        (("a.yaml", "--model=recordedd"), "--model: no target 'recordedd'"),
        (("a.yaml", "--model=same", "--filter=x"), "--filter: 'x' is not KEY=GLOB"),
        (("a.yaml", "--model=same", "--filter=prompt=x"), "--filter: none of 2 events has"),
        (("a.yaml", "--model=same", "--variant=x"), "--variant: no variant 'x'"),
        (("a.yaml", "--model=same", "--variant=x", "--calibrate"), "--calibrate: the noise floor"),
    ],
)
def test_wrong_use_is_one_clear_line(folder: Path, words: tuple[str, ...], said: str) -> None:
    """Exit code 2, and no traceback."""
    done = inside("estimate", *words, cwd=folder)
    assert 2 == done.returncode
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_config_file_that_is_gone(folder: Path) -> None:
    """Its prices and targets would be missed in silence."""
    (folder / "pytest.ini").write_text("[pytest]\nllm_config = gone.yaml\n")
    done = inside("estimate", "a.yaml", "--model=gpt-4o-mini", cwd=folder)
    assert 2 == done.returncode
    assert "pytest-llmreplay: llm_config: there is no file " in done.stderr


def test_a_folder_without_cassettes(tmp_path: Path) -> None:
    """It is named."""
    done = inside("estimate", ".", "--model=gpt-4o-mini", cwd=tmp_path)
    assert (2, True) == (done.returncode, ".: there is no cassette in it" in done.stderr)


def test_a_link_is_refused(folder: Path) -> None:
    """As a replay refuses it, which would send what it points at."""
    (folder / "linked.yaml").symlink_to(next(folder.rglob("*.yaml")))
    done = command("estimate", "linked.yaml", "--model", "gpt-5-mini", cwd=folder)
    assert (2, "") == (done.returncode, done.stdout)
    assert "linked.yaml: is a link; a cassette is a plain file" in done.stderr
