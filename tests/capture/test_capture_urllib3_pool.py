"""urllib3, requests and botocore against a real server."""

from __future__ import annotations

import contextvars
import gc
import io
import json
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import Any

import botocore.awsrequest
import botocore.exceptions
import botocore.httpsession
import pytest
import requests
import requests.adapters
import urllib3
from capture.capture_server import WORDS, ModelServer, ask, chat_chunks
from capture.capture_tape import MemoryTape, Missed, playing, tape_in

from pytest_llmreplay.event import Failure

STREAM = chat_chunks(WORDS)


def test_a_requests_call_is_one_event_and_plays(server: ModelServer, tape: MemoryTape) -> None:
    """Requests over urllib3 over http.client is recorded once, under the name of requests."""
    live = requests.post(server.chat, json=ask(), timeout=5)
    with tape_in(tape.rewound()):
        played = requests.post(server.chat, json=ask(), timeout=5)
    (call,) = tape.calls
    assert live.json() == played.json()
    assert ("requests", server.chat) == (call.request.library, call.request.url)
    assert ask() == json.loads(call.request.content)
    assert call.request.headers["content-type"] == played.headers["content-type"]
    assert ["/v1/chat/completions"] == server.hits
    assert "OK" == played.reason


def test_the_tape_knows_how_long_the_client_waits(server: ModelServer, tape: MemoryTape) -> None:
    """For more of an answer: what the call says, else its pool; none where nothing says it."""
    body = json.dumps(ask()).encode()
    requests.post(server.chat, json=ask(), timeout=(3, 5))
    requests.post(server.chat, json=ask())
    with urllib3.PoolManager(timeout=7) as pool:
        pool.request("POST", server.chat, body=body)
        pool.request("POST", server.chat, body=body, timeout=2.5)
    with urllib3.PoolManager() as pool:
        pool.request("POST", server.chat, body=body)
    assert [5, None, 7, 2.5, None] == [call.request.patience for call in tape.calls]


def test_a_requests_stream_passes_piece_by_piece(server: ModelServer, tape: MemoryTape) -> None:
    """The first piece comes early while recording, and playback gives equal pieces."""

    def read() -> list[bytes]:
        body = ask(stream=True)
        with requests.post(server.chat, json=body, stream=True, timeout=5) as response:
            pieces = response.iter_content(None)
            first = next(pieces)
            server.go_on.set()
            return [first, *pieces]

    server.holds, server.pause = True, 0.02
    live = read()
    with tape_in(tape.rewound()):
        played = read()
    assert STREAM == live == played == tape.calls[0].chunks
    assert "complete" == tape.calls[0].ended


def test_requests_reads_lines_of_a_played_stream(server: ModelServer, tape: MemoryTape) -> None:
    """`iter_lines` gives the lines of the live answer."""

    def read() -> list[bytes]:
        with requests.post(server.chat, json=ask(stream=True), stream=True, timeout=5) as response:
            return [line for line in response.iter_lines() if line]

    live = read()
    with tape_in(tape.rewound()):
        assert live == read()
    assert b"data: [DONE]" == live[-1]


def test_a_requests_reader_that_leaves_early_is_noted(
    server: ModelServer, tape: MemoryTape
) -> None:
    """A stream closed before its end is `left`."""
    server.pause = 0.01
    with requests.post(server.chat, json=ask(stream=True), stream=True, timeout=5) as response:
        next(response.iter_content(None))
    assert "left" == tape.calls[0].ended


def test_a_requests_stream_nobody_closed_is_noted(server: ModelServer, tape: MemoryTape) -> None:
    """A collected stream is `left`."""
    server.pause = 0.01
    session = requests.Session()
    response = session.post(server.chat, json=ask(stream=True), stream=True, timeout=5)
    next(response.iter_content(None))
    response.raw.close()
    del response
    session.close()
    gc.collect()
    assert "left" == tape.calls[0].ended


def test_a_cut_requests_stream_plays_to_the_same_error(
    server: ModelServer, tape: MemoryTape
) -> None:
    """The pieces before the break arrive live and played, then ChunkedEncodingError."""

    def read() -> list[bytes]:
        pieces: list[bytes] = []
        sent = ask("cut", stream=True)
        with (
            requests.post(server.chat, json=sent, stream=True, timeout=5) as response,
            pytest.raises(requests.exceptions.ChunkedEncodingError),
        ):
            pieces.extend(response.iter_content(None))
        return pieces

    live = read()
    with tape_in(tape.rewound()):
        assert live == read()
    assert chat_chunks(WORDS, "cut")[:4] == live
    assert "cut" == tape.calls[0].ended


