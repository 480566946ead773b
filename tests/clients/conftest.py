"""The projects that the tests of third-party clients run."""

from __future__ import annotations

import pytest
from aws_projects import BedrockProject
from client_project import ClientProject
from projects import (  # noqa: F401 - pytest finds them by name
    Project,
    _clients_go_with_the_module,
    project,
    pytest_itemcollected,
)
from servers.provider_server import ProviderServer


@pytest.fixture
def aws(
    pytester: pytest.Pytester, provider_server: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> BedrockProject:
    """A project whose application talks to a loopback Bedrock."""
    monkeypatch.setenv("COLUMNS", "100")
    return BedrockProject(pytester, provider_server, monkeypatch)


@pytest.fixture
def client_project(project: Project) -> ClientProject:  # noqa: F811 - the fixture
    """A project that makes one call against the loopback provider."""
    return ClientProject(project)
