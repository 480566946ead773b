"""One attempt of one call, over the HTTP client of the provider's own async SDK.

The SDK opens connections, speaks HTTP and says who is calling. The request is made here, whole,
from what the recording holds: its SDK layers would encode, guess and retry, take as long as the
exchange itself, and be undone again. Everything that decides about money or secrets is done at
the last moment before the wire and the first after it: which headers leave, how much may come
back, and that no redirect is followed.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from types import ModuleType
from typing import Any, Protocol

from .attempt import AT_ONCE, CONNECT, Attempt
from .bounds import Limits
from .endpoint import PLACEHOLDER, Endpoint
from .made_clients import kind_of
from .outgoing import Outgoing
from .requests import OfClient, OfHttpClient, Plain, Requests, Signed, with_patience
from .result import CallFailed, Reply
from .sdk import Family, family_headers, httpx_of, load_sdk

__all__ = ["Attempting", "Client", "Hearer"]


class Hearer(Protocol):
    """Is told of an answer while it comes."""

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        """The answer began."""
        ...

    def piece(self, data: bytes) -> None:
        """Bytes of the body came, decompressed."""
        ...


class Attempting(Protocol):
    """Makes attempts: a client, or one that asks for leave first."""

    async def attempt(
        self, outgoing: Outgoing, *, target: str, hearer: Hearer | None = None
    ) -> Reply:
        """Send a request once."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


@dataclass(slots=True, kw_only=True)
class _Call(Attempt):
    """One attempt that others wait behind until it is on its way."""

    turn: asyncio.Lock | None
    """Held until the request is on its way."""

    def leave(self) -> None:
        """The request is sent now."""
        self.sent()
        # The transport writes in the next round of the loop; the next call begins in the one after.
        asyncio.get_running_loop().call_soon(self.pass_turn)

    def pass_turn(self) -> None:
        turn, self.turn = self.turn, None
        if turn is not None:
            turn.release()