def test_a_stalled_requests_stream_plays_to_the_same_error(
    server: ModelServer, tape: MemoryTape
) -> None:
    """A read timeout in mid-stream is recorded and raised again."""

    def read() -> None:
        sent = ask("hang", stream=True)
        with (
            requests.post(server.chat, json=sent, stream=True, timeout=0.1) as response,
            pytest.raises(requests.exceptions.ConnectionError, match="Read timed out"),
        ):
            list(response.iter_content(None))

    read()
    with tape_in(tape.rewound()):
        read()
    assert "timeout" == tape.calls[0].ended


@pytest.mark.skipif(version("urllib3").startswith("1."), reason="requests lets it pass there")
def test_a_short_body_is_cut(server: ModelServer, tape: MemoryTape) -> None:
    """A body shorter than announced is recorded as far as it came."""

    def read() -> None:
        with pytest.raises(requests.exceptions.RequestException):
            requests.post(server.chat, json=ask("short"), timeout=5)

    read()
    with tape_in(tape.rewound()):
        read()
    assert (b'{"id": ', "cut") == (tape.calls[0].body, tape.calls[0].ended)


@pytest.mark.parametrize(
    ("model", "kind", "error"),
    [
        ("reset", "cut", requests.exceptions.ConnectionError),
        ("hang", "timeout", requests.exceptions.ReadTimeout),
    ],
)
def test_no_answer_to_requests_is_recorded_with_its_reason(
    server: ModelServer, tape: MemoryTape, model: str, kind: str, error: type[Exception]
) -> None:
    """A failed attempt is an event, and playback raises what requests raises for it."""

    def read() -> None:
        with pytest.raises(error):
            requests.post(server.chat, json=ask(model), timeout=0.1)

    read()
    with tape_in(tape.rewound()):
        read()
    assert kind == tape.calls[0].failure.kind


def test_a_refused_connection_is_recorded(closed_port: str, tape: MemoryTape) -> None:
    """A refused connection is of kind `connect`."""

    def read() -> None:
        with pytest.raises(requests.exceptions.ConnectionError):
            requests.post(closed_port, json=ask(), timeout=1)

    read()
    with tape_in(tape.rewound()):
        read()
    assert "connect" == tape.calls[0].failure.kind


def test_retries_of_urllib3_end_on_playback_too(captured: None) -> None:
    """A recorded failure is raised once the pool's own retries are used up, without waiting."""
    tape = playing(failure=Failure(kind="connect", message="refused"))
    manager = urllib3.PoolManager(retries=urllib3.Retry(3, backoff_factor=60))
    with tape_in(tape), pytest.raises(urllib3.exceptions.MaxRetryError):
        manager.request("POST", "https://api.openai.com/v1/responses", body="{}")


def test_endless_retries_end_on_playback_too(captured: None) -> None:
    """A pool told to retry for ever gives up on a recorded failure."""
    tape = playing(failure=Failure(kind="connect", message="refused"))
    endless = urllib3.Retry(None, connect=None, read=None, other=None)
    manager = urllib3.PoolManager(retries=endless)
    with tape_in(tape), pytest.raises(urllib3.exceptions.NewConnectionError):
        manager.request("POST", "https://api.openai.com/v1/responses", body="{}")


def test_compressed_bytes_are_recorded_as_they_came(server: ModelServer, tape: MemoryTape) -> None:
    """The recorder gets gzip bytes and their header; playback needs neither."""
    live = requests.post(server.chat, json=ask("gzip"), timeout=5)
    with tape_in(tape.rewound()):
        played = requests.post(server.chat, json=ask("gzip"), timeout=5)
    assert "gzip" == dict(tape.calls[0].headers)["content-encoding"]
    assert tape.calls[0].chunks[0].startswith(b"\x1f\x8b")
    assert live.json() == played.json()


def test_an_adapter_of_the_users_own_is_seen(server: ModelServer, tape: MemoryTape) -> None:
    """An adapter that overrides `send` is captured beneath it."""

    class Own(requests.adapters.HTTPAdapter):
        def send(self, request: Any, **options: Any) -> Any:  # type: ignore[override]
            request.headers["x-own"] = "1"
            return super().send(request, **options)

    with requests.Session() as session:
        session.mount("http://", Own())
        session.post(server.chat, json=ask(), timeout=5)
    assert "1" == tape.calls[0].request.headers["x-own"]


