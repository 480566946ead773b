"""Fetching bodies over real TLS, from a server that is allowed for the test alone."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from servers.certificate import certified
from servers.provider_server import Exchange, ProviderServer

from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.importers.reading import fetching
from pytest_llmreplay.importers.reading.fetching import Fetcher

NAME = "bucket.example"


async def stored(exchange: Exchange) -> None:
    """Answer by the path, as a bucket of bodies does."""
    path = exchange.seen.path
    body = b"x" * 2000 if path == "/large" else b'{"request": {}}'
    moved = {"location": "https://localhost/elsewhere"} if path == "/moved" else {}
    status = {"/moved": 302, "/gone": 403}.get(path, 200)
    await exchange.plain(body, status=status, headers=moved)


class Bucket(NamedTuple):
    """A server, and a fetcher that may ask it."""

    server: ProviderServer
    fetch: Fetcher

    @property
    def address(self) -> str:
        """Where bodies are."""
        return f"https://{NAME}:{self.server.port}"

    @property
    def asked(self) -> list[str]:
        """The paths that were asked for."""
        return [one.path for one in self.server.seen]


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[Bucket]:
    """A bucket whose certificate the fetcher trusts."""
    context, certificate = certified(tmp_path, f"DNS:{NAME}")
    trusting = ssl.create_default_context(cafile=str(certificate))
    with ProviderServer(stored, tls=context) as server:
        yield Bucket(server, Fetcher(resolve=lambda *_: ["127.0.0.1"], context=trusting))


def test_a_body_is_fetched_with_its_signature(bucket: Bucket) -> None:
    """The query of a signed address is what opens it."""
    assert b'{"request": {}}' == bucket.fetch(f"{bucket.address}/r-1?sig=1")
    assert ["/r-1?sig=1"] == bucket.asked


def test_a_redirect_is_not_followed(bucket: Bucket) -> None:
    """It could lead anywhere."""
    with pytest.raises(InputUnreadable, match="signed_body_url answers with status 302"):
        bucket.fetch(f"{bucket.address}/moved")
    assert ["/moved"] == bucket.asked


def test_an_address_that_has_expired_is_told(bucket: Bucket) -> None:
    """Signed addresses are good for a while only."""
    with pytest.raises(InputUnreadable, match="signed_body_url answers with status 403"):
        bucket.fetch(f"{bucket.address}/gone")


def test_a_body_beyond_all_bounds_is_refused(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a line of a file would be."""
    monkeypatch.setattr(fetching, "LONGEST_LINE", 1000)
    with pytest.raises(InputUnreadable, match="larger than 64 MB"):
        bucket.fetch(f"{bucket.address}/large")


def test_a_server_that_cannot_prove_its_name_is_not_trusted(
    bucket: Bucket,
) -> None:
    """The certificate has to be that of the host in the address."""
    with pytest.raises(InputUnreadable, match="signed_body_url cannot be fetched"):
        bucket.fetch(bucket.address.replace(NAME, "other.example"))
    assert [] == bucket.asked


def test_a_host_that_is_not_found_is_told() -> None:
    """With the resolver's own words."""
    with pytest.raises(InputUnreadable, match="the host of signed_body_url is not found"):
        Fetcher()("https://nothing.invalid/x")
