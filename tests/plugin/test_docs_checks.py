"""What `docs/checks.md` tells people to write."""

from __future__ import annotations

import re
from pathlib import Path

from made_cassettes import cassette, event
from projects import Project
from servers.provider_server import says

from pytest_llmreplay.compare.around import Surroundings
from pytest_llmreplay.compare.sets import SETS
from pytest_llmreplay.compare.spec import KNOWN, parse_checks, parse_scoped

PAGE = (Path(__file__).parents[2] / "docs" / "checks.md").read_text(encoding="utf-8")
TABLE = PAGE.partition("## All checks\n")[2].partition("\n\nA relative")[0]
ROWS = [line.split(" | ")[0].replace("`, `", "` `") for line in TABLE.splitlines()[3:]]
EXAMPLES = [spec for row in ROWS for spec in re.findall(r"`([^`]+)`", row) if spec[0] != "<"]
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
