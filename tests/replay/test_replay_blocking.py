"""One attempt by who waits for it: what leaves, what comes and when, how failures read."""

from __future__ import annotations

import base64
import gzip
import itertools
import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any

import pytest
from replay.replay_server import CHAT, Answer, Loopback, Seen, answering_in_clear, as_json, outgoing

from pytest_llmreplay.replay.calls.result import CallFailed
from pytest_llmreplay.replay.sending.blocking import BlockingClient
from pytest_llmreplay.replay.sending.bounds import Limits

Serve = Callable[[Callable[[Seen], Any]], Loopback]

KEY = "sk-test-1234567890"
EVENTS = {"content-type": "text/event-stream"}


class Waiting:
    """A client that waits for each of its calls.

    Args:
        url: Where they go.
    """

    def __init__(self, url: str, *, timeout: float = 5.0, **more: Any) -> None:
        self._request = outgoing(url, **more)
        self.client = BlockingClient(
            self._request.endpoint, concurrency=2, timeout=timeout, limits=Limits()
        )

    def pieces(self, patience: float | None = None) -> Iterator[bytes]:
        """The answer, as it comes."""
        reply = self.client.ask(self._request, target="local", patience=patience)
        return iter(reply.read, None)

    def answer(self) -> bytes:
        """The whole answer."""
        return b"".join(self.pieces())

    def failure(self, patience: float | None = None) -> CallFailed:
        """Why there is none."""
        with pytest.raises(CallFailed) as failed:
            list(self.pieces(patience))
        return failed.value


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment, which names no proxy."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


def test_the_request_leaves_as_it_is_with_the_key_in_one_header(serve: Serve) -> None:
    """Byte for byte, and nothing of the HTTP library's own."""
    server = serve(lambda _: as_json(CHAT))
    waiting = Waiting(server.url)
    assert CHAT == json.loads(waiting.answer())
    (seen,) = server.seen
    assert outgoing(server.url).content == seen.body
    assert ("POST", "/chat/completions") == (seen.method, seen.path)
    assert ["authorization"] == [name for name, value in seen.headers.items() if KEY in value]
    assert ("pytest-llmreplay", "identity") == (
        seen.headers["user-agent"],
        seen.headers["accept-encoding"],
    )


