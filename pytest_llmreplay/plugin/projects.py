"""The projects of a run, as options and the ini file that pytest has read tell of them."""

from __future__ import annotations

import pytest

from pytest_llmreplay.cassette.matching.replacements import replacement_of
from pytest_llmreplay.cassette.projects.projects import Projects
from pytest_llmreplay.cassette.projects.settings import CASSETTE_KEYS, CassetteSettings
from pytest_llmreplay.providers.endpoints.calls import further_hosts

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
        _said(config),
        root=config.rootpath,
        read=config.inipath,
        typed={*filter(config.getoption, _OPTIONS), *(overridden & CASSETTE_KEYS)},
        alone=option.inifilename is not None,
    )


def _said(config: pytest.Config) -> CassetteSettings:
    option, ini = config.getoption, config.getini
    typed, listed = option("llm_config"), ini("llm_config")
    named = config.invocation_params.dir / typed if typed else config.rootpath / str(listed)
    usual = CassetteSettings()
    return CassetteSettings(
        cassettes=option("llm_cassettes") or ini("llm_cassettes") or usual.cassettes,
        config=named if typed or listed else None,
        match_ignore=tuple(ini("llm_match_ignore")),
        match_replace=tuple(map(replacement_of, ini("llm_match_replace"))),
        unused=option("llm_unused") or ini("llm_unused") or usual.unused,
        hosts=further_hosts(ini("llm_hosts")),
        redact=tuple(ini("llm_redact")),
        redact_allow=tuple(ini("llm_redact_allow")),
    )
