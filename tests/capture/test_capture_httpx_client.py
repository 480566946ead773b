"""httpx and httpx2 against a real server."""

from __future__ import annotations

import asyncio
import gc
import json
import pickle
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator
from types import ModuleType
from typing import Any

import httpx
import httpx2
import pytest
from capture.capture_server import WORDS, ModelServer, ask, chat_chunks
from capture.capture_tape import MemoryTape, Missed, playing, tape_in

from pytest_llmreplay.event import Failure

pytestmark = pytest.mark.parametrize("lib", [httpx, httpx2], ids=["httpx", "httpx2"])

STREAM = b"".join(chat_chunks(WORDS))


def test_a_plain_call_is_recorded_and_played(
    lib: ModuleType, server: ModelServer, tape: MemoryTape
) -> None:
    """The played answer equals the live one, and the server is not asked again."""
    with lib.Client() as client:
        live = client.post(server.chat, json=ask(), headers={"X-Trace": "1"})
        with tape_in(tape.rewound()):
            played = client.post(server.chat, json=ask())
    assert 1 == len(server.hits)
    assert live.json() == played.json()
    assert live.headers["content-type"] == played.headers["content-type"]
    assert str(len(live.content)) == played.headers["content-length"]
    (call,) = tape.calls
    assert ("POST", server.chat, lib.__name__, "complete") == (
        call.request.method,
        call.request.url,
        call.request.library,
        call.ended,
    )
    assert "1" == call.request.headers["x-trace"]
    assert ask() == json.loads(call.request.content)


def test_the_tape_knows_how_long_the_client_waits(
    lib: ModuleType, server: ModelServer, tape: MemoryTape
) -> None:
    """For more of an answer: what the call says, else its client; none where there is no limit."""
    with lib.Client(timeout=7) as client:
        for own in ({}, {"timeout": lib.Timeout(9, read=2.5)}, {"timeout": None}):
            client.post(server.chat, json=ask(), **own)
    assert [7, 2.5, None] == [call.request.patience for call in tape.calls]


@pytest.mark.asyncio
async def test_an_async_call_is_recorded_and_played(
    lib: ModuleType, server: ModelServer, tape: MemoryTape
) -> None:
    """The asynchronous client does the same."""
    async with lib.AsyncClient() as client:
        live = await client.post(server.chat, json=ask())
        with tape_in(tape.rewound()):
            played = await client.post(server.chat, json=ask())
    assert 1 == len(server.hits)
    assert live.json() == played.json()


def test_a_stream_keeps_its_first_chunk_and_its_boundaries(
    lib: ModuleType, server: ModelServer, tape: MemoryTape
) -> None:
    """The first piece arrives before the others are sent; playback has equal pieces."""
    server.holds, server.pause = True, 0.02
    with lib.Client() as client:
        with client.stream("POST", server.chat, json=ask(stream=True)) as response:
            reading = response.iter_raw()
            pieces = [next(reading)]
            server.go_on.set()
            pieces.extend(reading)
        with (
            tape_in(tape.rewound()),
            client.stream("POST", server.chat, json=ask(stream=True)) as again,
        ):
            assert pieces == list(again.iter_raw())
    assert STREAM == b"".join(pieces)
    assert pieces == tape.calls[0].chunks
    assert "complete" == tape.calls[0].ended
    assert tape.calls[0].times[-1] - tape.calls[0].times[0] > 0.1


@pytest.mark.asyncio
async def test_an_async_stream_keeps_its_boundaries(
    lib: ModuleType, server: ModelServer, tape: MemoryTape
) -> None:
    """Pieces pass one by one in asynchronous streams too."""
    server.pause = 0.01
    async with lib.AsyncClient() as client:
        async with client.stream("POST", server.chat, json=ask(stream=True)) as response:
            pieces = [piece async for piece in response.aiter_raw()]
        with tape_in(tape.rewound()):
            async with client.stream("POST", server.chat, json=ask(stream=True)) as again:
                assert pieces == [piece async for piece in again.aiter_raw()]
    assert STREAM == b"".join(pieces)
    assert len(pieces) > 3


def test_a_reader_that_leaves_early_is_noted(
    lib: ModuleType, server: ModelServer, tape: MemoryTape
) -> None:
    """A stream closed before its end is `left`, and plays back as far as it was read."""
    server.pause = 0.01
    with lib.Client() as client:
        with client.stream("POST", server.chat, json=ask(stream=True)) as response:
            next(response.iter_raw())
        assert "left" == tape.calls[0].ended
        with (
            tape_in(tape.rewound()),
            client.stream("POST", server.chat, json=ask(stream=True)) as again,
        ):
            assert 1 == len(list(again.iter_raw()))


