"""Finds the recorded event for a call: first in, first out within a key, each only once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Finder", "Slot"]

EntryT = TypeVar("EntryT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot(Generic[EntryT]):
    """A recorded event that may be played once."""

    number: int
    """Place of the event in its cassette."""
    key: str | None
    """As its key line has it; none where there is no key line."""
    fingerprint: str | None
    """Of the rules that the key was made by."""
    entry: EntryT
    """Whatever the answer is played from."""


class Finder(Generic[EntryT]):
    """Hands out the slots of a cassette; safe to share between threads.

    Args:
        slots: In the order of recording.
        fingerprint: Of the rules in force; a key made by others is out of date.
        key_of: The key of the request that an entry stores, under the rules in force.
    """

    def __init__(
        self,
        slots: Iterable[Slot[EntryT]],
        *,
        fingerprint: str,
        key_of: Callable[[EntryT], str],
    ) -> None:
        self.slots = tuple(slots)
        self._key_of = key_of
        self._lock = threading.Lock()
        self._played: set[int] = set()
        self._computed = False
        self._queues: dict[str, deque[int]] | None = None
        self._fingerprint = fingerprint

    def take(self, key: str, otherwise: Callable[[], str] | None = None) -> EntryT | None:
        """The next entry with this key that was not played yet, or none.

        Args:
            key: Key of the call.
            otherwise: Makes another key to look for, asked only when there is no entry for the
                first. So the costly redaction of a request waits until it is needed.
        """
        with self._lock:
            keys: tuple[str, ...] = (key,)
            index = self._next(keys)
            if index is None and otherwise is not None:
                keys = (key, otherwise())
                index = self._next(keys[1:])
            if index is None and not self._computed:
                self._compute_all()
                index = self._next(keys)
            if index is None:
                return None
            self._played.add(index)
            return self.slots[index].entry

    def played_numbers(self) -> frozenset[int]:
        """Numbers of the events that were handed out."""
        with self._lock:
            return frozenset(self.slots[index].number for index in self._played)

    def unused(self) -> list[Slot[EntryT]]:
        """Slots that were not handed out, in order."""
        with self._lock:
            return [slot for index, slot in enumerate(self.slots) if index not in self._played]

    def _next(self, keys: Iterable[str]) -> int | None:
        if self._queues is None:
            self._queues = self._by_key(self._cached_key)
        for key in keys:
            if queue := self._queues.get(key):
                return queue.popleft()
        return None

    def _compute_all(self) -> None:
        """Make every key anew: a request may have been edited since its key line was written."""
        self._computed = True
        self._queues = self._by_key(lambda slot: self._key_of(slot.entry))

    def _by_key(self, key_of: Callable[[Slot[EntryT]], str]) -> dict[str, deque[int]]:
        queues: dict[str, deque[int]] = {}
        for index, slot in enumerate(self.slots):
            if index not in self._played:
                queues.setdefault(key_of(slot), deque()).append(index)
        return queues

    def _cached_key(self, slot: Slot[EntryT]) -> str:
        if slot.key and slot.fingerprint == self._fingerprint:
            return slot.key
        return self._key_of(slot.entry)
