"""Servers that the tests of all stages share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from servers.provider_server import ProviderServer


@pytest.fixture
def provider_server() -> Iterator[ProviderServer]:
    """A fresh server that imitates the providers."""
    with ProviderServer() as server:
        yield server
