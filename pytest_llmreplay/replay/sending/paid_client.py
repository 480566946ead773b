"""A client whose every attempt asks the ledger, a retry as well as the first."""

from __future__ import annotations

from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.calls.result import CallFailed, Reply
from pytest_llmreplay.replay.money.spender import Spender

from .client import Attempting, Hearer

__all__ = ["PaidClient"]


class PaidClient:
    """Makes the attempts of another client, as far as the money goes.

    Args:
        client: Makes them.
        spender: Is asked before each.
    """

    def __init__(self, client: Attempting, spender: Spender) -> None:
        self._client, self._spender = client, spender

    async def attempt(
        self, outgoing: Outgoing, *, target: str, hearer: Hearer | None = None
    ) -> Reply:
        """Send a request once.

        Raises:
            NotRun: There is no money for it.
            CallFailed: No whole HTTP answer came.
        """
        reservation = await self._spender.reserve(outgoing)
        came: Reply | CallFailed | None = None
        try:
            came = await self._client.attempt(outgoing, target=target, hearer=hearer)
        except CallFailed as failure:
            came = failure
            raise
        except Exception:
            self._spender.give_back(reservation)  # a mistake here; nothing left this process
            raise
        finally:
            # A call that was cancelled is on its way all the same.
            self._spender.charge(reservation, came)
        return came

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()
