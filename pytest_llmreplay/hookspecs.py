"""Every hook of the plugin: a user implements them in the `conftest.py` of the rootdir."""

from __future__ import annotations

import pytest

__all__ = ["pytest_llmreplay_client"]


@pytest.hookspec(firstresult=True)
def pytest_llmreplay_client(target: str, provider: str | None, api: str) -> object | None:
    """Make the client that sends the calls of a target: Azure, Bedrock, Vertex, a proxy.

    Args:
        target: As `--llm-model` names it.
        provider: What the target names before its slash, or its `provider:` in the config file.
        api: API format of the calls: `chat_completions`, `messages` …

    Returns:
        An asynchronous client of the openai or anthropic SDK, with its own base URL and
        credentials; none leaves the target to the table of providers.
    """
