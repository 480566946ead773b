"""Kinds of personal data that users name by the hook `pytest_llmreplay_redact`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest

from .given_functions import given_functions

if TYPE_CHECKING:
    from pytest_llmreplay.cassette.redaction.own_data import Finder

__all__ = ["user_redaction"]

_NAME = re.compile(r"[a-z][a-z0-9_]{0,23}")  # as placeholders have it (placeholders.py)


def user_redaction(config: pytest.Config) -> Mapping[str, Finder]:
    """The functions that find them, by the names of the kinds.

    Raises:
        ConfigError: The hook raised, or gave what is no named function.
    """
    ask = config.hook.pytest_llmreplay_redact
    return given_functions("pytest_llmreplay_redact", ask, kind="kind", wrong=_wrong)


def _wrong(name: object) -> str | None:
    good = isinstance(name, str) and _NAME.fullmatch(name)
    return None if good else f"{name!r} is no kind; at most 24 characters like customer_name"
