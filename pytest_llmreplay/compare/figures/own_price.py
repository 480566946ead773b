"""A price that a person wrote down, where no list has one or another one is paid."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pytest_llmreplay.compare.answers.content import counted
from pytest_llmreplay.event import Json, Response, Usage

__all__ = ["Price", "amount_of", "priced"]

_MILLION = 1_000_000
_MOST = 1e9
"""USD that nobody asks for a million tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a config file says a model costs: USD for a million tokens."""

    input: float
    output: float

    def of(self, usage: Usage) -> float | None:
        """USD of some tokens; none where the usage is unknown."""
        if usage.input_tokens is None or usage.output_tokens is None:
            return None
        try:
            read, written = float(usage.input_tokens), float(usage.output_tokens)
        except OverflowError:
            return None
        return (read * self.input + written * self.output) / _MILLION


def priced(response: Response, price: Price | None) -> Response:
    """The answer with its cost, where a person wrote a price down and the provider told no cost."""
    if price is None or response.usage.cost is not None:
        return response
    return replace(response, usage=replace(response.usage, cost=price.of(counted(response))))


def amount_of(value: Json) -> float | None:
    """An amount of money that a file tells; none where it is no such thing."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        amount = float(value)
    except OverflowError:
        return None
    return amount if 0 <= amount <= _MOST else None
