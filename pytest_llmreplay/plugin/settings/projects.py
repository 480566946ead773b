"""The projects of a run, as options and the ini file that pytest has read tell of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_llmreplay.cassette.projects.projects import Projects
from pytest_llmreplay.cassette.projects.settings import CASSETTE_KEYS, CassetteSettings
from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.plugin.ini_keys import ini_value
from pytest_llmreplay.plugin.settings.setting_values import optional_place

__all__ = ["projects_of"]

_OPTIONS = ("llm_cassettes", "llm_config", "llm_unused")
"""Those that go before the ini keys of the same names."""
_KEY = pytest.StashKey[Projects]()


def projects_of(config: pytest.Config) -> Projects:
    """What a run says of cassettes; the files of its projects are read when they are asked for.

    Raises:
        ConfigError: An ini key has a value that it cannot have.
    """
    if _KEY not in config.stash:
        config.stash[_KEY] = _found(config)
    return config.stash[_KEY]


def _found(config: pytest.Config) -> Projects:
    option = config.option
    overridden = {line.partition("=")[0].strip() for line in option.override_ini or ()}
    return Projects(
        CassetteSettings.of(_KeysOfRun(config)),
        root=config.rootpath,
        read=config.inipath,
        typed={*filter(config.getoption, _OPTIONS), *(overridden & CASSETTE_KEYS)},
        alone=option.inifilename is not None,
    )


class _KeysOfRun:
    """The ini keys that pytest has read, and the options that go before them.

    Args:
        config: Of the run.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def text(self, key: str) -> str | None:
        typed = self._config.getoption(key) if key in _OPTIONS else None
        return typed or self._config.getini(key) or None

    def lines(self, key: str) -> tuple[str, ...]:
        return tuple(ini_value(self._config, key))

    def words(self, key: str) -> tuple[str, ...]:
        return tuple(ini_value(self._config, key))

    def file(self, key: str) -> Path | None:
        if self._config.getoption(key):
            return optional_place(self._config, key)
        listed = self._config.getini(key)
        return self._config.rootpath / str(listed) if listed else None

    def located(self, error: ConfigError) -> ConfigError:
        return error
