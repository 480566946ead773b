"""Azure, Bedrock and Vertex: addresses from the environment, formats by the model, paths."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.providers.endpoints.cloud_addresses import at_home, azure_base_url, missing
from pytest_llmreplay.providers.endpoints.cloud_formats import formats_of, is_cloud, served
from pytest_llmreplay.providers.endpoints.lookup import provider_named, provider_of_host
from pytest_llmreplay.providers.endpoints.provider import Provider
from pytest_llmreplay.providers.endpoints.table import PROVIDERS

CHAT, MESSAGES = "chat_completions", "messages"
REGION = {"AWS_REGION": "eu-west-1"}
PROJECT = {"GOOGLE_CLOUD_PROJECT": "my-project", "GOOGLE_CLOUD_LOCATION": "europe-west1"}
BELOW = "v1/projects/my-project/locations"
VERTEX = f"https://europe-west1-aiplatform.googleapis.com/{BELOW}/"
AZURE = {"AZURE_OPENAI_ENDPOINT": "https://my.openai.azure.com/"}
KEY, ENTRA = "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN"
AWS = "AWS_BEARER_TOKEN_BEDROCK"
GOOGLE = "GOOGLE_OAUTH_ACCESS_TOKEN"


def cloud(name: str) -> Provider:
    """The row of a cloud."""
    found = provider_named(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "api", "environ", "url", "key", "auth"),
    [
        *[
            ("bedrock", api, environ, url, AWS, "bearer")
            for api, environ, url in [
                ("converse", REGION, "https://bedrock-runtime.eu-west-1.amazonaws.com"),
                (MESSAGES, REGION, "https://bedrock-runtime.eu-west-1.amazonaws.com"),
                (CHAT, REGION, "https://bedrock-mantle.eu-west-1.api.aws/v1"),
                (
                    "converse",
                    {"AWS_DEFAULT_REGION": "us-east-1"},
                    "https://bedrock-runtime.us-east-1.amazonaws.com",
                ),
                (
                    "converse",
                    {"AWS_REGION": "cn-north-1"},
                    "https://bedrock-runtime.cn-north-1.amazonaws.com.cn",
                ),
                (
                    CHAT,
                    REGION | {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "https://vpce.example/"},
                    "https://vpce.example/openai/v1",
                ),
            ]
        ],
        *[
            ("vertex", api, environ, url, GOOGLE, "bearer")
            for api, environ, url in [
                ("generate_content", PROJECT, f"{VERTEX}europe-west1/publishers/google"),
                ("interactions", PROJECT, f"{VERTEX.replace('/v1/', '/v1beta1/')}europe-west1"),
                (MESSAGES, PROJECT, f"{VERTEX}europe-west1/publishers/anthropic"),
                (CHAT, PROJECT, f"{VERTEX}europe-west1/endpoints/openapi"),
                (
                    MESSAGES,
                    PROJECT | {"GOOGLE_CLOUD_LOCATION": "global"},
                    f"https://aiplatform.googleapis.com/{BELOW}/global/publishers/anthropic",
                ),
                (
                    MESSAGES,
                    PROJECT | {"GOOGLE_CLOUD_LOCATION": "eu"},
                    f"https://aiplatform.eu.rep.googleapis.com/{BELOW}/eu/publishers/anthropic",
                ),
            ]
        ],
        (
            "vertex",
            "generate_content",
            {"GOOGLE_API_KEY": "k"},
            "https://aiplatform.googleapis.com/v1/publishers/google",
            "GOOGLE_API_KEY",
            "x-goog-api-key",
        ),
        ("azure", CHAT, AZURE, "https://my.openai.azure.com/openai/v1", KEY, "api-key"),
        (
            "azure",
            "embeddings",
            AZURE | {"OPENAI_API_VERSION": "2026-01-01"},
            "https://my.openai.azure.com/openai",
            KEY,
            "api-key",
        ),
        (
            "azure",
            CHAT,
            AZURE | {ENTRA: "t", "OPENAI_API_VERSION": "preview"},
            "https://my.openai.azure.com/openai/v1",
            ENTRA,
            "bearer",
        ),
        (
            "azure",
            MESSAGES,
            {"ANTHROPIC_FOUNDRY_RESOURCE": "Mine"},
            "https://mine.services.ai.azure.com/anthropic",
            "ANTHROPIC_FOUNDRY_API_KEY",
            "x-api-key",
        ),
    ],
)
def test_an_address_follows_from_the_environment(  # noqa: PLR0917  # a row of a table
    name: str, api: str, environ: dict[str, str], url: str, key: str, auth: str
) -> None:
    """In the variables of the clouds' own SDKs, with the key that belongs there."""
    found = at_home(cloud(name), api, environ)
    assert ({api: url}, key, auth) == (
        dict(found.base_urls),
        found.key_variables[0],
        found.auth_style(api),
    )
    owner = provider_of_host(url.split("/")[2])
    assert owner is None or name == owner.name


