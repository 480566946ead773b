"""A cassette's new text: documents that did not change keep their bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.event import Event, HttpRequest, StreamBody

from .accepted import Accepted, AcceptedDocument, accepted_text
from .cassette import Cassette
from .document import EventDocument
from .header import Header, header_text
from .layout import event_text
from .like import Abridger

__all__ = ["Entry", "new_text", "verify"]

_KEY_LINE = re.compile(r"\A---[^\n]*\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event of the new cassette."""

    event: Event
    key: str
    """Rules fingerprint and match key."""
    document: EventDocument | None = None
    """Where the event stood in the old cassette, if it was there as it is."""
    accepted: tuple[AcceptedDocument | Accepted, ...] = ()
    """Answers accepted for other targets; they stay with their event."""


def new_text(header: Header, entries: Sequence[Entry]) -> str:
    """The text of a cassette with these events, numbered from 1 in their order.

    Args:
        header: Of the new cassette.
        entries: Its events.
    """
    parts = [header_text(header)]
    writing = _Writing(header)
    for number, entry in enumerate(entries, start=1):
        parts.append(writing.document(number, entry))
        parts += [_accepted(answer, number) for answer in entry.accepted]
    return "".join(parts)


class _Writing:
    """Writes one document after the other, knowing those before it."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._abridger = Abridger()
        self._requests: dict[int, HttpRequest] = {}

    def document(self, number: int, entry: Entry) -> str:
        """The document of an entry under its new number."""
        event = replace(entry.event, number=number)
        request = event.exchange.request
        abridged = self._abridger.abridge(number, request)
        kept = self._kept(number, entry)
        self._requests[number] = request
        if kept is not None:
            return kept
        return event_text(event, header=self._header, key=entry.key, abridged=abridged)

    def _kept(self, number: int, entry: Entry) -> str | None:
        """The old document, where every word of it still says the same."""
        old = entry.document
        if old is None or old.number != number or old.head.session != entry.event.session:
            return None
        if old.header.session != self._header.session and "session" not in old.sections:
            return None
        if old.likes is not None and not self._same_request(old.likes, old):
            return None
        return _KEY_LINE.sub(f"--- # key {entry.key}\n", old.text, count=1)

    def _same_request(self, number: int, document: EventDocument) -> bool:
        earlier = document.requests.numbered(number) if document.requests else None
        return earlier is not None and self._requests.get(number) == earlier.request


def _accepted(answer: AcceptedDocument | Accepted, number: int) -> str:
    if isinstance(answer, AcceptedDocument):
        if answer.number == number:
            return answer.text
        answer = answer.accepted
    return accepted_text(replace(answer, number=number))


def verify(cassette: Cassette, events: Sequence[Event]) -> None:
    """Read a new text back, and compare it with the events that were to be written.

    Args:
        cassette: The new text, opened.
        events: What it was made of.

    Raises:
        CassetteError: It does not read back as it was written; nothing was replaced.
    """
    cassette.check()
    for number, (event, read) in enumerate(zip(events, cassette.events, strict=True), start=1):
        if _truth(read) != _truth(event):
            raise CassetteError(
                f"{cassette.path}: event {number} does not read back as it was recorded, so "
                "nothing was written; please report this with the partial file"
            )


def _truth(event: Event) -> Mapping[str, object]:
    """What must survive, as reading gives it: times are rounded when they are written."""
    response = event.exchange.response
    body = getattr(response, "body", None)
    return {
        "request": event.exchange.request,
        "status": getattr(response, "status", response),
        "ended": getattr(response, "ended", None),
        "body": body.data if isinstance(body, StreamBody) else body,
        "name": event.name,
        "session": event.session,
        "labels": dict(event.labels),
    }
