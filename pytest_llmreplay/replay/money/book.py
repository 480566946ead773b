"""The sums of a ledger, and the rule that keeps them below its cap."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from pytest_llmreplay.event import Json

__all__ = ["Book", "Reservation", "Sums"]

_UNITS = 1_000_000_000
"""Whole parts of a dollar that are counted, so that a sum of many amounts is exact."""

_NUMBERS = ("cap", "charged", "unknown", "dearer", "excess")
_MAPS = ("open", "dearest")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Money that is set aside for one call."""

    id: str
    amount: float
    """USD."""
    asked: str = ""
    """Server and model, where the request names no limit; else empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """A limit and what became of it, in USD."""

    cap: float
    charged: float
    reserved: float
    """For calls under way."""
    unknown: float
    """The part of `charged` that was set aside for calls whose cost nobody told."""
    dearer: int = 0
    """Calls that cost more than was set aside for them."""
    excess: float = 0.0
    """By how much, all of them together."""
    passed: float = 0.0
    """By how much the cap was passed."""


@dataclass(slots=True, kw_only=True)
class Book:
    """What is charged and reserved together never passes the cap.

    Only a call that costs more than was set aside for it can pass it; nothing follows that call.
    """

    cap: int
    charged: int = 0
    unknown: int = 0
    dearer: int = 0
    excess: int = 0
    open: dict[str, int] = field(default_factory=dict)
    """Reservations by id; the id of a process that shares the book begins with its number."""
    dearest: dict[str, int] = field(default_factory=dict)
    """The most that a call without a limit cost, by what was asked, if it was not set aside."""

    @classmethod
    def of(cls, cap: float) -> Book:
        """An empty book.

        Args:
            cap: USD.
        """
        return cls(cap=_units(cap))

    @classmethod
    def loaded(cls, sums: Mapping[str, Json]) -> Book:
        """The book that `sums` wrote.

        Raises:
            ValueError: It is no such thing.
        """
        numbers = [sums.get(key) for key in _NUMBERS]
        amounts = itertools.chain.from_iterable(map(_amounts, (sums.get(key) for key in _MAPS)))
        if not all(isinstance(number, int) for number in itertools.chain(numbers, amounts)):
            raise ValueError("no sums of money")
        return cls(**sums)  # type: ignore[arg-type]  # looked at above

    def told(self) -> dict[str, Json]:
        """The book as JSON."""
        return asdict(self)

    def reserve(self, id: str, amount: float, asked: str) -> Reservation | None:  # noqa: A002  # its own word
        """Set money aside; none where it does not fit now."""
        units = _units(amount)
        if self.charged + sum(self.open.values()) + units > self.cap:
            return None
        self.open[id] = units
        return Reservation(id=id, amount=amount, asked=asked)

    def charge(self, id: str, cost: float | None, asked: str = "") -> None:  # noqa: A002  # as above
        """Replace what was set aside by what the call cost; a second time does nothing.

        A cost that is none, below 0 or without end is not known.
        """
        units = self.open.pop(id, None)
        if units is None:
            return
        if cost is None or not 0 <= cost < math.inf:
            self.charged += units
            self.unknown += units
            return
        took = _units(cost)
        self.charged += took
        if took > units:
            self._note(asked, took, took - units)

    def _note(self, asked: str, took: int, excess: int) -> None:
        """A call cost more than was set aside."""
        self.dearer += 1
        self.excess += excess
        if asked:
            self.dearest[asked] = max(took, self.dearest.get(asked, 0))

    def most(self, amount: float, asked: str) -> float:
        """USD to set aside for a call: what it may cost, or what another one like it did."""
        return max(amount, self.dearest.get(asked, 0) / _UNITS)

    def fits(self, amount: float) -> bool:
        """Whether the amount fits now, or once calls under way have cost less."""
        return self.charged + _units(amount) <= self.cap

    def sums(self) -> Sums:
        """The limit, what was charged and what is set aside, in USD."""
        return Sums(
            cap=self.cap / _UNITS,
            charged=self.charged / _UNITS,
            reserved=sum(self.open.values()) / _UNITS,
            unknown=self.unknown / _UNITS,
            dearer=self.dearer,
            excess=self.excess / _UNITS,
            passed=max(self.charged - self.cap, 0) / _UNITS,
        )


def _amounts(held: Json) -> Iterable[Json]:
    return held.values() if isinstance(held, dict) else [None]


def _units(usd: float) -> int:
    return round(usd * _UNITS)
