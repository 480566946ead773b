"""The text of a cassette while it is put together: what is new, and what stays as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.abridger import Abridger
from pytest_llmreplay.cassette.documents.accepted import Accepted, AcceptedDocument, accepted_text
from pytest_llmreplay.cassette.documents.answer import answer_of
from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.cassette.documents.header import Header, header_text
from pytest_llmreplay.cassette.documents.layout import event_text
from pytest_llmreplay.cassette.short_names.ids import Naming, restored_response
from pytest_llmreplay.cassette.side_files.extractor import MediaExtractor, SideFile
from pytest_llmreplay.cassette.side_files.files import SideFiles, folder_of, names_in_text
from pytest_llmreplay.cassette.streams.kept_stream import kept_stream
from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.event import Event, Failure, HttpResponse

from .readback import check_same

__all__ = ["Draft"]


class Draft:
    """A cassette to be written. Events are added in the order of their numbers.

    Args:
        header: The header; what equals it is not repeated in events.
        path: Where it is going to stand, for messages.
        written: The text of the header, where people may have written into it.
    """

    def __init__(self, header: Header, *, path: Path, written: str | None = None) -> None:
        self.header = header
        self.path = path
        self._texts = [header_text(header) if written is None else _ended(written)]
        self._size = 0
        self._abridger = Abridger()
        self._naming = Naming()
        self._teller = MediaExtractor(apart=True)
        self._added: dict[int, Event] = {}
        self._kept: set[int] = set()

    @property
    def text(self) -> str:
        """The whole cassette so far."""
        return "".join(self._texts)

    @property
    def size(self) -> int:
        """Characters of the events that were added, and bytes of the files beside them."""
        return self._size + sum(len(file.data) for file in self._teller.files.values())

    @property
    def files(self) -> Mapping[str, SideFile]:
        """Media and vectors of what is new, by the name of their file."""
        return self._teller.files

    @property
    def used(self) -> frozenset[str]:
        """Names of all files that the cassette refers to."""
        return names_in_text(self.text)

    def foresee(self, event: Event) -> None:
        """Be ready for an event that is added later: what it says is no short name before it."""
        self._naming.foresee(event)

    def add(
        self, event: Event, key: str | None = None, *, before: EventDocument | None = None
    ) -> None:
        """Write an event, by what it adds to an earlier one where that is much shorter.

        Args:
            event: The event.
            key: Its match key.
            before: The event whose place it takes.
        """
        shown, names = self._naming.shown(event)
        if before is not None and (kept := _kept(shown, before)) is not None:
            event, shown = _saying(event, restored_response(kept, names)), _saying(shown, kept)
        abridged = self._abridger.abridge(event.number, shown.exchange.request)
        text = event_text(
            shown,
            header=self.header,
            key=key,
            abridged=abridged,
            names=names,
            extractor=self._teller,
        )
        self._texts.append(text)
        self._size += len(text)
        self._added[event.number] = event

    def keep(
        self, document: EventDocument, *, number: int | None = None, key: str | None = None
    ) -> None:
        """Take a document over: byte for byte, where nothing it depends on has changed.

        One without a session of its own belongs to that of this header.

        Args:
            document: An event of the cassette that this one replaces.
            number: Its number from now on, where that is another.
            key: Its match key by today's rules, where that is another.
        """
        number = document.number if number is None else number
        key = document.key if key is None else key
        if number != document.number or not self._stands(document):
            event = document.event
            session = self.header.session if _inherits(document) else event.session
            self.add(replace(event, number=number, session=session), key)
            return
        shown = self._naming.request(document.request)
        self._abridger.remember(number, shown, document.likes)
        self._naming.know(document.names)
        title, _, rest = document.text.partition("\n")
        title = title if key == document.key else f"--- # key {key}"
        self._texts.append(f"{title}\n{_ended(rest)}")
        self._kept.add(number)

    def accept(self, answer: Accepted | AcceptedDocument, *, number: int | None = None) -> None:
        """Write an accepted answer behind its event; `number`, where that has another one now."""
        number = answer.number if number is None else number
        if isinstance(answer, AcceptedDocument):
            if answer.number == number:
                self._texts.append(_ended(answer.text))
                return
            answer = answer.accepted
        self._texts.append(accepted_text(replace(answer, number=number), self._teller))

    def check(self, data: bytes) -> None:
        """Read what is about to be written, and compare it with what was meant.

        The fast reader understands nothing that the deciding one reads otherwise, so lines of ours
        are read once; `tests/cassette/test_cassette_fastread.py` tries it.

        Raises:
            CassetteError: It would be read as something else, or not at all.
        """
        files = SideFiles(
            folder_of(self.path), {name: file.data for name, file in self.files.items()}
        )
        cassette = Cassette.of(data, path=self.path, files=files)
        for number, event in self._added.items():
            document = cassette.document(cassette.index.places[number])
            check_same(event, document.event)
        for accepted in cassette.accepted_documents():
            accepted.check(cassette.index.places)

    def _stands(self, document: EventDocument) -> bool:
        """Whether the text means here what it meant in its own cassette, and lacks nothing."""
        if document.likes is not None and document.likes not in self._kept:
            return False
        if self._naming.request(document.request) != document.shown_request:
            return False
        lacks_answer = "answer" not in document.sections and "\n  stream:" in document.text
        return not (lacks_answer and answer_of(document.event.response))


def _inherits(document: EventDocument) -> bool:
    """Whether it says no session of its own, and so belongs to that of the header."""
    return "session" not in document.sections


def _kept(shown: Event, before: EventDocument) -> HttpResponse | None:
    """The stream that was there before, if it is the same one and can be read."""
    try:
        return kept_stream(shown.exchange.response, before.shown_response)
    except CassetteError:
        return None


def _saying(event: Event, response: HttpResponse | Failure) -> Event:
    return replace(event, exchange=replace(event.exchange, response=response))


def _ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"
