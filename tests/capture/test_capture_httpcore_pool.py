"""What mocking libraries above httpcore let through, and what asks its pools directly."""

from __future__ import annotations

import json
import sys
from types import ModuleType
from typing import Any

import httpcore
import httpcore2
import httpx
import httpx2
import pytest
from capture.capture_server import WORDS, ModelServer, ask, ask_bytes, chat_chunks
from capture.capture_tape import MemoryTape, Missed, playing, tape_in

from pytest_llmreplay.event import Failure

STREAM = b"".join(chat_chunks(WORDS))
LIBRARIES = {"httpx": (httpx, httpcore), "httpx2": (httpx2, httpcore2)}


@pytest.fixture(params=LIBRARIES)
def lib(request: pytest.FixtureRequest) -> ModuleType:
    """One of the two clients."""
    return LIBRARIES[request.param][0]


@pytest.fixture
def core(lib: ModuleType) -> ModuleType:
    """What is beneath it."""
    return LIBRARIES[lib.__name__][1]


@pytest.fixture(params=["pytest_httpx", "respx"])
def mocked(
    request: pytest.FixtureRequest,
    lib: ModuleType,
    core: ModuleType,
    tape: MemoryTape,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A library that answers for `mocked.invalid` and lets all else through.

    pytest-httpx replaces the method of a transport, and respx that of its pool.
    """
    if request.param == "respx":
        _replace(core.ConnectionPool, "handle_request", _pool_mock, core, monkeypatch)
        _replace(core.AsyncConnectionPool, "handle_async_request", _pool_amock, core, monkeypatch)
    else:
        _replace(lib.HTTPTransport, "handle_request", _transport_mock, lib, monkeypatch)
        _replace(lib.AsyncHTTPTransport, "handle_async_request", _transport_amock, lib, monkeypatch)
    monkeypatch.setitem(sys.modules, request.param, ModuleType(request.param))


def _replace(
    owner: Any, name: str, make: Any, library: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    mock = make(getattr(owner, name), library)
    mock.__module__ = "respx.mocks" if "Pool" in owner.__name__ else "pytest_httpx"
    monkeypatch.setattr(owner, name, mock)


def _pool_mock(through: Any, core: ModuleType) -> Any:
    def mock(self: Any, request: Any) -> Any:
        if request.url.host == b"mocked.invalid":
            return core.Response(200, content=b"mocked")
        return through(self, request=request)

    return mock


def _pool_amock(through: Any, _: ModuleType) -> Any:
    async def mock(self: Any, request: Any) -> Any:
        return await through(self, request=request)

    return mock


def _transport_mock(through: Any, lib: ModuleType) -> Any:
    def mock(self: Any, request: Any) -> Any:
        if request.url.host == "mocked.invalid":
            return lib.Response(200, content=b"mocked")
        return through(self, request)

    return mock


def _transport_amock(through: Any, _: ModuleType) -> Any:
    async def mock(self: Any, request: Any) -> Any:
        return await through(self, request)

    return mock


@pytest.mark.usefixtures("mocked")
def test_what_a_mock_lets_through_is_recorded_and_played(
    lib: ModuleType, server: ModelServer, tape: MemoryTape
) -> None:
    """Plain and in pieces, once each; what the mock answers stays its own."""
    with lib.Client() as client:
        assert "mocked" == client.post("http://mocked.invalid/v1/chat/completions", json={}).text
        assert [] == tape.asked
        live = client.post(server.chat, json=ask())
        with client.stream("POST", server.chat, json=ask(stream=True)) as response:
            pieces = list(response.iter_raw())
        with tape_in(tape.rewound()):
            played = client.post(server.chat, json=ask())
            with client.stream("POST", server.chat, json=ask(stream=True)) as again:
                assert pieces == list(again.iter_raw())
            with pytest.raises(Missed):
                client.post(server.chat, json=ask())
    assert 2 == len(server.hits)
    assert live.json() == played.json()
    assert STREAM == b"".join(pieces)
    assert ["complete", "complete"] == [call.ended for call in tape.calls]
    assert server.chat == tape.calls[0].request.url
    assert ask() == json.loads(tape.calls[0].request.content)


@pytest.mark.asyncio
@pytest.mark.usefixtures("mocked")
async def test_an_async_call_that_a_mock_lets_through(
    lib: ModuleType, server: ModelServer, tape: MemoryTape
) -> None:
    """The asynchronous client does the same, and sends a body that comes in pieces."""

    async def body() -> Any:
        yield ask_bytes()

    async with lib.AsyncClient() as client:
        live = await client.post(server.chat, content=body())
        with tape_in(tape.rewound()):
            played = await client.post(server.chat, content=ask_bytes())
    assert 1 == len(server.hits)
    assert live.json() == played.json()


@pytest.mark.usefixtures("mocked")
def test_a_failure_is_played_beneath_a_mock(lib: ModuleType, server: ModelServer) -> None:
    """As the error that the client would have met."""
    failed = playing(failure=Failure(kind="connect", message="refused"))
    with lib.Client() as client, tape_in(failed), pytest.raises(lib.ConnectError, match="refused"):
        client.post(server.chat, json=ask())


def test_who_asks_a_pool_directly_is_seen(
    core: ModuleType, server: ModelServer, tape: MemoryTape
) -> None:
    """What is no LLM call passes."""
    with core.ConnectionPool() as pool:
        live = pool.request("POST", server.chat, content=ask_bytes())
        with tape_in(tape.rewound()):
            played = pool.request("POST", server.chat, content=ask_bytes())
            pool.request("GET", server.chat.replace("/v1/chat/completions", "/health"))
    assert live.content == played.content
    assert 1 == len(tape.calls)
    assert 2 == len(server.hits)


def test_a_call_that_httpx_makes_is_seen_once(
    lib: ModuleType, server: ModelServer, tape: MemoryTape
) -> None:
    """Not again by the pool beneath it."""
    with lib.Client() as client:
        client.post(server.chat, json=ask())
    assert 1 == len(tape.calls)


@pytest.mark.asyncio
@pytest.mark.usefixtures("captured")
async def test_where_no_tape_is_open_calls_pass(lib: ModuleType, server: ModelServer) -> None:
    """Both kinds of client reach their server."""
    with lib.Client() as client:
        client.post(server.chat, json=ask())
    async with lib.AsyncClient() as client:
        await client.post(server.chat, json=ask())
    assert 2 == len(server.hits)
