"""Sets money aside for each attempt, waits for it where it must, and charges what came."""

from __future__ import annotations

import asyncio
import time

from pytest_llmreplay.replay.outgoing import Outgoing
from pytest_llmreplay.replay.result import CallFailed, NotRun, Reply

from .charging import charge_of
from .ledger import Account, Reservation, Sums
from .reserving import is_free, most

__all__ = ["Spender"]

_SPENT = "the money was spent"

_LOOK = 0.05
"""Seconds between two looks at the ledger, while calls under way hold the money."""


class Spender:
    """Stands between calls and a ledger.

    Money that calls under way hold may come back when they cost less, so a call waits for it; one
    that does not fit even then is not made. Where a call without a limit cost more than was set
    aside for it, so much is set aside for each that follows it at the same model.

    Args:
        account: The ledger.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._dearest: dict[tuple[str, str | None], float] = {}

    async def reserve(self, outgoing: Outgoing) -> Reservation | None:
        """Set aside what an attempt may cost; none where nobody is paid.

        Raises:
            NotRun: It does not fit.
            ReplayError: Nobody knows a price.
        """
        if is_free(outgoing):
            return None
        amount = self._most(outgoing)
        while (reservation := self._reserved(amount)) is None:  # noqa: ASYNC110 - other processes free money, too
            await asyncio.sleep(_LOOK)
        return reservation

    def reserve_within(self, outgoing: Outgoing, patience: float) -> Reservation | None:
        """The same for a thread that waits, so many seconds at most.

        Raises:
            NotRun: It does not fit.
            ReplayError: Nobody knows a price.
        """
        if is_free(outgoing):
            return None
        amount, end = self._most(outgoing), time.monotonic() + patience
        while (reservation := self._reserved(amount)) is None:
            if time.monotonic() > end:
                raise NotRun(_SPENT)
            time.sleep(_LOOK)
        return reservation

    def charge(self, reservation: Reservation | None, came: Reply | CallFailed | None) -> None:
        """Charge what an attempt cost; all that was set aside where nothing is known of it."""
        if reservation is None:
            return
        cost = None if came is None else charge_of(came)
        self._account.charge(reservation, cost)
        if isinstance(came, Reply) and cost is not None and cost > reservation.amount:
            asked = _asked(came.outgoing)
            self._dearest[asked] = max(cost, self._dearest.get(asked, 0.0))

    def give_back(self, reservation: Reservation | None) -> None:
        """The attempt was not made."""
        if reservation is not None:
            self._account.charge(reservation, 0.0)

    def sums(self) -> Sums:
        """Where the money is."""
        return self._account.sums()

    def _most(self, outgoing: Outgoing) -> float:
        return most(outgoing, dearest=self._dearest.get(_asked(outgoing), 0.0))

    def _reserved(self, amount: float) -> Reservation | None:
        reservation = self._account.reserve(amount)
        if reservation is None and not self._account.fits(amount):
            raise NotRun(self._told(amount))
        return reservation

    def _told(self, amount: float) -> str:
        if amount > self._account.sums().cap:
            return "one call may cost more than --llm-max-cost"
        return _SPENT


def _asked(outgoing: Outgoing) -> tuple[str, str | None]:
    return outgoing.endpoint.base_url, outgoing.model
