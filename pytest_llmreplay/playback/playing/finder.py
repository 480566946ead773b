"""Finds the recorded event for a call: first in, first out within a key, each only once.

A call that no event equals is answered from one that equals it under inexact rules: but for ids of
tool calls and escapes in its path.
"""

from __future__ import annotations

import threading
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
        alike_of: The same under inexact rules.
    """

    def __init__(
        self,
        slots: Iterable[Slot[EntryT]],
        *,
        fingerprint: str,
        key_of: Callable[[EntryT], str],
        alike_of: Callable[[EntryT], str],
    ) -> None:
        self.slots = tuple(slots)
        self._key_of, self._alike_of = key_of, alike_of
        self._lock = threading.Lock()
        self._played: set[int] = set()
        self._computed = False
        self._fingerprint = fingerprint
        self._indexed = False
        self._first: dict[str, int] = {}
        """Key → index of the next slot with it."""
        self._after: dict[int, int] = {}
        """Index → that of the next slot with the same key."""
        self._alike: dict[str, list[int]] | None = None
        """Inexact key → indexes of the slots; made when it is first needed."""
        if all(map(self._current_key, self.slots)):
            self._index(self._cached_key)

    def take(self, key: str, otherwise: Callable[[], str] | None = None) -> EntryT | None:
        """The next entry with this key that was not played yet, or none.

        Args:
            key: Key of the call.
            otherwise: Makes another key to look for, asked only when there is no entry for the
                first. So the costly redaction of a request waits until it is needed.
        """
        with self._lock:
            index = self._pop(key)
            return self._taken(self._search(key, otherwise) if index is None else index)

    def take_alike(self, key: str) -> EntryT | None:
        """The next entry not played yet with this inexact key, or none."""
        with self._lock:
            return self._taken(self._next_alike(key))

    def gone(self, entry: EntryT) -> None:
        """Another process has played this entry."""
        with self._lock:
            self._played.update(i for i, slot in enumerate(self.slots) if slot.entry == entry)

    def played_numbers(self) -> frozenset[int]:
        """Numbers of the events that were handed out."""
        with self._lock:
            return frozenset(self.slots[index].number for index in self._played)

    def unused(self) -> list[Slot[EntryT]]:
        """Slots that were not handed out, in order."""
        with self._lock:
            return [slot for index, slot in enumerate(self.slots) if index not in self._played]

    def _taken(self, index: int | None) -> EntryT | None:
        if index is None:
            return None
        self._played.add(index)
        return self.slots[index].entry

    def _search(self, key: str, otherwise: Callable[[], str] | None) -> int | None:
        """What is done when no key line that was read so far says the key."""
        if not self.slots:
            return None
        if not self._indexed:
            self._index(self._cached_key)
        keys = [key]
        found = self._pop(key)
        if found is None and otherwise is not None:
            keys.append(otherwise())
            found = self._pop(keys[-1])
        return self._computed_one(keys) if found is None else found

    def _pop(self, key: str) -> int | None:
        """The next slot with a key, which the one after it replaces."""
        index = self._first.pop(key, None)
        while index in self._played:  # by another process, or by a call that was only alike
            index = self._after.get(index)
        if index in self._after:
            self._first[key] = self._after[index]
        return index

    def _computed_one(self, keys: list[str]) -> int | None:
        """Make every key anew: a request may have been edited since its key line was written."""
        if self._computed:
            return None
        self._computed = True
        self._index(lambda slot: self._key_of(slot.entry))
        found = (self._pop(key) for key in keys)
        return next((index for index in found if index is not None), None)

    def _next_alike(self, key: str) -> int | None:
        """The first slot not played with this inexact key."""
        if self._alike is None:
            self._alike = {}
            for index, slot in enumerate(self.slots):
                self._alike.setdefault(self._alike_of(slot.entry), []).append(index)
        return next((one for one in self._alike.get(key, ()) if one not in self._played), None)

    def _index(self, key_of: Callable[[Slot[EntryT]], str]) -> None:
        first: dict[str, int] = {}
        after: dict[int, int] = {}
        for index in range(len(self.slots) - 1, -1, -1):
            if index not in self._played:
                key = key_of(self.slots[index])
                if key in first:
                    after[index] = first[key]
                first[key] = index
        self._first, self._after, self._indexed = first, after, True

    def _current_key(self, slot: Slot[EntryT]) -> str | None:
        """The key of its key line; none where that is missing or of other rules."""
        return slot.key if slot.fingerprint == self._fingerprint else None

    def _cached_key(self, slot: Slot[EntryT]) -> str:
        return self._current_key(slot) or self._key_of(slot.entry)
