"""One attempt of one call, through the provider's own async SDK.

The SDK opens connections and speaks HTTP; everything that decides about money or secrets is done
here, at the last moment before the wire and the first after it: which headers leave, how much may
come back, and that no redirect is followed.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import inspect
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter
from types import ModuleType
from typing import Any, Literal

from .bounds import Limits, Meter, metered_stream_class
from .endpoint import PLACEHOLDER, Endpoint
from .failure import failed
from .outgoing import Outgoing
from .result import CallFailed, Reply

__all__ = ["Client", "Family", "family_of", "load_sdk"]

Family = Literal["openai", "anthropic"]

CONNECT = 10.0
"""Seconds to wait for a connection, where an attempt may take longer."""

KEPT = frozenset(
    {
        "accept",
        "connection",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
        "user-agent",
    }
)
"""Headers of the SDK that leave, beside the request's own; it reads others from the environment."""

ACCOUNT_HEADERS = frozenset({"openai-organization", "openai-project"})


def family_of(api: str) -> Family:
    """The SDK that speaks an API format."""
    return "anthropic" if api == "messages" else "openai"


@dataclass(slots=True)
class _Call:
    """What is known of the attempt that the current task makes."""

    kept: frozenset[str]
    """Names of the headers that may leave."""
    turn: asyncio.Lock | None
    """Held until the request is on its way."""
    started: float = field(default_factory=perf_counter)
    at: str = ""
    response: Any = None
    meter: Meter | None = None

    def sent(self) -> None:
        self.at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.started = perf_counter()
        # The transport writes in the next round of the loop; the next call begins in the one after.
        asyncio.get_running_loop().call_soon(self.pass_turn)

    def pass_turn(self) -> None:
        turn, self.turn = self.turn, None
        if turn is not None:
            turn.release()


