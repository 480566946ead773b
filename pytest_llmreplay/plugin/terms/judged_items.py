"""Which answers a judge is asked about, and what decides about their scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

from pytest_llmreplay.errors import CassetteError, ConfigError
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.settings.settings import Settings

from .configured import Configured
from .gating import Gating
from .named_judges import NamedJudge, NamedJudges

__all__ = ["JudgedItems"]


class JudgedItems:
    """Knows of each item who judges it, and whether anybody does.

    Args:
        config: Of pytest; its hooks may give a judge.
        settings: The options of the run.
        configured: What the config files say.
        gating: Knows whose answers are for a verdict over the run.
        folders: Where the cassettes are.

    Raises:
        ConfigError: A judge is unknown, or its part of a config file is wrong.
    """

    def __init__(
        self,
        config: pytest.Config,
        settings: Settings,
        configured: Configured,
        gating: Gating,
        folders: Iterable[Path],
    ) -> None:
        self._typed, self._configured, self._gating = settings.judge, configured, gating
        self._named = NamedJudges(config, settings.judge)
        self._settings_of = cache(self._decides)
        for folder in folders:
            self._in_folder(folder)

    def named(self, item: ReplayItem) -> NamedJudge:
        """Who judges an item, where it is judged."""
        return self._in_folder(item.parent.folder)

    def compares(self, item: ReplayItem) -> bool:
        """Whether answers to an item are compared in pairs, and not scored apart."""
        return self.named(item).settings.pairwise

    def over_run(self, item: ReplayItem) -> bool:
        """Whether the scores of an item are for a verdict over the run."""
        return self._gating.only_reports(item.target)

    def asks(self, item: ReplayItem) -> bool:
        """Whether anything is to be judged: checks ask for it, or a person does.

        A config file alone spends no money: its judge is asked about live targets alone. Where
        answers are compared in pairs, those of a calibration are what others are compared with.
        """
        if item.target.kind == "recorded":
            return False
        if self._gating.calibrates(item.target) and self.compares(item):
            return False
        if self._typed is not None:
            return True
        named = self.named(item)
        if not named.is_free and (named.target is None or not item.target.live):
            return False
        try:
            return self._configured.in_force(item).asks_judge
        except CassetteError:
            return False  # the item tells it

    def settings(self, item: ReplayItem) -> Mapping[str, str]:
        """What the scores of an item depend on; nothing where no judge is asked."""
        if not self.asks(item):
            return {}
        prompt = item.document.head.name
        return self._settings_of(item.parent.folder, prompt, self.over_run(item))

    def refuse_two_kinds(self, asked: Sequence[ReplayItem]) -> None:
        """Stop where one verdict would be about scores and about what was preferred.

        Raises:
            ConfigError: It would.
        """
        judged = [item for item in asked if self._gating.has_verdict(item.target)]
        kinds = {self.compares(item): self.named(item).config for item in judged}
        if len(kinds) > 1:
            raise ConfigError(
                f"a verdict over the run is about scores or about what is preferred: "
                f"{kinds[True].file.place('judge', 'pairwise')}: judge.pairwise is true, and is "
                f"not for {kinds[False].path or 'cassettes without llmreplay.yaml'}. Write the "
                "same in both, or replay their cassettes apart"
            )

    def _in_folder(self, folder: Path) -> NamedJudge:
        return self._named.of(self._configured.config(folder))

    def _decides(
        self,
        folder: Path,
        prompt: str | None,
        over_run: bool,  # noqa: FBT001 - is cached
    ) -> Mapping[str, str]:
        return self._in_folder(folder).decides(prompt, over_run=over_run)
