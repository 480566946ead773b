"""What the user says about the answers of a run: how many, what fails, what they may cost."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

import pytest

from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.plugin.options import FAIL_ON

from .setting_values import source_of

if TYPE_CHECKING:
    from pytest_llmreplay.compare.ladder import FailOn
    from pytest_llmreplay.replay.config.gate import Inconclusive

__all__ = ["FailOnSetting", "GateOptions", "Money"]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class FailOnSetting:
    """From which rung on a divergence fails, and who says so."""

    rung: FailOn = "equivalent"
    source: str | None = None
    """`command line`, `addopts` or `ini`; none for the default."""

    @classmethod
    def of(cls, config: pytest.Config) -> FailOnSetting:
        """Read it; command line before ini.

        Raises:
            ConfigError: The ini key names no rung.
        """
        typed, written = config.getoption("llm_fail_on"), config.getini("llm_fail_on")
        if typed is not None:
            return cls(rung=typed, source=source_of(config, "--llm-fail-on"))
        if not written:
            return cls()
        if written not in FAIL_ON:
            raise ConfigError(f"llm_fail_on: {written!r} is none of {', '.join(FAIL_ON)}")
        return cls(rung=cast("FailOn", written), source="ini")


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
