"""The options of what a divergence does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import pytest

from pytest_llmreplay.errors import ConfigError

from .option_kinds import Options, one_of

if TYPE_CHECKING:
    from pytest_llmreplay.compare.ladder import FailOn

__all__ = ["CHECK_FLAGS", "FAIL_ON", "FailOnSetting", "add_check_ini_keys", "add_check_options"]

CHECK_FLAGS = ("--llm-fail-on",)
"""Options that mean something in a replay alone."""

FAIL_ON: tuple[FailOn, ...] = (
    "equivalent",
    "wording",
    "structure",
    "tool_calls",
    "finish_reason",
    "refusal",
    "budget",
    "error",
    "never",
)
"""What may be asked for: the ladder from its first divergence on, which is every one, and none.

Spelt out, as every run of pytest reads its options and most need no comparison.
"""

_HELP = f"From which severity on a divergence fails its event: {', '.join(FAIL_ON)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class FailOnSetting:
    """From which rung on a divergence fails, and who says so."""

    rung: FailOn = "equivalent"
    source: str | None = None
    """`command line` or `ini`; none for the default."""

    @classmethod
    def of(cls, config: pytest.Config) -> FailOnSetting:
        """Read it; command line before ini.

        Raises:
            ConfigError: The ini key names no rung.
        """
        typed, written = config.getoption("llm_fail_on"), config.getini("llm_fail_on")
        if typed is not None:
            return cls(rung=typed, source="command line")
        if not written:
            return cls()
        if written not in FAIL_ON:
            raise ConfigError(f"llm_fail_on: {written!r} is none of {', '.join(FAIL_ON)}")
        return cls(rung=cast("FailOn", written), source="ini")


def add_check_options(add: Options) -> None:
    """Add them to all options."""
    add.value(
        "--llm-fail-on",
        "SEVERITY",
        f"{_HELP} Default: any divergence of a check that is gated.",
        one_of("--llm-fail-on", FAIL_ON),
    )


def add_check_ini_keys(parser: pytest.Parser) -> None:
    """Add the ini keys of the same names."""
    parser.addini("llm_fail_on", _HELP, default=None)
