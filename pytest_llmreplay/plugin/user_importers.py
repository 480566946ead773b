"""Sources of logs that users name by the hook `pytest_llmreplay_importers`.

The command `pytest-llmreplay import` asks for them where no test runs: pytest loads plugins and
`conftest.py` as for a run, and is stopped before it collects.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_llmreplay.errors import ConfigError

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
        error = asking.error
        raise ConfigError(f"{_HOOK}: {type(error).__name__}: {error}") from error
    if asking.given is None:
        raise ConfigError(f"{_HOOK}: pytest cannot load the hooks of {root} (exit code {code})")
    return dict(_named(asking.given))


class _Asking:
    """A plugin that asks the hook once all others are loaded, in the place of a run."""

    def __init__(self) -> None:
        self.given: list[object] | None = None
        self.error: Exception | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> int:
        """Ask; the code says that there is nothing else to do."""
        try:
            self.given = config.hook.pytest_llmreplay_importers()
        except Exception as error:  # noqa: BLE001 - it is the user's code
            self.error = error
        return 0


def _named(given: list[object]) -> Iterator[tuple[str, Any]]:
    found: set[str] = set()
    for importers in given:
        if not isinstance(importers, Mapping):
            raise ConfigError(f"{_HOOK}: {importers!r:.60} is no mapping of names to functions")
        for name, function in importers.items():
            if not isinstance(name, str) or _NAME.fullmatch(name) is None:
                raise ConfigError(f"{_HOOK}: {name!r} is no name; write it as our-log")
            if name in found:
                raise ConfigError(f"{_HOOK}: two hooks have a source {name!r}")
            if not callable(function):
                raise ConfigError(f"{_HOOK}: {name!r} is {function!r:.60}, not a function")
            found.add(name)
            yield name, function
