"""Hooks for commands of the shell, where no test runs.

Pytest loads plugins and `conftest.py` as for a run, and is stopped before it collects.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pluggy import PluginValidationError

from pytest_llmreplay.compare.syntax.surroundings import OwnCheck
from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.plugin.terms.named_judges import NamedJudges
from pytest_llmreplay.plugin.users.checks import user_checks
from pytest_llmreplay.plugin.users.given_functions import user_importers, user_redaction
from pytest_llmreplay.plugin.users.variants import user_variants

if TYPE_CHECKING:
    from pytest_llmreplay.cassette.redaction.own_data import Finder
    from pytest_llmreplay.replay.variants.variant import OwnVariant

__all__ = ["ProjectHooks"]

_PLUGIN = "llmreplay"


class ProjectHooks:
    """What a project's plugins and `conftest.py` give; they are loaded once, when first asked.

    Whatever they print goes to the standard error: the output is the command's.

    Args:
        root: Directory of the project.

    Everything raises a ConfigError where they cannot be loaded, or where a hook raises, or gives
    what is no named function.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._refusal = f"pytest cannot load the plugins and conftest.py of {root}"

    @property
    def checks(self) -> Mapping[str, OwnCheck]:
        """Checks by their names."""
        return user_checks(self.config)

    @property
    def importers(self) -> Mapping[str, Callable[..., Any]]:
        """Sources of logs by their names."""
        return user_importers(self.config)

    def judges(self, typed: str | None) -> NamedJudges:
        """Who judges, where a hook or a config file gives a judge.

        Args:
            typed: The target that the command line names as one.
        """
        return NamedJudges(self.config, typed)

    @property
    def redaction(self) -> Mapping[str, Finder]:
        """What finds personal data, by kind."""
        return user_redaction(self.config)

    @property
    def variants(self) -> Mapping[str, OwnVariant]:
        """Variants by their names."""
        return user_variants(self.config)

    @cached_property
    def config(self) -> pytest.Config:
        """Pytest's own, whose hooks can be asked."""
        loading = _Loading()
        with redirect_stdout(sys.stderr):
            try:
                ended = f"exit code {pytest.main([str(self._root)], plugins=[loading])}"
            except PluginValidationError as error:
                problem = " ".join(str(error).split())
                raise ConfigError(f"{self._refusal}: {problem}") from None
            except (SystemExit, pytest.exit.Exception, pytest.skip.Exception) as error:
                ended = f"{type(error).__name__}: {error}"
        if loading.config is None:
            raise ConfigError(f"{self._refusal} ({ended}); it says why above")
        if not loading.config.pluginmanager.has_plugin(_PLUGIN):
            raise ConfigError(
                f"pytest does not load the plugin {_PLUGIN!r} in {self._root}, so that no hook of "
                "it can be asked"
            )
        return loading.config


class _Loading:
    """A plugin that is there once all others are loaded, in the place of a run."""

    def __init__(self) -> None:
        self.config: pytest.Config | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> int:
        """Keep what is loaded; the code says that there is nothing else to do."""
        self.config = config
        return 0
