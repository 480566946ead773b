"""http.client and urllib.request against a real server."""

from __future__ import annotations

import http.client
import io
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from capture.capture_server import WORDS, ModelServer, ask_bytes, chat_chunks
from capture.capture_tape import MemoryTape, Missed, playing, tape_in

from pytest_llmreplay.event import Failure

STREAM = b"".join(chat_chunks(WORDS))


def post(url: str, body: Any, timeout: float | None = 5) -> Any:
    """An answer of urllib.request."""
    headers = {"Content-Type": "application/json"}
    return urllib.request.urlopen(
        urllib.request.Request(url, data=body, headers=headers, method="POST"), timeout=timeout
    )


@pytest.fixture
def connection(server: ModelServer) -> Iterator[http.client.HTTPConnection]:
    """A connection to the server, not yet made."""
    made = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    yield made
    made.close()


def test_a_urllib_call_is_recorded_and_played(server: ModelServer, tape: MemoryTape) -> None:
    """The played answer equals the live one."""
    with post(server.chat, ask_bytes()) as live:
        expected = live.read()
    with tape_in(tape.rewound()), post(server.chat, ask_bytes()) as played:
        assert expected == played.read()
        assert (200, server.chat) == (played.status, played.url)
        assert "application/json" == played.headers["content-type"]
    (call,) = tape.calls
    assert ("POST", server.chat) == (call.request.method, call.request.url)
    assert ask_bytes() == call.request.content
    assert "complete" == call.ended
    assert 1 == len(server.hits)


def test_the_tape_knows_how_long_the_client_waits(server: ModelServer, tape: MemoryTape) -> None:
    """For more of an answer; none where nothing says it."""
    for limit in (2.5, None):
        with post(server.chat, ask_bytes(), limit) as answer:
            answer.read()
    with urllib.request.urlopen(urllib.request.Request(server.chat, data=ask_bytes())) as answer:
        answer.read()
    assert [2.5, None, None] == [call.request.patience for call in tape.calls]


@pytest.mark.parametrize("way", ["lines", "read1", "read", "all", "into"])
def test_a_urllib_stream_is_read_in_every_way(
    server: ModelServer, tape: MemoryTape, way: str
) -> None:
    """Every way of reading gives the live bytes, recorded once, and plays them."""

    def into(response: Any) -> Iterator[bytes]:
        buffer = bytearray(13)
        while size := response.readinto(buffer):
            yield bytes(buffer[:size])

    ways: dict[str, Any] = {
        "lines": b"".join,
        "read1": lambda response: b"".join(iter(response.read1, b"")),
        "read": lambda response: b"".join(iter(lambda: response.read(11), b"")),
        "all": lambda response: response.read(),
        "into": lambda response: b"".join(into(response)),
    }

    def read() -> bytes:
        with post(server.chat, ask_bytes(stream=True)) as response:
            data: bytes = ways[way](response)
            return data

    live = read()
    with tape_in(tape.rewound()):
        assert live == read()
    assert STREAM == live == tape.calls[0].body
    assert "complete" == tape.calls[0].ended


def test_read1_of_a_played_stream_gives_its_pieces(captured: None) -> None:
    """Boundaries of pieces survive in http.client."""
    with tape_in(playing(b"one", b"two")), post("https://api.openai.com/v1/x", b"{}") as played:
        assert [b"one", b"two", b""] == [played.read1() for _ in range(3)]


def test_an_http_error_is_an_answer(server: ModelServer, tape: MemoryTape) -> None:
    """A 429 is recorded and raised again as HTTPError with its body."""
    for opened in (tape, None):
        with tape_in(opened or tape.rewound()), pytest.raises(urllib.error.HTTPError) as raised:
            post(server.chat, ask_bytes("busy"))
        with raised.value as answer:
            assert (429, b'{"error": {"message": "slow down"}}') == (answer.code, answer.read())
    assert 1 == len(server.hits)


def test_a_refused_connection_plays_as_urlerror(closed_port: str, tape: MemoryTape) -> None:
    """A refused connection is URLError, live and played."""
    for opened in (tape, None):
        with tape_in(opened or tape.rewound()), pytest.raises(urllib.error.URLError):
            post(closed_port, ask_bytes())
    assert "connect" == tape.calls[0].failure.kind


@pytest.mark.parametrize(
    ("model", "kind", "error"),
    [("reset", "cut", ConnectionError), ("hang", "timeout", TimeoutError)],
)
def test_no_answer_is_recorded_with_its_reason(
    server: ModelServer, tape: MemoryTape, model: str, kind: str, error: type[Exception]
) -> None:
    """A failed attempt is an event, and playback raises the library's error for it."""
    for opened in (tape, None):
        with tape_in(opened or tape.rewound()), pytest.raises(error):
            post(server.chat, ask_bytes(model), timeout=0.1)
    assert kind == tape.calls[0].failure.kind


