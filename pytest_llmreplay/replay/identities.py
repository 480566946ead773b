"""What events are known by from run to run, whatever their numbers are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from pytest_llmreplay.cassette.cassette import Cassette

from .baseline import join_key
from .calls import Identity

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
        self._alike: dict[Path, Mapping[int, Sequence[int]]] = {}
        self._keys: dict[tuple[Path, int], str] = {}

    def of(self, cassette: Cassette, place: int, label: str) -> Identity:
        """The identity of the event at a place of a cassette.

        Raises:
            CassetteDamaged: Its request cannot be read.
        """
        key = self._key(cassette, place)
        earlier = (one for one in self._suspects(cassette).get(place, ()) if one < place)
        return Identity(
            cassette=self.name(cassette.path),
            key=key,
            occurrence=sum(self._key(cassette, one) == key for one in earlier),
            label=label,
        )

    def _name(self, path: Path) -> str:
        inside = path.is_relative_to(self._rootdir)
        return (path.relative_to(self._rootdir) if inside else path).as_posix()

    def _key(self, cassette: Cassette, place: int) -> str:
        known = self._keys.get((cassette.path, place))
        if known is None:
            known = join_key(cassette.document(place).question)
            self._keys[cassette.path, place] = known
        return known

    def _suspects(self, cassette: Cassette) -> Mapping[int, Sequence[int]]:
        """The events that may ask the same as others, each with all of these: most ask alone."""
        if cassette.path not in self._alike:
            self._alike[cassette.path] = _alike(cassette)
        return self._alike[cassette.path]


def _alike(cassette: Cassette) -> dict[int, Sequence[int]]:
    """Places of the events that share their key in the file, or have none there."""
    groups: dict[str | None, list[int]] = {}
    for place, slot in enumerate(cassette.index.events):
        groups.setdefault(slot.key, []).append(place)
    return {place: group for group in groups.values() if len(group) > 1 for place in group}