def test_head_and_body_leave_together(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call is one packet, as far as it fits, and wakes its server once."""
    server = serve(lambda _: as_json(CHAT))
    sent: list[bytes] = []
    send = socket.socket.sendall

    def noted(self: socket.socket, data: bytes, *flags: int) -> None:
        sent.append(bytes(data))
        send(self, data, *flags)

    monkeypatch.setattr(socket.socket, "sendall", noted)
    Waiting(server.url).answer()
    (whole,) = (data for data in sent if not data.startswith(b"HTTP/"))
    assert whole.startswith(b"POST ")
    assert whole.endswith(b"\r\n\r\n" + outgoing(server.url).content)


def test_one_connection_carries_call_after_call(serve: Serve) -> None:
    """Answers of both framings leave it whole."""
    whole, stream = as_json(CHAT), Answer(body=[b"data: 1\n\n", b"data: 2\n\n"], headers=EVENTS)
    server = serve(lambda seen: (whole, stream)[seen.number % 2])
    waiting = Waiting(server.url)
    assert [json.dumps(CHAT).encode(), b"data: 1\n\ndata: 2\n\n"] * 2 == [
        waiting.answer() for _ in range(4)
    ]
    assert server.connections == 1


CLOSING = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"


def test_pieces_come_as_the_server_sends_them(serve: Serve) -> None:
    """Long before the last of them, and one by one."""
    drops = [b"data: %d\n\n" % number for number in range(4)]
    server = serve(lambda _: Answer(body=drops, between=0.3, headers=EVENTS))
    began, pieces = monotonic(), Waiting(server.url).pieces()
    assert next(pieces) == drops[0]
    assert monotonic() - began < 0.8
    assert drops[1:] == list(pieces)


def test_pieces_come_one_by_one_without_a_length_too() -> None:
    """Simple servers end a stream by closing the connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        go_on = threading.Event()

        def serve_one() -> None:
            connection, _ = listening.accept()
            with connection:
                asked = b""
                while not asked.endswith(outgoing("").content):
                    asked += connection.recv(65536)
                connection.sendall(CLOSING + b"data: 1\n\n")
                assert go_on.wait(10)
                connection.sendall(b"data: 2\n\n")

        server = threading.Thread(target=serve_one)
        server.start()
        pieces = Waiting(f"http://127.0.0.1:{listening.getsockname()[1]}").pieces()
        assert next(pieces) == b"data: 1\n\n"
        go_on.set()
        assert [b"data: 2\n\n"] == list(pieces)
        server.join()


def test_who_leaves_a_stream_early_can_ask_again(serve: Serve) -> None:
    """Its connection is closed, and nothing of it is in the next answer."""
    drops = [b"data: 1\n\n"] * 50
    server = serve(lambda seen: as_json(CHAT) if seen.number else Answer(body=drops, between=0.1))
    waiting = Waiting(server.url)
    reply = waiting.client.ask(outgoing(server.url), target="local")
    assert reply.read() == b"data: 1\n\n"
    reply.close()
    assert CHAT == json.loads(waiting.answer())
    assert server.connections == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_never_followed(serve: Serve, status: int) -> None:
    """The host that one points to sees nothing."""
    evil = serve(lambda _: as_json(CHAT))
    server = serve(lambda _: Answer(status=status, headers={"location": f"{evil.url}/v1"}))
    failed = Waiting(server.url).failure()
    assert ("redirect", status, []) == (failed.kind, failed.status, evil.seen)


def test_a_proxy_of_the_environment_is_asked_for_other_hosts(
    serve: Serve, environment: pytest.MonkeyPatch
) -> None:
    """With the credentials of its address, which the server does not get."""
    proxy = serve(lambda _: as_json(CHAT))
    environment.setenv("HTTP_PROXY", proxy.url.replace("//", "//me:p%40s%E2%82%AC@"))
    assert CHAT == json.loads(Waiting("http://models.invalid/v1").answer())
    (seen,) = proxy.seen
    assert seen.path == "http://models.invalid/v1/chat/completions"
    named = base64.b64encode("me:p@s€".encode()).decode()
    assert f"Basic {named}" == seen.headers["proxy-authorization"]
    environment.setenv("NO_PROXY", "models.invalid")
    assert Waiting("http://models.invalid/v1").failure().kind == "dns"


def test_no_proxy_is_asked_for_this_machine(serve: Serve, environment: pytest.MonkeyPatch) -> None:
    """Wherever one is named."""
    proxy, server = serve(lambda _: as_json(CHAT)), serve(lambda _: as_json(CHAT))
    environment.setenv("HTTP_PROXY", proxy.url)
    environment.setenv("ALL_PROXY", proxy.url)
    Waiting(server.url).answer()
    assert (1, 0) == (len(server.seen), len(proxy.seen))


def test_a_server_that_cannot_be_reached_is_named(environment: pytest.MonkeyPatch) -> None:
    """Nobody listens; the name is wrong; no TLS is spoken."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    refused = Waiting(f"http://127.0.0.1:{port}").failure()
    assert f"local at 127.0.0.1:{port}: connection refused; is the server running?" == str(refused)
    unknown = Waiting("http://no-such-host.invalid/v1").failure()
    assert "local at no-such-host.invalid: the host name cannot be resolved" in str(unknown)
    assert ("connect", "dns") == (refused.kind, unknown.kind)


def test_plain_http_on_a_tls_port_is_told() -> None:
    """TLS against a server that speaks none fails as TLS."""
    with answering_in_clear() as port:
        failed = Waiting(f"https://127.0.0.1:{port}").failure()
    assert failed.kind == "tls"


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (Answer(raw=b""), "unanswered", "no answer"),
        (Answer(raw=b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), "unanswered", "no answer"),
        (Answer(body=b'{"id": ', cut=True), "cut", "broke after status 200 and 7 bytes"),
        (Answer(body=[b"data: 1\n\n"], cut=True), "cut", "broke after status 200 and 9 bytes"),
        (Answer(delay=5, body=b"{}"), "timeout", "no whole answer within 0.5 s (0 bytes came)"),
        (
            Answer(body=[b": ping\n\n"] * 200, between=0.05, headers=EVENTS),
            "timeout",
            "no whole answer within 0.5 s",
        ),
    ],
)
def test_an_answer_that_is_not_whole_is_told(
    serve: Serve, answer: Answer, kind: str, words: str
) -> None:
    """What came of it, and what was waited for."""
    server = serve(lambda _: answer)
    failed = Waiting(server.url, timeout=0.5).failure()
    assert kind == failed.kind
    assert words in str(failed)


def test_what_the_caller_is_handling_led_to_no_failure(serve: Serve) -> None:
    """As SDKs handle the failure before when they try again."""
    server = serve(lambda _: Answer(raw=b""))
    try:
        raise ConnectionRefusedError("somewhere else")  # noqa: TRY301 - as a call would
    except ConnectionRefusedError:
        failed = Waiting(server.url).failure()
    assert "unanswered" == failed.kind
    assert "no answer: Remote end closed connection without response" in str(failed)


def test_a_client_that_is_less_patient_waits_no_longer(serve: Serve) -> None:
    """Its own limit between two pieces counts, as it would without us."""
    server = serve(lambda _: Answer(body=[b"data: 1\n\n"] * 2, between=3, headers=EVENTS))
    began = monotonic()
    failed = Waiting(server.url).failure(patience=0.2)
    assert ("timeout", True) == (failed.kind, monotonic() - began < 2)
    assert "within 0.2 s (9 bytes came)" in str(failed)


@pytest.mark.parametrize(("hangs_up", "asked"), [({1}, 3), ({1, 2, 3}, 3)])
def test_a_kept_connection_on_which_the_server_hangs_up(
    serve: Serve, hangs_up: set[int], asked: int
) -> None:
    """After an answer, a call whose connection is closed at once is sent again, once."""
    server = serve(lambda seen: Answer(raw=b"") if seen.number in hangs_up else as_json(CHAT))
    waiting = Waiting(server.url)
    waiting.answer()
    if len(hangs_up) == 1:
        assert CHAT == json.loads(waiting.answer())
    else:
        assert waiting.failure().kind == "unanswered"
    assert asked == len(server.seen)


def test_a_packed_answer_is_unpacked_and_measured(serve: Serve) -> None:
    """Nobody asked for it, and a bomb is refused."""
    texts = itertools.chain([b"{}"], itertools.repeat(b" " * (40 << 20)))
    packed = {"content-encoding": "gzip", "content-type": "application/json"}
    server = serve(lambda _: Answer(body=gzip.compress(next(texts)), headers=packed))
    waiting = Waiting(server.url)
    assert b"{}" == waiting.answer()
    assert waiting.failure().kind == "too large"


def test_no_log_and_no_exception_holds_the_key(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    """Not at the most talkative level either."""
    caplog.set_level(logging.DEBUG)
    server = serve(lambda seen: Answer(raw=b"") if seen.number else as_json(CHAT))
    waiting = Waiting(server.url)
    waiting.answer()
    failed = waiting.failure()
    assert failed.__cause__ is failed.__context__ is None
    assert KEY not in f"{caplog.text}{failed!r}"
