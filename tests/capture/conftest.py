"""A loopback model server, and the capture installed around each test."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from capture.capture_server import ModelServer
from capture.capture_tape import MemoryTape, is_llm_call, tape_in

from pytest_llmreplay.capture.active import set_outside
from pytest_llmreplay.capture.install import install, uninstall


@pytest.fixture(scope="module")
def running() -> Iterator[ModelServer]:
    """One server for all tests of a module."""
    with ModelServer() as server:
        yield server


@pytest.fixture
def server(running: ModelServer) -> ModelServer:
    """The server with its counters at zero."""
    running.reset()
    return running


@pytest.fixture
def closed_port() -> Iterator[str]:
    """A chat URL at which nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}/v1/chat/completions"


@pytest.fixture
def captured() -> Iterator[None]:
    """The capture, installed for one test."""
    install(is_llm_call)
    yield
    set_outside(None)
    uninstall()


@pytest.fixture
def tape(captured: None) -> Iterator[MemoryTape]:
    """An open tape that records."""
    with tape_in(MemoryTape()) as opened:
        assert isinstance(opened, MemoryTape)
        yield opened
