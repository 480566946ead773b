"""Writes imported calls into cassettes: redacted, numbered, in parts that can be opened fast."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

from pytest_llmreplay.cassette.draft import Draft
from pytest_llmreplay.cassette.header import Header
from pytest_llmreplay.cassette.json_dump import ascii_json
from pytest_llmreplay.cassette.keys import MatchRules, key_of_stored
from pytest_llmreplay.cassette.redaction import Redactor
from pytest_llmreplay.cassette.rewrite import Entry, drafted, write_draft
from pytest_llmreplay.errors import CassetteError, SecretFound
from pytest_llmreplay.event import Event, Session

from .events import event_of
from .naming import part_of
from .source import Imported, Place
from .spooled import spooled
from .tally import Tally

__all__ = ["Cassettes"]

_MOST_EVENTS: Final = 1_000
_MOST_BYTES: Final = 16 * 1024 * 1024
"""Of the calls of one cassette, as JSON."""
_REMEMBERED: Final = 100_000
"""Ids of calls in one cassette and its parts, among which a second one of a name is noticed."""


@dataclass(slots=True, kw_only=True)
class Cassettes:
    """Writes what belongs together into one cassette, or into several parts of one."""

    root: Path
    """The directory that no cassette leaves."""
    redactor: Redactor
    """Each cassette gets one of its own with the same rules."""
    rules: MatchRules
    force: bool
    """Whether a cassette that says something else is replaced."""
    tally: Tally

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
        redactor = redactor or self.redactor.anew()
        header = Header(session=session, test=test)
        for number, part in enumerate(_parts(self._once(calls)), start=1):
            self._write(part_of(path, number), header, part, redactor)

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

    def _write(
        self, path: Path, header: Header, calls: Sequence[Imported], redactor: Redactor
    ) -> None:
        entries = [self._entry(call, header, redactor) for call in calls]
        places = [call.place for call in calls]
        try:
            try:
                self._replace(path, header, entries, redactor)
            except (SecretFound, CassetteError):
                entries = list(self._sound(path, header, entries, places, redactor))
                if entries:
                    self._replace(path, header, entries, redactor)
        except (SecretFound, CassetteError) as problem:
            self.tally.reject(Place(path), f"not written: {problem}")

    def _entry(self, call: Imported, header: Header, redactor: Redactor) -> Entry:
        event = event_of(call, 1, redactor)
        if header.session is not None:  # its id may have been told apart from others'
            inner = event.session or header.session
            event = replace(event, session=replace(inner, id=header.session.id))
        return Entry(event=event, key=self._key(event, redactor))

    def _key(self, event: Event, redactor: Redactor) -> str:
        key = key_of_stored(event.exchange.request, self.rules, redactor)
        return f"{self.rules.fingerprint}:{key}"

    def _replace(
        self, path: Path, header: Header, entries: Sequence[Entry], redactor: Redactor
    ) -> None:
        draft = drafted(header, entries, path=path)
        if not self.force and _says_something_else(path, draft):
            raise CassetteError("it is there already and holds something else; --force replaces it")
        changed = write_draft(draft, root=self.root, redactor=redactor)
        self.tally.cassettes += 1
        self.tally.unchanged += not changed
        self.tally.events += len(entries)
        self.tally.reconstructed += sum(e.event.origin == "reconstructed" for e in entries)

    def _sound(
        self,
        path: Path,
        header: Header,
        entries: Iterable[Entry],
        places: Iterable[Place],
        redactor: Redactor,
    ) -> Iterator[Entry]:
        """The events that could be written alone; the others are reported."""
        for entry, place in zip(entries, places, strict=True):
            draft = drafted(header, [entry], path=path)
            data = draft.text.encode()
            try:
                redactor.check_before_write(data)
                draft.check(data)
            except (SecretFound, CassetteError) as problem:
                self.tally.reject(place, f"no cassette can hold it: {problem}")
            else:
                yield entry


def _says_something_else(path: Path, draft: Draft) -> bool:
    return path.exists() and path.read_bytes() != draft.text.encode()


def _parts(calls: Iterator[Imported]) -> Iterator[list[Imported]]:
    """The calls in lists that make cassettes of a size that opens fast and fits into memory."""
    while part := list(islice(_some(calls), _MOST_EVENTS)):
        yield part


def _some(calls: Iterator[Imported]) -> Iterator[Imported]:
    size = 0
    for call in calls:
        yield call
        size += len(ascii_json(spooled(call)))
        if size > _MOST_BYTES:
            return
