"""Money that may be spent: set aside before a call, charged after it."""

from __future__ import annotations

import itertools
import threading
from typing import Protocol

from .book import Book, Reservation, Sums

__all__ = ["Account", "Ledger", "Reservation", "Sums"]


class Account(Protocol):
    """A ledger, of one process or of several."""

    def reserve(self, amount: float, asked: str = "") -> Reservation | None:
        """Set USD aside; none where they do not fit now.

        Args:
            amount: USD.
            asked: Server and model, where the request names no limit.
        """
        ...

    def most(self, amount: float, asked: str) -> float:
        """USD to set aside for a call: what it may cost, or what another one like it did."""
        ...

    def charge(self, reservation: Reservation, cost: float | None) -> None:
        """Replace what was set aside by what the call cost; a second time does nothing.

        Args:
            reservation: For the call.
            cost: USD; none where nobody knows, and then all that was set aside is spent.
        """
        ...

    def fits(self, amount: float) -> bool:
        """Whether USD can be set aside at all: now, or once calls under way have cost less."""
        ...

    def sums(self) -> Sums:
        """The limit, what was charged and what is set aside, in USD."""
        ...


class Ledger:
    """The ledger of one process; any thread may use it.

    Args:
        cap: USD.
    """

    def __init__(self, cap: float) -> None:
        self._book = Book.of(cap)
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def reserve(self, amount: float, asked: str = "") -> Reservation | None:
        """Set USD aside; none where they do not fit now."""
        with self._lock:
            return self._book.reserve(str(next(self._numbers)), amount, asked)

    def most(self, amount: float, asked: str) -> float:
        """USD to set aside for a call: what it may cost, or what another one like it did."""
        with self._lock:
            return self._book.most(amount, asked)

    def charge(self, reservation: Reservation, cost: float | None) -> None:
        """Replace what was set aside by what the call cost, or keep it where that is unknown."""
        with self._lock:
            self._book.charge(reservation.id, cost, reservation.asked)

    def fits(self, amount: float) -> bool:
        """Whether USD can be set aside at all: now, or once calls under way have cost less."""
        with self._lock:
            return self._book.fits(amount)

    def sums(self) -> Sums:
        """The limit, what was charged and what is set aside, in USD."""
        with self._lock:
            return self._book.sums()
