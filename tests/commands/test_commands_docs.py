"""What the pages tell people to type: options that there are, and all of them."""

from __future__ import annotations

import re
import shlex
from argparse import ArgumentParser

import pytest
from projects import Project
from written_docs import DOCS

from pytest_llmreplay.commands import COMMANDS
from pytest_llmreplay.commands.command import Command

PAGES = [DOCS.parent / "README.md", *sorted(DOCS.glob("*.md"))]
TEXT = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
SHOWN = [
    *re.findall(r"^(?:    |\$ )pytest-llmreplay (.*?)(?: +#.*)?$", TEXT, re.MULTILINE),
    *re.findall(r"`pytest-llmreplay (\w+ [^`\n]+)`", TEXT),
]
OPTION = re.compile(r"--llm-[a-z]+(?:-[a-z]+)*")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_option_of_a_command_is_told(command: Command) -> None:
    """`--help` says what it does, a page what it is for."""
    there = re.findall(r"--[a-z][a-z-]+", _parser(command).format_usage())
    assert [] == [option for option in there if not re.search(rf"[` ]{option}\b", TEXT)]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_line_that_is_shown_can_be_typed(command: Command) -> None:
    """Arguments and options are those that the command takes."""
    lines = [line for line in SHOWN if line.split()[0] == command.name and "[" not in line]
    assert lines
    for line in lines:
        _parser(command).parse_args(shlex.split(line)[1:])


@pytest.mark.parametrize("columns", [80, 160])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_help_fits_the_terminal(
    command: Command, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No line breaks amid a word."""
    monkeypatch.setenv("COLUMNS", str(columns))
    assert columns >= max(map(len, _parser(command).format_help().splitlines()))


def test_pytest_and_the_pages_have_the_same_options(project: Project) -> None:
    """None is hidden, and none is gone."""
    there = OPTION.findall(project.run("--help").stdout.str())
    assert sorted(set(there)) == sorted(set(OPTION.findall(TEXT)))


def _parser(command: Command) -> ArgumentParser:
    parser = ArgumentParser(prog=command.name)
    command.add_arguments(parser)
    return parser
