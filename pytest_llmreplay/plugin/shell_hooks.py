"""Hooks for commands of the shell, where no test runs.

Pytest loads plugins and `conftest.py` as for a run, and is stopped before it collects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from pluggy import PluginValidationError

from pytest_llmreplay.errors import ConfigError

__all__ = ["asked_of_project"]

Functions = Mapping[str, Any]


def asked_of_project(root: Path, hook: str, ask: Callable[[pytest.Config], Functions]) -> Functions:
    """What the hooks of a project answer.

    Args:
        root: Directory of the project, whose plugins and `conftest.py` are loaded.
        hook: Name of the hook, for messages.
        ask: Asks it.

    Raises:
        ConfigError: They cannot be loaded, or the hook raised, or gave what is no named function.
    """
    asking = _Asking(ask)
    try:
        code = pytest.main([str(root)], plugins=[asking])
    except PluginValidationError as error:
        told = " ".join(str(error).split())
        raise ConfigError(f"{hook}: pytest cannot load the hooks of {root}: {told}") from None
    if asking.error is not None:
        raise asking.error
    if asking.given is None:
        raise ConfigError(f"{hook}: pytest cannot load the hooks of {root} (exit code {code})")
    return asking.given


class _Asking:
    """A plugin that asks once all others are loaded, in the place of a run."""

    def __init__(self, ask: Callable[[pytest.Config], Functions]) -> None:
        self._ask = ask
        self.given: Functions | None = None
        self.error: ConfigError | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> int:
        """Ask; the code says that there is nothing else to do."""
        try:
            self.given = self._ask(config)
        except ConfigError as error:
            self.error = error
        return 0
