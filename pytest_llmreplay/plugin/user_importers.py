"""Sources of logs that users name by the hook `pytest_llmreplay_importers`.

The command `pytest-llmreplay import` asks for them where no test runs: pytest loads plugins and
`conftest.py` as for a run, and is stopped before it collects.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_llmreplay.errors import ConfigError

from .given_functions import given_functions

__all__ = ["user_importers"]

_HOOK = "pytest_llmreplay_importers"
_NAME = re.compile(r"[a-z][a-z0-9_-]*")


def user_importers(root: Path) -> Mapping[str, Any]:
    """All of them, by name.

    Args:
        root: Directory of the project, whose plugins and `conftest.py` are loaded.

    Raises:
        ConfigError: They cannot be loaded, or the hook raised, or gave what is no named function.
    """
    asking = _Asking()
    code = pytest.main([str(root)], plugins=[asking])
    if asking.error is not None:
        raise asking.error
    if asking.given is None:
        raise ConfigError(f"{_HOOK}: pytest cannot load the hooks of {root} (exit code {code})")
    return asking.given


class _Asking:
    """A plugin that asks the hook once all others are loaded, in the place of a run."""

    def __init__(self) -> None:
        self.given: Mapping[str, Any] | None = None
        self.error: ConfigError | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> int:
        """Ask; the code says that there is nothing else to do."""
        ask = config.hook.pytest_llmreplay_importers
        try:
            self.given = given_functions(_HOOK, ask, kind="source", wrong=_wrong)
        except ConfigError as error:
            self.error = error
        return 0


def _wrong(name: object) -> str | None:
    good = isinstance(name, str) and _NAME.fullmatch(name)
    return None if good else f"{name!r} is no name; write it as our-log"
