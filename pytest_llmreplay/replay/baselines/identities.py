"""What events are known by from run to run, whatever their numbers are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Lock

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.replay.calls.call import Identity

from .baseline import join_key

__all__ = ["Identities"]


class Identities:
    """Names events by the request that they hold.

    Args:
        rootdir: What the names of cassettes begin at.
    """

    def __init__(self, rootdir: Path) -> None:
        self._rootdir = rootdir
        self.name = cache(self._name)
        """A cassette by its way from the root directory."""
        self._requests: dict[Path, _Requests] = {}

    def of(self, cassette: Cassette, place: int, label: str) -> Identity:
        """The identity of the event at a place of a cassette.

        Raises:
            CassetteDamaged: Its request cannot be read.
        """
        requests = self._requests.get(cassette.path)
        if requests is None:
            requests = self._requests[cassette.path] = _Requests(cassette)
        key, occurrence = requests.of(cassette, place)
        return Identity(
            cassette=self.name(cassette.path), key=key, occurrence=occurrence, label=label
        )

    def _name(self, path: Path) -> str:
        inside = path.is_relative_to(self._rootdir)
        return (path.relative_to(self._rootdir) if inside else path).as_posix()


class _Requests:
    """The requests of a cassette; it is not held, as replays open many."""

    def __init__(self, cassette: Cassette) -> None:
        self._alike = _alike(cassette)
        self._known: dict[int, tuple[str, int]] = {}
        self._lock = Lock()

    def of(self, cassette: Cassette, place: int) -> tuple[str, int]:
        """The key of an event, and how many before it ask the same."""
        with self._lock:  # the thread that sends asks too
            while (known := self._known.get(place)) is None:
                self._learn(cassette, place)
        return known

    def _learn(self, cassette: Cassette, place: int) -> None:
        """Look at an event, or at the first of those like it."""
        group = self._alike.get(place)
        earlier = place if group is None else group.places[group.seen]
        key = join_key(cassette.document(earlier).question)
        self._known[earlier] = key, 0 if group is None else group.count(key)


@dataclass(slots=True)
class _Group:
    """Events that share their key in the file, or have none there."""

    places: list[int]
    """In the order of the file."""
    seen: int = 0
    """How many of them were looked at."""
    asked: Counter[str] = field(default_factory=Counter)
    """How often each request was met so far."""

    def count(self, key: str) -> int:
        """How often a request was met before that of the next event."""
        self.seen += 1
        self.asked[key] += 1
        return self.asked[key] - 1


def _alike(cassette: Cassette) -> dict[int, _Group]:
    """The group of each event that does not ask alone, as most do."""
    groups: dict[str | None, list[int]] = {}
    for place, slot in enumerate(cassette.index.events):
        groups.setdefault(slot.key, []).append(place)
    found: dict[int, _Group] = {}
    for places in groups.values():
        if len(places) > 1:
            found |= dict.fromkeys(places, _Group(places))
    return found