@pytest.mark.parametrize(
    ("model", "ended", "error"),
    [
        ("cut", "cut", http.client.IncompleteRead),
        ("hang", "timeout", TimeoutError),
    ],
)
def test_a_broken_stream_plays_to_the_same_error(
    server: ModelServer, tape: MemoryTape, model: str, ended: str, error: type[Exception]
) -> None:
    """A stream that breaks or stalls is recorded as far as it came."""

    def read() -> list[bytes]:
        got: list[bytes] = []
        with (
            post(server.chat, ask_bytes(model, stream=True), timeout=0.2) as response,
            pytest.raises(error),
        ):
            got.extend(iter(response.read1, b""))
        return got

    live = read()
    with tape_in(tape.rewound()):
        assert live == read()
    assert b"".join(chat_chunks(WORDS, model)[:4]) == tape.calls[0].body
    assert ended == tape.calls[0].ended


def test_a_cut_that_readline_hides_is_noted(server: ModelServer, tape: MemoryTape) -> None:
    """http.client ends the lines of a cut stream without an error; the event says `cut`."""
    with post(server.chat, ask_bytes("cut", stream=True)) as response:
        assert 8 == len(list(response))
    assert "cut" == tape.calls[0].ended


def test_a_short_body_is_cut(server: ModelServer, tape: MemoryTape) -> None:
    """What came of a body shorter than announced is recorded."""
    for opened in (tape, None):
        with (
            tape_in(opened or tape.rewound()),
            post(server.chat, ask_bytes("short")) as response,
            pytest.raises(http.client.IncompleteRead) as raised,
        ):
            response.read()
        assert b'{"id": ' == raised.value.partial
    assert (b'{"id": ', "cut") == (tape.calls[0].body, tape.calls[0].ended)


def test_a_reader_that_leaves_early_is_noted(server: ModelServer, tape: MemoryTape) -> None:
    """A stream closed before its end is `left`."""
    server.pause = 0.01
    with post(server.chat, ask_bytes(stream=True)) as response:
        response.readline()
    assert "left" == tape.calls[0].ended


def test_a_file_body_reaches_tape_and_server(server: ModelServer, tape: MemoryTape) -> None:
    """A file is recorded whole and sent whole."""
    with post(server.chat, io.BytesIO(ask_bytes(text="from a file"))) as response:
        assert b"you said: from a file" in response.read()
    assert [ask_bytes(text="from a file")] == server.bodies == [tape.calls[0].request.content]


def test_a_body_sent_in_steps_is_known_when_the_answer_is_asked_for(
    connection: http.client.HTTPConnection, tape: MemoryTape
) -> None:
    """The low-level calls of http.client are captured, and the connection can be used again."""

    def call() -> bytes:
        connection.putrequest("POST", "/v1/chat/completions")
        connection.putheader("Content-Length", str(len(ask_bytes())))
        connection.endheaders()
        connection.send(ask_bytes()[:10])
        connection.send(ask_bytes()[10:])
        return connection.getresponse().read()

    live = call()
    with tape_in(tape.rewound()):
        assert live == call()
    assert live == call()
    assert ask_bytes() == tape.calls[0].request.content


def test_a_request_given_up_leaves_nothing_behind(
    connection: http.client.HTTPConnection, tape: MemoryTape
) -> None:
    """A request closed before its body was sent is no call, and the next one is whole."""
    connection.putrequest("POST", "/v1/chat/completions")
    connection.putheader("Content-Length", "5")
    connection.endheaders()
    connection.close()
    connection.request("POST", "/v1/chat/completions", body=ask_bytes())
    assert 200 == connection.getresponse().status
    assert 1 == len(tape.calls)


def test_a_call_without_a_body_is_known_at_once(captured: None) -> None:
    """A GET of a known host is routed when its headers end."""
    connection = http.client.HTTPSConnection("api.openai.com")
    with tape_in(playing(b"[]")) as tape:
        connection.request("GET", "/v1/models")
        assert b"[]" == connection.getresponse().read()
    assert "https://api.openai.com/v1/models" == tape.asked[0].url


def test_an_answer_without_a_body_is_complete(server: ModelServer, tape: MemoryTape) -> None:
    """A response that has no body is over when its head came."""
    with post(server.chat, ask_bytes("empty")) as live:
        assert (204, b"") == (live.status, live.read())
    with tape_in(tape.rewound()), post(server.chat, ask_bytes("empty")) as played:
        assert (204, b"") == (played.status, played.read())
    assert "complete" == tape.calls[0].ended


def test_a_cancelled_call_plays_as_a_timeout(captured: None) -> None:
    """Nobody can cancel a call of a synchronous client, so it gives up."""
    failure = Failure(kind="cancelled", message="gone")
    with tape_in(playing(failure=failure)), pytest.raises(TimeoutError, match="gone"):
        post("https://api.openai.com/v1/responses", b"{}")


def test_other_calls_and_passed_calls_go_live(server: ModelServer, tape: MemoryTape) -> None:
    """What is no LLM call leaves no trace; what a tape does not want goes live."""
    with urllib.request.urlopen(f"{server.url}/v1/models", timeout=5) as response:
        assert b'{"models": []}' == response.read()
    assert [] == tape.asked
    with tape_in(MemoryTape(lambda _request: None)), post(server.chat, ask_bytes()) as response:
        assert b"you said" in response.read()


def test_a_miss_reaches_the_caller(server: ModelServer, captured: None) -> None:
    """What the tape raises is what the caller gets."""
    with tape_in(MemoryTape().rewound()), pytest.raises(Missed):
        post(server.chat, ask_bytes())
    assert [] == server.hits
