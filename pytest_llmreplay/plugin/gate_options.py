"""The options of samples and gates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

import pytest

from pytest_llmreplay.errors import ConfigError

from .option_kinds import Options, number, one_of

if TYPE_CHECKING:
    from pytest_llmreplay.replay.gate_config import Inconclusive

__all__ = ["GATE_FLAGS", "GateOptions", "add_gate_ini_keys", "add_gate_options"]

GATES = ("each", "run")
INCONCLUSIVE = ("fail", "warn")
GATE_FLAGS = ("--llm-calibrate", "--llm-gate", "--llm-margin", "--llm-samples")
"""All of them belong to a replay."""


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
        """Read them.

        Raises:
            ConfigError: An ini key has a value that it cannot have.
        """
        option, word = config.getoption, config.getini("llm_inconclusive")
        if word is not None and word not in INCONCLUSIVE:
            raise ConfigError(f"llm_inconclusive: {word!r} is none of {', '.join(INCONCLUSIVE)}")
        return cls(
            samples=option("llm_samples"),
            gate=option("llm_gate") or "each",
            margin=option("llm_margin"),
            calibrate=option("llm_calibrate"),
            inconclusive=cast("Inconclusive | None", word),
        )


def add_gate_options(add: Options) -> None:
    """Add them to all options."""
    add.value(
        "--llm-samples",
        "N",
        "Send each event N times (default: 1; with --llm-gate run in stages of 1, 2, 3, 5).",
        number("--llm-samples", int, lowest=1),
    )
    add.value(
        "--llm-gate",
        "GATE",
        "How samples become a verdict: each (default, every event passes or fails by its own "
        "samples) or run (events only report, one item per target says ok, regression or "
        "inconclusive).",
        one_of("--llm-gate", GATES),
    )
    add.value(
        "--llm-margin",
        "SHARE",
        "How much worse a target may be than the recorded model for --llm-gate run to say ok "
        "(default: 0.05, five points).",
        number("--llm-margin", float, lowest=0.001, highest=0.99),
    )
    add.switch(
        "--llm-calibrate",
        "Ask the recorded model itself again, 10 times per event or --llm-samples, and keep "
        "how often its own checks hold: the noise floor of --llm-gate run.",
    )


def add_gate_ini_keys(parser: pytest.Parser) -> None:
    """Add the ini keys."""
    parser.addini(
        "llm_inconclusive",
        "What --llm-gate run does when it cannot tell: fail (default) or warn.",
        default=None,
    )
