"""What is typed behind `pytest-llmreplay`: a command, none, or a slip."""

from __future__ import annotations

from pathlib import Path

from shell import inside

from pytest_llmreplay.commands import COMMANDS


def test_no_command_shows_which_there_are(tmp_path: Path) -> None:
    """As wrong use, on stderr: nothing was done."""
    result = inside(cwd=tmp_path)
    assert (2, "") == (result.returncode, result.stdout)
    lines = result.stderr.splitlines()
    assert all(any(f" {one.name} " in line for line in lines) for one in COMMANDS)


def test_a_slip_in_a_command_is_told_the_nearest_one(tmp_path: Path) -> None:
    """All of them where none is near."""
    slip = inside("chek", "cassettes", cwd=tmp_path)
    assert 2 == slip.returncode
    assert slip.stderr.endswith("error: no command 'chek'; did you mean 'check'?\n")
    other = inside("record", cwd=tmp_path)
    names = ", ".join(sorted(one.name for one in COMMANDS))
    assert other.stderr.endswith(f"error: no command 'record'; there are {names}\n")
