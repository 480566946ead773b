"""aiohttp against a real server."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

import aiohttp
import pytest
from capture.capture_server import WORDS, ModelServer, ask, chat_chunks
from capture.capture_tape import MemoryTape, Missed, playing, tape_in

from pytest_llmreplay.event import Failure

pytestmark = pytest.mark.asyncio

STREAM = chat_chunks(WORDS)


async def test_a_call_is_recorded_and_played(server: ModelServer, tape: MemoryTape) -> None:
    """The played response behaves as the live one."""
    async with aiohttp.ClientSession(headers={"X-Trace": "1"}) as session:
        async with session.post(server.chat, json=ask(), params={"v": "1"}) as live:
            expected = await live.json()
        with tape_in(tape.rewound()):
            async with session.post(server.chat, json=ask(), params={"v": "1"}) as played:
                assert expected == await played.json()
                assert json.dumps(expected) == await played.text()
                assert json.dumps(expected).encode() == await played.read()
                assert (200, "OK", True) == (played.status, played.reason, played.ok)
                assert live.headers["content-type"] == played.headers["content-type"]
                assert f"{server.chat}?v=1" == str(played.url) == str(played.request_info.url)
                assert {} == played.cookies
                assert () == played.history
    (call,) = tape.calls
    assert f"{server.chat}?v=1" == call.request.url
    assert ("aiohttp", "1") == (call.request.library, call.request.headers["x-trace"])
    assert json.dumps(ask()).encode() == call.request.content == server.bodies[0]
    assert 1 == len(server.hits)
    assert "complete" == call.ended


async def test_the_tape_knows_how_long_the_client_waits(
    server: ModelServer, tape: MemoryTape
) -> None:
    """For more of an answer: what the call says, else its session; the shorter limit counts."""
    limits = aiohttp.ClientTimeout(total=7)
    async with aiohttp.ClientSession(timeout=limits) as session:
        owns: list[dict[str, Any]] = [
            {},
            {"timeout": aiohttp.ClientTimeout(total=9, sock_read=2.5)},
            {"timeout": aiohttp.ClientTimeout()},
        ]
        for own in owns:
            async with session.post(server.chat, json=ask(), **own) as answer:
                await answer.read()
    assert [7, 2.5, None] == [call.request.patience for call in tape.calls]


@pytest.mark.parametrize("way", ["any", "chunked", "chunks", "lines", "read", "exactly"])
async def test_a_stream_is_read_in_every_way(
    server: ModelServer, tape: MemoryTape, way: str
) -> None:
    """Every way of reading gives the live bytes, recorded once, and plays them."""

    async def read() -> bytes:
        async with (
            aiohttp.ClientSession() as session,
            session.post(server.chat, json=ask(stream=True)) as response,
        ):
            content = response.content
            if way == "read":
                return await content.read()
            if way == "exactly":
                return await content.readexactly(20) + await content.read()
            if way == "chunks":
                return b"".join([data async for data, _ in content.iter_chunks()])
            ways: dict[str, AsyncIterable[bytes]] = {
                "any": content.iter_any(),
                "chunked": content.iter_chunked(11),
                "lines": content,
            }
            return b"".join([data async for data in ways[way]])

    live = await read()
    with tape_in(tape.rewound()):
        assert live == await read()
    assert b"".join(STREAM) == live == tape.calls[0].body
    assert "complete" == tape.calls[0].ended


async def test_the_first_piece_comes_early_while_recording(
    server: ModelServer, tape: MemoryTape
) -> None:
    """Pieces pass as they arrive, and playback gives them with their boundaries."""
    server.holds, server.pause = True, 0.02
    async with aiohttp.ClientSession() as session:
        async with session.post(server.chat, json=ask(stream=True)) as response:
            reading = response.content.iter_any()
            live = [await anext(reading)]
            server.go_on.set()
            live += [data async for data in reading]
        with tape_in(tape.rewound()):
            async with session.post(server.chat, json=ask(stream=True)) as response:
                assert live == [data async for data in response.content.iter_any()]
                assert response.content.at_eof()
    assert STREAM == live == tape.calls[0].chunks


async def test_a_played_stream_can_be_waited_for(captured: None) -> None:
    """`wait_eof` brings the whole played body."""
    async with aiohttp.ClientSession() as session:
        with tape_in(playing(b"one", b"two")):
            async with session.get("https://api.openai.com/v1/models") as response:
                await response.content.wait_eof()
                assert b"onetwo" == response.content.read_nowait()


async def test_a_reader_that_leaves_early_is_noted(server: ModelServer, tape: MemoryTape) -> None:
    """A response released before its end is `left`, and plays as far as it came."""
    server.pause = 0.01
    async with aiohttp.ClientSession() as session:
        async with session.post(server.chat, json=ask(stream=True)) as response:
            await response.content.readany()
        assert "left" == tape.calls[0].ended
        with tape_in(tape.rewound()):
            async with session.post(server.chat, json=ask(stream=True)) as response:
                assert tape.calls[0].body == await response.read()


@pytest.mark.parametrize(
    ("model", "ended", "error"),
    [("cut", "cut", aiohttp.ClientPayloadError), ("hang", "timeout", aiohttp.ServerTimeoutError)],
)
async def test_a_broken_stream_plays_to_the_same_error(
    server: ModelServer, tape: MemoryTape, model: str, ended: str, error: type[Exception]
) -> None:
    """A stream that breaks or stalls is recorded as far as it came."""

    async def read() -> bytes:
        got = b""
        timeout = aiohttp.ClientTimeout(sock_read=0.1)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            sent = ask(model, stream=True)
            async with session.post(server.chat, json=sent) as response:
                with pytest.raises(error):  # noqa: PT012  (the pieces before the error count)
                    async for data in response.content.iter_any():
                        got += data
        return got

    live = await read()
    with tape_in(tape.rewound()):
        assert live == await read()
    assert b"".join(chat_chunks(WORDS, model)[:4]) == tape.calls[0].body
    assert ended == tape.calls[0].ended


async def test_a_total_timeout_in_mid_stream_is_noted(
    server: ModelServer, tape: MemoryTape
) -> None:
    """The session's own total timeout ends a stream as `timeout`."""
    timeout = aiohttp.ClientTimeout(total=0.2)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        sent = ask("hang", stream=True)
        async with session.post(server.chat, json=sent) as response:
            with pytest.raises(TimeoutError):
                await response.read()
    assert "timeout" == tape.calls[0].ended


