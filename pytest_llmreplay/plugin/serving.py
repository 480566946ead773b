"""Fixtures that serve the cassette of a test to whoever is told the address.

`llm_server` is one test's own; `llm_shared_server` serves each test that runs.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from pytest_llmreplay.capture.active import current_tape, possible_tapes, refusal
from pytest_llmreplay.capture.tape import Decision, LetPass, RawRequest, Tape
from pytest_llmreplay.plugin.recording.failing import Readable
from pytest_llmreplay.plugin.recording.hooks import Recording
from pytest_llmreplay.plugin.rerouting.hooks import Rerouting
from pytest_llmreplay.plugin.settings.settings import Settings
from pytest_llmreplay.serve import CassetteServer, Places

from .failures import as_failure
from .uses import RECORDING

__all__ = ["LlmServer", "serving", "sharing"]


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
    tape, keyless = _tape(request)
    with _served(request.config, [request.path], tape, keyless=keyless) as server:
        yield server


@contextmanager
def sharing(session: pytest.Session) -> Iterator[LlmServer]:
    """A server for a process that outlives tests: each call goes to the cassette open then."""
    running = session.config.pluginmanager.get_plugin(RECORDING)
    files = {item.path for item in session.items}
    keyless = isinstance(running, Rerouting)
    with _served(session.config, files, _OpenNow(), keyless=keyless) as server:
        yield server


@contextmanager
def _served(
    config: pytest.Config, files: Iterable[Path], tape: Tape, *, keyless: bool
) -> Iterator[LlmServer]:
    with as_failure():
        hosts = Settings.of(config).over(files).hosts
        places = Places(os.environ)
    with CassetteServer(tape, places, hosts=hosts, keyless=keyless) as server:
        yield LlmServer(server)


class _OpenNow:
    """The tape of the test or fixture that runs when a call comes."""

    @property
    def offline(self) -> bool:
        """Whether nothing goes live now."""
        return any(getattr(tape, "offline", False) for tape in possible_tapes())

    def route(self, request: RawRequest) -> Decision:
        """Let that tape decide; outside of tests nobody asks for anything."""
        tape = current_tape()
        if tape is None:
            raise refusal("no test with a cassette is running, so the call belongs to none")
        return tape.route(request)


def _tape(request: pytest.FixtureRequest) -> tuple[Tape, bool]:
    """Who answers, and whether it has keys of its own."""
    running = request.config.pluginmanager.get_plugin(RECORDING)
    if isinstance(running, Rerouting):
        own = running.tape_of(request.node)
        return own or LetPass(), own is not None
    opened = running.cassette_of(request.node) if isinstance(running, Recording) else None
    return LetPass() if opened is None else Readable(opened.tape), False
