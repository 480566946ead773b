"""The replay engine against simulated models: all the way over HTTP and back."""

from __future__ import annotations

from functools import partial

import pytest
from replay.simulated.simulated_events import CALL, playing, recorded

from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.event import Event
from pytest_llmreplay.replay.decode import replayed_event
from pytest_llmreplay.replay.endpoints import Endpoints
from pytest_llmreplay.replay.engine import Engine, Job
from pytest_llmreplay.replay.overrides import Overrides
from pytest_llmreplay.replay.request import prepare
from pytest_llmreplay.replay.result import CallFailed
from pytest_llmreplay.replay.retry import RetryRules
from pytest_llmreplay.replay.simulated import FAULTS
from pytest_llmreplay.replay.targets import TargetSettings, resolve

EVENTS = [
    recorded(api, number=3 * number + offset, calls=(CALL,), stream=number % 2 == 0)
    for number in range(20)
    for offset, api in enumerate(("chat_completions", "responses", "messages"))
]


def replay(name: str) -> list[Event | ReplayError]:
    """Send all events to a simulated model."""
    target = resolve(f"simulated/{name}", TargetSettings(simulated=FAULTS))
    endpoints = Endpoints({})
    with playing(name, *EVENTS) as server:
        endpoints.serve_simulated(target.name, server.base_urls)
        jobs = {
            Job(
                target=target.name,
                prepare=partial(
                    prepare, event, target, Overrides(), endpoints, reference=str(event.number)
                ),
            ): event
            for event in EVENTS
        }
        with Engine(concurrency=64, rules=RetryRules(retries=1)) as engine:
            engine.start(jobs)
            outcomes = [_outcome(engine, job, event) for job, event in jobs.items()]
            engine._thread.join(5)
            return outcomes


def _outcome(engine: Engine, job: Job, event: Event) -> Event | ReplayError:
    reply = engine.result(job)
    if isinstance(reply, ReplayError):
        return reply
    try:
        return replayed_event(event, reply, target=job.target)
    except CallFailed as error:
        return error


@pytest.mark.parametrize("name", ["steady", "rate-limited"])
def test_as_recorded(name: str) -> None:
    """Every event comes back with the parts it was recorded with."""
    again = replay(name)
    assert [event.response.parts for event in EVENTS] == [
        event.response.parts for event in again if isinstance(event, Event)
    ]


def test_changed_calls() -> None:
    """A changed argument arrives as one."""
    again = [event for event in replay("tool-changed") if isinstance(event, Event)]
    assert len(EVENTS) == len(again)
    assert all(event.response.tool_calls[0].arguments != CALL[1] for event in again)


@pytest.mark.parametrize(("name", "kind"), [("failing", "status"), ("disconnect", "cut")])
def test_failed_calls(name: str, kind: str) -> None:
    """Calls without an answer are failures of their kind."""
    failures = replay(name)
    assert {kind} == {error.kind for error in failures if isinstance(error, CallFailed)}
    assert len(EVENTS) == len(failures)
