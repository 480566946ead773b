"""The fixture `llm_server`: the cassette of a test, served to whoever is told the address."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from pytest_llmreplay.capture.passing import LetPass
from pytest_llmreplay.capture.tape import Tape
from pytest_llmreplay.serve import CassetteServer, Places

from .failures import as_failure
from .readable import Readable
from .recording import Recording
from .rerouting import Rerouting
from .settings import Settings
from .uses import RECORDING

__all__ = ["LlmServer", "serving"]


class LlmServer:
    """A loopback server in front of the cassette of a test.

    Args:
        server: The server, listening.
    """

    def __init__(self, server: CassetteServer) -> None:
        self._server = server

    @property
    def base_url(self) -> str:
        """Base URL for any SDK, without a slash at its end; a call's path tells whose it is."""
        return self._server.base_url

    @property
    def env(self) -> Mapping[str, str]:
        """Variables for a child process: `subprocess.run(…, env={**os.environ, **llm_server.env})`.

        The base URLs that SDKs read. In playback also placeholders for the keys that SDKs insist
        on, where those are not set.
        """
        return self._server.env


@contextmanager
def serving(request: pytest.FixtureRequest) -> Iterator[LlmServer]:
    """The server of the test that asks, for as long as its cassette is open."""
    with as_failure():
        hosts = Settings.of(request.config).over([request.path]).hosts
        places = Places(os.environ)
    tape, keyless = _tape(request)
    with CassetteServer(tape, places, hosts=hosts, keyless=keyless) as server:
        yield LlmServer(server)


def _tape(request: pytest.FixtureRequest) -> tuple[Tape, bool]:
    """Who answers, and whether it has keys of its own."""
    running = request.config.pluginmanager.get_plugin(RECORDING)
    if isinstance(running, Rerouting):
        own = running.tape_of(request.node)
        return own or LetPass(), own is not None
    opened = running.cassette_of(request.node) if isinstance(running, Recording) else None
    return LetPass() if opened is None else Readable(opened.tape), False
