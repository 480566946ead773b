"""Which judge the command line, a config file or a user's hook names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from pytest_llmreplay.errors import ConfigError, UnknownTarget
from pytest_llmreplay.judge.settings import JudgeSettings, read_settings
from pytest_llmreplay.replay.config.file import Config
from pytest_llmreplay.replay.targets.target import Target, TargetSettings, resolve

__all__ = ["NamedJudge", "NamedJudges"]

_HOOK = "pytest_llmreplay_judge"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedJudge:
    """Who judges the cassettes below a config file, if anybody does."""

    config: Config
    settings: JudgeSettings
    """How answers are judged."""
    target: Target | None
    """The model that judges; none where nobody names one."""
    give: Callable[[str | None], object]
    """Asks a user's hook for a judge in the place of a target of this name."""

    @property
    def given(self) -> object:
        """A user's own judge; none where there is none.

        Raises:
            ConfigError: The user's hook fails.
        """
        return self.give(None if self.target is None else self.target.name)

    @property
    def is_free(self) -> bool:
        """Whether the judge is code of a user that asks no model."""
        if (given := self.given) is None:
            return False
        from pytest_llmreplay.judge.scorers import is_scorer  # noqa: PLC0415 - few have a judge

        return self.target is None or not is_scorer(given)

    def decides(self, prompt: str | None, *, over_run: bool) -> Mapping[str, str]:
        """What the scores of an event depend on.

        Args:
            prompt: Of the event.
            over_run: Whether they are for a verdict over the run.
        """
        from pytest_llmreplay.judge.decides import judge_settings  # noqa: PLC0415 - as above

        return judge_settings(
            self.given, self.target, self.settings, prompt=prompt, over_run=over_run
        )


class NamedJudges:
    """Finds the judge of each config file, once.

    Args:
        config: Of pytest; its hooks may give a judge.
        typed: What `--llm-judge` names.
    """

    def __init__(self, config: pytest.Config, typed: str | None) -> None:
        self._hook, self._typed = config.hook, typed
        self._given = cache(self._give)
        self._named: dict[Path | None, NamedJudge] = {}

    def of(self, config: Config) -> NamedJudge:
        """The judge of the cassettes below a config file.

        Raises:
            ConfigError: It is unknown, or its part of the config file is wrong.
        """
        if config.path not in self._named:
            settings = read_settings(config)
            target = self._target(settings, config)
            self._named[config.path] = NamedJudge(
                config=config, settings=settings, target=target, give=self._given
            )
        return self._named[config.path]

    def _target(self, settings: JudgeSettings, config: Config) -> Target | None:
        name = self._typed or settings.target
        if name is None:
            return None
        place = "--llm-judge" if self._typed else config.file.place("judge", "target")
        try:
            return resolve(name, TargetSettings(config=config))
        except UnknownTarget as error:
            problem = str(error).removeprefix("--llm-model")
            raise UnknownTarget(f"{place}{problem}") from None

    def _give(self, target: str | None) -> object:
        try:
            return self._hook.pytest_llmreplay_judge(target=target)
        except (Exception, SystemExit) as error:
            raise ConfigError(f"{_HOOK}: {type(error).__name__}: {error}") from error
