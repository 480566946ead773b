"""The table of providers: who serves which hosts, in which formats, and whose keys go there.

Endpoints are those of the providers' own documentation. A host pattern may hold `*`; one with a
path (`*.snowflakecomputing.com/api/v2/cortex/`) names a host that serves other things too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Literal

__all__ = ["PROVIDERS", "AuthStyle", "Provider", "match_host", "provider_named", "provider_of_host"]

AuthStyle = Literal["bearer", "x-api-key", "api-key", "x-goog-api-key", "none"]
"""How a key is sent: the header, `bearer` for `authorization`, `none` where nobody wants one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Someone who serves models."""

    name: str
    """What users type, and what cassettes write as `provider`."""
    otel_name: str
    """`gen_ai.provider.name` of the OpenTelemetry conventions."""
    hosts: tuple[str, ...] = ()
    """Patterns of the hosts that are this provider's alone."""
    base_urls: Mapping[str, str] = field(default_factory=dict)
    """By API format; a replay appends the format's path. Without: the user has to name one."""
    key_variables: tuple[str, ...] = ()
    """Environment variables that hold the key; the first that is set counts."""
    base_url_variables: tuple[str, ...] = ()
    """Environment variables with which the SDKs name another base URL."""
    auth: Mapping[str, AuthStyle] = field(default_factory=dict)
    """By API format; `bearer` where nothing is said."""
    imitated: frozenset[str] = frozenset()
    """API formats of others that it takes over in part only, for tests."""

    @property
    def apis(self) -> tuple[str, ...]:
        """The formats whose base URL is known."""
        return tuple(self.base_urls)

    @property
    def key_hosts(self) -> frozenset[str]:
        """Hosts that the key variables are for: only those spelled out.

        Anyone can rent a host under a pattern such as `*.openai.azure.com`, so such a host has to
        be named by a person before a key goes there.
        """
        return frozenset(host for host in self.hosts if "*" not in host and "/" not in host)

    def auth_style(self, api: str) -> AuthStyle:
        """How the key is sent in this API format."""
        return self.auth.get(api, "bearer")


def _openai_like(
    name: str,
    base_url: str,
    *,
    key: tuple[str, ...],
    host: tuple[str, ...],
    otel_name: str | None = None,
    responses: bool = False,
    base_url_variables: tuple[str, ...] = (),
) -> Provider:
    """A provider that only speaks OpenAI's formats."""
    apis = ("chat_completions", "completions", "embeddings", *(["responses"] if responses else []))
    return Provider(
        name=name,
        otel_name=otel_name or name,
        hosts=host,
        base_urls=dict.fromkeys(apis, base_url),
        key_variables=key,
        base_url_variables=base_url_variables,
    )


def _local(
    name: str,
    origin: str,
    *,
    otel_name: str,
    key: tuple[str, ...],
    hosts: tuple[str, ...] = (),
    base_url_variables: tuple[str, ...] = (),
    native: tuple[str, ...] = (),
) -> Provider:
    """A model server that a user starts, speaking OpenAI's and Anthropic's formats."""
    apis = ("chat_completions", "completions", "responses", "embeddings")
    openai = dict.fromkeys(apis, f"{origin}/v1")
    return Provider(
        name=name,
        otel_name=otel_name,
        hosts=hosts,
        base_urls={**openai, **dict.fromkeys(("messages", *native), origin)},
        key_variables=key,
        base_url_variables=base_url_variables,
    )


_COHERE = ("cohere_chat", "cohere_chat_v1", "cohere_generate")

