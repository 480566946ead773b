"""Writes imported calls into cassettes: redacted, numbered, in parts that can be opened fast."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from os.path import isfile, relpath
from pathlib import Path
from typing import Final

from pytest_llmreplay.cassette.documents.header import Header
from pytest_llmreplay.cassette.matching.keys import MatchRules, key_of_stored
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.cassette.writing.draft import Draft
from pytest_llmreplay.cassette.writing.rewrite import write_draft
from pytest_llmreplay.errors import CassetteError, SecretFound
from pytest_llmreplay.event import Event, Session
from pytest_llmreplay.importers.source import Imported, Place

from .events import event_of
from .naming import part_of
from .side_by_side import Outcome, Writing
from .tally import Tally

__all__ = ["Cassettes"]

_MOST_EVENTS: Final = 1_000
_MOST_CHARACTERS: Final = 16 * 1024 * 1024
"""Of one cassette, with what stands beside it."""
_IN_THE_WAY: Final = "is there already and holds something else; --force replaces it"
_REMEMBERED: Final = 100_000
"""Ids of calls in one cassette and its parts, among which a second one of a name is noticed."""


@dataclass(slots=True)
class _Part:
    """A cassette while it fills."""

    draft: Draft
    events: list[tuple[Place, Event]] = field(default_factory=list)

    @property
    def place(self) -> Place:
        """Where it is going to stand, for messages."""
        return Place(Path(relpath(self.draft.path)))

    @property
    def is_full(self) -> bool:
        """Whether more would make it slow to open."""
        return len(self.events) >= _MOST_EVENTS or self.draft.size > _MOST_CHARACTERS


@dataclass(slots=True, kw_only=True)
class Cassettes:
    """Writes what belongs together into one cassette, or into several parts of one."""

    root: Path
    """The directory that no cassette leaves."""
    redactor: Callable[[Path], Redactor]
    """Makes one for a cassette in a folder, that has met nobody yet."""
    rules: Callable[[Path], MatchRules]
    """Those of a folder, whose keys playback looks for."""
    own: Callable[[Path], Redactor]
    """With the rules of a folder's project alone."""
    force: bool
    """Whether a cassette that says something else is replaced."""
    tally: Tally
    _writing: Writing = field(default_factory=Writing)

    def write(
        self,
        path: Path,
        calls: Iterable[Imported],
        *,
        redactor: Redactor | None = None,
        session: Session | None = None,
        test: str | None = None,
    ) -> None:
        """Write a cassette.

        Args:
            path: Its place; further parts stand beside it.
            calls: What belongs into it, in order.
            redactor: One that has met the people of this session already.
            session: The session of all calls, redacted, for the header.
            test: Node id of the test that plays the cassette.
        """
        redactor = redactor or self.redactor(path.parent)
        header = Header(session=session, test=test)
        left = self._once(calls)
        for number in count(1):
            part = _Part(Draft(header, path=part_of(path, number)))
            for call in left:
                event = _event(call, len(part.events) + 1, session, redactor)
                try:
                    self._add(part, call.place, event)
                except ValueError as problem:
                    self.tally.reject(call.place, f"no cassette can hold it: {problem}")
                if part.is_full and test is None:  # a test opens one cassette
                    break
            if not part.events:
                return
            self._write(part, redactor)

    def _once(self, calls: Iterable[Imported]) -> Iterator[Imported]:
        """The calls without those whose id has been there."""
        places: dict[str, Place] = {}
        for call in calls:
            if call.id is not None and call.id in places:
                self.tally.reject(call.place, f"has the id of {places[call.id]}; left out")
                continue
            if call.id is not None:
                places[call.id] = call.place
                if len(places) > _REMEMBERED:
                    del places[next(iter(places))]
            yield call

    def _add(self, part: _Part, place: Place, event: Event) -> None:
        """Raises ValueError for an infinite number, which JSON has not; Python reads 1e999 so."""
        folder = part.draft.path.parent
        rules = self.rules(folder)
        key = key_of_stored(event.exchange.request, rules, self.own(folder))
        part.draft.add(event, f"{rules.fingerprint}:{key}")
        part.events.append((place, event))

    def end(self) -> None:
        """Wait until all is written."""
        self._writing.end()

    def close(self) -> None:
        """Write no more; what is half written is written to its end."""
        self._writing.close()

    def _write(self, part: _Part, redactor: Redactor) -> None:
        self._writing.end(part.draft.path)
        if not self.force and _says_something_else(part.draft):
            self.tally.reject(part.place, _IN_THE_WAY)
            return
        write = partial(write_draft, part.draft, root=self.root, redactor=redactor)
        done = partial(self._written, part, redactor)
        self._writing.begin(part.draft.path, part.draft.size, write, done)

    def _written(self, part: _Part, redactor: Redactor, outcome: Outcome) -> None:
        """Take what came of writing; what could not be written goes without what spoils it."""
        try:
            try:
                changed = outcome()
            except (SecretFound, CassetteError):
                part = self._sound(part, redactor)
                if not part.events:
                    return
                changed = write_draft(part.draft, root=self.root, redactor=redactor)
        except (SecretFound, CassetteError) as problem:
            self.tally.reject(part.place, f"not written: {problem}")
        else:
            events = [event for _, event in part.events]
            self.tally.wrote(part.draft.path, events, changed=changed)

    def _sound(self, part: _Part, redactor: Redactor) -> _Part:
        """The part without the events that could not even be written alone; they are reported."""
        sound = _Part(Draft(part.draft.header, path=part.draft.path))
        for place, event in part.events:
            alone = _Part(Draft(part.draft.header, path=part.draft.path))
            self._add(alone, place, replace(event, number=1))
            data = alone.draft.text.encode()
            try:
                redactor.check_before_write(data)
                alone.draft.check(data)
            except (SecretFound, CassetteError) as problem:
                self.tally.reject(place, f"no cassette can hold it: {problem}")
            else:
                number = len(sound.events) + 1
                self._add(sound, place, replace(event, number=number))
        return sound


def _event(call: Imported, number: int, session: Session | None, redactor: Redactor) -> Event:
    event = event_of(call, number, redactor)
    if session is None or event.session is None or event.session.id == session.id:
        return event
    # The id was told apart from another's that redaction made the same.
    return replace(event, session=replace(event.session, id=session.id))


def _says_something_else(draft: Draft) -> bool:
    """Whether a file is there that is not the cassette; what is no file, writing it refuses."""
    if not isfile(draft.path):  # noqa: PTH113  # pathlib's raises where a directory is closed
        return False
    try:
        return draft.path.read_bytes() != draft.text.encode()
    except OSError:  # nobody may read it
        return True
