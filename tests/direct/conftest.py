"""A provider on loopback, and recorded calls to send to it again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from made_cassettes import cassette, event
from servers.provider_server import ProviderServer

from pytest_llmreplay import Cassette, Event
from pytest_llmreplay.providers.endpoints.table import PROVIDERS


@pytest.fixture(autouse=True)
def _no_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither keys nor addresses of the machine that runs the tests count, nor its config file."""
    for provider in PROVIDERS:
        for name in (*provider.key_variables, *provider.base_url_variables):
            monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    """The provider."""
    with ProviderServer() as server:
        yield server


@pytest.fixture
def recorded(tmp_path: Path) -> Callable[..., list[Event]]:
    """Make a cassette of some documents; its events."""

    def make(*documents: str, name: str = "test_it.yaml") -> list[Event]:
        path = tmp_path / "cassettes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(cassette(*(documents or (event(),))), encoding="utf-8")
        return list(Cassette.load(path).events)

    return make
