"""Recordings that are too old to be sent, or that no test asks for any more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.replay.entry import Entry

from .sampled import item_of

__all__ = ["Freshness"]


class Freshness:
    """Tells why a recording is not sent.

    Args:
        age: From which on recordings are stale.
        played: Numbers of the events that today's tests ask for, by cassette; none for all.
    """

    def __init__(
        self, age: timedelta | None, played: Mapping[Path, frozenset[int]] | None = None
    ) -> None:
        self._age, self._played = age, played
        self._now = datetime.now(UTC)

    def __call__(self, entry: Entry) -> str | None:
        """Why an entry is stale; none where it is not."""
        item = item_of(entry)  # type: ignore[arg-type]  # the plugin makes no other entries
        if self._played is not None:
            asked = self._played.get(item.path, frozenset())
            if item.document.number not in asked:
                return "today's tests do not ask for it"
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