def test_an_adapter_that_answers_itself_is_left_alone(tape: MemoryTape) -> None:
    """Mocks of requests answer as before."""

    class Mocked(requests.adapters.BaseAdapter):
        def send(self, request: Any, **_options: Any) -> Any:  # type: ignore[override]
            response = requests.Response()
            response.status_code = 418
            response.url = request.url
            return response

        def close(self) -> None:
            """Nothing to close."""

    with requests.Session() as session:
        session.mount("https://", Mocked())
        assert 418 == session.post("https://api.openai.com/v1/responses", timeout=5).status_code
    assert [] == tape.asked


@pytest.mark.parametrize("kind", ["generator", "file", "text file"])
def test_a_body_that_can_be_read_once_reaches_tape_and_server(
    server: ModelServer, tape: MemoryTape, kind: str
) -> None:
    """Generators and files are recorded whole and sent whole."""
    whole = json.dumps(ask(text="in two pieces"))
    bodies: dict[str, Any] = {
        "generator": (part.encode() for part in (whole[:9], whole[9:])),
        "file": io.BytesIO(whole.encode()),
        "text file": io.StringIO(whole),
    }
    answer = requests.post(server.chat, data=bodies[kind], timeout=5).json()
    assert "you said: in two pieces" == answer["choices"][0]["message"]["content"]
    assert [whole.encode()] == server.bodies == [tape.calls[0].request.content]


def test_connections_are_kept_alive_while_recording(server: ModelServer, tape: MemoryTape) -> None:
    """Recording gives connections back to their pool."""
    with requests.Session() as session:
        for number in range(3):
            session.post(server.chat, json=ask(text=str(number)), timeout=5)
        assert session.post(server.chat, json=ask(stream=True), stream=True, timeout=5).content
        session.post(server.chat, json=ask(), timeout=5)
    assert 5 == len(tape.calls)
    assert 1 == server.connections


def test_urllib3_used_directly(server: ModelServer, tape: MemoryTape) -> None:
    """A preloaded answer is recorded decoded, and played preloaded."""
    sent = json.dumps(ask("gzip"))
    with urllib3.PoolManager() as manager:
        live = manager.request("POST", server.chat, body=sent)
        with tape_in(tape.rewound()):
            played = manager.request("POST", server.chat, body=sent)
    assert "urllib3" == tape.calls[0].request.library
    assert live.data == played.data == tape.calls[0].body


def test_urllib3_reads_a_stream_in_every_way(server: ModelServer, tape: MemoryTape) -> None:
    """`stream`, `read1`, `read` of a size and iteration give the bytes of the live answer."""
    ways = {
        "stream": lambda response: b"".join(response.stream(7)),
        "read": lambda response: response.read(0) + b"".join(iter(lambda: response.read(11), b"")),
        "all": lambda response: response.read(),
        "lines": b"".join,
    }
    if hasattr(urllib3.HTTPResponse, "read1"):
        ways["read1"] = lambda response: b"".join(iter(response.read1, b""))
    for way in ways.values():
        with urllib3.PoolManager() as manager:
            sent: dict[str, Any] = {"body": json.dumps(ask(stream=True)), "preload_content": False}
            live = way(manager.request("POST", server.chat, **sent))
            with tape_in(tape.rewound()):
                played = way(manager.request("POST", server.chat, **sent))
        call = tape.calls.pop()
        assert b"".join(STREAM) == live == played == call.body
        assert "complete" == call.ended


def test_other_urllib3_calls_pass_untouched(server: ModelServer, tape: MemoryTape) -> None:
    """What is no LLM call goes live and leaves no trace."""
    assert {"models": []} == requests.get(f"{server.url}/v1/models", timeout=5).json()
    assert [] == tape.asked


def test_a_miss_reaches_the_caller_of_requests(server: ModelServer, captured: None) -> None:
    """What the tape raises is what the caller gets."""
    with tape_in(MemoryTape().rewound()), pytest.raises(Missed):
        requests.post(server.chat, json=ask(), timeout=5)
    assert [] == server.hits


def test_a_tape_may_let_a_requests_call_pass(server: ModelServer, captured: None) -> None:
    """A tape that does not want a call sees it go live, once."""
    with tape_in(MemoryTape(lambda _request: None)) as tape:
        requests.post(server.chat, json=ask(), timeout=5)
    assert 1 == len(server.hits)
    assert 1 == len(tape.asked)  # type: ignore[attr-defined]


def bedrock(url: str, **more: Any) -> botocore.awsrequest.AWSPreparedRequest:
    """A prepared request as botocore sends it."""
    body = json.dumps(ask(**more)).encode()
    return botocore.awsrequest.AWSRequest(
        "POST", url, data=body, headers={"content-type": "application/json"}
    ).prepare()


