"""The table of providers: who serves which hosts, in which formats, and whose keys go there.

Endpoints are those of the providers' own documentation. A host pattern may hold `*`; one with a
path (`*.snowflakecomputing.com/api/v2/cortex/`) names a host that serves other things too.
"""

from __future__ import annotations

from .provider import Provider

__all__ = ["PROVIDERS"]


def _openai_like(
    name: str,
    base_url: str,
    *,
    keys: tuple[str, ...],
    hosts: tuple[str, ...],
    otel_name: str | None = None,
    responses: bool = False,
    base_url_variables: tuple[str, ...] = (),
) -> Provider:
    """A provider that only speaks OpenAI's formats."""
    apis = ("chat_completions", "completions", "embeddings", *(["responses"] if responses else []))
    return Provider(
        name=name,
        otel_name=otel_name or name,
        hosts=hosts,
        base_urls=dict.fromkeys(apis, base_url),
        key_variables=keys,
        base_url_variables=base_url_variables,
    )


def _local(
    name: str,
    origin: str,
    *,
    otel_name: str,
    keys: tuple[str, ...],
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
        key_variables=keys,
        base_url_variables=base_url_variables,
    )


_COHERE = ("cohere_chat", "cohere_chat_v1", "cohere_generate")

PROVIDERS: tuple[Provider, ...] = (
    _openai_like(
        "openai",
        "https://api.openai.com/v1",
        keys=("OPENAI_API_KEY",),
        hosts=(
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
        keys=("MISTRAL_API_KEY",),
        hosts=("api.mistral.ai", "codestral.mistral.ai"),
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
        keys=("OLLAMA_API_KEY",),
        hosts=("ollama.com",),
        base_url_variables=("OLLAMA_BASE_URL", "OLLAMA_HOST"),
        native=("ollama_chat", "ollama_generate"),
    ),
    _openai_like(
        "groq",
        "https://api.groq.com/openai/v1",
        keys=("GROQ_API_KEY",),
        hosts=("api.groq.com",),
        responses=True,
        base_url_variables=("GROQ_BASE_URL",),
    ),
    _openai_like(
        "together",
        "https://api.together.ai/v1",
        keys=("TOGETHER_API_KEY",),
        hosts=("api.together.ai", "api.together.xyz"),
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
        keys=("XAI_API_KEY",),
        hosts=("api.x.ai", "*.api.x.ai"),
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
        keys=("VLLM_API_KEY",),
        base_url_variables=("VLLM_BASE_URL",),
    ),
    _local("llamacpp", "http://localhost:8080", otel_name="llama_cpp", keys=("LLAMA_API_KEY",)),
    _local(
        "lmstudio",
        "http://localhost:1234",
        otel_name="lm_studio",
        keys=("LM_API_TOKEN", "LM_STUDIO_API_KEY"),
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
        keys=("HF_TOKEN",),
        hosts=("router.huggingface.co", "api-inference.huggingface.co"),
    ),
    _openai_like(
        "cerebras",
        "https://api.cerebras.ai/v1",
        keys=("CEREBRAS_API_KEY",),
        hosts=("api.cerebras.ai",),
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
        keys=("ZAI_API_KEY",),
        hosts=("api.z.ai", "open.bigmodel.cn"),
    ),
    Provider(
        name="ai21",
        otel_name="ai21",
        hosts=("api.ai21.com",),
        base_urls={"chat_completions": "https://api.ai21.com/studio/v1"},
        key_variables=("AI21_API_KEY",),
    ),
    _openai_like(
        "writer",
        "https://api.writer.com/v1",
        keys=("WRITER_API_KEY",),
        hosts=("api.writer.com",),
    ),
    Provider(name="crusoe", otel_name="crusoe", hosts=("*.crusoecloud.com/v1/",)),
    _openai_like(
        "perplexity",
        "https://api.perplexity.ai",
        keys=("PERPLEXITY_API_KEY",),
        hosts=("api.perplexity.ai",),
    ),
    _openai_like(
        "fireworks",
        "https://api.fireworks.ai/inference/v1",
        keys=("FIREWORKS_API_KEY",),
        hosts=("api.fireworks.ai",),
    ),
    _openai_like(
        "moonshot",
        "https://api.moonshot.ai/v1",
        keys=("MOONSHOT_API_KEY",),
        hosts=("api.moonshot.ai", "api.moonshot.cn"),
        otel_name="moonshot_ai",
    ),
    _openai_like(
        "deepinfra",
        "https://api.deepinfra.com/v1/openai",
        keys=("DEEPINFRA_TOKEN",),
        hosts=("api.deepinfra.com",),
    ),
    _openai_like(
        "nvidia",
        "https://integrate.api.nvidia.com/v1",
        keys=("NVIDIA_API_KEY",),
        hosts=("integrate.api.nvidia.com",),
    ),
    _openai_like(
        "github",
        "https://models.github.ai/inference",
        keys=("GITHUB_TOKEN",),
        hosts=("models.github.ai", "models.inference.ai.azure.com"),
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
