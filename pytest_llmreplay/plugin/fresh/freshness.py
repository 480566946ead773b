"""Recordings that are too old to be sent, or that no test asks for any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.items.sampled import item_of
from pytest_llmreplay.plugin.settings.settings import Settings
from pytest_llmreplay.replay.entry import Entry

__all__ = ["Freshness"]


class Freshness:
    """Tells why a recording is not sent.

    Args:
        config: Of pytest.
        settings: The options of the run.
    """

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self._config, self._settings, self._age = config, settings, settings.max_age
        self._played: Mapping[Path, frozenset[int]] | None = None
        self._unasked = "today's tests do not ask for it"
        self._now = datetime.now(UTC)

    def look(self, items: Iterable[ReplayItem]) -> list[str]:
        """Play the tests of items, where that is wanted; what is to be said about them.

        Raises:
            pytest.UsageError: They cannot be run.
        """
        if not self._settings.fresh:
            return []
        from .playing import play_tests  # noqa: PLC0415 - few runs do

        cassettes = dict.fromkeys(item.path for item in items)
        fresh = play_tests(self._config, self._settings, cassettes)
        self._played = fresh.played
        if not fresh.passed:  # one that fails may have had more to ask
            self._unasked = "no test that passes asks for it"
        return [f"llm replay: {fresh.text}"]

    def __call__(self, entry: Entry) -> str | None:
        """Why an entry is stale; none where it is not."""
        item = item_of(entry)  # type: ignore[arg-type]  # the plugin makes no other entries
        if self._played is not None:
            asked = self._played.get(item.path, frozenset())
            if item.document.number not in asked:
                return self._unasked
        if self._age is None or item.target.kind == "recorded":
            return None
        return self._too_old(entry, self._age)

    def _too_old(self, entry: Entry, age: timedelta) -> str | None:
        try:
            recorded = datetime.fromisoformat(entry.document.measured.at or "")
        except (CassetteError, ValueError):
            return None  # nobody knows
        recorded = recorded if recorded.tzinfo else recorded.replace(tzinfo=UTC)
        if self._now - recorded <= age:
            return None
        return f"recorded more than {age.days} days ago (llm_max_age)"
