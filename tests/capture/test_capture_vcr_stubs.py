"""httplib2 and tornado against a real server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from http.client import IncompleteRead, RemoteDisconnected
from typing import Any

import httplib2
import pytest
import tornado.httpclient
import tornado.simple_httpclient
from capture.capture_server import ModelServer, ask_bytes
from capture.capture_tape import MemoryTape, Missed, playing, tape_in

from pytest_llmreplay.capture.active import CallRefused
from pytest_llmreplay.event import Failure


def post(http: httplib2.Http, url: str, body: bytes) -> tuple[Any, bytes]:
    """An answer of httplib2."""
    response, content = http.request(
        url, "POST", body=body, headers={"Content-Type": "application/json"}
    )
    return response, content


@pytest.fixture
def http() -> Iterator[httplib2.Http]:
    """A client of httplib2, closed at the end."""
    made = httplib2.Http()
    yield made
    made.close()


def test_an_httplib2_call_is_one_event_and_plays(
    http: httplib2.Http, server: ModelServer, tape: MemoryTape
) -> None:
    """The played answer equals the live one."""
    live, expected = post(http, server.chat, ask_bytes())
    with tape_in(tape.rewound()):
        played, content = post(http, server.chat, ask_bytes())
    (call,) = tape.calls
    assert expected == content
    assert (200, live["content-type"]) == (played.status, played["content-type"])
    assert ("httplib2", server.chat) == (call.request.library, call.request.url)
    assert ask_bytes() == call.request.content == server.bodies[0]
    assert "application/json" == call.request.headers["content-type"]
    assert 1 == len(server.hits)


def test_one_httplib2_connection_makes_many_calls(
    http: httplib2.Http, server: ModelServer, tape: MemoryTape
) -> None:
    """Each call of a kept connection is asked for on its own, played or live."""
    texts = [str(number) for number in range(3)]
    for opened in (tape, None):
        with tape_in(opened or tape.rewound()):
            answers = [post(http, server.chat, ask_bytes(text=text))[1] for text in texts]
        assert [
            f"you said: {text}" in answer.decode()
            for text, answer in zip(texts, answers, strict=True)
        ]
    assert 3 == len(tape.calls) == len(server.hits)


def test_other_httplib2_calls_pass(
    http: httplib2.Http, server: ModelServer, tape: MemoryTape
) -> None:
    """What is no LLM call leaves no trace; what a tape does not want goes live."""
    assert b'{"models": []}' == http.request(f"{server.url}/v1/models")[1]
    assert [] == tape.asked
    with tape_in(MemoryTape(lambda _request: None)):
        assert b"you said" in post(http, server.chat, ask_bytes())[1]
    with tape_in(MemoryTape().rewound()), pytest.raises(Missed):
        post(http, server.chat, ask_bytes())


def test_an_httplib2_failure_is_recorded_and_played(
    http: httplib2.Http, closed_port: str, tape: MemoryTape
) -> None:
    """A refused connection is refused again by playback."""
    for opened in (tape, None):
        with tape_in(opened or tape.rewound()), pytest.raises(ConnectionRefusedError):
            post(http, closed_port, ask_bytes())
    assert {"connect"} == {call.failure.kind for call in tape.calls if call.failure}


FIRST_CALL = """
import httplib2
from pytest_llmreplay.capture.install import install
install(lambda method, url: True)
try:
    httplib2.Http().request("https://127.0.0.1:9/v1/responses", "POST", b"{}")
except ConnectionRefusedError as error:
    print("refused")
