"""The projects that the tests of the plugin run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from aws_projects import aws  # noqa: F401 - pytest finds it by name
from gated_project import gate  # noqa: F401 - pytest finds it by name
from projects import (  # noqa: F401 - pytest finds them by name
    _clients_go_with_the_module,
    one,
    project,
    pytest_itemcollected,
)
from servers.provider_server import ProviderServer


@pytest.fixture
def target() -> Iterator[ProviderServer]:
    """Another server than the one that the application means."""
    with ProviderServer() as server:
        yield server
