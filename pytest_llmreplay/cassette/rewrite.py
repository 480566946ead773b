"""A cassette's new text from the events that it shall hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_llmreplay.event import Event

from .accepted import Accepted, AcceptedDocument
from .document import EventDocument
from .draft import Draft
from .header import Header

__all__ = ["Entry", "drafted"]


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


def drafted(header: Header, entries: Sequence[Entry], *, path: Path) -> Draft:
    """The draft of a cassette with these events, numbered from 1 in their order."""
    draft = Draft(header, path=path)
    for number, entry in enumerate(entries, start=1):
        if entry.document is None:
            draft.add(replace(entry.event, number=number), entry.key)
        else:
            draft.keep(entry.document, number=number, key=entry.key)
        for answer in entry.accepted:
            draft.accept(answer, number=number)
    return draft
