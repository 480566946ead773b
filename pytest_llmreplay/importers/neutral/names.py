"""Whose call it is: providers and models in the spellings of logs."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_llmreplay.providers.endpoints.lookup import provider_named, provider_of_model
from pytest_llmreplay.providers.endpoints.provider import Provider
from pytest_llmreplay.providers.registry import GATEWAY

__all__ = ["Owner", "owner_of"]

_SPELLINGS = {
    "az.ai.openai": "azure",
    "az.ai.inference": "azure",
    "azure_openai": "azure",
    "azureopenai": "azure",
    "google": "gemini",
    "google_genai": "gemini",
    "google_ai_studio": "gemini",
    "gemini_api": "gemini",
    "gcp.gen_ai": "gemini",
    "google_vertexai": "vertex",
    "vertexai": "vertex",
    "vertex_ai": "vertex",
    "mistralai": "mistral",
    "amazon_bedrock": "bedrock",
    "aws": "bedrock",
    "bedrock_converse": "bedrock",
    "together_ai": "together",
    "togetherai": "together",
    "fireworks_ai": "fireworks",
    "grok": "xai",
    "x.ai": "xai",
    "llama.cpp": "llamacpp",
}
"""How LiteLLM, LangChain, Helicone, OpenLLM-Monitor and older conventions of OpenTelemetry spell
what the table of providers names otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose call it is, and the model by the name that this provider knows."""

    name: str
    row: Provider | None
    model: str | None


def owner_of(provider: str | None, model: str | None) -> Owner:
    """Who was asked, by the provider's name, else by the model's.

    Args:
        provider: As the log spells it.
        model: As the log spells it; LiteLLM's names begin with the provider, as in
            `anthropic/claude-sonnet-4-5`.
    """
    prefix, slash, rest = (model or "").partition("/")
    named = _provider_of(provider) or (_provider_of(prefix) if slash else None)
    guessed = named or provider_named(provider_of_model(model or "") or "")
    own_prefix = bool(slash) and named is not None and _provider_of(prefix) is named
    return Owner(
        name=guessed.name if guessed else GATEWAY,
        row=guessed,
        model=rest if own_prefix else model,
    )


def _provider_of(spelling: str | None) -> Provider | None:
    word = (spelling or "").strip().lower()
    plain = word.replace(" ", "_").replace("-", "_")
    return provider_named(_SPELLINGS.get(plain, word)) or provider_named(plain.replace("_", ""))
