"""Checks of users: named by the hook `pytest_llmreplay_checks`, and asked for by markers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from pytest_llmreplay.compare.specs.given_checks import unfit, wrong_name
from pytest_llmreplay.compare.specs.parsing import parse_checks
from pytest_llmreplay.compare.syntax.surroundings import OwnCheck, Surroundings
from pytest_llmreplay.errors import CheckSyntaxError, ConfigError
from pytest_llmreplay.plugin.uses import MARKER

from .given_functions import given_functions

__all__ = ["refuse_unreadable", "user_checks"]

_HOOK = "pytest_llmreplay_checks"


def user_checks(config: pytest.Config) -> Mapping[str, OwnCheck]:
    """The checks that `pytest_llmreplay_checks` gives, by name.

    Raises:
        ConfigError: The hook raised, or gave what is no named function of both calls and an
            argument.
    """
    ask = config.hook.pytest_llmreplay_checks
    found = given_functions(_HOOK, ask, kind="check", wrong=wrong_name)
    for name, function in found.items():
        if (problem := unfit(function)) is not None:
            raise ConfigError(f"{_HOOK}: {name!r} {problem}")
    return found


def refuse_unreadable(checks: Iterable[str], config: pytest.Config, project: Path) -> None:
    """Refuse checks of a marker that no replay of the recording could read.

    Raises:
        ConfigError: One of them is none, or the hook has given what is none.
    """
    around = Surroundings(project=project, own=user_checks(config))
    try:
        parse_checks(checks, around)
    except CheckSyntaxError as error:
        raise ConfigError(f"@pytest.mark.{MARKER}(checks=…): {error}") from None
