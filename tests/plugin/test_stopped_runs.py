"""A replay that a person stops: what was paid is told, whoever was going to look at the answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kept_runs import several
from projects import Project
from servers.provider_server import ProviderServer, says

PRICED = ("--llm-replay", "--llm-model=priced", "--llm-check=answered")


@pytest.fixture
def provider_server() -> Iterator[ProviderServer]:
    """Answers everything alike."""
    with ProviderServer(says("Fine.")) as server:
        yield server


@pytest.fixture
def six(project: Project) -> Project:
    """A project whose cassette asks a target with a price six questions."""
    price = "{input: 100, output: 100}"
    target = f"{{model: tiny, base_url: '{project.server.openai}', price: {price}}}"
    project.write("llmreplay.yaml", f"targets:\n  priced: {target}\n")
    return several(project, 6)


def test_answers_that_no_item_came_to_are_part_of_the_bill(six: Project) -> None:
    """The five others have come when the first one is judged and the run is stopped."""
    whole = six.run(*PRICED)
    bill = next(line for line in whole.outlines if line.startswith("spent "))
    stop = "import pytest\n\ndef pytest_runtest_teardown():\n    pytest.exit('enough')\n"
    six.write("conftest.py", stop)
    six.server.next(says("Fine.", delay=1.5))
    stopped = six.run(*PRICED)
    assert 12 == len(six.server.seen)
    paid = bill.rpartition(" \u00b7 ")[0]
    stopped.stdout.fnmatch_lines([f"{paid} \u00b7 *", "kept as    run-2"])


@pytest.mark.parametrize("limit", [(), ("--llm-max-cost=5",)])
def test_a_run_that_judged_nothing_says_what_it_paid(six: Project, limit: tuple[str, ...]) -> None:
    """And where that is kept, so that nobody pays it again."""
    stop = (
        "import time\nimport pytest\n\n"
        "def pytest_runtest_setup():\n    time.sleep(1)\n    pytest.exit('enough')\n"
    )
    six.write("conftest.py", stop)
    stopped = six.run(*PRICED, *limit)
    assert 6 == len(six.server.seen)
    stopped.stdout.fnmatch_lines(
        [
            "spent $* \u00b7 6 calls \u00b7 *",
            "kept as    run-1",
            "6 events were not run: the same command with --llm-resume goes on from here",
        ]
    )
    stopped.stdout.no_fnmatch_line("*0 events*")


def test_a_run_that_was_stopped_before_its_first_call_is_silent(six: Project) -> None:
    """There is nothing to tell."""
    stop = "import pytest\n\ndef pytest_collection_finish():\n    pytest.exit('enough')\n"
    six.write("conftest.py", stop)
    stopped = six.run(*PRICED)
    assert [] == six.server.seen
    stopped.stdout.no_fnmatch_line("*llm replay =*")
