"""What of which cassette goes where, and by what the answers are judged."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.compare.check import Check
from pytest_llmreplay.compare.specs.scoped import ScopedCheck
from pytest_llmreplay.errors import CassetteError, CheckSyntaxError
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.kept_runs.keeping import RunKeeping
from pytest_llmreplay.plugin.settings.settings import Settings
from pytest_llmreplay.plugin.users.checks import user_checks
from pytest_llmreplay.plugin.users.variants import user_variants
from pytest_llmreplay.replay.calls.call import Identity, Purpose
from pytest_llmreplay.replay.targets.target import Target

from .configured import Configured
from .filtering import Filtering
from .gating import Gating
from .judged_items import JudgedItems

if TYPE_CHECKING:
    from .floor import Floor

__all__ = ["RunTerms"]


class RunTerms:
    """What options, config files and a stored run that is judged again say about a replay.

    Args:
        config: Of pytest.
        settings: The options of the run.
        folders: Where the cassettes are; their config files are read at once.

    Raises:
        ConfigError: A target, a filter, a check, a judge or a config file is wrong.
    """

    def __init__(self, config: pytest.Config, settings: Settings, folders: Sequence[Path]) -> None:
        self._filtering = Filtering(settings)
        self.keeping = RunKeeping(config, self._filtering.settings)
        """Has the stored run, and keeps this one."""
        self.settings = self.keeping.settings
        """The options, with what filters and a stored run make of them."""
        self.configured = Configured(
            self.settings,
            user_checks(config),
            user_variants(config),
            self.keeping.stored_targets,
        )
        self.target_names = self.configured.target_names(folders)
        self.gating = Gating(
            self.settings.gate,
            self.settings.models,
            self.configured.gate,
            self.keeping.stored_floor,
            elsewhere=self.settings.base_url is not None,
        )
        self.judged = JudgedItems(config, self.settings, self.configured, self.gating, folders)

    def targets(self, cassette: Path) -> tuple[Target, ...]:
        """Where the events of a cassette go."""
        return self.configured.targets(cassette.parent)

    def means(self, cassette: Cassette, place: int) -> bool:
        """Whether the event at a place of a cassette is to be replayed."""
        return self._filtering.means(cassette, place)

    def filter_lines(self) -> list[str]:
        """How many of the events that were collected are meant, where not all are."""
        return self._filtering.lines()

    def checks(self, item: ReplayItem) -> Sequence[Check]:
        """What the answer of an item is judged by.

        Of the recorded model's own answers nobody says which is preferred: they are alike.
        """
        checks = self.configured.in_force(item).checks
        if self.gating.calibrates(item.target) and self.judged.compares(item):
            return [check for check in checks if not check.asks_judge]
        return checks

    def scoped(self, item: ReplayItem) -> Sequence[ScopedCheck]:
        """What an event asks for beyond itself; none where it cannot be read, which it tells."""
        if self.gating.calibrates(item.target):
            return ()
        try:
            return self.configured.scoped(item)
        except (CassetteError, CheckSyntaxError):
            return ()

    def purpose(self, target: Target) -> Purpose:
        """What a target is asked for."""
        return "calibration" if self.gating.calibrates(target) else "answer"

    def takes_accepted(self, target: Target) -> bool:
        """Whether an answer accepted for a target stands in for the recording."""
        return not self.gating.only_reports(target)

    def identity(self, item: ReplayItem) -> Identity:
        """What the calls of an item are kept under."""
        return self.keeping.identity(item)

    def has_verdict(self, target: Target) -> bool:
        """Whether a target is judged over the run."""
        return self.gating.has_verdict(target)

    @cached_property
    def floor(self) -> Floor:
        """What is known of the recorded model.

        Raises:
            ConfigError: What was kept of it cannot be read.
        """
        from .check_settings import CheckSettings  # noqa: PLC0415 - as below
        from .floor import Floor  # noqa: PLC0415 - statistics, for runs judged as a whole

        settings = CheckSettings(self.judged.settings)
        return Floor(self.settings.rootdir, settings, self.keeping)