async def test_a_cancelled_stream_is_noted(server: ModelServer, tape: MemoryTape) -> None:
    """A task cancelled while it reads leaves a `cancelled` event."""

    async def read() -> None:
        async with (
            aiohttp.ClientSession() as session,
            session.post(server.chat, json=ask("hang", stream=True)) as response,
        ):
            await response.read()

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(read(), 0.2)
    assert "cancelled" == tape.calls[0].ended
    assert tape.calls[0].chunks


@pytest.mark.parametrize(
    ("model", "kind", "error"),
    [
        ("reset", "cut", aiohttp.ClientConnectionError),
        ("hang", "timeout", aiohttp.ServerTimeoutError),
    ],
)
async def test_no_answer_is_recorded_with_its_reason(
    server: ModelServer, tape: MemoryTape, model: str, kind: str, error: type[Exception]
) -> None:
    """A failed attempt is an event, and playback raises aiohttp's error for it."""

    async def read() -> None:
        timeout = aiohttp.ClientTimeout(sock_read=0.1)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            with pytest.raises(error):
                await session.post(server.chat, json=ask(model))

    await read()
    with tape_in(tape.rewound()):
        await read()
    assert kind == tape.calls[0].failure.kind


@pytest.mark.parametrize(
    ("model", "error", "status"),
    [("garbled", aiohttp.ClientResponseError, 400), ("circle", aiohttp.TooManyRedirects, 0)],
)
async def test_an_answer_that_is_none_plays_to_the_same_error(
    server: ModelServer,
    tape: MemoryTape,
    model: str,
    error: type[aiohttp.ClientResponseError],
    status: int,
) -> None:
    """Not to a connection that broke, after which google-genai asks again."""
    said = []
    async with aiohttp.ClientSession() as session:
        for opened in (tape, None):
            with tape_in(opened or tape.rewound()), pytest.raises(error) as raised:
                await session.post(server.chat, json=ask(model))
            assert error is type(raised.value)
            assert status == raised.value.status
            said.append(str(raised.value).partition(":")[0])
    assert said[0] == said[1]