@pytest.mark.asyncio
async def test_an_async_reader_that_leaves_early_is_noted(
    lib: ModuleType, server: ModelServer, tape: MemoryTape
) -> None:
    """So is an asynchronous one."""
    server.pause = 0.01
    async with (
        lib.AsyncClient() as client,
        client.stream("POST", server.chat, json=ask(stream=True)) as response,
    ):
        async for _piece in response.aiter_raw():
            break
    assert "left" == tape.calls[0].ended


def test_a_cut_stream_delivers_what_came_and_is_played_so(
    lib: ModuleType, server: ModelServer, tape: MemoryTape
) -> None:
    """The pieces before the break reach the caller live and played, then the library's error."""

    def read(client: Any) -> list[bytes]:
        pieces: list[bytes] = []
        with (
            client.stream("POST", server.chat, json=ask("cut", stream=True)) as response,
            pytest.raises(lib.RemoteProtocolError),
        ):
            pieces.extend(response.iter_raw())
        return pieces

    with lib.Client() as client:
        live = read(client)
        with tape_in(tape.rewound()):
            assert live == read(client)
    assert b"".join(chat_chunks(WORDS, "cut")[:4]) == b"".join(live)
    assert "cut" == tape.calls[0].ended


def test_a_stream_that_stalls_is_a_timeout(
    lib: ModuleType, server: ModelServer, tape: MemoryTape
) -> None:
    """A read timeout in mid-stream is recorded and raised again by playback."""

    def read(client: Any) -> None:
        with (
            client.stream("POST", server.chat, json=ask("hang", stream=True)) as response,
            pytest.raises(lib.ReadTimeout),
        ):
            list(response.iter_raw())

    with lib.Client(timeout=0.1) as client:
        read(client)
        with tape_in(tape.rewound()):
            read(client)
    assert "timeout" == tape.calls[0].ended


@pytest.mark.asyncio
async def test_a_cancelled_stream_is_noted(
    lib: ModuleType, server: ModelServer, tape: MemoryTape
) -> None:
    """A task cancelled while it reads leaves a `cancelled` event with the pieces it got."""

    async def read() -> None:
        async with (
            lib.AsyncClient() as client,
            client.stream("POST", server.chat, json=ask("hang", stream=True)) as response,
        ):
            async for _piece in response.aiter_raw():
                come.set()

    come = asyncio.Event()
    await cancelled(read(), come)
    assert "cancelled" == tape.calls[0].ended
    assert tape.calls[0].chunks


@pytest.mark.asyncio
async def test_a_task_cancelled_between_two_pieces_is_noted(
    lib: ModuleType, server: ModelServer, tape: MemoryTape
) -> None:
    """Cancellation is told from leaving also when the reader is busy elsewhere."""

    async def read() -> None:
        async with (
            lib.AsyncClient() as client,
            client.stream("POST", server.chat, json=ask(stream=True)) as response,
        ):
            async for _piece in response.aiter_raw():
                come.set()
                await asyncio.sleep(60)

    come = asyncio.Event()
    await cancelled(read(), come)
    assert "cancelled" == tape.calls[0].ended


async def cancelled(reading: Coroutine[Any, Any, None], come: asyncio.Event) -> None:
    """Cancel a reader as soon as its first piece has come."""
    task = asyncio.create_task(reading)
    await asyncio.wait_for(come.wait(), 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    ("model", "expected"),
    [("reset", ("cut", "RemoteProtocolError")), ("hang", ("timeout", "ReadTimeout"))],
)
def test_no_answer_is_recorded_with_its_reason(
    lib: ModuleType, server: ModelServer, tape: MemoryTape, model: str, expected: tuple[str, str]
) -> None:
    """A failed attempt is an event, and playback raises the library's error for it."""
    kind, error = expected
    with lib.Client(timeout=0.1) as client:
        with pytest.raises(lib.TransportError):
            client.post(server.chat, json=ask(model))
        with tape_in(tape.rewound()), pytest.raises(getattr(lib, error)) as raised:
            client.post(server.chat, json=ask(model))
    assert tape.calls[0].failure is not None
    assert kind == tape.calls[0].failure.kind
    assert server.chat == str(raised.value.request.url)


