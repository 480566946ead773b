"""The loopback server speaks HTTP/1.1 as clients expect it, for many of them at once."""

from __future__ import annotations

import http.client
import json
import logging
import socket
import threading
import time
from dataclasses import replace
from urllib.parse import urlsplit

import httpx2
import pytest
from raw_http import status_of, talk

from pytest_llmreplay.loopback import LoopbackServer, Piece, Reply
from pytest_llmreplay.loopback.body import BODY_LIMIT, Chunked
from pytest_llmreplay.loopback.connection import HttpCall

JSON = {"content-type": "application/json"}


def echo(call: HttpCall) -> Reply:
    """Answer with the body that came."""
    return Reply.plain({"path": call.path, "body": call.body.decode()})


def stream(count: int, *, total: float = 0.0) -> Reply:
    """A stream of numbers."""
    events = (b"data: %d\n\n" % number for number in range(count))
    return Reply.stream(events).paced(first=total / count, total=total)


def test_keep_alive() -> None:
    """Many calls share one connection."""
    with LoopbackServer(echo) as server, httpx2.Client() as client:
        for number in range(3):
            answer = client.post(f"{server.url}/v1/x?a=1", content=f"{number}", headers=JSON)
            assert {"path": "/v1/x", "body": f"{number}"} == answer.json()
        assert 1 == len(server._connections)


def test_pipelined_and_split_requests() -> None:
    """Requests are answered in order, however their bytes are cut."""
    with LoopbackServer(echo) as server:
        at = urlsplit(server.url)
        one = (
            f"POST {at.path}/v1/x HTTP/1.1\r\nhost: {at.netloc}\r\n"
            "content-type: application/json\r\ncontent-length: 1\r\n\r\n"
        )
        raw = "".join(f"{one}{number}" for number in range(5)).encode()
        with socket.create_connection((at.hostname, at.port), timeout=5) as client:
            for start in range(0, len(raw), 50):
                client.sendall(raw[start : start + 50])
            client.shutdown(socket.SHUT_WR)
            answers = b"".join(iter(lambda: client.recv(65536), b""))
    assert [f'"body":"{number}"' in answers.decode() for number in range(5)] == [True] * 5
    assert 5 == answers.count(b"HTTP/1.1 200 OK")


def in_chunks(server: LoopbackServer, *parts: bytes) -> bytes:
    """A raw request whose body is these bytes, framing included."""
    at = urlsplit(server.url)
    head = (
        f"POST {at.path}/v1/x HTTP/1.1\r\nhost: {at.netloc}\r\ncontent-type: application/json\r\n"
        "transfer-encoding: Chunked\r\n\r\n"
    )
    return head.encode() + b"".join(parts)


@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_bodies_in_chunks(step: int) -> None:
    """What clients write while they make it is one body, however it is cut, with its trailers."""
    with LoopbackServer(echo) as server:
        one = in_chunks(server, b'5\r\n{"a":\r\n', b"02;x=y\r\n1}\r\n", b"0\r\n\r\n")
        two = in_chunks(server, b"A \r\n[12,\r\n\r\n3]\r\n", b"000\r\nx-sum: 1\r\ny: 2\r\n\r\n")
        raw = one + two + in_chunks(server, b"0\r\n\r\n")
        at = urlsplit(server.url)
        with socket.create_connection((at.hostname, at.port), timeout=5) as client:
            for start in range(0, len(raw), step):
                client.sendall(raw[start : start + step])
            client.shutdown(socket.SHUT_WR)
            answers = b"".join(iter(lambda: client.recv(65536), b"")).decode()
    replies = answers.split("HTTP/1.1 200 OK\r\n")[1:]
    bodies = [json.loads(reply.partition("\r\n\r\n")[2])["body"] for reply in replies]
    assert ['{"a":1}', "[12,\r\n\r\n3]", ""] == bodies


@pytest.mark.parametrize(
    "body", [b"hi", b'{"a":', b'{"a": 1} x', b"\xff", b"a=1&b=2", b"[" * 100_000]
)
@pytest.mark.parametrize("files", [True, False])
def test_a_body_that_says_it_is_json_and_is_none(body: bytes, *, files: bool) -> None:
    """Nobody is asked about it, a provider least of all."""
    asked: list[HttpCall] = []

    def note(call: HttpCall) -> Reply:
        asked.append(call)
        return Reply.plain({})

    kind = {"content-type": "application/json; charset=utf-8", "authorization": "Bearer k"}
    with LoopbackServer(note, files=files) as server:
        answer = httpx2.post(f"{server.url}/v1/x", content=body, headers=kind)
        without = httpx2.post(f"{server.url}/v1/x", headers=kind)  # as a call that cancels
    assert (400, 200) == (answer.status_code, without.status_code)
    assert "The body is no JSON." in answer.text
    assert [b""] == [call.body for call in asked]


