"""What docs/importing.md promises of each source."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from importing import Importing

from pytest_llmreplay.importers.registry import SOURCES

TEXT = (Path(__file__).parents[2] / "docs/importing.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_is_told_with_a_command(name: str) -> None:
    """And whether it demands a decision about personal data."""
    row = re.search(rf"^\| `{name}` \|.*\| (.*) \|$", TEXT, re.MULTILINE)
    assert row is not None
    assert ("demanded" if SOURCES[name].personal else "–") == row[1]  # noqa: RUF001  # as it stands
    [command] = re.findall(rf"^\$ pytest-llmreplay import {name} .*$", TEXT, re.MULTILINE)[-1:]
    assert SOURCES[name].personal == ("--redact" in command)


def test_the_line_that_is_enough_is_enough(project: Importing) -> None:
    """Copied from the page."""
    project.file("calls.jsonl", TEXT.partition("```json\n")[2].partition("```")[0])
    project.good("jsonl", "calls.jsonl", "--redact", "none")
    assert 1 == len(project.events("out/calls.yaml"))
