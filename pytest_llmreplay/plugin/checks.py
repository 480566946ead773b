"""Which checks an event is judged by: the run's, its cassette's, its own."""

from __future__ import annotations

from collections import Counter
from functools import cache

from pytest_llmreplay.cassette.document import EventDocument
from pytest_llmreplay.compare.check import Check
from pytest_llmreplay.compare.layers import InForce, Layer, in_force
from pytest_llmreplay.compare.sets import DEFAULT
from pytest_llmreplay.replay.config import Config
from pytest_llmreplay.report.force import CheckSource

from .settings import Settings

__all__ = ["Checks"]


class Checks:
    """Adds up the checks of all places, and remembers which were in force.

    Raises:
        CheckSyntaxError: A check of the command line, the ini file or the config cannot be read.
    """

    def __init__(self, settings: Settings, config: Config) -> None:
        self._only = settings.check_only
        self._base = _base(settings, config)
        self._used: Counter[tuple[str, str]] = Counter()
        self._dropped: Counter[tuple[str, str]] = Counter()
        self._in_force = cache(self._add_up)
        self._in_force(())

    def of(self, document: EventDocument) -> tuple[Check, ...]:
        """The checks of an event.

        Raises:
            CheckSyntaxError: One of its cassette cannot be read.
        """
        return self._in_force(_own(document)).checks

    def count(self, document: EventDocument) -> None:
        """Count an event for the summary."""
        force = self._in_force(_own(document))
        self._used.update(force.sources)
        self._dropped.update(force.dropped)

    def told(self, events: int) -> tuple[tuple[CheckSource, ...], tuple[CheckSource, ...]]:
        """The checks that were in force, and those that were left out, with their places."""
        return _told(self._used, events), _told(self._dropped, events)

    def _add_up(self, own: tuple[Layer, ...]) -> InForce:
        return in_force([self._base, *own], only=self._only)


def _base(settings: Settings, config: Config) -> Layer:
    if settings.checks is not None and settings.checks_source == "command line":
        return Layer(source="command line", specs=settings.checks)
    if config.checks is not None:
        return Layer(source="config", specs=config.checks)
    if settings.checks is not None:
        return Layer(source="ini", specs=settings.checks)
    return Layer(source="default", specs=DEFAULT)


def _own(document: EventDocument) -> tuple[Layer, ...]:
    """An event's own checks take the place of its cassette's."""
    if document.head.checks is not None:
        return (Layer(source="event", specs=document.head.checks),)
    if document.header.checks:
        return (Layer(source="cassette header", specs=document.header.checks),)
    return ()


def _told(counts: Counter[tuple[str, str]], events: int) -> tuple[CheckSource, ...]:
    return tuple(
        CheckSource(spec=spec, source=source, events=None if count >= events else count)
        for (spec, source), count in counts.items()
    )
