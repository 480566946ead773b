"""One attempt of one call, in the engine's loop.

The request is made here, whole, from what the recording holds: the layers of an SDK would encode,
guess and retry, take as long as the exchange itself, and be undone again; importing one takes a
second or two. Everything that decides about money or secrets is done at the last moment before
the wire and the first after it: which headers leave, how much may come back, and that no redirect
is followed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

from pytest_llmreplay.replay.calls.endpoint import Endpoint
from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.calls.result import CallFailed, Reply
from pytest_llmreplay.replay.targets.made_clients import kind_of

from .attempt import AT_ONCE, Attempt
from .bounds import Limits
from .made_sender import MadeSender
from .own_sender import OwnSender, aws_signer
from .sender import Sender

__all__ = ["Attempting", "Client", "Hearer"]

_CLOSING = 2.0
"""Seconds that the end of all connections may take."""


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
    """All calls to one endpoint; made and used in the loop's thread only.

    Args:
        endpoint: Where calls go, and with which key.
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
        self._sender = _sender_of(endpoint, self._connections, timeout)

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
        except Exception as error:  # noqa: BLE001 - whatever the library raises is a failed call
            problem = error
        finally:
            call.pass_turn()
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
            async with asyncio.timeout(_CLOSING):
                await self._sender.close()

    async def _exchange(self, call: _Call, hearer: Hearer | None) -> None:
        request = await self._sender.prepare(call.outgoing)
        # Some servers close a connection as soon as they have answered on it, and do not say so.
        # The loop looks at its sockets once in the first turn, and acts on it in the second.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        call.leave()
        async with self._sender.send(request, call.patience) as answer:
            meter = call.begin(answer.status, answer.headers)
            if hearer is not None:
                hearer.head(answer.status, call.headers)
            async for data in answer.pieces:
                piece = meter.take(data)
                if hearer is not None:
                    hearer.piece(piece)
            meter.complete = True


def _sender_of(endpoint: Endpoint, connections: int, timeout: float) -> Sender:
    """Who carries the requests: a client that a user's hook made, or we ourselves."""
    client = endpoint.client
    if client is None:
        return OwnSender(endpoint, connections=connections, timeout=timeout)
    if kind_of(client) == "botocore":
        sign = aws_signer(client)
        return OwnSender(endpoint, connections=connections, timeout=timeout, sign=sign)
    return MadeSender(client, timeout=timeout)
