"""The marker `llm_cassette`: what it takes, and what it says about the rest."""

from __future__ import annotations

import pytest
from projects import Project

from pytest_llmreplay import Cassette

TEST = "@pytest.mark.llm_cassette({})\ndef test_it(): chat('x')\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("'one', 'two'", "llm_cassette takes one positional argument, the name"),
        ("file='x'", "llm_cassette has no argument 'file'. It takes name, session, checks, "),
        ("mdoe='new'", "llm_cassette has no argument 'mdoe'; did you mean 'mode'? It takes name, "),
        ("name=7", "llm_cassette(name=…): 7 is not a string"),
        ("session={'title': 'x'}", "llm_cassette(session=…): {'title': 'x'} is not a name, nor a "),
        ("checks=[1]", "llm_cassette(checks=…): [1] is not a list of strings"),
        ("checks=['txet']", "llm_cassette(checks=…): unknown check 'txet'; did you mean 'text'?"),
        ("match_ignore={'a': 1}", "llm_cassette(match_ignore=…): {'a': 1} is not a list of stri"),
        ("mode='playback'", "llm_cassette(mode=…): 'playback' is none of live, none, once, new, "),
    ],
)
def test_a_wrong_argument_is_told(project: Project, arguments: str, said: str) -> None:
    """The test fails with what the marker takes; nothing is asked."""
    project.tests(TEST.format(arguments))
    result = project.record()
    result.assert_outcomes(errors=1)
    assert f"@pytest.mark.{said}" in result.stdout.str()
    assert [] == project.server.seen


def test_a_session_of_several_words_is_recorded(project: Project) -> None:
    """An id, a name and a path; a check may be one text."""
    session = {"id": "s-1", "name": "Debate", "path": "/debate"}
    project.tests(TEST.format(f"session={session}, checks='text'"))
    project.record().assert_outcomes(passed=1)
    header = Cassette.load(project.cassette()).header
    told = header.session
    assert session == {"id": told.id, "name": told.name, "path": told.path}
    assert ("text",) == header.checks


@pytest.mark.parametrize("mode", ["update", "all"])
def test_what_people_wrote_into_the_header_survives(project: Project, mode: str) -> None:
    """Session and checks of the cassette stay where the marker says nothing of them."""
    project.tests(TEST.format(""))
    project.record().assert_outcomes(passed=1)
    text = project.cassette().read_text()
    by_hand = "session: {name: Debate}\nchecks: [tool_calls]\n--- # key"
    project.cassette().write_text(text.replace("--- # key", by_hand, 1))
    project.run(f"--llm-record-mode={mode}").assert_outcomes(passed=1)
    cassette = Cassette.load(project.cassette())
    assert ("Debate", ("tool_calls",)) == (cassette.header.session.name, cassette.header.checks)
    assert ["Debate"] == [event.session.name for event in cassette.events]
    project.tests(TEST.format("checks=['text']"))
    project.record().assert_outcomes(passed=1)
    assert ("text",) == Cassette.load(project.cassette()).header.checks


@pytest.mark.parametrize("mode", ["update", "all"])
@pytest.mark.parametrize("nothing", ["{}", "''"])
def test_an_empty_argument_removes_what_the_header_has(
    project: Project, mode: str, nothing: str
) -> None:
    """It says that there is none, which an argument that is left out does not."""
    project.tests(TEST.format("checks=['text'], session='Debate'"))
    project.record().assert_outcomes(passed=1)
    project.tests(TEST.format(""))
    project.run(f"--llm-record-mode={mode}").assert_outcomes(passed=1)
    assert ("text",) == Cassette.load(project.cassette()).header.checks
    project.tests(TEST.format(f"checks=[], session={nothing}"))
    project.run(f"--llm-record-mode={mode}").assert_outcomes(passed=1)
    cassette = Cassette.load(project.cassette())
    assert ((), None) == (cassette.header.checks, cassette.header.session)
    assert [None] == [event.session for event in cassette.events]
    assert "checks" not in project.cassette().read_text()
    project.run().assert_outcomes(passed=1)


def test_a_check_that_nobody_understands_is_played_all_the_same(project: Project) -> None:
    """It is refused where it would be written; one that the project's own hook names is not."""
    project.write(
        "conftest.py", "def pytest_llmreplay_checks(): return {'polite': lambda *calls: True}\n"
    )
    project.tests(TEST.format("checks=['polite', 'warn:tokens<=2x', 'run:cost<=1.2x']"))
    project.record().assert_outcomes(passed=1)
    project.tests(TEST.format("checks=['polit']"))
    project.run().assert_outcomes(passed=1)
    project.record().assert_outcomes(errors=1)