@pytest.mark.parametrize("name", ["azure", "bedrock", "vertex"])
def test_without_its_variables_a_cloud_has_no_address(name: str) -> None:
    """Nothing is guessed; what is not served has no variable that would help."""
    assert {} == at_home(cloud(name), CHAT, {}).base_urls
    assert missing(name, CHAT)
    assert "" == missing(name, "ollama_chat")
    assert {} == at_home(cloud(name), "ollama_chat", REGION | PROJECT | AZURE).base_urls


@pytest.mark.parametrize(
    ("name", "api", "variable", "value"),
    [
        ("bedrock", "converse", "AWS_REGION", "evil.example/"),
        ("bedrock", "converse", "AWS_DEFAULT_REGION", "us-east-1.evil.example#"),
        ("vertex", MESSAGES, "GOOGLE_CLOUD_LOCATION", "evil.example/x"),
        ("vertex", MESSAGES, "GOOGLE_CLOUD_PROJECT", "../x"),
        ("azure", CHAT, "OPENAI_API_VERSION", "2026-01-01&x=y"),
        ("azure", MESSAGES, "ANTHROPIC_FOUNDRY_RESOURCE", "evil.example/"),
    ],
)
def test_a_variable_cannot_name_another_host(
    name: str, api: str, variable: str, value: str
) -> None:
    """It is one word of an address, or one clear error."""
    with pytest.raises(ConfigError, match="cannot be part of an address"):
        at_home(cloud(name), api, PROJECT | AZURE | {variable: value})


def test_other_providers_are_as_the_table_says() -> None:
    """No variable of a cloud changes them."""
    for provider in PROVIDERS:
        if not is_cloud(provider.name):
            assert provider is at_home(provider, CHAT, REGION | PROJECT | AZURE)
            assert provider.apis == formats_of(provider, "claude")


@pytest.mark.parametrize(
    ("name", "model", "first"),
    [
        ("bedrock", "us.anthropic.claude-sonnet-4-6", ("converse", MESSAGES)),
        ("bedrock", "arn:aws:bedrock:us-east-1:1:application-inference-profile/x", ("converse",)),
        ("bedrock", "openai.gpt-oss-120b", ("converse", CHAT)),
        ("vertex", "claude-sonnet-4-6@20260101", (MESSAGES,)),
        ("vertex", "gemini-3-pro", ("generate_content", "interactions", CHAT)),
        ("vertex", "meta/llama-4", (CHAT,)),
        ("azure", "my-deployment", (CHAT, "responses")),
        ("azure", "claude-sonnet-4-6", (MESSAGES,)),
    ],
)
def test_the_formats_follow_from_the_model(name: str, model: str, first: tuple[str, ...]) -> None:
    """A cloud serves each maker's models in that maker's format."""
    assert first == formats_of(cloud(name), model)[: len(first)]


V1 = {"anthropic-version": "2023-06-01"}
ASKED: dict[str, Any] = {"model": "m", "messages": [], "stream": True}


@pytest.mark.parametrize(
    ("name", "headers", "path", "body"),
    [
        (
            "bedrock",
            V1 | {"anthropic-beta": "a,b"},
            "/model/{model}/invoke-with-response-stream",
            {
                "anthropic_version": "bedrock-2023-05-31",
                "anthropic_beta": ["a", "b"],
                "messages": [],
            },
        ),
        (
            "bedrock",
            {"anthropic-version": "2026-10-21"},
            "/model/{model}/invoke-with-response-stream",
            {"anthropic_version": "2026-10-21", "messages": []},
        ),
        (
            "vertex",
            V1,
            "/models/{model}:streamRawPredict",
            {"anthropic_version": "vertex-2023-10-16", "messages": [], "stream": True},
        ),
    ],
)
def test_messages_at_a_cloud(
    name: str, headers: dict[str, str], path: str, body: dict[str, Any]
) -> None:
    """The path names the model, the body the version that elsewhere is a header."""
    found = served(name, MESSAGES, base_url="https://x.example")
    assert found is not None
    assert (path, body) == (found.stream_path, found.body(ASKED, headers))


def test_mantle_serves_messages_as_anthropic_does() -> None:
    """https://bedrock-mantle.{region}.api.aws/anthropic/v1/messages."""
    assert served("bedrock", MESSAGES, base_url="https://bedrock-mantle.x.api.aws/y") is None


@pytest.mark.parametrize(
    ("api", "base", "path"),
    [
        (CHAT, "/openai", "/deployments/{model}/chat/completions?api-version=v"),
        ("embeddings", "/openai", "/deployments/{model}/embeddings?api-version=v"),
        ("responses", "/openai", "/responses?api-version=v"),
        (CHAT, "/openai/deployments/d", "/chat/completions?api-version=v"),
        (CHAT, "/openai/v1", None),
    ],
)
def test_deployments_of_azure(api: str, base: str, path: str | None) -> None:
    """Below `/openai/v1` Azure is as OpenAI; else deployment and version stand in the URL."""
    found = served("azure", api, base_url=f"https://my.openai.azure.com{base}", version="v")
    assert path == (found.path if found else None)
    assert f"https://x{base}" == azure_base_url(f"https://x{base}", {})