async def test_a_refused_connection_is_recorded(closed_port: str, tape: MemoryTape) -> None:
    """A refused connection is ClientConnectorError, live and played, with words to print."""
    async with aiohttp.ClientSession() as session:
        for opened in (tape, None):
            with (
                tape_in(opened or tape.rewound()),
                pytest.raises(aiohttp.ClientConnectorError, match="Cannot connect to host"),
            ):
                await session.post(closed_port, json=ask())
    assert "connect" == tape.calls[0].failure.kind


async def test_a_call_cancelled_before_its_answer_waits_to_be_cancelled_again(
    server: ModelServer, tape: MemoryTape
) -> None:
    """The application's own timeout fires on playback as it did live."""
    async with aiohttp.ClientSession() as session:
        for opened in (tape, None):
            with tape_in(opened or tape.rewound()), pytest.raises(TimeoutError):
                await asyncio.wait_for(session.post(server.chat, json=ask("hang")), 0.1)
    assert "cancelled" == tape.calls[0].failure.kind


@pytest.mark.parametrize("limit", [0.05, aiohttp.ClientTimeout(total=0.05), None])
async def test_a_call_that_nobody_cancels_again_times_out(captured: None, limit: Any) -> None:
    """Playback waits no longer than the client would, then gives up as it would."""
    options = {} if limit is None else {"timeout": limit}
    session_timeout = aiohttp.ClientTimeout(total=0.05)
    tape = playing(failure=Failure(kind="cancelled", message="gone"))
    async with aiohttp.ClientSession(timeout=session_timeout) as session:
        with tape_in(tape), pytest.raises(aiohttp.ServerTimeoutError):
            await session.post("https://api.openai.com/v1/responses", json={}, **options)


async def test_compressed_answers_are_recorded_decoded(
    server: ModelServer, tape: MemoryTape
) -> None:
    """What aiohttp decodes is recorded decoded; what it leaves is recorded as it came."""
    async with aiohttp.ClientSession() as session:
        async with session.post(server.chat, json=ask("gzip")) as response:
            live = await response.read()
        async with session.post(server.chat, json=ask("gzip"), auto_decompress=False) as response:
            raw = await response.read()
        with tape_in(tape.rewound()):
            async with session.post(server.chat, json=ask("gzip")) as response:
                assert live == await response.read()
    assert [live, raw] == [b"".join(call.chunks) for call in tape.calls]
    assert [False, True] == ["content-encoding" in dict(call.headers) for call in tape.calls]


@pytest.mark.parametrize("where", ["session", "call", "callable"])
async def test_raise_for_status_comes_after_the_recording(
    server: ModelServer, tape: MemoryTape, where: str
) -> None:
    """A 429 is recorded as an answer, then raised as the session was told to, live and played."""

    async def check(response: aiohttp.ClientResponse) -> None:
        response.raise_for_status()

    async with aiohttp.ClientSession(raise_for_status=where == "session") as session:
        options: dict[str, Any] = {"call": {"raise_for_status": True}}.get(where, {})
        if where == "callable":
            options = {"raise_for_status": check}
        for opened in (tape, None):
            with (
                tape_in(opened or tape.rewound()),
                pytest.raises(aiohttp.ClientResponseError) as raised,
            ):
                await session.post(server.chat, json=ask("busy"), **options)
            assert 429 == raised.value.status
    assert 429 == tape.calls[0].status


