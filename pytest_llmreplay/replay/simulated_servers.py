"""The simulated servers of a run, each started when its first call is at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.event import Event
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.replay.targets.target import SIMULATED, Target

from .entry import Entry

if TYPE_CHECKING:
    from .simulated import SimulatedServer

__all__ = ["SimulatedServers", "reference"]


class SimulatedServers:
    """Serves simulated targets, and tells each server what was recorded.

    Args:
        endpoints: Learn where the servers are.
    """

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints
        self._servers: dict[str, SimulatedServer] = {}
        self._asked: dict[str, EventDocument] = {}
        """The recordings of what is sent to them, by the name they know an entry by."""

    def serve(self, target: Target) -> None:
        """Start the server of a simulated target, if it is one.

        Raises:
            UnknownTarget: There is no such simulated model.
        """
        if target.kind != "simulated" or target.named in self._servers:
            return
        from .simulated import SimulatedServer  # noqa: PLC0415 - most replays need none

        name = target.named
        server = SimulatedServer(name.removeprefix(SIMULATED), recorded=self._recorded)
        self._servers[name] = server
        self._endpoints.serve_simulated(name, server.start())

    def expect(self, entry: Entry, document: EventDocument) -> None:
        """Note what was recorded of a call that is going to come."""
        self._asked[reference(entry)] = document

    def forget(self, entry: Entry) -> None:
        """Drop what was recorded of a call."""
        self._asked.pop(reference(entry), None)

    def stop(self) -> None:
        """End all servers."""
        for server in self._servers.values():
            server.stop()

    def _recorded(self, name: str) -> Event | None:
        document = self._asked.get(name)
        return None if document is None else document.event


def reference(entry: Entry) -> str:
    """Names an entry to a simulated server: plain ASCII, and no other's as long as it lives."""
    return f"{id(entry):x}"
