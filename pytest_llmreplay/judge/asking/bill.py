"""What a judge took."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_llmreplay.compare.answers.content import tokens_of
from pytest_llmreplay.compare.figures.prices import cost
from pytest_llmreplay.event import Event

__all__ = ["Bill"]


@dataclass(slots=True, kw_only=True)
class Bill:
    """What a judge took, over all of its calls."""

    calls: int = 0
    kept: int = 0
    """Answers that were kept from before, and cost nothing."""
    retries: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    """USD of the calls that have a price."""
    unpriced: int = 0
    """Calls that cost what nobody knows."""

    def take(self, answered: Event, *, free: bool) -> None:
        """Add what an answered call took.

        Args:
            answered: The call.
            free: Whether nobody is paid for it.
        """
        self.retries += len(answered.measured.attempts)
        self.input_tokens += tokens_of(answered, "input_tokens") or 0
        self.output_tokens += tokens_of(answered, "output_tokens") or 0
        paid = cost(answered)
        self.cost += paid or 0.0
        self.unpriced += paid is None and not free
