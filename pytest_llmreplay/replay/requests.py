"""The HTTP request of a call: made here, or by a client that a user's hook gave."""

from __future__ import annotations

import asyncio
import importlib
from functools import lru_cache
from types import ModuleType
from typing import Any, Protocol

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.cloud_formats import cloud_version

from .endpoint import Endpoint
from .made_clients import kind_of
from .outgoing import Outgoing

__all__ = ["OfClient", "OfHttpClient", "Plain", "Requests", "Signed", "with_patience"]

_CLOUDS = {"anthropic.lib.bedrock": "bedrock", "anthropic.lib.vertex": "vertex"}
"""Modules of clients that put Anthropic's API version into the body: its latest, unless told."""


_JSON = {"content-type": "application/json"}


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
        self._urls = lru_cache(self._url)

    async def make(self, outgoing: Outgoing) -> Any:
        """The request, as `request` makes it."""
        return self.request(outgoing)

    def request(self, outgoing: Outgoing) -> Any:
        """The request; none ever leaves for another host than the endpoint's."""
        return self._httpx.Request(
            "POST",
            self._urls(outgoing.url),
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

    def _url(self, text: str) -> Any:
        url = self._httpx.URL(text)
        if url.netloc != self._netloc:
            raise RuntimeError(f"a request was about to leave for {url.netloc!r}")
        return url


def with_patience(request: Any, seconds: float | None) -> Any:
    """The same request, which waits no longer than this for more of its answer."""
    if seconds is not None:
        limits = request.extensions.get("timeout", {})
        known = limits.get("read")
        shorter = seconds if known is None else min(seconds, known)
        request.extensions = {**request.extensions, "timeout": {**limits, "read": shorter}}
    return request


class OfClient:
    """The request as a client of a user's makes it: with its address, its token, its signature.

    Args:
        client: An asynchronous client of the openai or anthropic SDK.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        models = importlib.import_module(f"{kind_of(client)}._models")
        self._options = models.FinalRequestOptions
        packages = (base.__module__.rpartition(".")[0] for base in type(client).__mro__)
        self._cloud = next((_CLOUDS[name] for name in packages if name in _CLOUDS), None)

    async def make(self, outgoing: Outgoing) -> Any:
        """What the client's own methods send, from its preparing to its signing."""
        client = self._client
        options = self._options.construct(
            method="post",
            url=outgoing.path,
            json_data={**self._version(outgoing), **outgoing.body},
            headers={**outgoing.headers, "accept-encoding": "identity"},
        )
        request = client._build_request(await client._prepare_options(options))  # noqa: SLF001
        await client._prepare_request(request)  # noqa: SLF001
        return request

    def _version(self, outgoing: Outgoing) -> dict[str, Json]:
        version = outgoing.headers.get("anthropic-version")
        if self._cloud is None or version is None:
            return {}
        return {"anthropic_version": cloud_version(self._cloud, version)}


class OfHttpClient:
    """The request below the base URL of an HTTP client, which signs it when it sends it.

    Args:
        client: An `httpx.AsyncClient`, with headers and authentication of its own.
        extensions: Time limits.
    """

    def __init__(self, client: Any, extensions: dict[str, Any]) -> None:
        self._client, self._extensions = client, extensions

    async def make(self, outgoing: Outgoing) -> Any:
        """The request with what the client adds to all of its own."""
        return self._client.build_request(
            "POST",
            outgoing.path,
            content=outgoing.content,
            headers={**_JSON, **outgoing.headers, "accept-encoding": "identity"},
            extensions=self._extensions,
        )


class Signed:
    """The request as it is made here, signed by a client of AWS.

    Args:
        plain: Makes the request, without a key.
        client: A client of botocore, with credentials that it renews by itself.
    """

    def __init__(self, plain: Plain, client: Any) -> None:
        self._plain, self._client = plain, client
        self._unsigned = importlib.import_module("botocore.awsrequest").AWSRequest

    async def make(self, outgoing: Outgoing) -> Any:
        """The request with the headers of its signature."""
        request = await self._plain.make(outgoing)
        unsigned = self._unsigned(
            method="POST", url=str(request.url), headers=dict(_JSON), data=outgoing.content
        )
        # Credentials that have expired are renewed over the network, by a library that waits.
        await asyncio.to_thread(
            self._client._request_signer.sign,  # noqa: SLF001  # nothing public signs any request
            "Converse",
            unsigned,
        )
        request.headers.update(dict(unsigned.headers))
        return request
