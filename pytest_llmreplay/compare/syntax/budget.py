"""Budgets: `<=1.3x`, `<=+200`, `<=4000`, `<=+500ms`, `<=3s`, `<=$0.02`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pytest_llmreplay.compare.figures import numbers

from .bad_spec import BadSpec

__all__ = ["UNITS", "Budget", "Unit", "parse_budget"]

_NUMBER = r"(?P<number>[0-9]{1,12}(?:\.[0-9]{1,9})?)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """How amounts of one kind are written, and the difference that never counts."""

    floor: float
    """A relative budget does not trip for less than this."""
    amount: re.Pattern[str]
    scale: Callable[[re.Match[str]], float]
    examples: str
    show: Callable[[float], str]


def _plain(found: re.Match[str]) -> float:
    return float(found["number"])


def _seconds(found: re.Match[str]) -> float:
    return float(found["number"]) / (1000 if found["unit"] == "ms" else 1)


UNITS = {
    "tokens": Unit(
        floor=20,
        amount=re.compile(r"(?P<number>[0-9]{1,12})"),
        scale=_plain,
        examples="<=1.3x, <=+200 or <=4000",
        show=numbers.tokens,
    ),
    "seconds": Unit(
        floor=0.5,
        amount=re.compile(_NUMBER + "(?P<unit>ms|s)"),
        scale=_seconds,
        examples="<=2x, <=+500ms or <=3s",
        show=numbers.seconds,
    ),
    "dollars": Unit(
        floor=0.0001,
        amount=re.compile(r"\$" + _NUMBER),
        scale=_plain,
        examples="<=1.1x, <=+$0.01 or <=$0.02",
        show=numbers.money,
    ),
}
_FACTOR = re.compile(_NUMBER + "x")


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """An upper bound on a figure."""

    kind: Literal["factor", "more", "most"]
    """Times the recorded figure, the recorded figure and so much more, or so much at most."""
    amount: float
    unit: Unit

    @property
    def is_relative(self) -> bool:
        """Whether the bound depends on the recorded figure."""
        return self.kind != "most"

    def limit(self, recorded: float) -> float:
        """The highest figure that holds; a relative one leaves room for the floor."""
        if self.kind == "most":
            return self.amount
        if self.kind == "more":
            return recorded + max(self.amount, self.unit.floor)
        return max(recorded * self.amount, recorded * min(self.amount, 1) + self.unit.floor)


def parse_budget(text: str, unit: Unit) -> Budget:
    """Read what stands after the name of a figure.

    Raises:
        BadSpec: It is no budget of this unit.
    """
    if not text.startswith("<="):
        raise BadSpec(f"a budget follows here: {unit.examples}", 0)
    rest = text[2:]
    if found := _FACTOR.fullmatch(rest):
        return Budget(kind="factor", amount=_plain(found), unit=unit)
    more = rest.startswith("+")
    found = unit.amount.fullmatch(rest[1:] if more else rest)
    if found is None:
        raise BadSpec(f"this is no amount; write {unit.examples}", 2 + more)
    return Budget(kind="more" if more else "most", amount=unit.scale(found), unit=unit)
