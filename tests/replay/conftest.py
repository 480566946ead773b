"""Fixtures of the replay stage: real servers on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from replay.replay_server import Loopback, Seen


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[Seen], Any]], Loopback]]:
    """Start servers; all are stopped when the test ends."""
    servers: list[Loopback] = []

    def start(answer: Callable[[Seen], Any]) -> Loopback:
        servers.append(Loopback(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()