@pytest.mark.asyncio
async def test_a_refused_connection_is_recorded(
    lib: ModuleType, closed_port: str, tape: MemoryTape
) -> None:
    """A refused connection is of kind `connect`, played as ConnectError."""
    async with lib.AsyncClient() as client:
        with pytest.raises(lib.ConnectError):
            await client.post(closed_port, json=ask())
        with tape_in(tape.rewound()), pytest.raises(lib.ConnectError):
            await client.post(closed_port, json=ask())
    assert "connect" == tape.calls[0].failure.kind


@pytest.mark.asyncio
async def test_a_call_cancelled_before_its_answer_waits_to_be_cancelled_again(
    lib: ModuleType, server: ModelServer, tape: MemoryTape
) -> None:
    """The application's own timeout fires on playback as it did live."""
    async with lib.AsyncClient() as client:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.post(server.chat, json=ask("hang")), 0.1)
        assert "cancelled" == tape.calls[0].failure.kind
        with tape_in(tape.rewound()), pytest.raises(TimeoutError):
            await asyncio.wait_for(client.post(server.chat, json=ask("hang")), 0.1)


@pytest.mark.asyncio
async def test_a_call_that_nobody_cancels_again_times_out(lib: ModuleType, captured: None) -> None:
    """Playback waits no longer than the client would, then gives up as it would."""
    tape = playing(failure=Failure(kind="cancelled", message="gone"))
    async with lib.AsyncClient(timeout=0.05) as client:
        with tape_in(tape), pytest.raises(lib.ReadTimeout):
            await client.post("https://api.openai.com/v1/responses", json={})


def test_compressed_bytes_are_recorded_as_they_came(
    lib: ModuleType, server: ModelServer, tape: MemoryTape
) -> None:
    """The recorder gets gzip bytes and their header; playback needs neither."""
    with lib.Client() as client:
        live = client.post(server.chat, json=ask("gzip"))
        with tape_in(tape.rewound()):
            played = client.post(server.chat, json=ask("gzip"))
    assert "gzip" == dict(tape.calls[0].headers)["content-encoding"]
    assert tape.calls[0].chunks[0].startswith(b"\x1f\x8b")
    assert live.json() == played.json()
    assert "content-encoding" not in played.headers


def test_a_generator_body_is_read_once_and_sent(
    lib: ModuleType, server: ModelServer, tape: MemoryTape
) -> None:
    """A streamed request is recorded whole and reaches the server whole."""

    def body() -> Iterator[bytes]:
        yield b'{"model": "ok", '
        yield b'"messages": [{"content": "in two pieces"}]}'

    with lib.Client() as client:
        answer = client.post(server.chat, content=body()).json()
    assert "you said: in two pieces" == answer["choices"][0]["message"]["content"]
    assert server.bodies == [tape.calls[0].request.content]


@pytest.mark.asyncio
async def test_an_async_generator_body_is_read_once_and_sent(
    lib: ModuleType, server: ModelServer, tape: MemoryTape
) -> None:
    """So is one from an asynchronous generator."""

    async def body() -> AsyncIterator[bytes]:
        yield b'{"model": "ok", '
        yield b'"messages": [{"content": "in two pieces"}]}'

    async with lib.AsyncClient() as client:
        await client.post(server.chat, content=body())
    assert server.bodies == [tape.calls[0].request.content]


def test_an_upload_is_read_once_and_sent(
    lib: ModuleType, server: ModelServer, tape: MemoryTape
) -> None:
    """A multipart body reaches tape and server alike."""
    with lib.Client() as client:
        client.post(server.chat, files={"file": ("a.wav", b"RIFF" * 10)}, data={"x": "1"})
    assert b"RIFFRIFF" in server.bodies[0]
    assert server.bodies == [tape.calls[0].request.content]


def test_other_calls_pass_untouched(lib: ModuleType, server: ModelServer, tape: MemoryTape) -> None:
    """What is no LLM call goes live and leaves no trace."""
    with lib.Client() as client:
        assert {"models": []} == client.get(f"{server.url}/v1/models").json()
    assert [] == tape.asked


@pytest.mark.asyncio
async def test_other_async_calls_pass_untouched(
    lib: ModuleType, server: ModelServer, tape: MemoryTape
) -> None:
    """So does an asynchronous one."""
    async with lib.AsyncClient() as client:
        assert {"models": []} == (await client.get(f"{server.url}/v1/models")).json()
    assert [] == tape.asked


