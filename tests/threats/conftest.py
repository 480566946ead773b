"""The project in which a threat is tried, as a user would meet it."""

from __future__ import annotations

import pytest
from projects import Project
from servers.provider_server import ProviderServer


@pytest.fixture
def project(
    pytester: pytest.Pytester, provider_server: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> Project:
    """An empty project whose application talks to the loopback provider."""
    monkeypatch.setenv("CHAT_URL", provider_server.openai)
    monkeypatch.setenv("MESSAGES_URL", provider_server.anthropic)
    monkeypatch.setenv("COLUMNS", "100")
    return Project(pytester, provider_server)
