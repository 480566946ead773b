"""The replay engine against simulated models: all the way over HTTP and back."""

from __future__ import annotations

import pytest
from replay.simulated.replayed_events import replayed
from replay.simulated.simulated_events import CALL, recorded

from pytest_llmreplay.event import Event
from pytest_llmreplay.replay.calls.result import CallFailed

EVENTS = [
    recorded(api, number=3 * number + offset, calls=(CALL,), stream=number % 2 == 0)
    for number in range(20)
    for offset, api in enumerate(("chat_completions", "responses", "messages"))
]


@pytest.mark.parametrize("name", ["steady", "rate-limited"])
def test_as_recorded(name: str) -> None:
    """Every event comes back with the parts it was recorded with."""
    again = replayed(name, EVENTS)
    assert [event.response.parts for event in EVENTS] == [
        event.response.parts for event in again if isinstance(event, Event)
    ]


def test_changed_calls() -> None:
    """A changed argument arrives as one."""
    again = [event for event in replayed("tool-changed", EVENTS) if isinstance(event, Event)]
    assert len(EVENTS) == len(again)
    assert all(event.response.tool_calls[0].arguments != CALL[1] for event in again)


@pytest.mark.parametrize(("name", "kind"), [("failing", "status"), ("disconnect", "cut")])
def test_failed_calls(name: str, kind: str) -> None:
    """Calls without an answer are failures of their kind."""
    failures = replayed(name, EVENTS)
    assert {kind} == {error.kind for error in failures if isinstance(error, CallFailed)}
    assert len(EVENTS) == len(failures)
