"""The options about money."""

from __future__ import annotations

import argparse

from .option_kinds import Options

__all__ = ["MONEY_FLAGS", "MONEY_FLAGS_OF_TESTS", "add_money_options"]

MONEY_FLAGS = ("--llm-estimate", "--llm-max-cost")
MONEY_FLAGS_OF_TESTS = ("--llm-max-cost",)
"""Those that `--llm-replay-tests` takes, too."""

_MOST = 1_000_000_000


def add_money_options(add: Options) -> None:
    """Add them to all options."""
    add.value(
        "--llm-max-cost",
        "USD",
        "What a live run may spend at most: money is set aside before each call, and a call that "
        "does not fit is not made; the run then fails.",
        _dollars,
    )
    add.switch(
        "--llm-estimate",
        "With --llm-replay: print calls, tokens and cost per target, and send nothing.",
    )


def _dollars(text: str) -> float:
    try:
        amount = float(text.removeprefix("$"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no amount of USD, such as 2.50") from None
    if not 0 <= amount <= _MOST:
        raise argparse.ArgumentTypeError(f"{text!r} is no amount of USD from 0 to {_MOST:,}")
    return amount


_dollars.__name__ = "--llm-max-cost"
