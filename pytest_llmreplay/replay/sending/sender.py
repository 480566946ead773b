"""What carries requests to a server, whichever library it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple, Protocol

from pytest_llmreplay.replay.calls.outgoing import Outgoing

__all__ = ["Incoming", "Sender"]


class Incoming(NamedTuple):
    """An answer that has begun."""

    status: int
    headers: Mapping[str, str]
    pieces: AsyncIterator[bytes]
    """The body as it comes, content-encoded as the headers say."""


class Sender(Protocol):
    """Carries requests to one endpoint; follows no redirect."""

    async def prepare(self, outgoing: Outgoing) -> Any:
        """The request in the library's own form, shortly before it is sent."""
        ...

    def send(self, request: Any, patience: float | None) -> AbstractAsyncContextManager[Incoming]:
        """The answer, as long as it is read.

        Args:
            request: What `prepare` gave.
            patience: Seconds to wait for more of the answer, where that is less than the timeout.
        """
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...
