"""The table of providers."""

from __future__ import annotations

import pytest

from pytest_llmreplay.providers.endpoints.calls import host_of, is_private
from pytest_llmreplay.providers.endpoints.lookup import provider_named, provider_of_host
from pytest_llmreplay.providers.endpoints.provider import Provider
from pytest_llmreplay.providers.endpoints.table import PROVIDERS

NAMED = [
    "openai",
    "azure",
    "anthropic",
    "mistral",
    "openrouter",
    "ollama",
    "groq",
    "together",
    "deepseek",
    "xai",
    "gemini",
    "vllm",
    "llamacpp",
    "lmstudio",
]


@pytest.mark.parametrize("name", NAMED)
def test_the_documented_names_are_known(name: str) -> None:
    """Every provider that the documentation names stands in the table."""
    found = provider_named(name)
    assert found is not None
    assert name == found.name


def test_names_are_unique() -> None:
    """No name says two things."""
    names = [provider.name for provider in PROVIDERS]
    assert sorted(set(names)) == sorted(names)


def test_opentelemetry_names_are_understood() -> None:
    """Imported events name providers in OpenTelemetry's words."""
    found = provider_named("gcp.gemini")
    assert found is not None
    assert "gemini" == found.name
    assert provider_named("nobody") is None


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_a_base_url_is_on_the_providers_own_host(provider: Provider) -> None:
    """A replay to a built-in provider goes to a host of its row, or to this machine."""
    for url in provider.base_urls.values():
        host = host_of(url)
        assert not url.endswith("/")
        assert host in provider.key_hosts or (is_private(host) and url.startswith("http://"))


def test_a_key_goes_only_to_hosts_spelled_out() -> None:
    """Anyone can rent a host under a provider's domain."""
    azure, openai = provider_named("azure"), provider_named("openai")
    assert azure is not None
    assert openai is not None
    assert frozenset() == azure.key_hosts
    assert "api.openai.com" in openai.key_hosts


def test_auth_differs_by_format() -> None:
    """DeepSeek takes a bearer token in one format and another header in the other."""
    deepseek = provider_named("deepseek")
    assert deepseek is not None
    assert "bearer" == deepseek.auth_style("chat_completions")
    assert "x-api-key" == deepseek.auth_style("messages")
    assert ("chat_completions", "messages") == deepseek.apis


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("API.openai.com", "openai"),
        ("x.openai.azure.com", "azure"),
        ("bedrock-mantle.us-east-1.api.aws", "bedrock"),
        ("aiplatform.googleapis.com", "vertex"),
        ("us-central1-aiplatform.googleapis.com", "vertex"),
        ("acc.eu.snowflakecomputing.com", "snowflake"),
        ("ollama.com", "ollama"),
        ("openai.com", None),
        ("api.openai.com.evil.example", None),
        ("notapi.x.ai", None),
    ],
)
def test_hosts_are_looked_up(host: str, expected: str | None) -> None:
    """Exact hosts, patterns, and no look-alikes."""
    found = provider_of_host(host)
    assert expected == (found.name if found else None)