def test_a_body_in_chunks_byte_by_byte() -> None:
    """It is there with its last byte, and not before."""
    reading, buffer, taken = Chunked(), bytearray(), []
    for byte in b"2;x\r\n{}\r\n0\r\nx-sum: 1\r\n\r\n":
        buffer.append(byte)
        taken.append(reading.take(buffer))
    assert [b"{}"] == [body for body in taken if body is not None]
    assert b"{}" == taken[-1]


@pytest.mark.parametrize(
    ("status", "framing"),
    [
        (400, b"x\r\n"),
        (400, b"-1\r\n"),
        (400, b"1\r\nab\r\n"),
        (400, b"1" * 20_000),
        (400, b"0\r\nx: " + b"y" * 20_000),
        (413, b"%x\r\n" % (BODY_LIMIT + 1)),
        (413, b"1\r\na\r\n%x\r\n" % BODY_LIMIT),
        (413, b"F" * 16 + b"\r\n"),
    ],
)
def test_chunks_that_are_none(status: int, framing: bytes) -> None:
    """A body whose end could be read in two ways, or that has none, is refused."""
    with LoopbackServer(echo) as server:
        answer = talk(server.url, in_chunks(server, framing))
    assert status == status_of(answer)


def frames(data: bytes) -> list[tuple[int, int, bytes]]:
    """Type, stream and payload of each frame of HTTP/2."""
    found = []
    while data:
        end = 9 + int.from_bytes(data[:3], "big")
        found.append((data[3], int.from_bytes(data[5:9], "big"), data[9:end]))
        data = data[end:]
    return found


@pytest.mark.parametrize("step", [9, 10_000])
@pytest.mark.parametrize("waits", [True, False])
def test_http_2_is_refused_in_its_own_words(step: int, *, waits: bool) -> None:
    """A client that begins with it, as AWS's SDK for JavaScript, is told what to do.

    Apache's HttpClient for Java and gRPC wait for the server's settings before they ask.
    """
    settings = bytes.fromhex("000006 04 00 00000000 000400008000")
    begun = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings
    asked = bytes.fromhex("000003 01 05 00000003 838684")  # POST http /
    answer = b""
    with LoopbackServer(echo) as server:
        at = urlsplit(server.url)
        with socket.create_connection((at.hostname, at.port), timeout=5) as client:
            for part in (begun, asked):
                for start in range(0, len(part), step):
                    client.sendall(part[start : start + step])
                    time.sleep(0.01)
                if waits and not answer:
                    answer = client.recv(9)
            answer += b"".join(iter(lambda: client.recv(65536), b""))
    *settled, head, data, gone = frames(answer)
    assert [(4, 0, b"")] * 2 == settled
    assert (1, 3, b"\x8c\x0f\x10\x10application/json") == head  # 400
    assert (0, 3) == data[:2]
    assert json.loads(data[2])["message"].startswith("This server speaks HTTP/1.1 alone. ")
    assert (7, 0, bytes.fromhex("00000003 0000000d")) == gone  # HTTP_1_1_REQUIRED