_current: ContextVar[_Call] = ContextVar("llmreplay_call")


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
        self._kept = KEPT | ACCOUNT_HEADERS if endpoint.own_headers else KEPT
        self._timeout = timeout
        self._limits = limits
        self._turn = turn
        self._connections = concurrency + 8
        sdk = load_sdk(family)
        self._httpx = _httpx_of(sdk)
        self._raw_host = self._httpx.URL(endpoint.base_url).raw_host
        self._client = self._open(sdk, family)
        self._takes_bytes = "content" in inspect.signature(self._client.post).parameters

    async def attempt(self, outgoing: Outgoing, *, target: str) -> Reply:
        """Send a request once.

        Servers close connections that are kept for the next call. Where that is noticed before
        anything was sent, the next connection is taken, and nobody has to hear of it.

        Raises:
            CallFailed: No whole HTTP answer came, or one that points elsewhere.
        """
        for _ in range(self._connections):
            try:
                return await self._attempt(outgoing, target)
            except CallFailed as failure:
                if failure.kind != "stale":
                    raise
        return await self._attempt(outgoing, target)

    async def _attempt(self, outgoing: Outgoing, target: str) -> Reply:
        await self._turn.acquire()
        call = _Call(kept=self._kept.union(outgoing.headers), turn=self._turn)
        token = _current.set(call)
        problem: Exception | None = None
        try:
            async with asyncio.timeout(self._timeout):
                await self._exchange(outgoing)
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises is a failed call
            problem = error
        finally:
            _current.reset(token)
            call.pass_turn()
            await _close(call)
        # Outside of `except`: a chained exception would carry the request's headers along.
        ended = perf_counter()
        if call.meter is not None and call.meter.complete:
            return _reply(outgoing, call, call.meter, ended)
        if problem is not None and not call.at:
            # Nothing left this process: a mistake here, not a failure of the call.
            raise problem
        raise self._failure(call, problem, target)

    async def close(self) -> None:
        """Close all connections."""
        with contextlib.suppress(Exception):
            async with asyncio.timeout(2):
                await self._client.close()

    async def _exchange(self, outgoing: Outgoing) -> None:
        if self._takes_bytes:
            body: dict[str, Any] = {"content": outgoing.content}
        else:
            body = {"body": dict(outgoing.body)}
        response = await self._client.post(
            outgoing.path,
            cast_to=self._httpx.Response,
            options={
                "headers": dict(outgoing.headers),
                "max_retries": 0,
                # Not sent; without one the SDK asks the kernel for random bytes, every time.
                "idempotency_key": "none",
            },
            stream=True,
            **body,
        )
        async for _ in response.aiter_raw():
            pass

    def _open(self, sdk: ModuleType, family: Family) -> Any:
        http_client = self._http_client(sdk)
        known: dict[str, Any] = {
            # The real key is put on the wire by `_dress`; no SDK, log or frame holds it before.
            "api_key": PLACEHOLDER,
            "base_url": self._endpoint.base_url,
            "max_retries": 0,
            "http_client": http_client,
        }
        return sdk.AsyncAnthropic(**known) if family == "anthropic" else sdk.AsyncOpenAI(**known)

    def _http_client(self, sdk: ModuleType) -> Any:
        httpx = self._httpx
        known: dict[str, Any] = {
            "follow_redirects": False,
            "timeout": httpx.Timeout(self._timeout, connect=min(self._timeout, CONNECT), pool=None),
            "limits": httpx.Limits(
                max_connections=self._connections, max_keepalive_connections=self._connections
            ),
            "trust_env": not self._endpoint.loopback,
            "event_hooks": {"request": [self._dress], "response": [self._receive]},
        }
        if importlib.util.find_spec("aiohttp"):
            # The SDKs have a client on aiohttp, the fastest there is; an old one that lacks its
            # own dependency raises.
            with contextlib.suppress(RuntimeError, AttributeError):
                return sdk.DefaultAioHttpClient(**known)
        return httpx.AsyncClient(**known)

    async def _dress(self, request: Any) -> None:
        call = _current.get()
        if request.url.raw_host != self._raw_host:
            raise RuntimeError(f"a request was about to leave for {request.url.host!r}")
        raw = request.headers.raw
        headers = [pair for pair in raw if pair[0].decode("latin-1").lower() in call.kept]
        headers += [(b"accept-encoding", b"identity")]
        headers += [
            (name.encode(), value.encode()) for name, value in self._endpoint.auth_headers().items()
        ]
        request.headers = self._httpx.Headers(headers)
        call.sent()

    async def _receive(self, response: Any) -> None:
        call = _current.get()
        call.response = response
        if 300 <= response.status_code < 400:  # noqa: PLR2004
            raise RuntimeError("redirects are not followed")
        headers = response.headers
        call.meter = Meter(
            self._limits,
            call.started,
            encoding=headers.get("content-encoding", ""),
            lines=headers.get("content-type", "").startswith("text/event-stream"),
        )
        if "content-encoding" in headers:
            del headers["content-encoding"]
        response.stream = metered_stream_class(self._httpx)(response.stream, call.meter)

    def _failure(self, call: _Call, problem: Exception | None, target: str) -> CallFailed:
        head = call.response
        return failed(
            problem,
            target=target,
            host=self._endpoint.host,
            timeout=self._timeout,
            status=None if head is None else head.status_code,
            location=None if head is None else head.headers.get("location"),
            received=0 if call.meter is None else call.meter.size,
        )


async def _close(call: _Call) -> None:
    if call.response is not None:
        with contextlib.suppress(Exception):
            async with asyncio.timeout(2):
                await call.response.aclose()


def _reply(outgoing: Outgoing, call: _Call, meter: Meter, ended: float) -> Reply:
    chunks = tuple(meter.chunks)
    return Reply(
        status=call.response.status_code,
        headers=_plain(call.response.headers),
        chunks=chunks,
        outgoing=outgoing,
        at=call.at,
        duration=ended - call.started,
        time_to_first_chunk=chunks[0].at if chunks else None,
    )


def _plain(headers: Any) -> Mapping[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def load_sdk(family: Family) -> ModuleType:
    """Import an SDK: a second or two, once."""
    return importlib.import_module(family)


def _httpx_of(sdk: ModuleType) -> ModuleType:
    """The httpx that this SDK is built on: `httpx`, or `httpx2` since openai 3 and anthropic 2."""
    modules = (base.__module__.partition(".")[0] for base in sdk.DefaultAsyncHttpxClient.__mro__)
    return sys.modules[next(name for name in modules if name.startswith("httpx"))]
