"""Values of settings that take more than a look-up: ages, places, words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Literal, cast

import pytest

from pytest_llmreplay.cassette.projects.ini_file import refuse_beyond_checkout
from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.plugin.options import UNUSED
from pytest_llmreplay.providers.conversion.policy import LossPolicy

__all__ = [
    "Unused",
    "is_typed",
    "loss_policy",
    "max_age",
    "optional_place",
    "runs_directory",
    "source_of",
    "targets_allow",
    "unused_word",
]

Unused = Literal["ignore", "warn", "fail"]

_AGE = re.compile(r"([1-9][0-9]{0,5}) ?([dw])")
_DAYS = {"d": 1, "w": 7}


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


def runs_directory(config: pytest.Config) -> Path | None:
    """Where the user wants run files, if that was said.

    Raises:
        ConfigError: The ini file leads out of the checkout.
    """
    typed, listed = config.getoption("llm_runs"), config.getini("llm_runs")
    if typed:
        return optional_place(config, "llm_runs")
    if not listed:
        return None
    directory = config.rootpath / str(listed)
    refuse_beyond_checkout("llm_runs", directory, config.rootpath)
    return directory


def optional_place(config: pytest.Config, key: str) -> Path:
    """The place that an option names, from where pytest was started.

    Raises:
        ConfigError: `addopts` of the ini file names it, and it leads out of the checkout.
    """
    place = config.invocation_params.dir / str(config.getoption(key))
    flag = f"--{key.replace('_', '-')}"
    added = any(word.partition("=")[0] == flag for word in config.getini("addopts"))
    is_worker = hasattr(config, "workerinput")  # of xdist, where nobody typed anything
    if added and not is_worker and not is_typed(config, flag):
        refuse_beyond_checkout(key, place, config.rootpath)
    return place


def is_typed(config: pytest.Config, flag: str) -> bool:
    """Whether a person typed an option on this very command line."""
    given = config.invocation_params.args
    return any(str(word) == flag or str(word).startswith(f"{flag}=") for word in given)


def source_of(config: pytest.Config, flag: str) -> Literal["command line", "addopts"]:
    """Who gave an option: a person, or a file or variable that adds it to every command line."""
    return "command line" if is_typed(config, flag) else "addopts"


def unused_word(word: str) -> Unused:
    """What is done about events that a passing test did not play.

    Raises:
        ConfigError: The word is none of those.
    """
    if word not in UNUSED:
        raise ConfigError(f"llm_unused: {word!r} is none of {', '.join(UNUSED)}")
    return cast("Unused", word)


def targets_allow(named: Sequence[str] | None) -> tuple[str, ...]:
    """Where data may go at all; empty where nobody says anything.

    Raises:
        ConfigError: The key is there and empty, which may mean all or nothing.
    """
    if named is not None and not named:
        raise ConfigError(
            "llm_targets_allow: names nothing; write what is allowed (localhost, for servers on "
            "this machine alone), or leave the key out to allow all"
        )
    return tuple(named or ())


def loss_policy(lines: list[str]) -> LossPolicy:
    """What the losses of a conversion do to an event.

    Raises:
        ConfigError: A line names no loss, or no policy.
    """
    try:
        return LossPolicy(lines)
    except ValueError as error:
        raise ConfigError(f"llm_on_loss: {error}") from None