PROVIDERS: tuple[Provider, ...] = (
    _openai_like(
        "openai",
        "https://api.openai.com/v1",
        key=("OPENAI_API_KEY",),
        host=(
            *("api.openai.com", "eu.api.openai.com", "us.api.openai.com"),
            "chatgpt.com/backend-api/codex/",
        ),
        responses=True,
        base_url_variables=("OPENAI_BASE_URL",),
    ),
    Provider(
        name="azure",
        otel_name="azure.ai.openai",
        hosts=(
            "*.openai.azure.com",
            "*.services.ai.azure.com",
            "*.cognitiveservices.azure.com/openai/",
            "*.api.cognitive.microsoft.com/openai/",
            "*.models.ai.azure.com",
        ),
        key_variables=(
            "AZURE_OPENAI_API_KEY",
            "AZURE_OPENAI_AD_TOKEN",
            "ANTHROPIC_FOUNDRY_API_KEY",
        ),
        base_url_variables=("AZURE_OPENAI_ENDPOINT",),
        auth={
            **dict.fromkeys(("chat_completions", "completions", "embeddings"), "api-key"),
            "responses": "api-key",
            "messages": "x-api-key",
        },
    ),
    Provider(
        name="anthropic",
        otel_name="anthropic",
        hosts=("api.anthropic.com",),
        base_urls={
            "messages": "https://api.anthropic.com",
            "chat_completions": "https://api.anthropic.com/v1",
        },
        # It ignores response_format, seed, strict and more:
        # https://platform.claude.com/docs/en/api/openai-sdk
        imitated=frozenset({"chat_completions"}),
        key_variables=("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"),
        base_url_variables=("ANTHROPIC_BASE_URL",),
    ),
    _openai_like(
        "mistral",
        "https://api.mistral.ai/v1",
        key=("MISTRAL_API_KEY",),
        host=("api.mistral.ai", "codestral.mistral.ai"),
        otel_name="mistral_ai",
    ),
    Provider(
        name="openrouter",
        otel_name="openrouter",
        hosts=("openrouter.ai",),
        base_urls={
            "chat_completions": "https://openrouter.ai/api/v1",
            "responses": "https://openrouter.ai/api/v1",
            "messages": "https://openrouter.ai/api",
        },
        key_variables=("OPENROUTER_API_KEY",),
        base_url_variables=("OPENROUTER_BASE_URL",),
    ),
    _local(
        "ollama",
        "http://127.0.0.1:11434",
        otel_name="ollama",
        key=("OLLAMA_API_KEY",),
        hosts=("ollama.com",),
        base_url_variables=("OLLAMA_BASE_URL", "OLLAMA_HOST"),
        native=("ollama_chat", "ollama_generate"),
    ),
    _openai_like(
        "groq",
        "https://api.groq.com/openai/v1",
        key=("GROQ_API_KEY",),
        host=("api.groq.com",),
        responses=True,
        base_url_variables=("GROQ_BASE_URL",),
    ),
    _openai_like(
        "together",
        "https://api.together.ai/v1",
        key=("TOGETHER_API_KEY",),
        host=("api.together.ai", "api.together.xyz"),
    ),
    Provider(
        name="deepseek",
        otel_name="deepseek",
        hosts=("api.deepseek.com",),
        base_urls={
            "chat_completions": "https://api.deepseek.com",
            "messages": "https://api.deepseek.com/anthropic",
        },
        key_variables=("DEEPSEEK_API_KEY",),
        auth={"messages": "x-api-key"},
    ),
    _openai_like(
        "xai",
        "https://api.x.ai/v1",
        key=("XAI_API_KEY",),
        host=("api.x.ai", "*.api.x.ai"),
        otel_name="x_ai",
        responses=True,
    ),
    Provider(
        name="gemini",
        otel_name="gcp.gemini",
        hosts=("generativelanguage.googleapis.com",),
        base_urls={
            "chat_completions": "https://generativelanguage.googleapis.com/v1beta/openai",
            "generate_content": "https://generativelanguage.googleapis.com/v1beta",
            "interactions": "https://generativelanguage.googleapis.com/v1beta",
        },
        key_variables=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        base_url_variables=("GOOGLE_GEMINI_BASE_URL",),
        auth=dict.fromkeys(("generate_content", "interactions", "embeddings"), "x-goog-api-key"),
    ),
    _local(
        "vllm",
        "http://localhost:8000",
        otel_name="vllm",
        key=("VLLM_API_KEY",),
        base_url_variables=("VLLM_BASE_URL",),
    ),
    _local("llamacpp", "http://localhost:8080", otel_name="llama_cpp", key=("LLAMA_API_KEY",)),
    _local(
        "lmstudio",
        "http://localhost:1234",
        otel_name="lm_studio",
        key=("LM_API_TOKEN", "LM_STUDIO_API_KEY"),
    ),
    Provider(
        name="vertex",
        otel_name="gcp.vertex_ai",
        hosts=(
            "aiplatform.googleapis.com",
            "*-aiplatform.googleapis.com",
            "aiplatform.*.rep.googleapis.com",
        ),
        key_variables=("GOOGLE_OAUTH_ACCESS_TOKEN", "CLOUDSDK_AUTH_ACCESS_TOKEN"),
        base_url_variables=("GOOGLE_VERTEX_BASE_URL",),
    ),
    Provider(
        name="bedrock",
        otel_name="aws.bedrock",
        hosts=(
            "bedrock-runtime.*.amazonaws.com",
            "bedrock-runtime-fips.*.amazonaws.com",
            "bedrock-runtime.*.amazonaws.com.cn",
            "bedrock-mantle.*.api.aws",
        ),
        key_variables=("AWS_BEARER_TOKEN_BEDROCK",),
        base_url_variables=("AWS_ENDPOINT_URL_BEDROCK_RUNTIME",),
    ),
    Provider(
        name="cohere",
        otel_name="cohere",
        hosts=("api.cohere.com", "api.cohere.ai"),
        base_urls={
            **dict.fromkeys(_COHERE, "https://api.cohere.com"),
            "chat_completions": "https://api.cohere.ai/compatibility/v1",
        },
        key_variables=("CO_API_KEY", "COHERE_API_KEY"),
        base_url_variables=("CO_API_URL",),
    ),
    Provider(
        name="voyage",
        otel_name="voyage",
        hosts=("api.voyageai.com",),
        base_urls={"embeddings": "https://api.voyageai.com/v1"},
        key_variables=("VOYAGE_API_KEY",),
    ),
    _openai_like(
        "huggingface",
        "https://router.huggingface.co/v1",
        key=("HF_TOKEN",),
        host=("router.huggingface.co", "api-inference.huggingface.co"),
    ),
    _openai_like(
        "cerebras",
        "https://api.cerebras.ai/v1",
        key=("CEREBRAS_API_KEY",),
        host=("api.cerebras.ai",),
    ),
    Provider(
        name="snowflake",
        otel_name="snowflake",
        hosts=("*.snowflakecomputing.com/api/v2/cortex/",),
    ),
    Provider(
        name="heroku",
        otel_name="heroku",
        hosts=("*.inference.heroku.com",),
        key_variables=("INFERENCE_KEY",),
        base_url_variables=("INFERENCE_URL",),
    ),
    _openai_like(
        "zai",
        "https://api.z.ai/api/paas/v4",
        key=("ZAI_API_KEY",),
        host=("api.z.ai", "open.bigmodel.cn"),
    ),
    Provider(
        name="ai21",
        otel_name="ai21",
        hosts=("api.ai21.com",),
        base_urls={"chat_completions": "https://api.ai21.com/studio/v1"},
        key_variables=("AI21_API_KEY",),
    ),
    Provider(name="crusoe", otel_name="crusoe", hosts=("*.crusoecloud.com/v1/",)),
    _openai_like(
        "perplexity",
        "https://api.perplexity.ai",
        key=("PERPLEXITY_API_KEY",),
        host=("api.perplexity.ai",),
    ),
    _openai_like(
        "fireworks",
        "https://api.fireworks.ai/inference/v1",
        key=("FIREWORKS_API_KEY",),
        host=("api.fireworks.ai",),
    ),
    _openai_like(
        "moonshot",
        "https://api.moonshot.ai/v1",
        key=("MOONSHOT_API_KEY",),
        host=("api.moonshot.ai", "api.moonshot.cn"),
        otel_name="moonshot_ai",
    ),
    _openai_like(
        "deepinfra",
        "https://api.deepinfra.com/v1/openai",
        key=("DEEPINFRA_TOKEN",),
        host=("api.deepinfra.com",),
    ),
    _openai_like(
        "nvidia",
        "https://integrate.api.nvidia.com/v1",
        key=("NVIDIA_API_KEY",),
        host=("integrate.api.nvidia.com",),
    ),
    _openai_like(
        "github",
        "https://models.github.ai/inference",
        key=("GITHUB_TOKEN",),
        host=("models.github.ai", "models.inference.ai.azure.com"),
        otel_name="azure.ai.inference",
    ),
    # Proxies in front of several providers.
    Provider(
        name="helicone",
        otel_name="helicone",
        hosts=(
            "oai.helicone.ai",
            "anthropic.helicone.ai",
            "gateway.helicone.ai",
            "ai-gateway.helicone.ai",
        ),
    ),
    Provider(name="vercel", otel_name="vercel", hosts=("ai-gateway.vercel.sh",)),
    Provider(name="portkey", otel_name="portkey", hosts=("api.portkey.ai",)),
    Provider(name="pydantic", otel_name="pydantic", hosts=("gateway.pydantic.dev",)),
    Provider(name="cloudflare", otel_name="cloudflare", hosts=("gateway.ai.cloudflare.com",)),
)
_BY_NAME = {provider.name: provider for provider in PROVIDERS}
_BY_OTEL_NAME = {provider.otel_name: provider for provider in reversed(PROVIDERS)}


def provider_named(name: str) -> Provider | None:
    """The provider of a name as users type it, or as OpenTelemetry writes it."""
    return _BY_NAME.get(name) or _BY_OTEL_NAME.get(name)


@lru_cache(maxsize=1024)
def provider_of_host(host: str) -> Provider | None:
    """Whose host this is; `None` for a host that is in nobody's row."""
    found = match_host(host.lower())
    return found[0] if found else None


def match_host(host: str) -> tuple[Provider, str] | None:
    """The provider of a host, and the path under which it serves models there."""
    for provider in PROVIDERS:
        for pattern in provider.hosts:
            name, slash, under = pattern.partition("/")
            if fnmatchcase(host, name):
                return provider, slash + under
    return None