@pytest.mark.asyncio
async def test_a_stream_that_is_no_generator_is_recorded(lib: ModuleType, tape: MemoryTape) -> None:
    """A transport of the user's own may hand out any asynchronous iterator."""

    class Pieces(lib.AsyncByteStream):  # type: ignore[misc, name-defined]  # of one of two libraries
        def __init__(self) -> None:
            self.left = [b"two", b"one"]

        def __aiter__(self) -> Any:
            return self

        async def __anext__(self) -> bytes:
            if not self.left:
                raise StopAsyncIteration
            return self.left.pop()

    class Own(lib.AsyncBaseTransport):  # type: ignore[misc, name-defined]  # of one of two libraries
        async def handle_async_request(self, request: Any) -> Any:
            return lib.Response(200, stream=Pieces())

    async with lib.AsyncClient(transport=Own()) as client:
        assert "onetwo" == (await client.post("https://api.openai.com/v1/responses")).text
    assert ([b"one", b"two"], "complete") == (tape.calls[0].chunks, tape.calls[0].ended)


def test_a_tape_may_let_a_call_pass(lib: ModuleType, server: ModelServer, captured: None) -> None:
    """A tape that does not want a call sees it go live."""
    with lib.Client() as client, tape_in(MemoryTape(lambda _request: None)) as tape:
        client.post(server.chat, json=ask())
    assert 1 == len(server.hits)
    assert 1 == len(tape.asked)


def test_a_miss_reaches_the_test(lib: ModuleType, server: ModelServer, captured: None) -> None:
    """What the tape raises is what the caller gets."""
    with lib.Client() as client, tape_in(MemoryTape().rewound()), pytest.raises(Missed):
        client.post(server.chat, json=ask())
    assert [] == server.hits


def test_mock_transports_answer_as_before(lib: ModuleType, tape: MemoryTape) -> None:
    """What is answered inside the process is no LLM call."""

    class Wrapped(lib.BaseTransport):  # type: ignore[misc, name-defined]  # of one of two libraries
        app = "an application"

        def handle_request(self, request: Any) -> Any:
            return lib.Response(200, text="from the app")

    def wsgi(_environ: Any, start: Any) -> list[bytes]:
        start("200 OK", [])
        return [b"from wsgi"]

    transports = {
        "mocked": lib.MockTransport(lambda _request: lib.Response(200, text="mocked")),
        "from the app": Wrapped(),
        "from wsgi": lib.WSGITransport(wsgi),
    }
    for text, transport in transports.items():
        with lib.Client(transport=transport) as client:
            assert text == client.post("https://api.openai.com/v1/responses", json={}).text
    assert [] == tape.asked


