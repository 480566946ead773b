"""Keys in the ini file of a project that do not count where pytest reads another one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import pytest

from pytest_llmreplay.cassette.projects.ini_file import IniFile
from pytest_llmreplay.cassette.projects.settings import CASSETTE_KEYS, CassetteSettings
from pytest_llmreplay.plugin.as_typed import relative
from pytest_llmreplay.plugin.ini_keys import KEYS
from pytest_llmreplay.report.cassettes.recording import nearer_file_text, unread_keys_text

from .settings import Settings

__all__ = ["REPLAY_KEYS", "TEST_KEYS", "unread_keys"]

TEST_KEYS = frozenset({"llm_autouse", "llm_guard"})
"""Those that decide about tests."""
REPLAY_KEYS = KEYS.keys() - CASSETTE_KEYS - TEST_KEYS - {"llm_targets_allow"}
"""Those that decide about replays."""
_YES = {"1", "true", "yes", "on"}


def unread_keys(
    config: pytest.Config, settings: Settings, files: Iterable[Path], keys: Collection[str]
) -> Iterator[str]:
    """What is said of projects whose own ini file says something that does not count in a run.

    Args:
        config: Of the run.
        settings: The same, understood.
        files: Of those projects.
        keys: Those that matter.

    Raises:
        ConfigError: An ini file cannot be read.
    """
    here = config.invocation_params.dir
    read = None if config.inipath is None else relative(config.inipath, here)
    for own in settings.projects.own_files(files):
        file, root = relative(own.path, here), settings.projects.name_in(own.path.parent)
        unread = [key for key in sorted(keys & own.keys.keys()) if _differs(own, key, config)]
        if unread:
            yield unread_keys_text(file, unread, read)
        named = own.text("llm_cassettes") or config.option.llm_cassettes
        if read and not named and root != CassetteSettings().cassettes:
            yield nearer_file_text(file, read, root)


def _differs(own: IniFile, key: str, config: pytest.Config) -> bool:
    value, counts = own.keys[key], config.getini(key)
    if KEYS[key][0] == "bool":
        return (str(value).lower() in _YES) is not bool(counts)
    return _words(value) != _words(counts)


def _words(value: object) -> list[str]:
    text = " ".join(map(str, value)) if isinstance(value, list) else str(value or "")
    return text.split()
