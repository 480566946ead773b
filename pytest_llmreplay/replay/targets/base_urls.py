"""The base URL of a target, and what becomes of it before a path is appended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from pytest_llmreplay.errors import ConfigError, ReplayError
from pytest_llmreplay.providers.endpoints.base_urls import told_base_url
from pytest_llmreplay.providers.endpoints.cloud_addresses import missing
from pytest_llmreplay.providers.endpoints.cloud_formats import is_cloud
from pytest_llmreplay.providers.endpoints.lookup import (
    format_owner,
    provider_named,
    provider_of_host,
)
from pytest_llmreplay.providers.endpoints.provider import Provider
from pytest_llmreplay.providers.registry import LOCAL
from pytest_llmreplay.replay.calls.trust import BaseUrl, Source

from .target import Target

__all__ = ["base_url_of", "main_provider", "normal", "owner_of_url"]

_DROPPED = {
    "messages": ("/v1",),
    "ollama_chat": ("/v1", "/api"),
    "ollama_generate": ("/v1", "/api"),
    **dict.fromkeys(("cohere_chat", "cohere_chat_v1", "cohere_generate"), ("/v1", "/v2")),
}
"""Ends of base URLs that the path of a format brings along, or that another format's needs."""


def base_url_of(
    target: Target, provider: Provider | None, recorded: str, api: str, environ: Mapping[str, str]
) -> BaseUrl:
    """Where a target is: as it says itself, else the environment, else the table of providers.

    Args:
        target: What the user named.
        provider: Whose address counts, if it has one.
        recorded: Provider of the recorded event.
        api: API format that the call is made in.
        environ: The process environment.

    Raises:
        ReplayError: The provider does not speak the format, or has no known address.
        ConfigError: Its address is one of the user's own, and he has not said it.
    """
    proposed = target.base_url
    if proposed is not None and proposed.url:
        return proposed
    found = _of_provider(provider, api, environ)
    if found is None:
        if provider is None:
            raise _unknown_address(target, recorded, api, environ)
        raise _no_address(target, provider, api)
    if proposed is None:
        return found
    return replace(found, key_variable=proposed.key_variable, place=proposed.place)


def normal(url: str, provider: Provider | None, api: str) -> str:
    """A base URL to which the format's path can be appended.

    People name servers with and without `/v1`. A URL without any path gets that of the
    provider's own; its version is dropped where the format's path begins with one.
    """
    url = url.rstrip("/")
    if not urlsplit(url).path:
        url += _usual_path(provider or main_provider(api), api)
    elif url.endswith(_DROPPED.get(api, ())):
        url = url.rpartition("/")[0]
    return url


def main_provider(api: str) -> Provider | None:
    """The provider whose own format it is."""
    return provider_named(format_owner(api))


def owner_of_url(url: str) -> str | None:
    """The provider whose own host a URL names."""
    owner = provider_of_host(urlsplit(url).hostname or "")
    return owner.name if owner else None


def _of_provider(provider: Provider | None, api: str, environ: Mapping[str, str]) -> BaseUrl | None:
    if provider is None:
        return None
    for variable in provider.base_url_variables:
        if value := environ.get(variable, "").strip():
            url = _as_url(variable, value, _usual_path(provider, api))
            return BaseUrl(url=url, source="environment", place=variable)
    url = provider.base_urls.get(api, "")
    elsewhere = is_cloud(provider.name) and owner_of_url(url) != provider.name
    source: Source = "environment" if elsewhere else "table"
    return BaseUrl(url=url, source=source, place=provider.name) if url else None


def _unknown_address(
    target: Target, recorded: str, api: str, environ: Mapping[str, str]
) -> ReplayError:
    if recorded != LOCAL:
        return ReplayError(
            f"{target.name}: the recorded provider {recorded!r} has no known address; name a "
            "target as PROVIDER/MODEL, or give --llm-base-url"
        )
    owner = main_provider(api)
    variables = owner.base_url_variables if owner else ()
    told = (f'"${one}"' for one in variables if _is_url(environ.get(one, "")))
    return ReplayError(
        f"{target.name}: the recorded provider {recorded!r} is a server of your own, whose address "
        f"no cassette keeps; give --llm-base-url {next(told, 'URL')}, or name a target as "
        "PROVIDER/MODEL"
    )


def _is_url(value: str) -> bool:
    return value.strip().startswith(("http://", "https://"))


def _no_address(target: Target, provider: Provider, api: str) -> ReplayError | ConfigError:
    variables = missing(provider.name, api) or " or ".join(provider.base_url_variables)
    if provider.base_urls or (is_cloud(provider.name) and not variables):
        return ReplayError(f"{target.name}: {provider.name} does not speak {api}")
    ways = f"set {variables}, or give --llm-base-url" if variables else "give --llm-base-url"
    return ConfigError(f"{target.name}: {provider.name} has an address of your own; {ways}")


def _as_url(variable: str, value: str, usual: str) -> str:
    """A base URL of the environment, with the path that Google's client always adds."""
    url = told_base_url(variable, value)
    adds = variable == "GOOGLE_GEMINI_BASE_URL" and not url.endswith(usual)
    return url + usual if adds else url


def _usual_path(provider: Provider | None, api: str) -> str:
    return urlsplit(provider.base_urls.get(api, "") if provider else "").path.rstrip("/")
