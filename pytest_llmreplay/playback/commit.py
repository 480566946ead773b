"""From what a passing test played and recorded to its new cassette."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.accepted import AcceptedDocument
from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.cassette.documents.header import Header
from pytest_llmreplay.cassette.matching.keys import MatchRules, key_of_stored
from pytest_llmreplay.cassette.record_mode import RecordMode
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.cassette.writing.rewrite import Entry, drafted, write_draft
from pytest_llmreplay.cassette.writing.side_writer import drop_unused
from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.playback.live.recorded import Recorded
from pytest_llmreplay.playback.live.repeats import without_repeats
from pytest_llmreplay.playback.playing.recordings import Played, Recordings
from pytest_llmreplay.playback.playing.source import Source

from .place import Place
from .side_by_side import steady

__all__ = ["Committed", "Finished", "commit", "counted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """All that happened to a cassette while its test ran."""

    place: Place
    header: Header
    mode: RecordMode
    rules: MatchRules
    redactor: Redactor
    recordings: Recordings
    """The cassette before, and what an earlier failed recording kept."""
    played: Sequence[Played]
    recorded: Sequence[Recorded]

    @property
    def source(self) -> Source:
        """The events of the cassette before."""
        return self.recordings.cassette

    @property
    def cassette(self) -> Cassette | None:
        """The cassette before, if there was one."""
        return self.source.cassette


@dataclass(frozen=True, slots=True, kw_only=True)
class _Numbered:
    number: int
    entry: Entry
    live: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What a recording changed."""

    text: str
    """As a sentence."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Events by what became of them: `recorded`, `played`, `dropped`; none for a test that has
    made no call.
    """


def commit(done: Finished) -> Committed | None:
    """Write the new cassette; what changed, if anything did.

    Raises:
        CassetteError: It cannot be written; the old one stays.
        SecretFound: It would hold a secret.
    """
    recorded = _recorded(done)
    called = sorted([*_played(done), *recorded], key=lambda one: one.number)
    called = [called[place] for place in steady([one.entry.document for one in called])]
    entries = _with_kept(done, called)
    if not entries:
        return Committed(text=_without_events(done))
    entries = _inheriting(done, called, entries)
    counts = {
        "recorded": len(recorded),
        "played": len(called) - len(recorded),
        "dropped": _dropped(done, recorded) if done.mode != "new" else 0,
    }
    if not _write(done, entries):
        return None
    return Committed(text=f"{done.place.shown}: {counted(counts)}", counts=counts)


def counted(counts: Mapping[str, int]) -> str:
    """Numbers of events with their words: `2 recorded, 1 played`."""
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count)


def _without_events(done: Finished) -> str:
    """A test that makes no call has no cassette; one that it had goes, as any unused event does."""
    name = done.header.test or done.place.shown
    text = (
        f"{name} recorded 0 events: no LLM call was made, or a mock answered it, or the capture "
        "does not see it (programs that the test starts need the fixture llm_server, and its "
        "variables in their environment; a server of your own that is asked by paths of no known "
        "API, the ini key llm_hosts)"
    )
    if done.cassette is None:
        return text
    done.place.path.unlink()
    drop_unused(done.place.path)
    return f"{text}; its cassette {done.place.shown} was removed"


def _dropped(done: Finished, recorded: Iterable[_Numbered]) -> int:
    """How many calls the cassette held that are made no more, as far as it can be read."""
    unused: Counter[str | None] = Counter()
    for slot in done.source.finder.unused():
        try:
            unused[_key(done, done.source.document(slot.entry))] += 1
        except CassetteError:
            unused[None] += 1
    asked_again: Counter[str | None] = Counter(one.entry.key.rpartition(":")[2] for one in recorded)
    return (unused - asked_again).total()


def _write(done: Finished, entries: Sequence[Entry]) -> bool:
    draft = drafted(done.header, entries, path=done.place.path)
    return write_draft(draft, root=done.place.root, redactor=done.redactor)


def _played(done: Finished) -> Iterator[_Numbered]:
    for played in done.played:
        document = done.recordings.document(played)
        entry = _entry_of(done, document, fresh=played.from_partial)
        yield _Numbered(number=played.number, entry=entry, live=False)


def _entry_of(done: Finished, document: EventDocument, *, fresh: bool = False) -> Entry:
    key = f"{done.rules.fingerprint}:{_key(done, document)}"
    return Entry(
        event=document.event,
        key=key,
        document=None if fresh else document,
        accepted=() if fresh else _accepted(done.cassette, document.number),
    )


def _key(done: Finished, document: EventDocument) -> str:
    return key_of_stored(document.request, done.rules, done.redactor)


def _accepted(cassette: Cassette | None, number: int) -> tuple[AcceptedDocument, ...]:
    return () if cassette is None else tuple(cassette.accepted_for(number))


def _recorded(done: Finished) -> list[_Numbered]:
    """Live calls, each with the key that it has in the new cassette."""
    return [
        _Numbered(number=event.number, entry=Entry(event=event, key=key), live=True)
        for key, event in without_repeats(done.recorded)
    ]


def _with_kept(done: Finished, called: Sequence[_Numbered]) -> list[Entry]:
    """In mode `new` what the cassette held stays, and what is new follows."""
    if done.mode != "new" or done.cassette is None:
        return [one.entry for one in called]
    old = [_entry_of(done, document) for document in done.cassette.documents]
    return [*old, *(one.entry for one in called if one.entry.document is None)]


def _inheriting(
    done: Finished, called: Sequence[_Numbered], entries: Sequence[Entry]
) -> list[Entry]:
    """An event recorded again keeps what people wrote into the one whose place it takes.

    Name, checks and accepted answers survive; the event that lost its place is the unused one
    with the same place in the order of calls, of the same API.
    """
    if done.cassette is None or done.mode == "new":
        return list(entries)
    left = {slot.number: slot.entry for slot in done.source.finder.unused()}
    live = {one.entry.event.number for one in called if one.live}
    return [
        _heir(done, entry, left.get(place)) if entry.event.number in live else entry
        for place, entry in enumerate(entries, start=1)
    ]


def _heir(done: Finished, entry: Entry, place: int | None) -> Entry:
    if place is None or entry.document is not None:
        return entry
    old = done.source.document(place)
    if old.head.api != entry.event.api:
        return entry
    event = replace(entry.event, name=entry.event.name or old.head.name, checks=old.head.checks)
    accepted = _accepted(done.cassette, old.number)
    return replace(entry, event=event, before=old, accepted=accepted)
