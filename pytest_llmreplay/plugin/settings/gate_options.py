"""What the user says about samples and gates, read once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

import pytest

from pytest_llmreplay.errors import ConfigError

if TYPE_CHECKING:
    from pytest_llmreplay.replay.config.gate import Inconclusive

__all__ = ["GateOptions"]

_INCONCLUSIVE = ("fail", "warn")


@dataclass(frozen=True, slots=True, kw_only=True)
class GateOptions:
    """What the command line and the ini file say; none where they say nothing."""

    samples: int | None = None
    gate: Literal["each", "run"] = "each"
    margin: float | None = None
    calibrate: bool = False
    inconclusive: Inconclusive | None = None

    @classmethod
    def of(cls, config: pytest.Config) -> GateOptions:
        """Read the options of the gate, and its ini key.

        Raises:
            ConfigError: An ini key has a value that it cannot have.
        """
        option, word = config.getoption, config.getini("llm_inconclusive")
        if word is not None and word not in _INCONCLUSIVE:
            raise ConfigError(f"llm_inconclusive: {word!r} is none of {', '.join(_INCONCLUSIVE)}")
        return cls(
            samples=option("llm_samples"),
            gate=option("llm_gate") or "each",
            margin=option("llm_margin"),
            calibrate=option("llm_calibrate"),
            inconclusive=cast("Inconclusive | None", word),
        )
