"""The options of what is not worth a call any more."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from pytest_llmreplay.errors import ConfigError

from .option_kinds import Options

__all__ = ["FRESH_FLAGS", "add_fresh_ini_keys", "add_fresh_options", "max_age"]

FRESH_FLAGS = ("--llm-fresh",)
"""Options that mean something in a replay alone."""

_AGE = re.compile(r"([1-9][0-9]{0,5}) ?([dw])")
_DAYS = {"d": 1, "w": 7}


def add_fresh_options(add: Options) -> None:
    """Add what leaves stale recordings out."""
    add.switch(
        "--llm-fresh",
        "Play the selected tests back first, and replay only events that they still ask for.",
    )


def add_fresh_ini_keys(parser: pytest.Parser) -> None:
    """Add the age."""
    parser.addini(
        "llm_max_age",
        "Age from which on recordings are stale and not replayed, such as 90d or 12w.",
        default=None,
    )


def max_age(config: pytest.Config) -> timedelta | None:
    """The age from which on recordings are stale; none for never.

    Raises:
        ConfigError: It is no age.
    """
    text = config.getini("llm_max_age")
    if not text:
        return None
    found = _AGE.fullmatch(str(text).strip())
    if found is None:
        raise ConfigError(f"llm_max_age: {text!r} is no age; write days or weeks, as 90d or 12w")
    return timedelta(days=int(found[1]) * _DAYS[found[2]])
