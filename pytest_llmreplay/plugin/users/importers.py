"""Sources of logs that users name by the hook `pytest_llmreplay_importers`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from .given_functions import given_functions

__all__ = ["user_importers"]

_NAME = re.compile(r"[a-z][a-z0-9_-]*")


def user_importers(config: pytest.Config) -> Mapping[str, Callable[..., Any]]:
    """The sources of logs that `pytest_llmreplay_importers` gives, by name.

    Raises:
        ConfigError: The hook raised, or gave what is no named function.
    """
    ask = config.hook.pytest_llmreplay_importers
    return given_functions("pytest_llmreplay_importers", ask, kind="source", wrong=_wrong)


def _wrong(name: object) -> str | None:
    good = isinstance(name, str) and _NAME.fullmatch(name)
    return None if good else f"{name!r} is no name; write it as our-log"
