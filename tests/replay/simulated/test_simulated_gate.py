"""Only a client that was told the address is served: rebinding, web pages and proxies are not."""

from __future__ import annotations

import contextlib
import itertools
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from raw_http import request, status_of, talk

from pytest_llmreplay.loopback import connection
from pytest_llmreplay.loopback.body import BODY_LIMIT
from pytest_llmreplay.loopback.gate import Head
from pytest_llmreplay.loopback.reply import Refused
from pytest_llmreplay.replay.simulated import Line, Script, SimulatedServer, When


@pytest.fixture(scope="module")
def server() -> Iterator[SimulatedServer]:
    """A server that would answer anybody, if it were not for the gate."""
    script = Script([Line(When(), "The secret answer.")])
    with SimulatedServer("steady", script=script) as server:
        yield server


HOSTS = ["{own}", "evil.example", "localhost:{port}", "127.0.0.1", "{own}.evil.example", None]
ORIGINS = [None, "http://evil.example", "null", "http://{own}"]
TYPES = ["application/json", "text/plain", "application/x-www-form-urlencoded", None]
SECRETS = ["{secret}", "wrong", ""]
METHODS = ["POST", "PUT", "OPTIONS", "DELETE", "HEAD"]
MATRIX = list(itertools.product(HOSTS, ORIGINS, TYPES, SECRETS, METHODS))


def test_one_cell_of_the_matrix_answers(server: SimulatedServer) -> None:
    """Of host, origin, content type, secret and method one combination gets the answer."""
    at = urlsplit(server.url)
    known = {"own": at.netloc, "port": at.port, "secret": at.path[1:]}
    served = []
    for cell in MATRIX:
        host, origin, kind, secret, method = cell
        given = {"host": host, "origin": origin, "content-type": kind}
        headers = {name: text.format(**known) for name, text in given.items() if text is not None}
        target = f"/{secret.format(**known)}/v1/chat/completions"
        answer = talk(server.url, request(target, headers, method=method))
        assert (b"secret answer" in answer) == (status_of(answer) == 200)
        assert b"access-control" not in answer.lower()
        served += [cell] if status_of(answer) == 200 else []
    assert [("{own}", None, "application/json", "{secret}", "POST")] == served


@pytest.mark.parametrize(
    ("target", "method"),
    [
        ("http://127.0.0.1/v1/chat/completions", "POST"),
        ("http://169.254.169.254/latest/meta-data", "GET"),
        ("example.com:443", "CONNECT"),
        ("*", "OPTIONS"),
    ],
)
def test_it_is_no_proxy(server: SimulatedServer, target: str, method: str) -> None:
    """CONNECT and absolute addresses are refused."""
    headers = {"host": urlsplit(server.url).netloc, "content-type": "application/json"}
    assert 403 == status_of(talk(server.url, request(target, headers, method=method)))


@pytest.mark.parametrize(
    ("status", "extra"),
    [
        (400, "Host: evil.example"),
        (400, "content-type: text/plain"),
        (400, "content-length: 0"),
        (400, " folded: line"),
        (400, "no colon"),
        (400, "transfer-encoding: chunked"),
        (400, "transfer-encoding: identity"),
        (415, "content-encoding: gzip"),
    ],
)
def test_ambiguous_requests(server: SimulatedServer, status: int, extra: str) -> None:
    """What two readers could read in two ways is refused."""
    at = urlsplit(server.url)
    headers = {"host": at.netloc, "content-type": "application/json"}
    raw = request(f"{at.path}/v1/chat/completions", headers)
    assert status == status_of(
        talk(server.url, raw.replace(b"\r\n\r\n", f"\r\n{extra}\r\n\r\n".encode(), 1))
    )


def test_lengths(server: SimulatedServer) -> None:
    """A body over the limit, a head without end, a length that is no number."""
    at = urlsplit(server.url)
    head = f"POST {at.path}/v1/messages HTTP/1.1\r\nhost: {at.netloc}"
    head += "\r\ncontent-type: application/json"
    assert 413 == status_of(
        talk(server.url, f"{head}\r\ncontent-length: {BODY_LIMIT + 1}\r\n\r\n".encode())
    )
    assert 413 == status_of(
        talk(server.url, f"{head}\r\ncontent-length: {'9' * 5000}\r\n\r\n".encode())
    )
    assert 411 == status_of(talk(server.url, f"{head}\r\ncontent-length: -1\r\n\r\n".encode()))
    assert 431 == status_of(talk(server.url, b"POST / HTTP/1.1\r\nx: " + b"y" * 70_000))


def test_a_refused_client_reads_why(server: SimulatedServer) -> None:
    """A refusal in the middle of a large body is still delivered."""
    at = urlsplit(server.url)
    headers = {"host": "evil.example", "content-type": "application/json"}
    with socket.create_connection((at.hostname, at.port), timeout=5) as client:
        client.sendall(request(f"{at.path}/v1/messages", headers, body=b"x" * 3_000_000))
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    assert b"answers requests to the host" in answer


def test_a_silent_client_is_let_go(server: SimulatedServer) -> None:
    """After a refusal the server closes, even if the client does not."""
    at = urlsplit(server.url)
    with socket.create_connection((at.hostname, at.port), timeout=5) as client:
        client.sendall(b"GET / HTTP/1.1\r\nhost: evil.example\r\n\r\n")
        started = time.monotonic()
        while client.recv(65536):
            pass
        assert 5 > time.monotonic() - started


@pytest.mark.parametrize("begun", [b"", b"POST /x HTTP/1.1\r\nhost: a"])
def test_a_client_that_never_tells_the_address_is_let_go(
    monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    """Be it silent or slow; who has told the address may be silent between calls."""
    monkeypatch.setattr(connection, "_PATIENCE", 0.2)
    with SimulatedServer("steady") as server:
        at = urlsplit(server.url)
        with socket.create_connection((at.hostname, at.port), timeout=5) as slow:
            slow.sendall(begun)
            with contextlib.suppress(ConnectionResetError):
                assert b"" == slow.recv(1)
        models = request(f"{at.path}/v1/models", {"host": at.netloc}, method="GET", body=b"")
        with socket.create_connection((at.hostname, at.port), timeout=5) as known:
            for _ in range(2):
                known.sendall(models)
                assert known.recv(65536).startswith(b"HTTP/1.1 200")
                time.sleep(0.5)


def test_a_get_has_no_body(server: SimulatedServer) -> None:
    """The list of models is asked for without a body."""
    at = urlsplit(server.url)
    headers = {"host": at.netloc}
    target = f"{at.path}/v1/models"
    assert 400 == status_of(talk(server.url, request(target, headers, method="GET")))
    assert 200 == status_of(talk(server.url, request(target, headers, method="GET", body=b"")))


@pytest.mark.parametrize(
    "first", [b"", b"GET /", b"GET / HTTP/2", b"GET  / HTTP/1.1", b"\x16\x03\x01"]
)
def test_no_http(first: bytes) -> None:
    """What is no HTTP/1.1 request is refused."""
    with pytest.raises(Refused, match=r"no HTTP/1\.1 request"):
        Head.parse(first)


def test_addresses_differ() -> None:
    """Two servers never share their secret."""
    with SimulatedServer("steady") as one, SimulatedServer("steady") as two:
        assert urlsplit(one.url).path != urlsplit(two.url).path
        assert len(urlsplit(one.url).path) > 20
