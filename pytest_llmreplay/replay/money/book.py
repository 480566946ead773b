"""The sums of a ledger, and the rule that keeps them below its cap."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_llmreplay.event import Json

__all__ = ["Book", "Reservation", "Sums"]

_UNITS = 1_000_000_000
"""Whole parts of a dollar that are counted, so that a sum of many amounts is exact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Money that is set aside for one call."""

    id: str
    amount: float
    """USD."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Where the money is, in USD."""

    cap: float
    charged: float
    reserved: float
    """For calls under way."""
    unknown: float
    """The part of `charged` that was set aside for calls whose cost nobody told."""


@dataclass(slots=True, kw_only=True)
class Book:
    """What is charged and reserved together never passes the cap.

    Only a call that costs more than was set aside for it can pass it; nothing follows that call.
    """

    cap: int
    charged: int = 0
    unknown: int = 0
    open: dict[str, int] = field(default_factory=dict)
    """Reservations by id; the id of a process that shares the book begins with its number."""

    @classmethod
    def of(cls, cap: float) -> Book:
        """An empty book.

        Args:
            cap: USD.
        """
        return cls(cap=_units(cap))

    @classmethod
    def loaded(cls, told: Mapping[str, Json]) -> Book:
        """The book that `told` wrote.

        Raises:
            ValueError: It is no such thing.
        """
        numbers = [told.get(key) for key in ("cap", "charged", "unknown")]
        held = told.get("open")
        amounts = held.values() if isinstance(held, dict) else [None]
        if not all(isinstance(number, int) for number in itertools.chain(numbers, amounts)):
            raise ValueError("no sums of money")
        return cls(**told)  # type: ignore[arg-type]  # looked at above

    def told(self) -> dict[str, Json]:
        """The book as JSON."""
        return {
            "cap": self.cap,
            "charged": self.charged,
            "unknown": self.unknown,
            "open": {**self.open},
        }

    def reserve(self, id: str, amount: float) -> Reservation | None:  # noqa: A002  # its own word
        """Set money aside; none where it does not fit now."""
        units = _units(amount)
        if self.charged + sum(self.open.values()) + units > self.cap:
            return None
        self.open[id] = units
        return Reservation(id=id, amount=amount)

    def charge(self, id: str, cost: float | None) -> None:  # noqa: A002  # as above
        """Replace what was set aside by what the call cost; a second time does nothing."""
        units = self.open.pop(id, None)
        if units is None:
            return
        self.charged += units if cost is None else _units(cost)
        self.unknown += units if cost is None else 0

    def fits(self, amount: float) -> bool:
        """Whether the amount fits now, or once calls under way have cost less."""
        return self.charged + _units(amount) <= self.cap

    def sums(self) -> Sums:
        """Where the money is."""
        return Sums(
            cap=self.cap / _UNITS,
            charged=self.charged / _UNITS,
            reserved=sum(self.open.values()) / _UNITS,
            unknown=self.unknown / _UNITS,
        )


def _units(usd: float) -> int:
    return round(usd * _UNITS)
