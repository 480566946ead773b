"""A plugin of the process that plays tests for `--llm-fresh`: only those run that are meant."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

__all__ = ["FOUND", "WANTED", "pytest_collection_modifyitems", "pytest_configure"]

WANTED = "LLMREPLAY_WANTED"
"""Environment variable: the tests that are meant, as JSON; none for all."""

FOUND = "LLMREPLAY_FOUND_INI"
"""Environment variable: not empty where the ini file is one that pytest has found."""


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Let the ini files of projects count beside one that is given, but that nobody named."""
    if os.environ[FOUND]:
        config.option.inifilename = None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect all tests but those that the environment names."""
    wanted = json.loads(os.environ[WANTED])
    if not wanted:
        return
    tests = frozenset(wanted)
    places = [Path(one) for one in wanted if "::" not in one]
    meant = [item for item in items if _is_meant(item, tests, places)]
    left_out = [item for item in items if not _is_meant(item, tests, places)]
    items[:] = meant
    config.hook.pytest_deselected(items=left_out)


def _is_meant(item: pytest.Item, tests: frozenset[str], places: list[Path]) -> bool:
    inner = item.nodeid.partition("::")[2]
    return f"{item.path}::{inner}" in tests or any(map(item.path.is_relative_to, places))
