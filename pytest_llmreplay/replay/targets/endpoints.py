"""From a target and a recorded event to the one endpoint that a call goes to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from pytest_llmreplay.errors import ConfigError, ReplayError
from pytest_llmreplay.providers.endpoints.cloud_addresses import (
    api_version,
    at_home,
    azure_base_url,
)
from pytest_llmreplay.providers.endpoints.cloud_formats import OPENAI_FORMATS, is_cloud
from pytest_llmreplay.providers.endpoints.lookup import provider_named
from pytest_llmreplay.providers.endpoints.provider import Provider
from pytest_llmreplay.replay.calls.endpoint import AuthStyle, Endpoint
from pytest_llmreplay.replay.calls.trust import BaseUrl, Trust, key_for, owner_of

from .allowed import Allowed
from .base_urls import base_url_of, main_provider, normal, owner_of_url
from .made_clients import base_url_of as url_of_client
from .made_clients import provider_of
from .target import Target

__all__ = ["Endpoints"]


class Endpoints:
    """Finds endpoints, and keeps those found.

    Args:
        environ: The process environment: keys, base URLs and trusted hosts.
        client_of: A user's own client for the calls of a target at a provider in an API format,
            where he has one.
        allowed: Where the project lets its data go.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        client_of: Callable[[Target, str, str], object] | None = None,
        allowed: Allowed | None = None,
    ) -> None:
        self._environ = environ
        self._client_of = client_of
        self._allowed = allowed or Allowed()
        self._trust = Trust.of(environ)
        self._simulated: dict[str, Mapping[str, str]] = {}
        self._found: dict[tuple[str, str, str], Endpoint] = {}

    def serve_simulated(self, target: str, base_urls: Mapping[str, str]) -> None:
        """Say where the simulated server of a target listens: base URLs by API format."""
        self._simulated[target] = base_urls

    def of(self, target: Target, *, provider: str, api: str, model: str | None = None) -> Endpoint:
        """The endpoint for a call.

        Args:
            target: What the user named.
            provider: Provider of the recorded event, where the target names none.
            api: API format that the call is made in.
            model: That is asked, where it is known.

        Raises:
            ReplayError: The target does not speak the format.
            UntrustedHost: A data file proposes a host that no person named.
            ConfigError: A key or a base URL is missing, or the project does not allow the target.
        """
        key = (target.name, provider, api)
        if key not in self._found:
            self._found[key] = self._find(target, provider, api)
        found = self._found[key]
        if target.kind != "simulated":
            self._allowed.check(target.name, found, model)
        return found

    def check(self, target: Target, calls: Iterable[tuple[str, str, str]]) -> bool:
        """Find the endpoints of all `(provider, api, model)` of a run before its first call.

        Returns:
            Whether any of them can be made.

        Raises:
            ConfigError: A key or a base URL is missing, a host is not trusted, or the project
                does not allow the target.
        """
        reached = False
        for provider, api, model in calls:
            try:
                self.of(target, provider=provider, api=api, model=model)
            except ReplayError:
                # Only the events of this format fail, and they say so themselves.
                continue
            reached = True
        return reached

    def _find(self, target: Target, recorded: str, api: str) -> Endpoint:
        if target.kind == "simulated":
            return self._at_simulated(target, recorded, api)
        provided = target.provider or recorded
        client: Any = self._client_of(target, provided, api) if self._client_of else None
        if client is not None:
            return _of_client(client, provided)
        return self._at_provider(target, provided, recorded, api)

    def _at_provider(self, target: Target, provided: str, recorded: str, api: str) -> Endpoint:
        provider = self._row(provided, api)
        if target.provider is not None and target.api != api and provider is not None:
            _refuse_foreign(target, provider, api)
        base = base_url_of(target, provider, recorded, api, self._environ)
        # A cassette's word for its provider chooses the provider's own address, never a key
        # for an address that a person named.
        named = provider if target.provider or base.source == "table" else main_provider(api)
        meant = provider if base.source == "environment" else named
        key = key_for(base, meant, trust=self._trust, environ=self._environ)
        found = Endpoint(
            provider=_provider_name(base, provider, recorded),
            base_url=normal(base.url, provider, api),
            key=key,
            auth=_auth(target, base, provider, api),
        )
        if is_cloud(found.provider) and _means_cloud(target, base):
            found = self._at_cloud(found, api)
        return replace(found, own_headers=_is_openai(found))

    def _row(self, name: str, api: str) -> Provider | None:
        found = provider_named(name)
        return None if found is None else at_home(found, api, self._environ)

    def _at_cloud(self, found: Endpoint, api: str) -> Endpoint:
        version, url = None, found.base_url
        if found.provider == "azure" and api in OPENAI_FORMATS:
            version = api_version(self._environ)
            url = url if urlsplit(url).path else azure_base_url(url, self._environ)
        return replace(found, base_url=url, cloud=found.provider, api_version=version)

    def _at_simulated(self, target: Target, recorded: str, api: str) -> Endpoint:
        base_urls = self._simulated.get(target.named)
        if base_urls is None:
            raise ConfigError(f"{target.name}: its server was not started")
        if api not in base_urls:
            raise ReplayError(f"{target.name}: simulated models do not speak {api}")
        return Endpoint(provider=recorded, base_url=base_urls[api].rstrip("/"))


def _of_client(client: Any, provided: str) -> Endpoint:
    """The endpoint of a user's own client, which knows address and credentials by itself."""
    asked = provider_of(client, provided)
    base_url = url_of_client(client).rstrip("/")
    return Endpoint(provider=asked, base_url=base_url, auth="none", client=client, cloud=asked)


def _refuse_foreign(target: Target, provider: Provider, api: str) -> None:
    if provider.base_urls and api not in provider.base_urls:
        spoken = ", ".join(provider.base_urls)
        raise ReplayError(
            f"{target.name}: {provider.name} does not speak {api}, in which this event was "
            f"recorded and which cannot be converted; it speaks {spoken}"
        )


def _provider_name(base: BaseUrl, provider: Provider | None, recorded: str) -> str:
    return owner_of_url(base.url) or (provider.name if provider else recorded)


def _means_cloud(target: Target, base: BaseUrl) -> bool:
    """Whether more than a cassette says that a cloud is asked."""
    named = target.provider is not None or base.source in {"table", "environment"}
    return named or owner_of_url(base.url) is not None


def _auth(target: Target, base: BaseUrl, provider: Provider | None, api: str) -> AuthStyle:
    if target.auth is not None:
        return target.auth
    owner = owner_of(base.url, provider) or provider or main_provider(api)
    return owner.auth_style(api) if owner else "bearer"


def _is_openai(endpoint: Endpoint) -> bool:
    return endpoint.base_url == "https://api.openai.com/v1"
