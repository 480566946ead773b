"""Stores answers as accepted baselines of their targets, or as new recordings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.accepted import Accepted, AcceptedDocument
from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.cassette.matching.rules import MatchRules
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.cassette.short_names.ids import named_response, restored_response
from pytest_llmreplay.cassette.streams.kept_stream import kept_stream
from pytest_llmreplay.cassette.writing.rewrite import Entry, drafted, drafted_in_place, write_draft
from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.event import Event, Exchange, HttpResponse

from .baseline import join_key
from .replacing import OWN, quoted_otherwise

__all__ = ["Stored", "accept_answers", "promote_answers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The outcome of storing answers in a cassette."""

    changed: bool
    """Whether the cassette is another file now."""
    outdated: tuple[int, ...] = ()
    """Events whose answers were not stored: another request stands under their number now."""
    quoted: Mapping[int, int] = field(default_factory=dict)
    """New recordings → the first event that still quotes the old one, by their numbers."""

    def refusal(self, answer: Accepted) -> str | None:
        """Why an answer was not stored; none where it was."""
        return "it was recorded anew meanwhile" if answer.number in self.outdated else None

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a test will miss that quotes its answers, now that they are others."""
        return tuple(
            f"event {number} is answered otherwise now, but event {by} quotes what was recorded "
            "before: its test will miss there until it is recorded (--llm-record), or a run with "
            "--llm-history replayed is promoted"
            for number, by in self.quoted.items()
        )


def accept_answers(
    path: Path, answers: Sequence[Accepted], *, root: Path, redactor: Redactor
) -> Stored:
    """Write answers into the cassette of their events, as it is now.

    Those accepted for the target `same` take the place of the recordings. Where a later request
    quotes one of these, the tests will quote the new answer, and miss: `Stored.quoted`.

    Raises:
        CassetteError: The cassette cannot be read or written; it stays as it was.
        SecretFound: It would hold a secret.
    """
    cassette = _loaded(path)
    keys = {document.number: join_key(document.event) for document in cassette.documents}
    fitting = [answer for answer in answers if keys.get(answer.number) == answer.key]
    outdated = {answer.number for answer in answers if keys.get(answer.number) != answer.key}
    own = {answer.number: answer for answer in fitting if answer.target == OWN}
    quoted = quoted_otherwise(cassette, own) if own else {}
    changed = bool(fitting) and _write(cassette, fitting, root=root, redactor=redactor)
    return Stored(changed=changed, outdated=tuple(sorted(outdated)), quoted=quoted)


def promote_answers(
    path: Path, events: Mapping[int, tuple[str, Sequence[Event]]], *, root: Path, redactor: Redactor
) -> Stored:
    """Put new recordings in the place of others, in the cassette as it is now.

    Args:
        path: The cassette.
        events: Number of an event → the key of the request that it has to hold now, and the events
            that take its place, if any; answers accepted for it go.
        root: What the cassette must stay in.
        redactor: Cleans what is written, and refuses what holds a secret.

    Raises:
        CassetteError: The cassette cannot be read or written; it stays as it was.
        SecretFound: It would hold a secret.
    """
    cassette = _loaded(path)
    keys = {document.number: join_key(document.event) for document in cassette.documents}
    fitting = {number: new for number, (key, new) in events.items() if keys.get(number) == key}
    outdated = tuple(sorted(events.keys() - fitting.keys()))
    if not fitting:
        return Stored(changed=False, outdated=outdated)
    entries: list[Entry] = []
    for document in cassette.documents:
        if document.number in fitting:
            entries += [_recording(event, redactor) for event in fitting[document.number]]
        else:
            entries.append(_entry(cassette, document, None, []))
    one_for_one = all(len(new) == 1 for new in fitting.values())
    draft = (
        drafted_in_place(cassette, entries)
        if one_for_one
        else drafted(cassette.header, entries, path=cassette.path)
    )
    return Stored(changed=write_draft(draft, root=root, redactor=redactor), outdated=outdated)


def _recording(event: Event, redactor: Redactor) -> Entry:
    request, response = event.exchange.request, event.exchange.response
    assert isinstance(response, HttpResponse)  # there was an answer
    exchange = Exchange(request=redactor.request(request), response=redactor.response(response))
    event = replace(event, exchange=exchange)
    return Entry(event=event, key=f"{MatchRules().fingerprint}:{join_key(event)}")


def _loaded(path: Path) -> Cassette:
    try:
        return Cassette.load(path)
    except OSError as error:
        raise CassetteError(f"{path}: cannot be read: {error.strerror}") from None


def _write(
    cassette: Cassette, answers: Sequence[Accepted], *, root: Path, redactor: Redactor
) -> bool:
    own: dict[int, Accepted] = {}
    others: dict[int, list[Accepted]] = {}
    for answer in (_redacted(answer, redactor) for answer in answers):
        if answer.target == OWN:
            own[answer.number] = answer
        else:
            others.setdefault(answer.number, []).append(answer)
    entries = [
        _entry(cassette, document, own.get(document.number), others.get(document.number, []))
        for document in cassette.documents
    ]
    return write_draft(drafted_in_place(cassette, entries), root=root, redactor=redactor)


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
        key=document.key or f"{MatchRules().fingerprint}:{join_key(event)}",
        document=document if own is None else None,
        before=document,
        accepted=_accepted(cassette, document, others),
    )


def _accepted(
    cassette: Cassette, document: EventDocument, newer: Sequence[Accepted]
) -> tuple[AcceptedDocument | Accepted, ...]:
    """All answers accepted for an event; the newer ones take the place of those of their target."""
    known = {one.target: one for one in cassette.accepted_for(document.number)}
    older = [known.pop(one.target, None) for one in newer]
    accepted = [_as_before(*pair) for pair in zip(newer, older, strict=True)]
    return *known.values(), *accepted


def _as_before(answer: Accepted, before: AcceptedDocument | None) -> Accepted:
    """The answer as it was accepted first, where it is a stream that says the same again."""
    if before is None:
        return answer
    (now, names), (then, _) = map(named_response, (answer.response, before.accepted.response))
    kept = kept_stream(now, then)
    return answer if kept is None else replace(answer, response=restored_response(kept, names))


def _redacted(answer: Accepted, redactor: Redactor) -> Accepted:
    if not isinstance(answer.response, HttpResponse):
        return answer
    return replace(answer, response=redactor.response(answer.response))
