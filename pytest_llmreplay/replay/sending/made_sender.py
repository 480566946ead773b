"""Carries requests by a client that a user's hook made: its address, its token, its signature."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any, Protocol

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.endpoints.cloud_formats import cloud_version
from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.targets.made_clients import is_of_sdk, kind_of

from .own_request import CONNECT
from .sender import Incoming

__all__ = ["MadeSender"]

_CLOUDS = {"anthropic.lib.bedrock": "bedrock", "anthropic.lib.vertex": "vertex"}
"""Modules of clients that put Anthropic's API version into the body: its latest, unless told."""

_PLAIN = {"accept-encoding": "identity"}

_CLOSING = 2.0
"""Seconds that the end of an answer may take."""


class _Requests(Protocol):
    """Makes the request of a call."""

    async def make(self, outgoing: Outgoing) -> Any:
        """A request of httpx or httpx2."""
        ...


class MadeSender:
    """The HTTP client of a user's, or that of his SDK's client.

    Args:
        client: An asynchronous client of the openai or anthropic SDK, or of httpx or httpx2.
        timeout: Seconds to wait for more of an answer, where the client has no opinion.
    """

    def __init__(self, client: Any, *, timeout: float) -> None:
        self._requests: _Requests
        if is_of_sdk(client):
            self._http, self._requests = client._client, _OfSdk(client)  # noqa: SLF001 - what the SDK itself sends with
        else:
            self._http, self._requests = client, _OfHttp(client, timeout)

    async def prepare(self, outgoing: Outgoing) -> Any:
        """The request as the client makes it."""
        return await self._requests.make(outgoing)

    @asynccontextmanager
    async def send(self, request: Any, patience: float | None) -> AsyncIterator[Incoming]:
        """The answer, as long as it is read."""
        response = await self._http.send(
            _with_patience(request, patience), stream=True, follow_redirects=False
        )
        try:
            async with aclosing(response.aiter_raw()) as pieces:
                yield Incoming(response.status_code, response.headers, pieces)
        finally:
            with suppress(Exception):
                async with asyncio.timeout(_CLOSING):
                    await response.aclose()

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()


class _OfSdk:
    """The request as a client of an SDK makes it.

    Args:
        client: Asynchronous, of the openai or anthropic SDK.
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
            headers={**outgoing.headers, **_PLAIN},
        )
        request = client._build_request(await client._prepare_options(options))  # noqa: SLF001 - as the SDK does
        await client._prepare_request(request)  # noqa: SLF001 - as above
        return request

    def _version(self, outgoing: Outgoing) -> dict[str, Json]:
        version = outgoing.headers.get("anthropic-version")
        if self._cloud is None or version is None:
            return {}
        return {"anthropic_version": cloud_version(self._cloud, version)}


class _OfHttp:
    """The request below the base URL of an HTTP client, which signs it when it sends it.

    Args:
        client: An `AsyncClient` of httpx or httpx2, with headers and authentication of its own.
        timeout: Seconds to wait for more of an answer.
    """

    def __init__(self, client: Any, timeout: float) -> None:
        self._client = client
        limits = {"connect": min(timeout, CONNECT), "read": timeout, "write": timeout, "pool": None}
        self._extensions = {"timeout": limits}

    async def make(self, outgoing: Outgoing) -> Any:
        """The request with what the client adds to all of its own."""
        return self._client.build_request(
            "POST",
            outgoing.path,
            content=outgoing.content,
            headers={"content-type": "application/json", **outgoing.headers, **_PLAIN},
            extensions=self._extensions,
        )


def _with_patience(request: Any, seconds: float | None) -> Any:
    """The same request, which waits no longer than this for more of its answer."""
    if seconds is not None:
        limits = request.extensions.get("timeout", {})
        known = limits.get("read")
        shorter = seconds if known is None else min(seconds, known)
        request.extensions = {**request.extensions, "timeout": {**limits, "read": shorter}}
    return request
