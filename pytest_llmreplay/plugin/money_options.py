"""The options about money."""

from __future__ import annotations

import argparse
import math

import pytest

__all__ = ["MONEY_FLAGS", "MONEY_FLAGS_OF_TESTS", "add_money_options"]

MONEY_FLAGS = ("--llm-estimate", "--llm-max-cost")
MONEY_FLAGS_OF_TESTS = ("--llm-max-cost",)
"""Those that `--llm-replay-tests` takes, too."""


def add_money_options(group: pytest.OptionGroup) -> None:
    """Add them to the group of our options."""
    group.addoption(
        "--llm-max-cost",
        dest="llm_max_cost",
        metavar="USD",
        type=_dollars,
        default=None,
        help="What a live run may spend at most: money is set aside before each call, and a call "
        "that does not fit is not made; the run then fails.",
    )
    group.addoption(
        "--llm-estimate",
        action="store_true",
        dest="llm_estimate",
        default=False,
        help="With --llm-replay: print calls, tokens and cost per target, and send nothing.",
    )


def _dollars(text: str) -> float:
    try:
        amount = float(text.removeprefix("$"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no amount of USD, such as 2.50") from None
    if not math.isfinite(amount) or amount < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no amount of USD of 0 or more")
    return amount


_dollars.__name__ = "--llm-max-cost"
