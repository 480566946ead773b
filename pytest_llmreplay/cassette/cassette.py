"""A cassette: a file of events, opened in milliseconds and read as far as it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Generic, TypeVar, overload
from weakref import WeakValueDictionary

from pytest_llmreplay.cassette.documents.accepted import AcceptedDocument
from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.cassette.documents.header import Header, header_of
from pytest_llmreplay.cassette.documents.index import CassetteIndex, Slot
from pytest_llmreplay.cassette.documents.sections import Place
from pytest_llmreplay.cassette.documents.whole_requests import Requests, WholeRequests
from pytest_llmreplay.cassette.quick_reading.plain_answer import PlainAnswer, plain_answer
from pytest_llmreplay.cassette.short_names.ids import Names, readable_names_in
from pytest_llmreplay.cassette.side_files.files import SideFiles
from pytest_llmreplay.cassette.yaml_text.fast_scalar import NotCanonical
from pytest_llmreplay.cassette.yaml_text.fastread import read
from pytest_llmreplay.cassette.yaml_text.fields import WrongField
from pytest_llmreplay.cassette.yaml_text.reader import line_of, parse_document
from pytest_llmreplay.errors import CassetteDamaged, CassetteTooNew
from pytest_llmreplay.event import Event

__all__ = ["Cassette", "Lazy"]

T = TypeVar("T")


class Lazy(Sequence[T], Generic[T]):
    """A sequence whose members are made when they are asked for, and not kept.

    Added to another, or repeated, it is a list.
    """

    def __init__(self, length: int, make: Callable[[int], T]) -> None:
        self._length = length
        self._make = make

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int, /) -> T: ...
    @overload
    def __getitem__(self, place: slice, /) -> Sequence[T]: ...
    def __getitem__(self, place: int | slice, /) -> T | Sequence[T]:
        if isinstance(place, slice):
            return [self._make(inner) for inner in range(self._length)[place]]
        return self._make(range(self._length)[place])

    def __add__(self, others: Iterable[T], /) -> list[T]:
        return [*self, *others]

    def __radd__(self, others: Iterable[T], /) -> list[T]:
        return [*others, *self]

    def __mul__(self, times: int, /) -> list[T]:
        return [*self] * times

    def __repr__(self) -> str:
        return f"<{self._length} members, made when asked for>"


@dataclass(frozen=True, kw_only=True)
class Cassette:
    """A file of recorded events."""

    path: Path
    header: Header
    index: CassetteIndex = field(repr=False)
    files: SideFiles | None = field(default=None, repr=False, compare=False)
    """What it may refer to; by default the files beside it."""
    _alive: WeakValueDictionary[int, EventDocument] = field(
        default_factory=WeakValueDictionary, init=False, repr=False, compare=False
    )
    _whole: WholeRequests = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def load(cls, path: Path | str) -> Cassette:
        """Open a cassette; its events are parsed when they are asked for.

        Args:
            path: The file.

        Raises:
            CassetteDamaged: The file breaks the format; names file and line.
            CassetteTooNew: A later version of this package wrote it.
        """
        path = Path(path)
        return cls.of(path.read_bytes(), path=path)

    @classmethod
    def of(
        cls,
        data: bytes,
        *,
        path: Path,
        files: SideFiles | None = None,
    ) -> Cassette:
        """The cassette that these bytes are; `load` tells the rest."""
        try:
            index = CassetteIndex.of(data)
            header = _header(index)
        except (CassetteDamaged, CassetteTooNew) as problem:
            raise problem.at(path) from problem.__cause__
        return cls(path=path, header=header, index=index, files=files)

    @property
    def events(self) -> Lazy[Event]:
        """The recorded events, in the order of the file."""
        return Lazy(len(self.index.events), lambda place: self.document(place).event)

    @property
    def documents(self) -> Sequence[EventDocument]:
        """The documents of the events, in the order of the file."""
        return Lazy(len(self.index.events), self.document)

    @cached_property
    def accepted(self) -> Mapping[str, Mapping[int, AcceptedDocument]]:
        """Target → number of an event → the answer accepted for it; a later one counts."""
        answers: dict[str, dict[int, AcceptedDocument]] = {}
        for document in self.accepted_documents():
            answers.setdefault(document.target, {})[document.number] = document
        return answers

    @cached_property
    def by_key(self) -> Mapping[str, Sequence[int]]:
        """Match key as the file caches it → places in `documents`, first in first out."""
        return self.index.by_key()

    def document(self, place: int) -> EventDocument:
        """The document of the event at a place, counted from 0."""
        document = self._alive.get(place)
        if document is None:
            slot = self.index.events[place]
            document = EventDocument(
                number=slot.number,
                text=self._text(slot.start, slot.end),
                key=slot.key,
                header=self.header,
                requests=self._requests,
                place=Place(self.path, self.index.data, slot.start, self.files),
            )
            self._alive[place] = document
        return document

    def plain_answer(self, place: int) -> PlainAnswer | None:
        """The answer at a place, counted from 0, by the quickest way.

        None where only the document can tell: a failure, text, other people's lines.
        """
        slot = self.index.events[place]
        return plain_answer(self.index.data, slot.start, slot.end)

    def accepted_documents(self) -> Iterable[AcceptedDocument]:
        """The accepted answers, in the order of the file."""
        return map(self._accepted_document, self.index.accepted)

    def accepted_for(self, number: int) -> Sequence[AcceptedDocument]:
        """The answers accepted for an event, in the order of the file."""
        return [self._accepted_document(slot) for slot in self._accepted_slots.get(number, ())]

    def check(self) -> None:
        """Read everything with the reader that decides; raises CassetteDamaged."""
        for document in self.documents:
            document.check()
        for accepted in self.accepted_documents():
            accepted.check(self.index.places)

    @cached_property
    def _accepted_slots(self) -> Mapping[int, Sequence[Slot]]:
        """Number of an event → the places of the answers accepted for it."""
        slots: dict[int, list[Slot]] = {}
        for slot in self.index.accepted:
            slots.setdefault(slot.number, []).append(slot)
        return slots

    def _accepted_document(self, slot: Slot) -> AcceptedDocument:
        return AcceptedDocument(
            number=slot.number,
            text=self._text(slot.start, slot.end),
            place=Place(self.path, self.index.data, slot.start, self.files),
        )

    @property
    def _requests(self) -> Requests:
        # One for each document: kept here, it would keep the cassette alive, and so itself.
        return Requests(self._numbered, lambda: self._names, self._whole)

    @cached_property
    def _names(self) -> Names:
        return readable_names_in(self.index.data)

    def _numbered(self, number: int) -> EventDocument | None:
        place = self.index.places.get(number)
        return None if place is None else self.document(place)

    def _text(self, start: int, end: int) -> str:
        try:
            return self.index.decoded(start, end)
        except CassetteDamaged as problem:
            raise problem.at(self.path) from problem.__cause__


def _header(index: CassetteIndex) -> Header:
    text, first_line = index.header_text, index.line(index.header_start)
    try:
        value = read(text)
    except NotCanonical:
        value = parse_document(text, first_line=first_line)
    try:
        header = header_of(value)
    except WrongField as wrong:
        line = line_of(text, wrong.path) + first_line - 1
        raise CassetteDamaged(str(wrong), line=line) from None
    except CassetteTooNew as later:
        line = line_of(text, ("cassette",)) + first_line - 1
        raise CassetteTooNew(later.problem, line=line) from None
    if not index.events:
        raise CassetteDamaged(
            "the cassette holds a header but no event; delete it and record the test again",
            line=index.line(len(index.data.rstrip())),
        )
    return header
