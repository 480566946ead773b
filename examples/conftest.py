"""Clients for the examples; their live calls are answered by a script."""

from __future__ import annotations

from collections.abc import Iterator

import anthropic
import openai
import pytest
from scripted_provider import ScriptedProvider


@pytest.fixture(scope="session")
def scripted_provider() -> Iterator[ScriptedProvider]:
    """Both providers, played by a script."""
    provider = ScriptedProvider()
    yield provider
    provider.stop()


@pytest.fixture
def openai_client(scripted_provider: ScriptedProvider) -> Iterator[openai.OpenAI]:
    """What an application makes with `OpenAI()`."""
    with scripted_provider.openai() as client:
        yield client


@pytest.fixture
def anthropic_client(scripted_provider: ScriptedProvider) -> Iterator[anthropic.Anthropic]:
    """What an application makes with `Anthropic()`."""
    with scripted_provider.anthropic() as client:
        yield client
