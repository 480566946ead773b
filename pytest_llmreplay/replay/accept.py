"""Stores answers as accepted baselines of their targets, or as new recordings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pytest_llmreplay.cassette.accepted import Accepted, AcceptedDocument
from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.document import EventDocument
from pytest_llmreplay.cassette.keys import MatchRules, match_key
from pytest_llmreplay.cassette.redaction import Redactor
from pytest_llmreplay.cassette.rewrite import Entry, new_text, verify
from pytest_llmreplay.cassette.writer import replace_cassette
from pytest_llmreplay.event import Event, Exchange, HttpResponse

__all__ = ["accept_answers", "accepted_baseline", "accepted_of", "join_key"]

_RULES = MatchRules()


def join_key(event: Event) -> str:
    """What an accepted answer is joined to its event by: the request, under no rules."""
    request = event.exchange.request
    return match_key(request.method, request.url, request.body, _RULES)


def accepted_baseline(cassette: Cassette, document: EventDocument, target: str) -> Event | None:
    """The event as a target answered it when that was accepted; none where nothing was.

    An answer accepted for another request than the one recorded now does not count.
    """
    found = cassette.accepted.get(target, {}).get(document.number)
    if found is None or found.accepted.key != join_key(document.event):
        return None
    return found.accepted.baseline(document.event)


def accepted_of(recorded: Event, replayed: Event, target: str) -> Accepted:
    """The accepted answer that a replayed event is."""
    return Accepted(
        number=recorded.number,
        target=target,
        key=join_key(recorded),
        provider=replayed.provider,
        api=replayed.api,
        model=replayed.model,
        response=replayed.exchange.response,
        measured=replayed.measured,
    )


def accept_answers(
    path: Path, answers: Sequence[Accepted], *, root: Path, redactor: Redactor
) -> bool:
    """Write answers into the cassette of their events; whether the file changed.

    Those accepted for the target `same` take the place of the recordings.

    Raises:
        CassetteError: The cassette cannot be read or written; it stays as it was.
        SecretFound: It would hold a secret.
    """
    cassette = Cassette.load(path)
    written = [_redacted(answer, redactor) for answer in answers]
    own = {answer.number: answer for answer in written if answer.target == "same"}
    others: dict[int, list[Accepted]] = {}
    for answer in written:
        if answer.target != "same":
            others.setdefault(answer.number, []).append(answer)
    entries = [
        _entry(cassette, document, own.get(document.number), others.get(document.number, []))
        for document in cassette.documents
    ]

    def read_back(data: bytes) -> None:
        verify(Cassette.of(data, path=path), [entry.event for entry in entries])

    text = new_text(cassette.header, entries)
    return replace_cassette(path, text, root=root, checks=(redactor.check_before_write, read_back))


def _entry(
    cassette: Cassette, document: EventDocument, own: Accepted | None, others: Sequence[Accepted]
) -> Entry:
    event = document.event
    if own is not None:
        event = replace(
            event,
            exchange=Exchange(request=event.exchange.request, response=own.response),
            measured=own.measured,
        )
    return Entry(
        event=event,
        key=document.key or f"{_RULES.fingerprint}:{join_key(event)}",
        document=document if own is None else None,
        accepted=(*_kept(cassette, document, {one.target: one for one in others}), *others),
    )


def _kept(
    cassette: Cassette, document: EventDocument, newer: Mapping[str, Accepted]
) -> list[AcceptedDocument]:
    return [
        one
        for one in cassette.accepted_documents()
        if one.number == document.number and one.target not in newer
    ]


def _redacted(answer: Accepted, redactor: Redactor) -> Accepted:
    if not isinstance(answer.response, HttpResponse):
        return answer
    return replace(answer, response=redactor.response(answer.response))
