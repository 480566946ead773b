"""The events that `--llm-filter` means, chosen while cassettes are collected."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.document import EventDocument
from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.replay.filters import parse_filters
from pytest_llmreplay.replay.seen_values import SeenValues
from pytest_llmreplay.report.sanitise import safe_line

from .settings import Settings

__all__ = ["Filtering"]


class Filtering:
    """Knows which events are meant, and how many were not.

    Args:
        settings: The options of the run.

    Raises:
        ConfigError: An option cannot be read.
    """

    def __init__(self, settings: Settings) -> None:
        self._filter, self._texts = parse_filters(settings.filters), settings.filters
        self._settings = settings
        self._looked = self._meant = 0
        self._seen = SeenValues()

    @property
    def settings(self) -> Settings:
        """The options, with what has to be let through for events that are asked for by kind."""
        if self._filter is None:
            return self._settings
        allow = dict.fromkeys((*self._settings.allow, *self._filter.lets_through))
        return replace(self._settings, allow=tuple(allow))

    def means(self, cassette: Cassette, place: int) -> bool:
        """Whether an event is meant; it is parsed no further than it takes to tell."""
        if self._filter is None:
            return True
        document = cassette.document(place)
        meant = self._filter.means(document)
        self._looked, self._meant = self._looked + 1, self._meant + meant
        if not self._meant:
            self._note(document)
        return meant

    def lines(self) -> list[str]:
        """How many events are meant, or why none is."""
        if self._filter is None or not self._looked:
            return []
        if self._meant:
            said = f"{self._meant:,} of {self._looked:,} events: {', '.join(self._texts)}"
        else:
            said = f"none of {self._looked:,} events has {self._why()}"
        return [safe_line(f"llm filter: {said}")]

    def _why(self) -> str:
        """What fits nothing: a key, or how the calls ended."""
        assert self._filter is not None  # asked before
        keys = self._seen.why_none(self._filter.selector)
        status = ", ".join(f"status={glob}" for glob in self._filter.statuses)
        return ", ".join(filter(None, [keys, status]))

    def _note(self, document: EventDocument) -> None:
        assert self._filter is not None  # asked before
        with suppress(CassetteError):
            self._seen.note(document.head, self._filter.selector.globs)
