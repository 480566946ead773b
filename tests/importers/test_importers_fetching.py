"""Fetching bodies over real TLS, from a server that is allowed for the test alone."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.importers import fetching
from pytest_llmreplay.importers.fetching import Fetcher


class Answers(BaseHTTPRequestHandler):
    """A bucket of bodies."""

    asked: list[str]

    def do_GET(self) -> None:  # http.server's own name
        """Answer by the path."""
        self.asked.append(self.path)
        status = {"/moved": 302, "/gone": 403}.get(self.path, 200)
        body = b"x" * 2000 if self.path == "/large" else b'{"request": {}}'
        self.send_response(status)
        if status == 302:  # HTTP
            self.send_header("location", "https://localhost/elsewhere")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[tuple[Fetcher, str, list[str]]]:
    """A fetcher that may ask this server, its address, and the paths that were asked for."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate of this test's server, and is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=bucket.example"),
            *("-addext", "subjectAltName=DNS:bucket.example"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    handler = type("Asked", (Answers,), {"asked": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        trusting = ssl.create_default_context(cafile=str(certificate))
        fetcher = Fetcher(resolve=lambda *_: ["127.0.0.1"], context=trusting)
        yield fetcher, f"https://bucket.example:{server.server_port}", handler.asked  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()


def test_a_body_is_fetched_with_its_signature(bucket: tuple[Fetcher, str, list[str]]) -> None:
    """The query of a signed address is what opens it."""
    fetcher, address, asked = bucket
    assert b'{"request": {}}' == fetcher(f"{address}/r-1?sig=1")
    assert ["/r-1?sig=1"] == asked


def test_a_redirect_is_not_followed(bucket: tuple[Fetcher, str, list[str]]) -> None:
    """It could lead anywhere."""
    fetcher, address, asked = bucket
    with pytest.raises(InputUnreadable, match="signed_body_url answers with status 302"):
        fetcher(f"{address}/moved")
    assert ["/moved"] == asked


def test_an_address_that_has_expired_is_told(bucket: tuple[Fetcher, str, list[str]]) -> None:
    """Signed addresses are good for a while only."""
    fetcher, address, _ = bucket
    with pytest.raises(InputUnreadable, match="signed_body_url answers with status 403"):
        fetcher(f"{address}/gone")


def test_a_body_beyond_all_bounds_is_refused(
    bucket: tuple[Fetcher, str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a line of a file would be."""
    fetcher, address, _ = bucket
    monkeypatch.setattr(fetching, "LONGEST_LINE", 1000)
    with pytest.raises(InputUnreadable, match="larger than 64 MB"):
        fetcher(f"{address}/large")


def test_a_server_that_cannot_prove_its_name_is_not_trusted(
    bucket: tuple[Fetcher, str, list[str]],
) -> None:
    """The certificate has to be that of the host in the address."""
    fetcher, address, asked = bucket
    with pytest.raises(InputUnreadable, match="signed_body_url cannot be fetched"):
        fetcher(address.replace("bucket.example", "other.example"))
    assert [] == asked


def test_a_host_that_is_not_found_is_told() -> None:
    """With the resolver's own words."""
    with pytest.raises(InputUnreadable, match="the host of signed_body_url is not found"):
        Fetcher()("https://nothing.invalid/x")
