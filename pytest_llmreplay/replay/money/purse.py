"""The money of calls that running tests make, one thread for each."""

from __future__ import annotations

from typing import Protocol

from pytest_llmreplay.compare.figures.numbers import money
from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.calls.result import CallFailed, NotRun, Reply

from .guard import refuse_unlimited
from .ledger import Reservation
from .spender import Spender

__all__ = ["Capped", "Purse", "Unwatched"]

_PATIENCE = 30.0
"""Seconds that a call waits for the money of others under way, which may be its own thread's."""


class Purse(Protocol):
    """Is asked before a call, and told what came of it."""

    def take(self, outgoing: Outgoing) -> Reservation | None:
        """Set aside what a call may cost; none where nobody is paid.

        Raises:
            ReplayError: There is no money for it, or nobody knows a price.
            ConfigError: It needs a limit, and there is none.
        """
        ...

    def charge(self, reservation: Reservation | None, came: Reply | CallFailed | None) -> None:
        """Charge what the call cost; all that was set aside where nothing is known of it."""
        ...


class Capped:
    """As much as a ledger has.

    Args:
        spender: Asks the ledger.
    """

    def __init__(self, spender: Spender) -> None:
        self._spender = spender

    def take(self, outgoing: Outgoing) -> Reservation | None:
        """Set aside what a call may cost; waits while calls under way hold the money.

        Raises:
            ReplayError: It does not fit, or nobody knows a price.
        """
        try:
            return self._spender.reserve_within(outgoing, _PATIENCE)
        except NotRun as reason:
            sums, needed = self._spender.sums(), money(self._spender.most(outgoing))
            raise ReplayError(
                f"--llm-max-cost: {reason}, so this call was not sent; it may cost "
                f"{needed}, and of {money(sums.cap)} {money(sums.charged)} are "
                f"spent and {money(sums.reserved)} set aside for calls under way"
            ) from None

    def charge(self, reservation: Reservation | None, came: Reply | CallFailed | None) -> None:
        """Charge what the call cost; all that was set aside where nothing is known of it."""
        self._spender.charge(reservation, came)


class Unwatched:
    """Nothing, on a CI server where nobody said how much.

    Args:
        target: Name of the target, for the message.
    """

    def __init__(self, target: str) -> None:
        self._target = target

    def take(self, outgoing: Outgoing) -> None:
        """Refuse calls that leave this machine.

        Raises:
            ConfigError: This one does.
        """
        if not outgoing.endpoint.loopback:
            refuse_unlimited(self._target, outgoing.endpoint.host)

    def charge(self, reservation: Reservation | None, came: Reply | CallFailed | None) -> None:
        """Calls on this machine cost nothing."""