def test_a_botocore_call_is_one_event_and_plays(server: ModelServer, tape: MemoryTape) -> None:
    """Botocore's session is captured at urllib3, whole answers and streams."""
    session = botocore.httpsession.URLLib3Session()
    live = session.send(bedrock(server.chat))
    with tape_in(tape.rewound()):
        played = session.send(bedrock(server.chat))
    assert live.content == played.content
    assert "botocore" == tape.calls[0].request.library
    assert 1 == len(tape.calls)


def test_a_botocore_stream_plays(server: ModelServer, tape: MemoryTape) -> None:
    """A streamed answer of botocore is recorded as it is read."""

    def read() -> bytes:
        request = bedrock(server.chat, stream=True)
        request.stream_output = True
        return b"".join(botocore.httpsession.URLLib3Session().send(request).raw.stream())

    live = read()
    with tape_in(tape.rewound()):
        assert live == read()
    assert b"".join(STREAM) == live == tape.calls[0].body


def test_a_botocore_failure_plays_as_its_own_error(closed_port: str, tape: MemoryTape) -> None:
    """A refused connection is EndpointConnectionError, live and played."""
    session = botocore.httpsession.URLLib3Session()
    with pytest.raises(botocore.exceptions.EndpointConnectionError):
        session.send(bedrock(closed_port))
    with tape_in(tape.rewound()), pytest.raises(botocore.exceptions.EndpointConnectionError):
        session.send(bedrock(closed_port))


def test_requests_from_16_threads_are_all_recorded(server: ModelServer, tape: MemoryTape) -> None:
    """200 calls from a pool of 16 threads are 200 events."""

    def call(number: int) -> str:
        answer = requests.post(server.chat, json=ask(text=str(number)), timeout=5).json()
        return str(answer["choices"][0]["message"]["content"])

    with ThreadPoolExecutor(16) as pool:
        live = list(pool.map(call, range(200)))
        assert [f"you said: {number}" for number in range(200)] == live
        with tape_in(tape.rewound()), ThreadPoolExecutor(1) as alone:
            context = contextvars.copy_context()
            assert live[7] == alone.submit(context.run, call, 7).result()
    assert 200 == len(tape.calls) == len(server.hits)


def test_two_threads_each_record_on_their_own_tape(server: ModelServer, captured: None) -> None:
    """Ten calls each are ten events each."""

    def work(_number: int) -> int:
        with tape_in(MemoryTape()) as own:
            for number in range(10):
                requests.post(server.chat, json=ask(text=str(number)), timeout=5)
            return len(own.calls)  # type: ignore[attr-defined]

    with ThreadPoolExecutor(2) as pool:
        assert [10, 10] == list(pool.map(work, range(2)))


@pytest.mark.parametrize("model", ["stall", "short"])
def test_urllib3_notes_how_a_plain_body_broke(
    server: ModelServer, tape: MemoryTape, model: str
) -> None:
    """A body that stalls or ends too soon is recorded as far as it came, whole reads included."""

    def read() -> None:
        sent = json.dumps(ask(model))
        with urllib3.PoolManager(timeout=0.1) as manager:
            response = manager.request("POST", server.chat, body=sent, preload_content=False)
            with pytest.raises(urllib3.exceptions.HTTPError):
                response.read()

    read()
    with tape_in(tape.rewound()):
        read()
    assert {"stall": "timeout", "short": "cut"}[model] == tape.calls[0].ended


def test_a_call_through_a_proxy_is_known_by_its_own_url(captured: None) -> None:
    """Pools of a proxy are given absolute URLs."""
    with urllib3.ProxyManager("http://127.0.0.1:9") as manager, tape_in(playing(b"[]")) as tape:
        assert b"[]" == manager.request("GET", "http://llm.invalid/v1/models").data
    assert "http://llm.invalid/v1/models" == tape.asked[0].url  # type: ignore[attr-defined]
    assert b"" == tape.asked[0].content  # type: ignore[attr-defined]


def test_a_preloaded_answer_that_is_not_decoded_keeps_its_encoding(
    server: ModelServer, tape: MemoryTape
) -> None:
    """With `decode_content=False` the bytes are as they came, and the header says so."""
    with urllib3.PoolManager() as manager:
        sent = json.dumps(ask("gzip"))
        manager.request("POST", server.chat, body=sent, decode_content=False)
    assert "gzip" == dict(tape.calls[0].headers)["content-encoding"]
    assert b"you said" in tape.calls[0].body
