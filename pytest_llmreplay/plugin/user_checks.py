"""Checks that users name by the hook `pytest_llmreplay_checks`."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from pytest_llmreplay.compare.around import OwnCheck
from pytest_llmreplay.compare.spec import KNOWN, subject

from .given_functions import given_functions

__all__ = ["user_checks"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TAKEN = {"judge", "run", "session", "warn", *map(subject, KNOWN)}


def user_checks(config: pytest.Config) -> Mapping[str, OwnCheck]:
    """All of them, by name.

    Raises:
        ConfigError: The hook raised, or gave what is no named function.
    """
    ask = config.hook.pytest_llmreplay_checks
    return given_functions("pytest_llmreplay_checks", ask, kind="check", wrong=_wrong)


def _wrong(name: object) -> str | None:
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        return f"{name!r} is no name; write it as my_check"
    return f"{name!r} is a check of the plugin; choose another name" if name in _TAKEN else None