def test_a_transport_replaced_by_a_mocking_library_answers_as_before(
    lib: ModuleType, tape: MemoryTape, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pytest-httpx replaces `HTTPTransport.handle_request`; its answers stay its own."""

    def mocked(_transport: Any, _request: Any) -> Any:
        return lib.Response(200, text="mocked")

    mocked.__module__ = "pytest_httpx._httpx_mock"
    monkeypatch.setitem(sys.modules, "pytest_httpx", ModuleType("pytest_httpx"))
    monkeypatch.setattr(lib.HTTPTransport, "handle_request", mocked)
    with lib.Client() as client:
        assert "mocked" == client.post("https://api.openai.com/v1/responses", json={}).text
    assert [] == tape.asked


def test_transports_of_the_users_own_are_seen(lib: ModuleType, tape: MemoryTape) -> None:
    """A custom transport is captured, also when it hands back a body already read."""

    class Own(lib.BaseTransport):  # type: ignore[misc, name-defined]  # of one of two libraries
        def handle_request(self, request: Any) -> Any:
            return lib.Response(200, content=b"own")

    with lib.Client(transport=Own()) as client:
        client.post("https://api.openai.com/v1/responses", json={})
    assert b"own" == tape.calls[0].body
    assert "complete" == tape.calls[0].ended


def test_a_mount_and_a_redirect_are_seen_hop_by_hop(
    lib: ModuleType, server: ModelServer, tape: MemoryTape
) -> None:
    """Mounted transports are captured like the main one."""
    with lib.Client(mounts={"all://": lib.HTTPTransport()}) as client:
        client.post(server.chat, json=ask())
    assert 1 == len(tape.calls)


def test_a_forgotten_stream_can_be_flushed(
    lib: ModuleType, server: ModelServer, tape: MemoryTape
) -> None:
    """A stream that nobody reads or closes takes a late `finish` without complaint."""
    server.pause = 0.01
    client = lib.Client()
    request = client.build_request("POST", server.chat, json=ask(stream=True))
    response = client.send(request, stream=True)
    tape.calls[0].finish("left")
    response.close()
    client.close()
    del response
    gc.collect()
    assert "left" == tape.calls[0].ended


def test_a_kept_alive_connection_is_reused_while_recording(
    lib: ModuleType, server: ModelServer, tape: MemoryTape
) -> None:
    """Recording does not break HTTP/1.1 keep-alive."""
    with lib.Client() as client:
        for number in range(3):
            client.post(server.chat, json=ask(text=str(number)))
        client.post(server.chat, json=ask(stream=True)).read()
        client.post(server.chat, json=ask())
    assert 5 == len(tape.calls)
    assert 1 == server.connections


def test_repeated_headers_are_joined(
    lib: ModuleType, tape: MemoryTape, server: ModelServer
) -> None:
    """A header sent twice is seen with both values."""
    with lib.Client() as client:
        client.post(server.chat, json=ask(), headers=[("X-A", "1"), ("X-A", "2")])
    headers = tape.calls[0].request.headers
    assert "1, 2" == headers["x-a"]
    assert len(dict(headers)) == len(headers)


OPENAI = "https://api.openai.com/v1/chat/completions"


def test_a_played_response_is_as_one_from_the_network(lib: ModuleType, captured: None) -> None:
    """Read at once or in a stream, raw or in pieces, measured, closed, pickled."""
    with tape_in(playing(b"hello")), lib.Client() as client:
        whole = client.post(OPENAI)
        with client.stream("POST", OPENAI) as response:
            assert not response.is_closed
            raw = b"".join(response.iter_raw())
            assert (5, True) == (response.num_bytes_downloaded, response.is_closed)
        with client.stream("POST", OPENAI) as response:
            pieces = list(response.iter_bytes(2))
        with client.stream("POST", OPENAI) as response:
            read = (response.read(), response.read(), response.content)
    assert (b"hello", b"hello", [b"he", b"ll", b"o"]) == (whole.read(), raw, pieces)
    assert (b"hello",) * 3 == read
    assert (True, True, 5) == (
        whole.is_closed,
        whole.is_stream_consumed,
        whole.num_bytes_downloaded,
    )
    assert whole.elapsed.total_seconds() >= 0
    again = pickle.loads(pickle.dumps(whole))
    assert (lib.Response, b"hello", "5") == (
        type(again),
        again.content,
        again.headers["content-length"],
    )


@pytest.mark.asyncio
async def test_a_played_async_response_is_as_one_from_the_network(
    lib: ModuleType, captured: None
) -> None:
    """The asynchronous client does the same."""
    with tape_in(playing(b"hello")):
        async with lib.AsyncClient() as client:
            whole = await client.post(OPENAI)
            async with client.stream("POST", OPENAI) as response:
                assert not response.is_closed
                raw = b"".join([piece async for piece in response.aiter_raw()])
            async with client.stream("POST", OPENAI) as response:
                read = (await response.aread(), await response.aread(), response.content)
    assert (b"hello", b"hello") == (await whole.aread(), raw)
    assert (b"hello",) * 3 == read
    assert (True, True) == (whole.is_closed, whole.is_stream_consumed)
    assert whole.elapsed.total_seconds() >= 0


@pytest.mark.parametrize(
    ("url", "options", "version"),
    [
        ("https://llm.invalid/v1", {}, "HTTP/2"),
        ("http://llm.invalid/v1", {}, "HTTP/1.1"),
        ("http://llm.invalid/v1", {"http1": False}, "HTTP/2"),
    ],
)
def test_a_played_answer_speaks_the_http_of_its_client(
    lib: ModuleType, captured: None, url: str, options: Any, version: str
) -> None:
    """A client with HTTP/2 gets it over TLS, and without TLS where it knows of nothing else."""
    transport = lib.HTTPTransport(**options)
    transport._pool._http2 = True  # as `http2=True`, which needs the package h2
    with lib.Client(transport=transport) as client, tape_in(playing()):
        assert version == client.post(url).http_version
