"""`pytest-llmreplay check --diff BASE` lists what a reviewer of foreign recordings looks for."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from made_cassettes import cassette, event

from pytest_llmreplay.cli import main

NAME = "cassettes/tests/test_app/test_it.yaml"

Diff = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def diff(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Diff:
    """Run the command in a repository of git; its exit code, and what is new."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_app.py").write_text("def test_it(): pass\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    git("init", "-q", "-b", "main")

    def run(base: str = "main", *words: str) -> tuple[int, list[str]]:
        main(["check", "--fix"])
        capsys.readouterr()
        code = main(["check", f"--diff={base}", *words])
        said = capsys.readouterr()
        return code, [*said.out.splitlines(), *said.err.splitlines()]

    return run


def git(*words: str) -> None:
    """Run git as somebody."""
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(["git", *who, *words], check=True, capture_output=True)


def keep(*events: str) -> None:
    """Write the cassette."""
    Path(NAME).parent.mkdir(parents=True, exist_ok=True)
    Path(NAME).write_text(cassette(*events), encoding="utf-8")


def commit() -> None:
    """Make what is there the base."""
    git("add", "-A")
    git("commit", "-q", "-m", "base")


def calling(number: int, *calls: tuple[str, Mapping[str, Any]], **more: Any) -> str:
    """An event that is answered with tool calls."""
    told = [
        {"id": f"c{at}", "type": "function", "function": {"name": n, "arguments": json.dumps(a)}}
        for at, (n, a) in enumerate(calls)
    ]
    message = json.dumps({"role": "assistant", "content": None, "tool_calls": told})
    plain = json.dumps({"role": "assistant", "content": "Hello."})
    return event(number, **more).replace(plain, message)


def new(lines: list[str]) -> list[str]:
    """What is new, without its place."""
    return [line.partition(": ")[2] for line in lines if ": new " in line]


def test_nothing_new(diff: Diff) -> None:
    """A cassette that git has as it is, or that says the same in another order."""
    keep(calling(1, ("refund", {"amount": 84.5, "reason": "late"})))
    commit()
    keep(calling(1, ("refund", {"reason": "late", "amount": 84.5})))
    assert (0, ["1 cassette, 1 event: all is well"]) == diff()


def test_tool_calls(diff: Diff) -> None:
    """A new call, a changed one beside what it was, and one more of a kind that was there."""
    keep(calling(1, ("refund", {"amount": 84.5})), calling(2, ("look", {})))
    commit()
    keep(
        calling(1, ("refund", {"amount": 8450}), ("run_shell", {"cmd": "rm -rf /"})),
        calling(2, ("look", {}), ("look", {})),
    )
    code, lines = diff()
    assert 1 == code
    assert [
        'new tool call: refund({"amount":8450}), before: refund({"amount":84.5})',
        'new tool call: run_shell({"cmd":"rm -rf /"})',
        "new tool call: look({})",
    ] == new(lines)
    assert lines[0].startswith(f"{NAME}:3: ")
    assert "1 cassette, 2 events: 3 new tool call" == lines[-1]


def test_urls(diff: Diff) -> None:
    """Of requests, answers and the arguments of calls; each once, and none that was there."""
    keep(event(1, says="See https://docs.example/a."))
    commit()
    keep(
        event(1, says="See https://docs.example/a, or (https://evil.example/x?y=1)."),
        calling(2, ("fetch", {"url": "http://169.254.169.254/latest"}), asks="ftp://f.example/"),
        event(3, asks="ftp://f.example/ again, then javascript:alert(1)").replace(
            "https://api.openai.com", "https://proxy.example"
        ),
    )
    code, lines = diff()
    assert 1 == code
    assert {
        "new url: https://evil.example/x?y=1",
        "new url: http://169.254.169.254/latest",
        "new url: ftp://f.example/",
        "new url: javascript:alert(1",
        "new url: https://proxy.example/v1/chat/completions",
    } == {line for line in new(lines) if "url" in line.partition(":")[0]}


def test_characters_behind_escapes(diff: Diff) -> None:
    """An escape shows in a diff of the file, but what it does not show is listed all the same."""
    keep(event(1))
    commit()
    keep(event(1, says="pay \u202eecila", asks="Say\u200b hello"))
    code, lines = diff()
    assert 1 == code
    assert [
        r"new unseen character: U+200B ZERO WIDTH SPACE in 'Say\u200b hello'",
        r"new unseen character: U+202E RIGHT-TO-LEFT OVERRIDE in 'pay \u202eecila'",
    ] == new(lines)
    assert "\u202e" not in "".join(lines)


def test_streams_and_accepted_answers(diff: Diff) -> None:
    """What a stream tells in pieces is put together, and an accepted answer is an answer too."""
    git("commit", "-q", "--allow-empty", "-m", "empty")
    source = Path(__file__).parents[1] / "cassette" / "conformance"
    stream = (source / "invalid" / "answer-hides-a-tool-call.yaml").read_text(encoding="utf-8")
    accepted = (source / "valid" / "accepted.yaml").read_text(encoding="utf-8")
    keep(event(1))
    told = "answer:\n- text: ok\n- finish_reason: stop\n"
    Path(NAME).with_stem("stream").write_text(stream.replace(told, ""), encoding="utf-8")
    hidden = accepted.replace("content: zwei", "content: ws://evil.example/")
    Path(NAME).with_stem("accepted").write_text(hidden, encoding="utf-8")
    found = new(diff()[1])
    assert 'new tool call: run_shell({"cmd":"rm -rf /"})' in found
    assert "new url: ws://evil.example/" in found


def test_a_new_cassette_and_a_damaged_base(diff: Diff) -> None:
    """What git does not have, or has in a state that nobody can read, is new as a whole."""
    git("commit", "-q", "--allow-empty", "-m", "empty")
    keep(calling(1, ("look", {})))
    assert "new tool call: look({})" in new(diff()[1])
    Path(NAME).write_text("cassette: 1\n")
    commit()
    keep(calling(1, ("look", {})))
    assert "new tool call: look({})" in new(diff()[1])


def test_damage_hides_nothing_that_is_new(diff: Diff) -> None:
    """An event that cannot be read is told, and what the next one brings, too."""
    keep(event(1), event(2))
    commit()
    broken = event(1).replace("status: 200", "status: fine")
    keep(broken, event(2, says="See https://evil.example/x."))
    code, lines = diff()
    assert 1 == code
    assert ["new url: https://evil.example/x"] == new(lines)
    assert "1 cassette, 2 events: 1 damaged, 1 new url" == lines[-1]


@pytest.mark.parametrize("base", ["nowhere", "--output=x", ""])
def test_a_revision_that_is_none(diff: Diff, base: str) -> None:
    """Git's own words on one line, and exit code 2; an option is no revision."""
    keep(event(1))
    commit()
    code, lines = diff(base)
    assert (2, 1) == (code, len(lines))
    assert "git says: " in lines[0]
    assert not Path("x").exists()


def test_no_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Outside of git there is nothing to compare with."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    keep(event(1))
    assert 2 == main(["check", NAME, "--diff", "main"])
    assert "--diff main: git says: fatal: not a git repository" in capsys.readouterr().err
    monkeypatch.setenv("PATH", str(tmp_path))
    assert 2 == main(["check", NAME, "--diff", "main"])
    assert "--diff: git is not installed" in capsys.readouterr().err