class Client:
    """The async SDK client of one endpoint; made and used in the loop's thread only.

    Args:
        endpoint: Where calls go, and with which key.
        family: Which SDK.
        concurrency: Connections at most.
        timeout: Seconds that one attempt may take, from the first byte to the last.
        limits: How much a server may answer.
        turn: Lets one call at a time be made and put on the wire. Answers often come in bunches;
            calls made side by side would then leave in bunches too, each as late as the last, and
            stay bunched for the whole run.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        family: Family,
        *,
        concurrency: int,
        timeout: float,
        limits: Limits,
        turn: asyncio.Lock,
    ) -> None:
        self._endpoint = endpoint
        self._timeout = timeout
        self._limits = limits
        self._turn = turn
        self._connections = concurrency + 8
        self._answered = False
        sdk = load_sdk(family)
        self._httpx = httpx_of(sdk)
        self._http, self._requests = self._sends(sdk, family)

    async def attempt(
        self,
        outgoing: Outgoing,
        *,
        target: str,
        hearer: Hearer | None = None,
        patience: float | None = None,
    ) -> Reply:
        """Send a request once.

        Args:
            outgoing: The request.
            target: Name of the target, for messages.
            hearer: Is told of the answer while it comes.
            patience: Seconds to wait for more of the answer, where that is less than the timeout.

        Servers close connections that are kept for the next call. Where that is noticed before
        anything was sent, the next connection is taken, and nobody has to hear of it. Where the
        server hangs up on the first words of a call, the same is assumed once.

        Raises:
            CallFailed: No whole HTTP answer came, or one that points elsewhere.
        """
        for place in range(self._connections):
            try:
                kept = self._answered and place == 0
                return await self._attempt(outgoing, target, hearer, patience, kept=kept)
            except CallFailed as failure:
                if failure.kind != "stale":
                    raise
        return await self._attempt(outgoing, target, hearer, patience, kept=False)

    async def _attempt(
        self,
        outgoing: Outgoing,
        target: str,
        hearer: Hearer | None,
        patience: float | None,
        *,
        kept: bool,
    ) -> Reply:
        await self._turn.acquire()
        call = _Call(
            outgoing=outgoing,
            endpoint=self._endpoint,
            target=target,
            timeout=self._timeout,
            limits=self._limits,
            patience=patience,
            turn=self._turn,
        )
        problem: Exception | None = None
        try:
            async with asyncio.timeout(self._timeout):
                await self._exchange(call, hearer)
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises is a failed call
            problem = error
        finally:
            call.pass_turn()
            await _close(call)
        # Outside of `except`: a chained exception would carry the request's headers along.
        ended = perf_counter()
        if call.meter is not None and call.meter.complete:
            self._answered = True
            return call.reply(ended)
        if problem is not None and not call.at:
            # Nothing left this process: a mistake here, not a failure of the call.
            raise problem
        kept = kept and ended - call.started < AT_ONCE
        raise call.failure(problem, kept=kept)

    async def close(self) -> None:
        """Close all connections."""
        with contextlib.suppress(Exception):
            async with asyncio.timeout(2):
                await self._http.aclose()

    async def _exchange(self, call: _Call, hearer: Hearer | None) -> None:
        request = with_patience(await self._requests.make(call.outgoing), call.patience)
        # Some servers close a connection as soon as they have answered on it, and do not say so.
        # The loop looks at its sockets once in the first turn, and acts on it in the second.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        call.leave()
        response = await self._http.send(request, stream=True, follow_redirects=False)
        meter = call.begin(response)
        if hearer is not None:
            hearer.head(response.status_code, call.headers)
        async with contextlib.aclosing(response.aiter_raw()) as pieces:
            async for data in pieces:
                piece = meter.take(data)
                if hearer is not None:
                    hearer.piece(piece)
        meter.complete = True

    def _sends(self, sdk: ModuleType, family: Family) -> tuple[Any, Requests]:
        """The HTTP client, and what makes its requests."""
        client = self._endpoint.client
        kind = None if client is None else kind_of(client)
        extensions = {"timeout": self._time_limits().as_dict()}
        if kind == "httpx":
            return client, OfHttpClient(client, extensions)
        if kind in {"openai", "anthropic"}:
            return client._client, OfClient(client)  # noqa: SLF001
        http = self._http_client(sdk)
        known = {"base_url": self._endpoint.base_url, "http_client": http}
        make = sdk.AsyncAnthropic if family == "anthropic" else sdk.AsyncOpenAI
        headers = dict(family_headers(make(api_key=PLACEHOLDER, **known), self._endpoint))
        plain = Plain(self._endpoint, self._httpx, headers, extensions)
        return http, plain if client is None else Signed(plain, client)

    def _time_limits(self) -> Any:
        return self._httpx.Timeout(self._timeout, connect=min(self._timeout, CONNECT), pool=None)

    def _http_client(self, sdk: ModuleType) -> Any:
        httpx = self._httpx
        known: dict[str, Any] = {
            "follow_redirects": False,
            "timeout": self._time_limits(),
            "limits": httpx.Limits(
                max_connections=self._connections, max_keepalive_connections=self._connections
            ),
            "trust_env": not self._endpoint.loopback,
        }
        # aiohttp writes `:` for `%3A`, which would be another path than the one that was signed.
        if self._endpoint.client is None and importlib.util.find_spec("aiohttp"):
            # The SDKs have a client on aiohttp, the fastest there is; an old one that lacks its
            # own dependency raises.
            with contextlib.suppress(RuntimeError, AttributeError):
                return sdk.DefaultAioHttpClient(**known)
        return httpx.AsyncClient(**known)


async def _close(call: _Call) -> None:
    if call.response is not None and not call.response.is_closed:
        with contextlib.suppress(Exception):
            async with asyncio.timeout(2):
                await call.response.aclose()
