"""Carries requests by aiohttp: nobody's SDK has to be imported for it, which takes seconds."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from pytest_llmreplay.replay.calls.endpoint import Endpoint
from pytest_llmreplay.replay.calls.outgoing import Outgoing

from .environment import proxy_for, tls_context
from .own_request import CONNECT, KEPT_FOR, OwnRequests
from .sender import Incoming

if TYPE_CHECKING:
    from yarl import URL

__all__ = ["OwnSender", "Request", "aws_signer", "load_library"]

_LARGE: Final = 2**20
"""Bytes above which aiohttp warns, which is an error where a project's warnings are."""


class Request(NamedTuple):
    """A request that is ready for the wire."""

    url: URL
    headers: dict[str, str]
    content: bytes


class Sign(Protocol):
    """Gives a request the headers of its signature; may take its time."""

    def __call__(self, request: Request) -> dict[str, str]: ...


class OwnSender:
    """A session of aiohttp; made and used in the loop's thread only.

    Args:
        endpoint: Where calls go, and with which key.
        connections: How many at most.
        timeout: Seconds to wait for more of an answer.
        sign: Signs each request, where the endpoint wants that.
    """

    def __init__(
        self, endpoint: Endpoint, *, connections: int, timeout: float, sign: Sign | None = None
    ) -> None:
        aiohttp = load_library()
        self._requests, self._sign, self._timeout = OwnRequests(endpoint), sign, timeout
        self._url, self._limits = importlib.import_module("yarl").URL, aiohttp.ClientTimeout
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=connections,
                keepalive_timeout=KEPT_FOR,
                ssl=tls_context(endpoint.base_url) or True,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            proxy=proxy_for(endpoint.base_url),
        )

    async def prepare(self, outgoing: Outgoing) -> Request:
        """The request as the recording holds it."""
        request = Request(
            # Encoded already: aiohttp would write `:` for `%3A`, which is not what was signed.
            self._url(self._requests.url(outgoing), encoded=True),
            self._requests.headers(outgoing),
            outgoing.content,
        )
        if self._sign is not None:
            request.headers.update(await asyncio.to_thread(self._sign, request))
        return request

    @asynccontextmanager
    async def send(self, request: Request, patience: float | None) -> AsyncIterator[Incoming]:
        """The answer, as long as it is read."""
        silence = self._timeout if patience is None else min(self._timeout, patience)
        async with self._session.post(
            request.url,
            headers=request.headers,
            data=_sendable(request.content),
            allow_redirects=False,
            timeout=self._limits(sock_connect=min(self._timeout, CONNECT), sock_read=silence),
        ) as response:
            yield Incoming(response.status, response.headers, response.content.iter_any())

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()


def _sendable(content: bytes) -> bytes | BytesIO:
    return BytesIO(content) if len(content) > _LARGE else content


def load_library() -> ModuleType:
    """Import aiohttp: a fifth of a second, once."""
    return importlib.import_module("aiohttp")


def aws_signer(client: Any) -> Sign:
    """Signs as a client of botocore does, with credentials that it renews by itself."""
    unsigned = importlib.import_module("botocore.awsrequest").AWSRequest

    def sign(request: Request) -> dict[str, str]:
        signed = unsigned(
            method="POST",
            url=str(request.url),
            headers={"content-type": request.headers["content-type"]},
            data=request.content,
        )
        client._request_signer.sign("Converse", signed)  # noqa: SLF001 - nothing public of botocore signs
        return dict(signed.headers)

    return sign
