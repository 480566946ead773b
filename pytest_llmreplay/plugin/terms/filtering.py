"""The events that `--llm-filter` means, chosen while cassettes are collected."""

from __future__ import annotations

from dataclasses import replace

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.plugin.settings.settings import Settings
from pytest_llmreplay.replay.selecting.filters import Filtered
from pytest_llmreplay.report.text.sanitise import safe_line

__all__ = ["Filtering"]


class Filtering:
    """Knows which events are meant, and how many were not.

    Args:
        settings: The options of the run.

    Raises:
        ConfigError: An option cannot be read.
    """

    def __init__(self, settings: Settings) -> None:
        self._filtered, self._settings = Filtered(settings.filters), settings

    @property
    def settings(self) -> Settings:
        """The options, with what has to be let through for events that are asked for by kind."""
        allow = dict.fromkeys((*self._settings.allow, *self._filtered.lets_through))
        return replace(self._settings, allow=tuple(allow))

    def means(self, cassette: Cassette, place: int) -> bool:
        """Whether the filters select an event."""
        return not self._filtered or self._filtered.means(cassette.document(place))

    def lines(self) -> list[str]:
        """How many events are meant, or why none is."""
        told = self._filtered.told()
        return [safe_line(f"llm filter: {told}")] if told else []
