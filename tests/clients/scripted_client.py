"""The proof of one way to use a client whose provider is a simulated model with a script."""

from __future__ import annotations

import re

from projects import Project

from pytest_llmreplay import Cassette, Event
from pytest_llmreplay.replay.simulated import SimulatedServer


def proved(
    project: Project, server: SimulatedServer, test: str, *, api: str, calls: int
) -> list[Event]:
    """Record a test, replay it against the same model, and play it when that is gone.

    Args:
        project: Where the test is written.
        server: The model; it is stopped for good.
        test: The text of a test file with one test, `test_it`.
        api: Whose base URL the replay asks.
        calls: How many calls the test makes, each of which is an event.

    Returns:
        What was recorded.
    """
    project.tests(test)
    project.record("-vv").assert_outcomes(passed=1)
    assert calls == server.calls
    text = project.cassette().read_text(encoding="utf-8")
    assert calls == len(re.findall(r"(?m)^event: ", text))
    replayed = project.run("--llm-replay", "--llm-base-url", server.base_urls[api], "-vv")
    replayed.assert_outcomes(passed=calls)
    assert 2 * calls == server.calls
    server.stop()
    project.run("-vv").assert_outcomes(passed=1)
    return list(Cassette.load(project.cassette()).events)
