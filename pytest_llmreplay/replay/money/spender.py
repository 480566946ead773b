"""Sets money aside for each attempt, waits for it where it must, and has it charged."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.calls.result import CallFailed, NotRun, Reply, is_answer

from .charges import charge_of
from .ledger import Account, Reservation, Sums
from .reserving import is_free, most

__all__ = ["Spender"]

_SPENT = "the money was spent"

_LOOK = 0.05
"""Seconds between two looks at the ledger, while calls under way hold the money."""

_UNHEARD = 16
"""How many times what is set aside a call may cost, at a model that nobody has heard."""


class Spender:
    """Stands between calls and a ledger.

    Money that calls under way hold may come back when they cost less, so a call waits for it; one
    that does not fit even then is not made. Where a call without a limit cost more than was set
    aside for it, so much is set aside for each that follows it at the same model. Of a model that
    nobody has heard, so few such calls are under way at a time that the money would do for them
    if each cost many times what is set aside.

    Args:
        account: The ledger.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._heard: set[str] = set()

    async def reserve(self, outgoing: Outgoing) -> Reservation | None:
        """Set aside what an attempt may cost; none where nobody is paid.

        Raises:
            NotRun: It does not fit.
            ReplayError: Nobody knows a price.
        """
        if is_free(outgoing):
            return None
        call = _call(outgoing)
        while self._waits(call) or (reservation := self._reserved(call)) is None:  # noqa: ASYNC110 - other processes free money, too
            await asyncio.sleep(_LOOK)
        return reservation

    def reserve_within(self, outgoing: Outgoing, patience: float) -> Reservation | None:
        """Set aside what an attempt may cost, waiting for free money so many seconds at most.

        Raises:
            NotRun: It does not fit.
            ReplayError: Nobody knows a price.
        """
        if is_free(outgoing):
            return None
        call, end = _call(outgoing), time.monotonic() + patience
        while (reservation := self._reserved(call)) is None:
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
        if is_answer(came):
            self._heard.add(reservation.asked)

    def give_back(self, reservation: Reservation | None) -> None:
        """The attempt was not made."""
        if reservation is not None:
            self._account.charge(reservation, 0.0)

    def sums(self) -> Sums:
        """The limit, what was charged and what is set aside, in USD."""
        return self._account.sums()

    def most(self, outgoing: Outgoing) -> float:
        """USD to set aside for an attempt.

        Raises:
            ReplayError: Nobody knows a price.
        """
        call = _call(outgoing)
        return self._account.most(call.amount, call.asked)

    def _waits(self, call: _Call) -> bool:
        """Whether calls under way are to tell first what the model costs."""
        if not call.asked or call.asked in self._heard:
            return False
        sums = self._account.sums()
        risked = sums.reserved + call.amount
        return sums.reserved > 0 and sums.charged + _UNHEARD * risked > sums.cap

    def _reserved(self, call: _Call) -> Reservation | None:
        amount = self._account.most(call.amount, call.asked)
        reservation = self._account.reserve(amount, call.asked)
        if reservation is None and not self._account.fits(amount):
            raise NotRun(self._refusal(amount))
        return reservation

    def _refusal(self, amount: float) -> str:
        if amount > self._account.sums().cap:
            return "one call may cost more than --llm-max-cost"
        return _SPENT


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    amount: float
    asked: str


def _call(outgoing: Outgoing) -> _Call:
    """What an attempt may cost, and who is asked without a limit."""
    found = most(outgoing)
    asked = "" if found.limited else f"{outgoing.endpoint.base_url} {outgoing.model}"
    return _Call(amount=found.amount, asked=asked)
