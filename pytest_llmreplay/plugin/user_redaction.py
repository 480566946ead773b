"""Kinds of personal data that users name by the hook `pytest_llmreplay_redact`."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from pytest_llmreplay.cassette.own_data import OWN_KIND, Finder

from .given_functions import given_functions

__all__ = ["user_redaction"]


def user_redaction(config: pytest.Config) -> Mapping[str, Finder]:
    """The functions that find them, by the names of the kinds.

    Raises:
        ConfigError: The hook raised, or gave what is no named function.
    """
    ask = config.hook.pytest_llmreplay_redact
    return given_functions("pytest_llmreplay_redact", ask, kind="kind", wrong=_wrong)


def _wrong(name: object) -> str | None:
    good = isinstance(name, str) and OWN_KIND.fullmatch(name)
    return None if good else f"{name!r} is no kind; at most 24 characters like customer_name"
