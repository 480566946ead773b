"""What `docs/checks.md` tells people to write."""

from __future__ import annotations

import re
import shlex
from contextlib import chdir
from itertools import product
from pathlib import Path

import pytest
from made_cassettes import cassette, event
from made_scores import held, scores_of
from projects import Project
from servers.provider_server import says

from pytest_llmreplay.cli import main
from pytest_llmreplay.compare.specs.known import KNOWN
from pytest_llmreplay.compare.specs.parsing import parse_checks, parse_scoped
from pytest_llmreplay.compare.specs.sets import SETS
from pytest_llmreplay.compare.statistics.reach import preflight
from pytest_llmreplay.compare.statistics.rules import GateRules
from pytest_llmreplay.compare.syntax.surroundings import Surroundings

PAGE = (Path(__file__).parents[2] / "docs" / "checks.md").read_text(encoding="utf-8")
TABLE = PAGE.partition("## All checks\n")[2].partition("\n\nA relative")[0]
ROWS = [line.split(" | ")[0].replace("`, `", "` `") for line in TABLE.splitlines()[3:]]
EXAMPLES = [spec for row in ROWS for spec in re.findall(r"`([^`]+)`", row) if spec[0] != "<"]
CHOICE = PAGE.partition("## All checks")[0]
COMMANDS = re.findall(r"^    (pytest.*?)(?:  #.*)?$", CHOICE, re.MULTILINE)
SAMPLES = re.findall(r"^\| (\d+) % \| (.*) \|$", CHOICE, re.MULTILINE)
OWN = re.search(r"<!-- tested -->\n```python\n(.*?)```", PAGE, re.DOTALL)


def test_every_example_of_the_table_is_a_check(tmp_path: Path) -> None:
    """What a reader copies is understood."""
    (tmp_path / "answer.json").write_text('{"type": "object"}')
    around = Surroundings(project=tmp_path)
    assert all(parse_checks([spec], around) or parse_scoped([spec]) for spec in EXAMPLES)


def test_every_check_has_an_example() -> None:
    """A check that is not in the table, nobody would find."""
    known = [name.removesuffix("...") for name in KNOWN if name not in SETS]
    written = [*EXAMPLES, *re.findall(r"also `(\w+)`", TABLE), *re.findall(r", `(\w+)`", TABLE)]
    assert [] == [
        name for name in known if not any(one.startswith(name.split("<")[0]) for one in written)
    ]


def test_the_sets_are_told_as_they_are() -> None:
    """Each member of each set stands beside its name."""
    told = PAGE.partition("## All checks")[0]
    members = [spec.removeprefix("warn:") for specs in SETS.values() for spec in specs]
    assert [] == [spec for spec in members if not re.search(rf"[`\s]{re.escape(spec)}[`,]", told)]


def test_the_commands_of_the_choice_can_be_pasted(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each comes to its end; what fails, fails because the simulated model is worse."""
    project.write("cassettes/tests/test_app/test_it.yaml", cassette(event(1), event(2)))
    for words in map(shlex.split, COMMANDS):
        if words[0] == "pytest":
            result = project.run(*words[1:])
            assert result.ret in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}
        else:
            with chdir(project.path):
                assert 0 == main(words[1:])
    told = capsys.readouterr().out
    assert 5 == len(COMMANDS)
    assert "mutation score: " in told
    assert "refusal held in 100 % of 6 answers" in told
    assert "verdict on simulated/refusal: regression" in told


def test_the_samples_of_the_choice_are_those_of_the_pre_flight() -> None:
    """What the page says and what a run says beforehand is the same."""
    assert ["100", "98", "95", "90", "80"] == [percent for percent, _ in SAMPLES]
    sizes = list(product((10, 30, 100), (0.05, 0.10)))
    for percent, told in SAMPLES:
        needed = [samples(events, int(percent), margin) for events, margin in sizes]
        assert [str(number or "\u2013") for number in needed] == told.split(" | ")


def samples(events: int, percent: int, margin: float) -> int | None:
    """Of each event, so that a target which holds as often as the recorded model is likely ok."""
    failures = round(events * 10 * (100 - percent) / 100)
    each, more = divmod(failures, events)
    floor = scores_of((more, held(9 - each, 10), ()), (events - more, held(10 - each, 10), ()))
    return preflight(floor, 1, GateRules(margin=margin)).samples_for_ok


def test_the_checks_of_its_own_run(project: Project) -> None:
    """The example is a whole `conftest.py`, and both of its checks judge."""
    assert OWN is not None
    project.write("conftest.py", OWN[1])
    project.write("cassettes/tests/test_app/test_it.yaml", cassette(event(1)))
    project.server.next(says("Wait."))
    result = project.replay("--llm-check=says:please", "--llm-check=not_longer")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["says:please: says no 'please'"])
    project.server.next(says("Wait."))
    assert 0 == project.replay("--llm-check=says:Wait", "--llm-check=not_longer").ret
