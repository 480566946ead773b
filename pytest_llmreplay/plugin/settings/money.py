"""What the user says about money, read once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

__all__ = ["Money"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """What the user says about money."""

    cap: float | None = None
    """USD that the run may spend; none where there is no limit."""
    estimate: bool = False
    """Whether only an estimate is wanted."""
    unwatched: bool = False
    """Whether the run is one of a CI server, which needs a limit."""

    @classmethod
    def of(cls, config: pytest.Config) -> Money:
        """Read the options."""
        option = config.getoption
        return cls(
            cap=option("llm_max_cost"),
            estimate=option("llm_estimate"),
            unwatched=_is_ci(os.environ),
        )


def _is_ci(environ: Mapping[str, str]) -> bool:
    return environ.get("CI", "").strip().lower() not in {"", "0", "false"}
