"""`schema:FILE`: a JSON Schema of the project, and nothing from outside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from compared_events import MakeEvent
from outside_files import NEEDLE, OUTSIDE, lead_out

from pytest_llmreplay.compare.check import Held, NotMeasured, Pair
from pytest_llmreplay.compare.specs.parsing import parse_checks
from pytest_llmreplay.compare.syntax.surroundings import Surroundings
from pytest_llmreplay.errors import CheckSyntaxError
from pytest_llmreplay.event import Event

SCHEMA = {"type": "object", "required": ["score"], "properties": {"score": {"type": "integer"}}}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a schema."""
    project = tmp_path / "project"
    (project / "files").mkdir(parents=True)
    (project / "files" / "score.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    return project


def judged(project: Path, name: str, baseline: Event, replayed: Event) -> Any:
    """What the check finds."""
    (check,) = parse_checks([f"schema:{name}"], Surroundings(project=project))
    return check.judge(Pair(baseline=baseline, replayed=replayed, live=True))


def test_an_answer_is_held_against_a_file(event: MakeEvent, project: Path) -> None:
    """The place that breaks the schema is named; a code fence is no JSON."""
    name = "files/score.json"
    assert isinstance(judged(project, name, event(), event('{"score": 3}')), Held)
    found = judged(project, name, event(), event('{"score": "3"}'))
    assert ("'score' is no integer", "structure") == (found.headline, found.severity)
    found = judged(project, name, event(), event('```json\n{"score": 3}\n```'))
    assert "the answer is no JSON: it stands in a code fence" == found.headline


def test_a_byte_order_mark_is_no_part_of_a_file(event: MakeEvent, project: Path) -> None:
    """Editors of Windows put it there."""
    marked = json.dumps(SCHEMA).encode("utf-8-sig")
    (project / "files" / "score.json").write_bytes(marked)
    assert isinstance(judged(project, "files/score.json", event(), event('{"score": 3}')), Held)


def test_a_turn_without_words_holds_where_one_was_recorded(event: MakeEvent, project: Path) -> None:
    """A call of a tool on the way to the answer is no broken answer."""
    call = event(None, calls=[("f", {})])
    assert isinstance(judged(project, "files/score.json", call, call), Held)
    found = judged(project, "files/score.json", event('{"score": 3}'), call)
    assert "the answer has no words" == found.headline


def test_a_schema_that_cannot_be_judged_is_not_measured(event: MakeEvent, project: Path) -> None:
    """It is not fetched from where it refers to, and is no pass."""
    (project / "far.json").write_text('{"$ref": "https://example.com/s.json"}', encoding="utf-8")
    assert isinstance(judged(project, "far.json", event(), event("1")), NotMeasured)


@pytest.mark.parametrize("name", OUTSIDE)
def test_no_spelling_leads_out_of_the_project(project: Path, name: str) -> None:
    """What is no small regular file below the project is refused, without a word of it."""
    outside = lead_out(project)
    with pytest.raises(CheckSyntaxError) as caught:
        parse_checks([f"schema:{name.format(tmp=outside)}"], Surroundings(project=project))
    assert NEEDLE not in str(caught.value)
    assert "the schema file " in str(caught.value)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"{", "is no JSON: Expecting property name enclosed in double quotes in line 1"),
        (b"[]", "holds no JSON object"),
        (b"\xff", "is no UTF-8 text"),
        (b"[" * 100_000, "cannot be read"),
    ],
)
def test_a_file_that_holds_no_schema_is_pointed_at(
    project: Path, content: bytes, problem: str
) -> None:
    """One message, at the name of the file."""
    (project / "bad.json").write_bytes(content)
    with pytest.raises(CheckSyntaxError) as caught:
        parse_checks(["warn:schema:bad.json"], Surroundings(project=project))
    expected = f"the schema file {problem}\n  warn:schema:bad.json\n              ^"
    assert expected in f"{caught.value}"


def test_a_missing_file_is_said(project: Path) -> None:
    """And nothing else happens."""
    with pytest.raises(CheckSyntaxError, match=r"the schema file does not exist\n  schema:none"):
        parse_checks(["schema:none.json"], Surroundings(project=project))
