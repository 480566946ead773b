"""Clients that users make by the hook `pytest_llmreplay_client`: what they are, where they call."""

from __future__ import annotations

from typing import Any, Literal

from pytest_llmreplay.errors import ConfigError

__all__ = ["Kind", "base_url_of", "is_of_sdk", "kind_of", "provider_of"]

Kind = Literal["openai", "anthropic", "httpx", "botocore"]

_CLASSES: dict[tuple[str, str], Kind] = {
    ("openai", "AsyncAPIClient"): "openai",
    ("anthropic", "AsyncAPIClient"): "anthropic",
    ("httpx", "AsyncClient"): "httpx",
    ("httpx2", "AsyncClient"): "httpx",
    ("botocore", "BaseClient"): "botocore",
}
"""Top-level module and name of the classes that a client may be of."""
_SERVICE = "bedrock-runtime"


def kind_of(client: Any) -> Kind:
    """Of which library a client is.

    Raises:
        ConfigError: Nothing that can make the request of a call.
    """
    for base in type(client).__mro__:
        kind = _CLASSES.get((base.__module__.partition(".")[0], base.__name__))
        if kind is not None and _can_call(client, kind):
            return kind
    raise ConfigError(
        "pytest_llmreplay_client: expected an asynchronous client of the openai or anthropic SDK, "
        "such as AsyncAzureOpenAI, an httpx.AsyncClient with a base_url, or a bedrock-runtime "
        f"client of boto3, got {type(client).__name__}"
    )


def is_of_sdk(client: Any) -> bool:
    """Whether a client knows by itself at which paths its cloud serves a format."""
    return client is not None and kind_of(client) in {"openai", "anthropic"}


def base_url_of(client: Any) -> str:
    """The base URL that a client calls."""
    return str(client.meta.endpoint_url if kind_of(client) == "botocore" else client.base_url)


def provider_of(client: Any, provider: str) -> str:
    """Who a client calls: AWS by a client of its own, else the provider that it was asked for."""
    return "bedrock" if kind_of(client) == "botocore" else provider


def _can_call(client: Any, kind: Kind) -> bool:
    if kind == "httpx":
        return bool(str(client.base_url))
    if kind == "botocore":
        waits = not hasattr(client, "__aenter__")  # aiobotocore's signs in a loop of its own
        return waits and client.meta.service_model.service_name == _SERVICE
    return True
