"""Functions of the project's `conftest.py` that judge stored answers, without asking a model."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_llmreplay.compare.check import Pair
from pytest_llmreplay.compare.judged import Score
from pytest_llmreplay.judge.given import given_judge
from pytest_llmreplay.judge.own.own_judge import OwnJudge
from pytest_llmreplay.judge.own.workers import Workers
from pytest_llmreplay.judge.scorers import is_scorer

from .project import Project

if TYPE_CHECKING:
    from pytest_llmreplay.plugin.terms.named_judges import NamedJudges

__all__ = ["OwnJudges"]

_TIMEOUT = 600.0
"""Seconds that one judging may take, as in a run."""


class OwnJudges:
    """Finds the function that judges the cassettes of a folder, and asks it.

    Args:
        project: Its hooks give one; they are loaded when a judge is wanted.
    """

    def __init__(self, project: Project) -> None:
        self._project, self._config = project, cache(project.config)
        self._workers = Workers(1)
        self._found: dict[Path | None, OwnJudge | None] = {}

    def scores(self, pair: Pair, folder: Path) -> Mapping[str, Score] | None:
        """The scores of both answers by a user's function; none where there is no such function.

        Raises:
            ConfigError: The hooks cannot be loaded, or what one gives is no judge.
        """
        judge = self.of(folder)
        return None if judge is None else judge.scores(pair.baseline, pair.replayed)

    def stop(self) -> None:
        """End the threads in which functions of users run."""
        self._workers.stop()

    def of(self, folder: Path) -> OwnJudge | None:
        """The function; none where there is none. Raises alike."""
        config = self._config(folder)
        if config.path not in self._found:
            named = self._named.of(config)
            given = named.given
            self._found[config.path] = (
                None
                if given is None or is_scorer(given)
                else given_judge(
                    given, named.settings, None, timeout=_TIMEOUT, workers=self._workers
                )
            )
        return self._found[config.path]

    @cached_property
    def _named(self) -> NamedJudges:
        return self._project.hooks.judges(None)
