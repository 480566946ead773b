"""Recorded events, sent to a simulated model by the engine: over HTTP and back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from replay.simulated.simulated_events import playing

from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.event import Event
from pytest_llmreplay.replay.calls.decode import replayed_event
from pytest_llmreplay.replay.calls.result import CallFailed
from pytest_llmreplay.replay.calls.retry import RetryRules
from pytest_llmreplay.replay.overrides import Overrides
from pytest_llmreplay.replay.requests.request import prepare
from pytest_llmreplay.replay.sending.engine import Engine
from pytest_llmreplay.replay.sending.job import Job
from pytest_llmreplay.replay.simulated import FAULTS
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.replay.targets.target import TargetSettings, resolve


def replayed(name: str, events: Sequence[Event]) -> list[Event | ReplayError]:
    """What a simulated model answers to each event, or why there is no answer."""
    target = resolve(f"simulated/{name}", TargetSettings(simulated=FAULTS))
    endpoints = Endpoints({})
    with playing(name, *events) as server:
        endpoints.serve_simulated(target.name, server.base_urls)
        jobs = {
            Job(
                target=target.name,
                prepare=partial(
                    prepare, event, target, Overrides(), endpoints, reference=str(event.number)
                ),
            ): event
            for event in events
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
