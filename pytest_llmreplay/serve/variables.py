"""The variables that send clients to a server, and what they mean where they are not set."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llmreplay.providers.endpoints.lookup import provider_named
from pytest_llmreplay.providers.endpoints.provider import Provider
from pytest_llmreplay.providers.endpoints.table import PROVIDERS

__all__ = ["ONLY_WHERE_SET", "OTHER_NAMES", "variables"]

_SDK_URLS = {
    "ANTHROPIC_BASE_URL": "https://api.anthropic.com",
    # https://github.com/groq/groq-python/blob/main/src/groq/_client.py
    "GROQ_BASE_URL": "https://api.groq.com",
    "OLLAMA_HOST": "http://localhost:11434",
    # https://googleapis.github.io/python-genai/#api-client-configuration
    "GOOGLE_GEMINI_BASE_URL": "https://generativelanguage.googleapis.com",
    # https://github.com/cohere-ai/cohere-python/blob/main/src/cohere/client.py
    "CO_API_URL": "https://api.cohere.com",
}
"""What a variable is taken to be where it is not set, but for the provider's first base URL."""

# LangChain's clients look at these before the others:
# https://github.com/langchain-ai/langchainjs/blob/main/libs/providers/langchain-openai/src/chat_models/base.ts
# https://github.com/langchain-ai/langchain/blob/master/libs/partners/anthropic/langchain_anthropic/chat_models.py
OTHER_NAMES = {
    "OPENAI_API_BASE": "OPENAI_BASE_URL",
    "ANTHROPIC_API_URL": "ANTHROPIC_BASE_URL",
    # LiteLLM's: https://github.com/BerriAI/litellm/blob/main/litellm/main.py
    "ANTHROPIC_API_BASE": "ANTHROPIC_BASE_URL",
    "AWS_BEDROCK_RUNTIME_ENDPOINT": "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
    "AZURE_API_BASE": "AZURE_OPENAI_ENDPOINT",
    "OLLAMA_API_BASE": "OLLAMA_HOST",
    "OPENROUTER_API_BASE": "OPENROUTER_BASE_URL",
}
"""Variables that are read in the place of others."""

# LangChain's client of Azure refuses to be made where it is set:
# https://github.com/langchain-ai/langchain/blob/master/libs/partners/openai/langchain_openai/chat_models/azure.py
ONLY_WHERE_SET = frozenset({"OPENAI_API_BASE"})
"""Those of the other names that a process gets only where its environment has them already."""

# LiteLLM's, which reads no other variable of these providers:
# https://github.com/BerriAI/litellm/blob/main/litellm/litellm_core_utils/get_llm_provider_logic.py
# https://github.com/BerriAI/litellm/tree/main/litellm/llms
_LITELLM_URLS = {
    "AI21_API_BASE": ("ai21", "https://api.ai21.com/studio/v1"),
    "CEREBRAS_API_BASE": ("cerebras", "https://api.cerebras.ai/v1"),
    "COHERE_API_BASE": ("cohere", "https://api.cohere.com/v2/chat"),
    "DEEPINFRA_API_BASE": ("deepinfra", "https://api.deepinfra.com/v1/openai"),
    "DEEPSEEK_API_BASE": ("deepseek", "https://api.deepseek.com/beta"),
    "FIREWORKS_API_BASE": ("fireworks", "https://api.fireworks.ai/inference/v1"),
    "GEMINI_API_BASE": ("gemini", "https://generativelanguage.googleapis.com/v1beta"),
    "GROQ_API_BASE": ("groq", "https://api.groq.com/openai/v1"),
    "HOSTED_VLLM_API_BASE": ("vllm", "http://localhost:8000/v1"),
    "LM_STUDIO_API_BASE": ("lmstudio", "http://localhost:1234/v1"),
    "MISTRAL_API_BASE": ("mistral", "https://api.mistral.ai/v1"),  # of all but chat
    "MISTRAL_AZURE_API_BASE": ("mistral", "https://api.mistral.ai/v1"),  # of chat
    "MOONSHOT_API_BASE": ("moonshot", "https://api.moonshot.ai/v1"),
    "NVIDIA_NIM_API_BASE": ("nvidia", "https://integrate.api.nvidia.com/v1"),
    "PERPLEXITY_API_BASE": ("perplexity", "https://api.perplexity.ai"),
    "TOGETHER_AI_API_BASE": ("together", "https://api.together.ai/v1"),
    "XAI_API_BASE": ("xai", "https://api.x.ai/v1"),
    "ZAI_API_BASE": ("zai", "https://api.z.ai/api/paas/v4"),
}


def variables() -> Iterator[tuple[str, Provider, str]]:
    """Each variable, whose calls it sends, and where they go if it is not set."""
    for provider in PROVIDERS:
        first = next(iter(provider.base_urls.values()), "")
        for variable in provider.base_url_variables:
            yield variable, provider, _SDK_URLS.get(variable, first)
    for variable, (name, usual) in _LITELLM_URLS.items():
        found = provider_named(name)
        assert found is not None  # a name of the table
        yield variable, found, usual
