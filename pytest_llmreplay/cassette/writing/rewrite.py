"""A cassette's new text from the events that it shall hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.accepted import Accepted, AcceptedDocument
from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.cassette.documents.header import Header
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.cassette.side_files.media_kinds import is_readable
from pytest_llmreplay.errors import SecretFound
from pytest_llmreplay.event import Event

from .draft import Draft
from .writer import replace_cassette

__all__ = ["Entry", "drafted", "drafted_in_place", "write_draft"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event of the new cassette."""

    event: Event
    key: str
    """Rules fingerprint and match key."""
    document: EventDocument | None = None
    """Where the event stood in the old cassette, if it was there as it is."""
    before: EventDocument | None = None
    """The event of the old cassette whose place it takes, where it was recorded again."""
    accepted: tuple[AcceptedDocument | Accepted, ...] = ()
    """Answers accepted for other targets; they stay with their event."""


def drafted(header: Header, entries: Sequence[Entry], *, path: Path) -> Draft:
    """The draft of a cassette with these events, numbered from 1 in their order."""
    return _filled(Draft(header, path=path), enumerate(entries, start=1))


def drafted_in_place(cassette: Cassette, entries: Sequence[Entry]) -> Draft:
    """The draft of a cassette that is changed in some events: the others stay as they stand.

    All keep the numbers that they have, since node ids are made of them.
    """
    draft = Draft(cassette.header, path=cassette.path, written=cassette.index.header_text)
    return _filled(draft, [(entry.event.number, entry) for entry in entries])


def _filled(draft: Draft, numbered: Iterable[tuple[int, Entry]]) -> Draft:
    numbered = list(numbered)
    for _, entry in numbered:
        if entry.document is None:
            draft.foresee(entry.event)
    for number, entry in numbered:
        if entry.document is None:
            draft.add(replace(entry.event, number=number), entry.key, before=entry.before)
        else:
            draft.keep(entry.document, number=number, key=entry.key)
        for answer in entry.accepted:
            draft.accept(answer, number=number)
    return draft


def write_draft(draft: Draft, *, root: Path, redactor: Redactor) -> bool:
    """Write a cassette and the files beside it; whether anything changed.

    Args:
        draft: The cassette.
        root: Directory that it must stay in.
        redactor: Refuses bytes that hold a secret; of media only what may hold words is looked at.

    Raises:
        CassetteError: It cannot be written; the old one stays.
        SecretFound: It would hold a secret.
    """

    def scan(data: bytes) -> None:
        redactor.check_before_write(data)
        for name, file in draft.files.items():
            if is_readable(file.media_type, file.data):
                _scan(name, file.data, redactor)

    return replace_cassette(
        draft.path,
        draft.text,
        root=root,
        checks=(scan, draft.check),
        files={name: file.data for name, file in draft.files.items()},
        used=draft.used,
    )


def _scan(name: str, data: bytes, redactor: Redactor) -> None:
    try:
        redactor.check_before_write(data)
    except SecretFound as found:
        raise SecretFound(f"{name}: {found}") from None
