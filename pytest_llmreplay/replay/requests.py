"""The HTTP request of a call: made here, or by a client that a user's hook gave."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any, Protocol

from pytest_llmreplay.errors import ConfigError

from .endpoint import Endpoint
from .outgoing import Outgoing

__all__ = ["OfClient", "Plain", "Requests", "family_of_client"]

_FAMILIES = ("openai", "anthropic")


class Requests(Protocol):
    """Makes the request of a call, shortly before it is sent."""

    async def make(self, outgoing: Outgoing) -> Any:
        """A request of the HTTP library."""
        ...


class Plain:
    """The request as the recording holds it, with the key of the endpoint.

    Args:
        endpoint: Where calls go, and with which key.
        httpx: The HTTP library.
        headers: How the SDK presents itself.
        extensions: Time limits of the HTTP client.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        httpx: ModuleType,
        headers: dict[str, str],
        extensions: dict[str, Any],
    ) -> None:
        self._endpoint, self._httpx = endpoint, httpx
        self._headers, self._extensions = headers, extensions
        self._netloc = httpx.URL(endpoint.base_url).netloc

    async def make(self, outgoing: Outgoing) -> Any:
        """The request, as `request` makes it."""
        return self.request(outgoing)

    def request(self, outgoing: Outgoing) -> Any:
        """The request; none ever leaves for another host than the endpoint's."""
        url = self._httpx.URL(outgoing.url)
        if url.netloc != self._netloc:
            raise RuntimeError(f"a request was about to leave for {url.netloc!r}")
        return self._httpx.Request(
            "POST",
            url,
            headers={
                **self._headers,
                **outgoing.headers,
                "accept-encoding": "identity",
                # The key stands in no object but this one, which is gone when the answer is here.
                **self._endpoint.auth_headers(),
            },
            content=outgoing.content,
            extensions=self._extensions,
        )


class OfClient:
    """The request as a client of a user's makes it: with its address, its token, its signature.

    Args:
        client: An asynchronous client of the openai or anthropic SDK.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        models = importlib.import_module(f"{family_of_client(client)}._models")
        self._options = models.FinalRequestOptions

    async def make(self, outgoing: Outgoing) -> Any:
        """What the client's own methods send, from its preparing to its signing."""
        client = self._client
        options = self._options.construct(
            method="post",
            url=outgoing.path,
            json_data=dict(outgoing.body),
            headers={**outgoing.headers, "accept-encoding": "identity"},
        )
        request = client._build_request(await client._prepare_options(options))  # noqa: SLF001
        await client._prepare_request(request)  # noqa: SLF001
        return request


def family_of_client(client: object) -> str:
    """The SDK that a client belongs to.

    Raises:
        ConfigError: It is none of an asynchronous client of an SDK.
    """
    for base in type(client).__mro__:
        family = base.__module__.partition(".")[0]
        if family in _FAMILIES and base.__name__ == "AsyncAPIClient":
            return family
    raise ConfigError(
        "pytest_llmreplay_client: expected an asynchronous client of the openai or anthropic SDK, "
        f"such as AsyncAzureOpenAI, got {type(client).__name__}"
    )
