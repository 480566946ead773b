"""A package whose own ini file names another root of cassettes than the one that counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_llmreplay.cassette.ini_file import INI_FILES, keys_in
from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.report.recording import other_root_text

from .as_typed import relative

__all__ = ["other_root"]


def other_root(project: Path, config: pytest.Config, cassettes: str) -> list[str]:
    """What is said of a project where pytest reads the ini file of another directory.

    Args:
        project: Of some of the collected tests.
        config: Of the run.
        cassettes: Root of the cassettes in this run.
    """
    if config.option.llm_cassettes:  # as typed for this run
        return []
    here = config.invocation_params.dir
    file, named = _unread(project, config.inipath)
    if file is None or named in {None, cassettes}:
        return []
    read = relative(config.inipath, here) if config.inipath else None
    return [other_root_text(relative(file, here), str(named), read, cassettes)]


def _unread(project: Path, read: Path | None) -> tuple[Path | None, str | None]:
    """The ini file that counts in a project and that pytest has not read, and the root it names."""
    for name in INI_FILES:
        file = project / name
        if file == read:  # as in most runs, which need not read it once more
            break
        try:
            keys = keys_in(file)
        except ConfigError:
            continue  # pytest says so where it reads the file
        if keys is not None:
            named = keys.get("llm_cassettes")
            return file, named if isinstance(named, str) and named else None
    return None, None