"""


def test_the_first_httplib2_call_of_a_process_may_be_over_tls() -> None:
    """Whatever vcrpy has imported before: the class of the connection is httplib2's own."""
    done = subprocess.run(
        [sys.executable, "-c", FIRST_CALL],
        env={"PYTHONPATH": ":".join(sys.path), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ("refused\n", "") == (done.stdout, done.stderr)


@pytest.mark.parametrize(
    ("error", "fields"),
    [
        (TimeoutError, {"failure": Failure(kind="timeout", message="late")}),
        (TimeoutError, {"failure": Failure(kind="cancelled", message="gone")}),
        (TimeoutError, {"ended": "timeout"}),
        (RemoteDisconnected, {"failure": Failure(kind="cut", message="closed")}),
        (IncompleteRead, {"ended": "cut"}),
    ],
)
def test_httplib2_gets_recorded_errors(
    captured: None, error: type[Exception], fields: dict[str, Any]
) -> None:
    """What ended a recorded call is raised again."""
    with tape_in(playing(b"{", **fields)), pytest.raises(error):
        post(httplib2.Http(), "https://api.openai.com/v1/responses", b"{}")


async def fetch(url: str, body: bytes, **options: Any) -> Any:
    """An answer of tornado."""
    headers = {"Content-Type": "application/json"}
    client = tornado.httpclient.AsyncHTTPClient(force_instance=True)
    try:
        return await client.fetch(url, method="POST", body=body, headers=headers, **options)
    finally:
        client.close()


@pytest.mark.asyncio
async def test_a_tornado_call_is_one_event_and_plays(server: ModelServer, tape: MemoryTape) -> None:
    """The played answer equals the live one."""
    live = await fetch(server.chat, ask_bytes("gzip"))
    with tape_in(tape.rewound()):
        played = await fetch(server.chat, ask_bytes("gzip"))
    (call,) = tape.calls
    assert (live.body, 200, "OK") == (played.body, played.code, played.reason)
    assert ("tornado", ask_bytes("gzip")) == (call.request.library, call.request.content)
    assert "application/json" == played.headers["content-type"]
    assert "complete" == call.ended
    assert 1 == len(server.hits)


@pytest.mark.asyncio
async def test_other_tornado_calls_pass(server: ModelServer, tape: MemoryTape) -> None:
    """What is no LLM call leaves no trace, streams included; misses reach the caller."""
    client = tornado.httpclient.AsyncHTTPClient(force_instance=True)
    pieces: list[bytes] = []
    await client.fetch(f"{server.url}/v1/models", streaming_callback=pieces.append)
    client.close()
    assert [b'{"models": []}'] == pieces
    assert [] == tape.asked
    with tape_in(MemoryTape(lambda _request: None)):
        assert b"you said" in (await fetch(server.chat, ask_bytes())).body
    with tape_in(MemoryTape().rewound()), pytest.raises(Missed):
        await fetch(server.chat, ask_bytes())


@pytest.mark.asyncio
async def test_a_stream_of_tornado_is_refused_in_words(
    server: ModelServer, tape: MemoryTape
) -> None:
    """What cannot be recorded does not go live in silence."""
    with pytest.raises(CallRefused, match="tornado with 'streaming_callback' cannot be recorded"):
        await fetch(server.chat, ask_bytes(stream=True), streaming_callback=print)
    assert [] == server.hits


@pytest.mark.asyncio
async def test_a_tornado_failure_is_recorded_and_played(closed_port: str, tape: MemoryTape) -> None:
    """A refused connection is refused again by playback."""
    for opened in (tape, None):
        with tape_in(opened or tape.rewound()), pytest.raises(ConnectionRefusedError):
            await fetch(closed_port, ask_bytes())
    assert "connect" == tape.calls[0].failure.kind


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("error", "fields"),
    [
        (
            tornado.simple_httpclient.HTTPTimeoutError,
            {"failure": Failure(kind="timeout", message="late")},
        ),
        (tornado.simple_httpclient.HTTPStreamClosedError, {"ended": "cut"}),
    ],
)
async def test_tornado_gets_recorded_errors(
    captured: None, error: type[Exception], fields: dict[str, Any]
) -> None:
    """What ended a recorded call is raised again."""
    with tape_in(playing(b"{", **fields)), pytest.raises(error):
        await fetch("https://api.openai.com/v1/responses", b"{}")
