"""From which severity on a divergence fails: what the user asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import pytest

from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.plugin.options import FAIL_ON

from .setting_values import source_of

if TYPE_CHECKING:
    from pytest_llmreplay.compare.ladder import FailOn

__all__ = ["FailOnSetting"]


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