@pytest.mark.parametrize("kind", ["bytes", "text", "generator", "file", "form", "dict"])
async def test_every_kind_of_body_reaches_tape_and_server(
    server: ModelServer, tape: MemoryTape, kind: str
) -> None:
    """Bodies that can be read once are read once and sent."""
    whole = json.dumps(ask())

    async def pieces() -> AsyncIterator[bytes]:
        yield whole[:9].encode()
        yield whole[9:].encode()

    form = aiohttp.FormData()
    form.add_field("file", io.BytesIO(b"RIFF" * 10), filename="a.wav")
    bodies: dict[str, Any] = {
        "bytes": whole.encode(),
        "text": whole,
        "generator": pieces(),
        "file": io.BytesIO(whole.encode()),
        "form": form,
        "dict": {"a": "b"},
    }
    async with aiohttp.ClientSession() as session:
        await (await session.post(server.chat, data=bodies[kind])).read()
    assert [tape.calls[0].request.content] == server.bodies
    assert server.bodies[0]


async def test_other_calls_and_passed_calls_go_live(server: ModelServer, tape: MemoryTape) -> None:
    """What is no LLM call leaves no trace; what a tape does not want goes live."""
    async with aiohttp.ClientSession(server.url) as session:
        async with session.get("/v1/models") as response:
            assert {"models": []} == await response.json()
        assert [] == tape.asked
        with tape_in(MemoryTape(lambda _request: None)):
            async with session.post("/v1/chat/completions", json=ask()) as response:
                assert 200 == response.status
        with pytest.raises(aiohttp.InvalidURL):
            await session.post("http://[")
    with pytest.raises(RuntimeError, match="Session is closed"):
        await session.post("/v1/chat/completions")


async def test_a_miss_reaches_the_caller(server: ModelServer, captured: None) -> None:
    """What the tape raises is what the caller gets."""
    async with aiohttp.ClientSession() as session:
        with tape_in(MemoryTape().rewound()), pytest.raises(Missed):
            await session.post(server.chat, json=ask())
    assert [] == server.hits


async def test_connections_are_kept_alive_while_recording(
    server: ModelServer, tape: MemoryTape
) -> None:
    """Recording gives connections back to the connector."""
    async with aiohttp.ClientSession() as session:
        for number in range(3):
            async with session.post(server.chat, json=ask(text=str(number))) as response:
                await response.read()
    assert 3 == len(tape.calls)
    assert 1 == server.connections


async def test_an_answer_without_a_body_is_complete(server: ModelServer, tape: MemoryTape) -> None:
    """A 204 is over when its head came."""
    async with aiohttp.ClientSession() as session:
        async with session.post(server.chat, json=ask("empty")) as response:
            assert b"" == await response.read()
        assert (204, "complete") == (tape.calls[0].status, tape.calls[0].ended)
        with tape_in(tape.rewound()):
            async with session.post(server.chat, json=ask("empty")) as response:
                assert (204, b"") == (response.status, await response.read())


async def test_a_session_that_serialises_to_bytes(server: ModelServer, tape: MemoryTape) -> None:
    """The body is what the session's own serialiser makes, bytes included."""
    try:
        made = aiohttp.ClientSession(json_serialize_bytes=lambda value: json.dumps(value).encode())
    except TypeError:
        pytest.skip("this aiohttp serialises to text only")
    async with made as session, session.post(server.chat, json=ask()) as response:
        await response.read()
    assert [tape.calls[0].request.content] == server.bodies


async def test_a_session_with_its_own_serialiser(server: ModelServer, tape: MemoryTape) -> None:
    """The body is what the session's own serialiser makes."""
    made = aiohttp.ClientSession(json_serialize=lambda value: json.dumps(value, indent=1))
    async with made as session, session.post(server.chat, json=ask()) as response:
        await response.read()
    assert [tape.calls[0].request.content] == server.bodies
