"""Slips in the keys of the ini file, of which pytest only warns."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

import pytest

from pytest_llmreplay.cassette.projects.ini_file import IniFile, keys_in
from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.plugin.ini_keys import KEYS

__all__ = ["refuse_misspelt_keys", "refuse_misspelt_keys_in"]

_ALIKE = 0.85
"""So much of a slip is like the key that was meant."""


def refuse_misspelt_keys(config: pytest.Config) -> None:
    """Stop where a key of the ini file is nearly one of ours.

    What it was meant to keep, as personal data out of cassettes, it would not.

    Raises:
        ConfigError: There is such a key.
    """
    if config.inipath is not None:
        _refuse(config, config.inipath.name, _keys_of(config.inipath))


def refuse_misspelt_keys_in(config: pytest.Config, files: Iterable[IniFile]) -> None:
    """The same in the ini files of projects, which pytest does not read.

    Raises:
        ConfigError: There is such a key.
    """
    for file in files:
        _refuse(config, str(file.path), file.keys)


def _refuse(config: pytest.Config, place: str, keys: Iterable[str]) -> None:
    for key in keys:
        near = get_close_matches(key, KEYS, n=1, cutoff=_ALIKE)
        if near and not _is_known(config, key):
            raise ConfigError(f"{place}: no key {key!r}; did you mean {near[0]!r}?")


def _keys_of(file: Path) -> Iterable[str]:
    try:
        return keys_in(file) or ()
    except ConfigError:
        return ()  # pytest could read it, and says what it does not know


def _is_known(config: pytest.Config, key: str) -> bool:
    """Whether an ini key is ours, or that of another plugin."""
    if key in KEYS:
        return True
    try:
        config.getini(key)
    except ValueError:
        return False
    return True
