"""lm15, which opens sockets of its own: DSPy asks its models by it."""

from __future__ import annotations

import importlib
import json
from types import ModuleType
from typing import Any

import pytest
from capture.capture_server import WORDS, ModelServer, ask_bytes, chat_chunks
from capture.capture_tape import MemoryTape, Missed, playing, tape_in

from pytest_llmreplay.event import Ended, Failure

pytest.importorskip("lm15", reason="not in the oldest environment")
STREAM = b"".join(chat_chunks(WORDS))
HEADERS = [("Content-Type", "application/json"), ("Authorization", "Bearer k")]


@pytest.fixture
def lib() -> ModuleType:
    """Its transports."""
    return importlib.import_module("lm15.transports")


def asked(lib: ModuleType, url: str, method: str = "POST", **more: Any) -> Any:
    """A request of the library."""
    return lib.TransportRequest(method, url, HEADERS, ask_bytes(**more), read_timeout=2)


def read(lib: ModuleType, request: Any) -> tuple[Any, bytes]:
    """Status, reason and type of an answer, and its body."""
    with lib.StdlibTransport() as transport, transport.stream(request) as response:
        line = response.status, response.reason, response.header("content-type")
        return line, response.read()


async def aread(lib: ModuleType, request: Any) -> tuple[Any, bytes]:
    """The same by the asynchronous transport."""
    async with lib.StdlibAsyncTransport() as transport, transport.stream(request) as response:
        line = response.status, response.reason, response.header("content-type")
        return line, await response.read()


@pytest.mark.asyncio
async def test_calls_are_recorded_and_played(
    lib: ModuleType, server: ModelServer, tape: MemoryTape
) -> None:
    """Whole and in pieces, by both transports; what is no LLM call passes."""
    requests = [asked(lib, server.chat), asked(lib, server.chat, stream=True)]
    live = [read(lib, one) for one in requests] + [await aread(lib, one) for one in requests]
    with tape_in(tape.rewound()):
        played = [read(lib, one) for one in requests] + [await aread(lib, one) for one in requests]
        with pytest.raises(Missed):
            read(lib, requests[0])
        with pytest.raises(Missed):
            await aread(lib, requests[0])
        read(lib, asked(lib, f"{server.url}/health", "GET"))
    assert 5 == len(server.hits)
    assert live == played
    assert STREAM == live[1][1]
    assert ["complete"] * 4 == [call.ended for call in tape.calls]
    assert ("lm15", 2, "Bearer k") == (
        tape.asked[0].library,
        tape.asked[0].patience,
        tape.asked[0].headers["authorization"],
    )
    assert "hi" == json.loads(tape.asked[0].content)["messages"][0]["content"]


@pytest.mark.asyncio
async def test_a_reader_that_leaves(lib: ModuleType, server: ModelServer, tape: MemoryTape) -> None:
    """What came until then is recorded, and the played answer can be left as well."""
    server.pause = 0.05
    request = asked(lib, server.chat, stream=True)

    async def leave() -> tuple[bytes, bytes]:
        with lib.StdlibTransport() as transport, transport.stream(request) as response:
            first = next(iter(response))
        async with lib.StdlibAsyncTransport() as waiting, waiting.stream(request) as response:
            return first, await anext(aiter(response))

    live = await leave()
    with tape_in(tape.rewound()):
        played = await leave()
    assert live == played
    assert ["left", "left"] == [call.ended for call in tape.calls]


@pytest.mark.asyncio
@pytest.mark.parametrize(("model", "ended"), [("cut", "cut"), ("hang", "timeout")])
async def test_a_stream_that_breaks(
    lib: ModuleType, server: ModelServer, tape: MemoryTape, model: str, ended: Ended
) -> None:
    """It breaks again when it is played, with an error of the library."""
    request = asked(lib, server.chat, model=model, stream=True)
    request.read_timeout = 0.3

    async def broken() -> None:
        with pytest.raises(lib.TransportError):
            read(lib, request)
        with pytest.raises(lib.TransportError):
            await aread(lib, request)

    await broken()
    with tape_in(tape.rewound()):
        await broken()
    assert [ended, ended] == [call.ended for call in tape.calls]


@pytest.mark.asyncio
async def test_no_answer(lib: ModuleType, closed_port: str, tape: MemoryTape) -> None:
    """A server that is not there is told to the recorder, and played as the library's error."""
    for _ in range(2):
        with pytest.raises(lib.ConnectError):
            read(lib, asked(lib, closed_port))
        with pytest.raises(lib.ConnectError):
            await aread(lib, asked(lib, closed_port))
    assert ["connect"] * 4 == [call.failure and call.failure.kind for call in tape.calls]
    with tape_in(playing(failure=Failure(kind="connect", message="refused"))):
        with pytest.raises(lib.ConnectError, match="refused"):
            read(lib, asked(lib, closed_port))
        with pytest.raises(lib.ConnectError, match="refused"):
            await aread(lib, asked(lib, closed_port))


def test_a_status_without_a_name(lib: ModuleType, server: ModelServer, tape: MemoryTape) -> None:
    """Anthropic's 529 is one."""
    with tape_in(playing(status=529)):
        line, _ = read(lib, asked(lib, server.chat))
    assert (529, "") == line[:2]


@pytest.mark.asyncio
@pytest.mark.usefixtures("captured")
async def test_where_no_tape_is_open_calls_pass(lib: ModuleType, server: ModelServer) -> None:
    """Both transports reach their server."""
    read(lib, asked(lib, server.chat))
    await aread(lib, asked(lib, server.chat))
    assert 2 == len(server.hits)
