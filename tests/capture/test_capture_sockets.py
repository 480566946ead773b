"""The tripwire for what no seam sees."""

from __future__ import annotations

import asyncio
import contextvars
import http.client
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import aiohttp
import httpx2
import pytest
from capture.capture_server import ModelServer
from capture.capture_tape import MemoryTape, tape_in

from pytest_llmreplay.capture.active import set_outside
from pytest_llmreplay.capture.sockets import unwatch, watch
from pytest_llmreplay.capture.tape import LetPass


class Tripped(BaseException):
    """The failure of these tests."""


class Offline(MemoryTape):
    """A tape under which nothing may go live."""


@pytest.fixture(autouse=True)
def watched() -> Iterator[None]:
    """The tripwire around each test: two names, one address."""
    names = {"llm.invalid", "localhost", "127.0.0.9"}
    watch(
        lambda host, _port: host in names,
        offline=lambda tape: isinstance(tape, Offline),
        failure=Tripped,
    )
    yield
    unwatch()
    set_outside(None)


def test_a_lookup_of_an_llm_host_trips() -> None:
    """A client that no seam knows is stopped at the name of the host, which is told."""
    with tape_in(Offline()), pytest.raises(Tripped) as raised:
        socket.create_connection(("llm.invalid", 443))
    message = str(raised.value)
    assert message.startswith("Connection to llm.invalid:443 past the capture: test_capture_")
    assert "test_capture_sockets.py:" in message
    assert "`llm_server`" in message


@pytest.mark.parametrize("method", ["connect", "connect_ex"])
def test_a_connection_to_an_llm_address_trips(method: str) -> None:
    """An address needs no lookup to be known."""
    with socket.socket() as made, tape_in(Offline()), pytest.raises(Tripped, match=r"127\.0\.0\.9"):
        getattr(made, method)(("127.0.0.9", 9))


def test_a_name_given_as_bytes_trips() -> None:
    """Names may be bytes, and ports may be names."""
    with tape_in(Offline()), pytest.raises(Tripped, match=r"Connection to llm\.invalid past"):
        socket.getaddrinfo(b"llm.invalid", "https")


@pytest.mark.asyncio
async def test_a_lookup_of_asyncio_trips_in_its_task() -> None:
    """Names are looked up in a thread by asyncio; the task that asked is the one that fails."""
    with tape_in(Offline()):
        with pytest.raises(Tripped):
            await asyncio.open_connection("llm.invalid", 443)
        with pytest.raises(Tripped):
            await asyncio.open_connection("127.0.0.9", 443)


def test_nothing_trips_without_an_offline_tape() -> None:
    """No tape, or one that may go live: the tripwire is silent."""
    assert socket.getaddrinfo("localhost", 80)
    with tape_in(MemoryTape()):
        assert socket.getaddrinfo("localhost", 80)


def test_a_guard_outside_every_tape_trips() -> None:
    """The process-wide tape may be offline too."""
    set_outside(Offline())
    with pytest.raises(Tripped):
        socket.getaddrinfo("localhost", 80)


def test_other_hosts_pass(server: ModelServer) -> None:
    """Databases, test servers and Unix sockets are nobody's business."""
    with tape_in(Offline()), socket.create_connection(("127.0.0.1", server.port), 5):
        assert socket.getaddrinfo(None, 80)
        with socket.socket(socket.AF_UNIX) as unix, pytest.raises(FileNotFoundError):
            unix.connect("/nonexistent/socket")


@pytest.mark.asyncio
async def test_what_a_seam_routed_live_passes(server: ModelServer, captured: None) -> None:
    """A call that its tape lets through connects, although the host is guarded."""
    url = server.chat.replace("127.0.0.1", "localhost")
    body = {"messages": [{"content": "hi"}]}
    with tape_in(Offline()):
        async with httpx2.AsyncClient() as client:
            assert 200 == (await client.post(url, json=body)).status_code
        with httpx2.Client() as client_too:
            assert 200 == client_too.post(url, json=body).status_code


def test_any_offline_tape_that_could_be_meant_trips() -> None:
    """A thread that could belong to an offline tape does not connect."""
    context = contextvars.Context()
    opened = context.run(tape_in, Offline())
    context.run(opened.__enter__)
    results: list[Any] = []

    def look() -> None:
        try:
            results.append(socket.getaddrinfo("localhost", 80))
        except Tripped as error:
            results.append(error)

    with tape_in(MemoryTape()):
        assert socket.getaddrinfo("localhost", 80)
        thread = threading.Thread(target=lambda: contextvars.Context().run(look))
        thread.start()
        thread.join()
    context.run(opened.__exit__, None, None, None)
    assert isinstance(results[0], Tripped)


def test_the_library_is_named_past_the_frames_of_python() -> None:
    """http.client is Python's own; who called it is what helps."""
    connection = http.client.HTTPConnection("llm.invalid", 80)
    with tape_in(Offline()), pytest.raises(Tripped, match="capture: test_capture_sockets is about"):
        connection.connect()


def test_a_thread_of_the_standard_library_alone_is_named_so() -> None:
    """Where no other code is on the stack the message still reads well."""
    with ThreadPoolExecutor(1) as pool, tape_in(Offline()):
        made = pool.submit(socket.create_connection, ("llm.invalid", 80))
        with pytest.raises(Tripped, match="capture: the standard library is about"):
            made.result()


def a_module(monkeypatch: pytest.MonkeyPatch, name: str) -> Callable[[], object]:
    """A library of this name that connects to an LLM host."""
    library = ModuleType(name)
    exec(
        "import socket\ndef connect(): return socket.create_connection(('localhost', 1))",
        vars(library),
    )
    monkeypatch.setitem(sys.modules, name, library)
    connect: Callable[[], object] = library.connect
    return connect


@pytest.mark.parametrize("tape", [Offline, MemoryTape])
@pytest.mark.parametrize("name", ["websockets", "websocket", "httpx_ws"])
def test_a_websocket_is_refused_in_words_of_its_own(
    monkeypatch: pytest.MonkeyPatch, name: str, tape: type[MemoryTape]
) -> None:
    """It could not be played, so it is not even opened while its test is recorded."""
    connect = a_module(monkeypatch, f"{name}.client")
    with tape_in(tape()), pytest.raises(Tripped) as raised:
        connect()
    message = str(raised.value)
    assert message.startswith("WebSocket to localhost:1: it can neither be recorded nor played")
    assert 'llm_cassette(mode="live")' in message
    assert f"{name} opens it" in message


@pytest.mark.asyncio
@pytest.mark.parametrize("tape", [Offline, MemoryTape])
@pytest.mark.usefixtures("captured")
async def test_a_websocket_of_aiohttp_is_refused_too(tape: type[MemoryTape]) -> None:
    """It looks names up in a task of its own, in which nothing says what they are for."""
    with tape_in(tape()):
        async with aiohttp.ClientSession() as session:
            with pytest.raises(Tripped, match=r"WebSocket to localhost:1: .*aiohttp opens it"):
                await session.ws_connect("ws://localhost:1/v1/realtime")


def test_a_websocket_that_a_tape_lets_pass_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a test that goes live."""
    with tape_in(LetPass()), pytest.raises(OSError, match="refused"):
        a_module(monkeypatch, "websockets.client")()


def test_everything_is_put_back() -> None:
    """After `unwatch` sockets are as they were."""
    assert "connect" in vars(socket.socket)
    unwatch()
    assert "connect" not in vars(socket.socket)
    with tape_in(Offline()):
        assert socket.getaddrinfo("localhost", 80)
