"""Finds a recorded event by its id in cassettes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.labels import labels
from pytest_llmreplay.cassette.places.roots import cassettes_in
from pytest_llmreplay.event import Event
from pytest_llmreplay.report.text.sanitise import safe_line

from .ids import known_by

__all__ = ["Shelf"]

_NEAR = 3


class Shelf:
    """The cassettes in which events are looked for, as they are when somebody asks.

    Args:
        places: Cassettes, and folders with cassettes in them.
    """

    def __init__(self, places: Iterable[str | Path]) -> None:
        self._places = tuple(map(Path, places))

    def event(self, event_id: str) -> Event:
        """The event that an id means.

        Args:
            event_id: A node id, `test_debate.yaml::0002-argument` or `test_debate.yaml::2`, or
                the id under which the provider or an imported log knows the call.

        Raises:
            ValueError: No event has it, or several have; the message names the nearest.
            CassetteError: A cassette cannot be read.
        """
        if not isinstance(event_id, str):
            raise ValueError(f"no event {event_id!r:.60}: an id is a text")  # noqa: TRY004 - no id is known
        name, colons, label = event_id.partition("::")
        found = self._by_node_id(name, label) if colons else self._by_id(event_id)
        if len(found) == 1:
            return found[0][1]
        if not found:
            near = self._near(event_id)
            raise ValueError(safe_line(f"no event {event_id!r} in {self._where()}{near}"))
        named = ", ".join(node_id for node_id, _ in found[:_NEAR])
        raise ValueError(safe_line(f"{event_id!r} means {len(found)} events: {named} …"))

    def _by_node_id(self, name: str, label: str) -> list[tuple[str, Event]]:
        return [
            (node_id, cassette.events[place])
            for cassette in self._cassettes()
            if _ends_with(cassette.path, name)
            for place, node_id in enumerate(_node_ids(cassette))
            if _means(label.partition("[")[0], node_id.rpartition("::")[2])
        ]

    def _by_id(self, wanted: str) -> list[tuple[str, Event]]:
        return [
            (node_id, event)
            for cassette in self._cassettes()
            if wanted.encode() in cassette.index.data
            for node_id, event in zip(_node_ids(cassette), cassette.events, strict=True)
            if known_by(event, wanted)
        ]

    def _cassettes(self) -> Iterator[Cassette]:
        for place in self._places:
            yield from map(Cassette.load, [place] if place.is_file() else cassettes_in(place))

    def _where(self) -> str:
        return ", ".join(str(place) for place in self._places) or "no cassette"

    def _near(self, event_id: str) -> str:
        known = [node_id for cassette in self._cassettes() for node_id in _node_ids(cassette)]
        name = Path(event_id.partition("::")[0]).name
        own = [node_id for node_id in known if name in node_id] or known
        near = sorted(get_close_matches(event_id, own, n=_NEAR, cutoff=0.3)) or own[:_NEAR]
        return f"; there is {', '.join(near)}" if near else "; there is no event"


def _node_ids(cassette: Cassette) -> Iterator[str]:
    shown = cassette.path.as_posix()
    return (f"{shown}::{label}" for label in labels(cassette))


def _ends_with(path: Path, name: str) -> bool:
    """Whether a name is a path's own, or its last parts."""
    wanted = Path(name).parts
    return bool(wanted) and path.parts[-len(wanted) :] == wanted


def _means(wanted: str, label: str) -> bool:
    """Whether what was asked for is a label, or the number in it."""
    number = label.partition("-")[0]
    return wanted == label or (wanted.isdecimal() and int(wanted) == int(number))