def test_expect_continue_and_connection_close() -> None:
    """A client that asks before it sends a body gets its answer, and the last word."""
    with LoopbackServer(echo) as server:
        at = urlsplit(server.url)
        head = (
            f"POST {at.path}/v1/x HTTP/1.1\r\nhost: {at.netloc}\r\nexpect: 100-continue\r\n"
            "connection: close\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n"
        )
        with socket.create_connection((at.hostname, at.port), timeout=5) as client:
            client.sendall(head.encode())
            assert b"HTTP/1.1 100 Continue\r\n\r\n" == client.recv(100)
            client.sendall(b"{}")
            answer = b"".join(iter(lambda: client.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")


def test_chunks_stay_chunks() -> None:
    """Each piece of a stream is a chunk of its own, and comes in its time."""
    with LoopbackServer(lambda _: stream(4, total=0.2)) as server, httpx2.Client() as client:
        started = time.perf_counter()
        with client.stream("POST", f"{server.url}/v1/x", json={}) as answer:
            arrived = [(chunk, time.perf_counter() - started) for chunk in answer.iter_raw()]
    assert [b"data: %d\n\n" % number for number in range(4)] == [chunk for chunk, _ in arrived]
    assert arrived[0][1] < arrived[3][1]
    assert 0.2 <= arrived[3][1]


def test_a_slow_plain_answer_comes_whole() -> None:
    """A plain answer is paced as a whole, and does not hold up other clients."""
    slow = Reply.plain({"slow": True}).paced(first=0.05, total=1.0)
    replies = {"/slow": slow, "/fast": Reply.plain({})}
    arrived, done = threading.Event(), []

    def answer(call: HttpCall) -> Reply:
        if call.path == "/slow":
            arrived.set()
        return replies[call.path]

    with LoopbackServer(answer) as server, httpx2.Client(timeout=60) as client:

        def ask(path: str) -> None:
            client.post(f"{server.url}{path}", json={}).raise_for_status()
            done.append(path)

        started = time.perf_counter()
        slow_one = threading.Thread(target=ask, args=("/slow",))
        slow_one.start()
        assert arrived.wait(60)
        ask("/fast")
        slow_one.join()
    assert 1 <= time.perf_counter() - started
    assert ["/fast", "/slow"] == done


@pytest.mark.parametrize("reply", [Reply.plain({"a": "b" * 100}), stream(10)])
def test_cut(reply: Reply) -> None:
    """A cut answer is an error of the connection for the client."""
    cut = replace(reply, cut=len(reply.body) // 2)
    with LoopbackServer(lambda _: cut) as server, pytest.raises(httpx2.RemoteProtocolError):
        httpx2.post(f"{server.url}/v1/x", json={})


def test_headers_cannot_break_out() -> None:
    """Headers that hold a line break, or that are the server's own, are left out."""
    headers = [("x-fine", "yes"), ("x-bad", "a\r\nx-injected: 1"), ("Content-Length", "1")]
    reply = Reply.plain({}, headers=[*headers, ("x\n", "1")])
    with LoopbackServer(lambda _: reply) as server:
        answer = httpx2.post(f"{server.url}/v1/x", json={})
    assert {"content-type", "x-fine", "content-length"} == set(answer.headers)
    assert "{}" == answer.text


def test_a_status_that_is_none() -> None:
    """A recording with an impossible status is an error of the server."""
    reply = Reply(status=1000, pieces=(Piece(data=b"x"),))
    assert reply.framed()[0].data.startswith(b"HTTP/1.1 500 ")


def test_failure_inside(caplog: pytest.LogCaptureFixture) -> None:
    """When the answer cannot be made, the client hears of it and the log says why."""

    def broken(_: HttpCall) -> Reply:
        raise RuntimeError("the reason")

    with LoopbackServer(broken) as server, caplog.at_level(logging.ERROR):
        answer = httpx2.post(f"{server.url}/v1/x", json={})
    assert 500 == answer.status_code
    assert "the reason" not in answer.text
    assert "the reason" in caplog.text


def test_stop_with_answers_under_way() -> None:
    """Stopping drops open connections at once, and twice is once."""
    server = LoopbackServer(lambda _: stream(4, total=30))
    server.start()
    seen: list[type[Exception]] = []

    def ask() -> None:
        try:
            httpx2.post(f"{server.url}/v1/x", json={})
        except httpx2.HTTPError as error:
            seen.append(type(error))

    thread = threading.Thread(target=ask)
    thread.start()
    while not server._connections:
        time.sleep(0.01)
    started = time.perf_counter()
    server.stop()
    server.stop()
    thread.join()
    assert 10 > time.perf_counter() - started
    assert 1 == len(seen)


def test_sixty_four_clients() -> None:
    """Sixty-four clients with open connections are all served."""
    with LoopbackServer(echo) as server:
        at = urlsplit(server.url)
        barrier, bodies = threading.Barrier(64), []

        def ask(number: int) -> None:
            client = http.client.HTTPConnection(str(at.hostname), at.port, timeout=10)
            client.connect()
            barrier.wait()
            client.request("POST", f"{at.path}/v1/x", f"{number}".encode(), JSON)
            bodies.append(client.getresponse().read())
            client.close()

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert 64 == len(set(bodies))
