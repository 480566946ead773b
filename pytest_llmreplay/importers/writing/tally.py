"""What an import came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from os.path import commonpath
from pathlib import Path
from typing import Final

from pytest_llmreplay.event import Event
from pytest_llmreplay.importers.source import PassedOver, Place, Rejected
from pytest_llmreplay.providers.endpoints.calls import unknown_host

__all__ = ["Tally"]

_MOST_KINDS: Final = 20
"""Kinds of things passed over that are counted apart: a log may have a name for each of its own."""
_OTHERS: Final = "something else that is no call of a model"


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts what becomes of everything that is found."""

    tell: Callable[[Rejected], None]
    """Hears of each thing that was not imported, as it comes."""
    wrote_one: Callable[[], None] = field(default=lambda: None)
    """Hears of each cassette."""
    found: int = 0
    """Calls that were found, and may still wait for the rest of their session."""
    events: int = 0
    """Calls that are in cassettes now."""
    reconstructed: int = 0
    """How many of them were put together from a log."""
    cassettes: int = 0
    folder: Path | None = None
    """The innermost directory that all cassettes are in."""
    unchanged: int = 0
    """How many of the cassettes held the same before."""
    rejected: int = 0
    passed_over: Counter[str] = field(default_factory=Counter)
    """By what they are."""
    hosts: frozenset[str] = frozenset()
    """Further hosts of models."""
    unknown_hosts: Counter[str] = field(default_factory=Counter)
    """Hosts of calls that no test can play before they are such."""

    def wrote(self, cassette: Path, events: Sequence[Event], *, changed: bool) -> None:
        """A cassette holds these events now."""
        self.cassettes += 1
        self.unchanged += not changed
        self.events += len(events)
        self.reconstructed += sum(event.origin == "reconstructed" for event in events)
        asked = [event.exchange.request for event in events]
        found = [unknown_host(one.method, one.url, hosts=self.hosts) for one in asked]
        self.unknown_hosts.update(filter(None, found))
        self.folder = Path(commonpath([self.folder or cassette.parent, cassette.parent]))
        self.wrote_one()

    def reject(self, place: Place, reason: str) -> None:
        """Something cannot be imported."""
        self.rejected += 1
        self.tell(Rejected(place=place, reason=reason))

    def pass_over(self, found: PassedOver) -> None:
        """Something is no call of a model."""
        known = found.reason in self.passed_over or len(self.passed_over) < _MOST_KINDS
        self.passed_over[found.reason if known else _OTHERS] += 1
