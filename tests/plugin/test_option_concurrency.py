"""`--llm-concurrency`: how many calls of a target are in flight at once, over the whole run."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

import pytest
from made_cassettes import cassette, event
from projects import Project
from servers.behaviours import fails, says
from servers.exchange import Exchange
from servers.provider_server import ProviderServer

CASSETTES = [f"cassettes/tests/test_app/test_{number}.yaml" for number in range(1, 5)]
EVENTS = 8


class InFlight:
    """Answers after a while, and counts how many calls wait at the same time.

    Args:
        expected: How many have to wait at once before the first is answered, however long that
            takes a busy machine.
    """

    def __init__(self, expected: int = 0) -> None:
        self.now = self.most = 0
        self.when_begun: list[int] = []
        """Calls in flight when each began."""
        self._expected = expected
        self._lock = threading.Lock()

    async def __call__(self, exchange: Exchange) -> None:
        """Answer one call."""
        self._count(1)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(10):
                    while self.most < self._expected:  # noqa: ASYNC110 - counted, not told
                        await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)  # whoever exceeds the number is seen
            await says("Hello.")(exchange)
        finally:
            self._count(-1)

    def _count(self, change: int) -> None:
        with self._lock:
            self.now += change
            self.most = max(self.most, self.now)
            if change > 0:
                self.when_begun.append(self.now)


@pytest.fixture
def many(project: Project) -> Project:
    """Four cassettes of eight events each."""
    for path in CASSETTES:
        asks = [event(number, asks=f"{path} {number}") for number in range(1, EVENTS + 1)]
        project.write(path, cassette(*asks))
    return project


def replay(project: Project, server: ProviderServer, *arguments: str) -> pytest.RunResult:
    """Replay all cassettes against this server."""
    base = ("--llm-replay", "--llm-base-url", server.openai, "--llm-check=answered")
    return project.run(*base, *arguments)


@pytest.mark.parametrize("allowed", [1, 3, 16])
def test_so_many_calls_and_no_more_are_in_flight(many: Project, allowed: int) -> None:
    """Also across the cassettes: the calls do not wait for the items before them."""
    waiting = InFlight(allowed)
    with ProviderServer(waiting) as server:
        result = replay(many, server, f"--llm-concurrency={allowed}")
        assert len(CASSETTES) * EVENTS == len(server.seen)
    result.assert_outcomes(passed=len(CASSETTES) * EVENTS)
    assert allowed == waiting.most


def test_each_target_has_its_own_calls(many: Project) -> None:
    """Two models do not wait for each other."""
    waiting = InFlight(4)
    models = ["--llm-model=openai/a", "--llm-model=openai/b"]
    with ProviderServer(waiting) as server:
        replay(many, server, *models, "--llm-concurrency=2")
        assert 2 * len(CASSETTES) * EVENTS == len(server.seen)
    assert 4 == waiting.most


def test_sixteen_unless_told(many: Project) -> None:
    """The default."""
    waiting = InFlight(16)
    with ProviderServer(waiting) as server:
        replay(many, server)
    assert 16 == waiting.most


def test_throttling_halves_what_is_in_flight_and_is_no_result(many: Project) -> None:
    """The calls are sent again as told, without using up retries, and all are answered."""
    waiting = InFlight()
    with ProviderServer(waiting) as server:
        server.next(*[fails(429, retry_after=0.05)] * 4)
        result = replay(many, server, "--llm-concurrency=8", "--llm-retries=0")
        assert len(CASSETTES) * EVENTS + 4 == len(server.seen)
    result.assert_outcomes(passed=len(CASSETTES) * EVENTS)
    # Every success lets it grow by a part of one: 24 of them until it is whole again.
    assert max(waiting.when_begun[:16]) < 8


def test_a_target_that_makes_everybody_wait_is_told(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once a minute, while an item runs and captures: a silent run looks like a hang."""
    monkeypatch.setattr("pytest_llmreplay.plugin.calls.waiting._SILENCE", 0.1)
    project.write("cassettes/tests/test_app/test_it.yaml", cassette(event(1)))
    project.server.next(fails(429, retry_after=1.5))
    result = project.replay("--llm-check=answered")
    assert 0 == result.ret
    told = [line for line in result.outlines if line.startswith("same has answered nothing for ")]
    assert 1 == len(told)
    assert told[0].endswith("; Ctrl-C stops, --llm-resume goes on from there")
