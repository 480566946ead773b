"""What the user says about money, read once."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest

from pytest_llmreplay.replay.money.guard import is_ci

__all__ = ["Money"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """What the user says about money."""

    cap: float | None = None
    """USD that the run may spend; none where there is no limit."""
    estimate: bool = False
    """Whether only an estimate is wanted."""
    samples: int = 1
    """How often each event is sent."""
    unwatched: bool = False
    """Whether the run is one of a CI server, which needs a limit."""

    @classmethod
    def of(cls, config: pytest.Config) -> Money:
        """Read the options."""
        option = config.getoption
        return cls(
            cap=option("llm_max_cost"),
            estimate=option("llm_estimate"),
            samples=option("llm_samples", None) or 1,
            unwatched=is_ci(os.environ),
        )
