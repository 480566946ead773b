"""The proof of one call of a client: recorded, played back, checked against itself.

A test file holds tables of calls, by name. The test of a user's project makes them, under a real
pytest: first with `--llm-record`, then offline; then the cassettes are checked by `--llm-replay`.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from projects import Project
from servers.provider_server import Behaviour, echo, fails, says

from pytest_llmreplay import Cassette, Event
from pytest_llmreplay.event import HttpResponse

__all__ = [
    "BUSY",
    "CALL",
    "NO_KEY",
    "PIECES",
    "TEXT",
    "WANTED",
    "Call",
    "ClientProject",
    "arefused",
    "refused",
    "tell",
]

TEXT = "hello from the test"
"""What every call asks; the server echoes it."""
PIECES = ["Echo:", " hello", " from", " the", " test"]
"""The pieces of the echo as they are streamed."""
WANTED: list[Any] = ["search", {"query": "two person tents"}]
"""The tool call that a server was told to make."""
CALL: Behaviour = says(calls=[("search", {"query": "two person tents"})])
"""Answers by that tool call."""
NO_KEY: Behaviour = fails(401, "Incorrect API key provided.")
BUSY: Behaviour = fails(429, "Too many requests.")

_TOLD = "told.jsonl"
_TEST = """
    import {module}
    from clients.client_project import tell

    @pytest.mark.llm_cassette
    @pytest.mark.parametrize("name", {module}.{table})
    def test_it(name):
        tell(name, {module}.{table}[name].make)
"""
_ERROR = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One way to call a client."""

    make: Callable[[], Any]
    """Calls, or gives a coroutine that does; returns JSON."""
    says: Any
    """What it returns, live and played."""
    answers: tuple[Behaviour, ...] = (echo,)
    """How the server answers, each of which is one call to it and one event."""
    client: str = ""
    """Who is proven by it, where a table is of more than one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a call returned."""

    said: Any
    awaited: bool
    """Whether it was a coroutine."""


class ClientProject:
    """A user's project whose test makes the calls of a table.

    Args:
        project: Where it is.
        proves: Notes the events of a client, and whether they were awaited.
    """

    def __init__(self, project: Project, proves: Callable[..., None]) -> None:
        self._project, self._proves = project, proves

    def prove(
        self,
        module: str,
        table: str,
        calls: Mapping[str, Call],
        *,
        client: str = "",
        left_open: bool = False,
    ) -> list[Event]:
        """Record, play back and check each call.

        Args:
            module: Where the table is.
            table: Its name.
            calls: The table itself.
            client: Who is proven by it; blank where its calls say so.
            left_open: The client leaves its connections to the garbage collector.

        Returns:
            The events of all cassettes.
        """
        self._project.tests(_TEST.format(module=module, table=table))
        lenient = ("-p", "no:unraisableexception") if left_open else ()
        recorded, played = self._recorded_then_played(calls, *lenient)
        found = {name: self._events(name) for name in calls}
        for name, call in calls.items():
            assert call.says == recorded[name].said == played[name].said
            assert len(call.answers) == len(found[name])
        events = [event for made in found.values() for event in made]
        self._check(events)
        for name, call in calls.items():
            if not any(map(_is_error, found[name])):
                self._proves(call.client or client, found[name], awaited=played[name].awaited)
        return events

    def prove_installed(
        self, needed: Iterable[str], module: str, table: str, *, client: str
    ) -> None:
        """Prove a client that leaves its connections open, or skip where it is not installed.

        Args:
            needed: The modules of the client that the test imports itself.
            module: Where the table of calls is.
            table: Its name.
            client: Who is proven by it.
        """
        for name in needed:
            pytest.importorskip(name)
        calls = getattr(sys.modules[module], table)
        self.prove(module, table, calls, client=client, left_open=True)

    def _recorded_then_played(
        self, calls: Mapping[str, Call], *arguments: str
    ) -> tuple[dict[str, Told], dict[str, Told]]:
        """What calls return live, and what they return when the server is gone."""
        project, server = self._project, self._project.server
        answers = [answer for call in calls.values() for answer in call.answers]
        server.next(*answers)
        project.run("--llm-record", *arguments).assert_outcomes(passed=len(calls))
        recorded = self._told()
        assert len(answers) == len(server.seen)
        server.stop()
        project.run(*arguments).assert_outcomes(passed=len(calls))
        return recorded, self._told()

    def _check(self, events: list[Event]) -> None:
        """Replay the cassettes against themselves; errors are left out, as are unknown formats."""
        left = sum(event.api == "other" or _is_error(event) for event in events)
        replayed = self._project.run("--llm-replay")
        replayed.assert_outcomes(passed=len(events) - left, skipped=left)

    def _events(self, name: str) -> list[Event]:
        path = self._project.cassette(f"tests/test_app/test_it[{name}].yaml")
        return list(Cassette.load(path).events)

    def _told(self) -> dict[str, Told]:
        """What each call of the last run returned."""
        path = self._project.path / _TOLD
        told = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        path.unlink()
        return {name: Told(said=said, awaited=awaited) for name, said, awaited in told}


def _is_error(event: Event) -> bool:
    response = event.exchange.response
    return not isinstance(response, HttpResponse) or response.status >= _ERROR


def tell(name: str, make: Callable[[], Any]) -> None:
    """Make a call and note what it returned."""
    made, awaited = make(), False
    if inspect.isawaitable(made):
        made, awaited = asyncio.run(_awaited(made)), True
    with Path(_TOLD).open("a", encoding="utf-8") as file:
        file.write(json.dumps([name, made, awaited]) + "\n")


async def _awaited(made: Awaitable[Any]) -> Any:
    return await made


def refused(make: Callable[[], Any]) -> list[Any]:
    """The error that a call raises: its class and the status that it knows."""
    try:
        answer = make()
    except Exception as error:  # noqa: BLE001 - each client has errors of its own
        return _error(error)
    raise AssertionError(f"answered {answer!r}")


async def arefused(made: Awaitable[Any]) -> list[Any]:
    """The error that an asynchronous call raises."""
    try:
        answer = await made
    except Exception as error:  # noqa: BLE001 - each client has errors of its own
        return _error(error)
    raise AssertionError(f"answered {answer!r}")


def _error(error: Exception) -> list[Any]:
    status = getattr(error, "status_code", None) or getattr(error, "code", None)
    response = getattr(error, "response", None)
    return [type(error).__name__, status or getattr(response, "status_code", None)]
