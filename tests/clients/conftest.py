"""The projects that the tests of third-party clients run."""

from __future__ import annotations

import pytest
from aws_projects import BedrockProject
from projects import _clients_go_with_the_module, pytest_itemcollected  # noqa: F401 - by name
from servers.provider_server import ProviderServer


@pytest.fixture
def aws(
    pytester: pytest.Pytester, provider_server: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> BedrockProject:
    """A project whose application talks to a loopback Bedrock."""
    monkeypatch.setenv("COLUMNS", "100")
    return BedrockProject(pytester, provider_server, monkeypatch)
