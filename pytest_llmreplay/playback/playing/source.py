"""Recorded events that calls are answered from."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_llmreplay.capture.tape import Playback
from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.cassette.matching.keys import MatchRules, key_of_stored
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.event import FIRST_ERROR, Failure, HttpResponse

from .answered import playback_of, playback_of_head
from .finder import Finder, Slot

__all__ = ["Source", "is_whole"]


@dataclass(frozen=True, slots=True)
class Source:
    """The documents of one file, handed out by key."""

    cassette: Cassette | None
    finder: Finder[int]
    """Hands out places in the cassette's documents."""

    @classmethod
    def of(
        cls,
        cassette: Cassette | None,
        rules: MatchRules,
        redactor: Redactor,
        *,
        whole_only: bool = False,
    ) -> Source:
        """The source of a cassette; an empty one where there is none.

        Args:
            cassette: The file, opened.
            rules: What counts when calls are matched.
            redactor: Its rules may be younger than the recording. Whom recordings tell of is not
                numbered with those of whom the test speaks.
            whole_only: Leave out errors and answers that did not end, which nobody wants to
                play when they could be asked again.
        """
        own = redactor.anew() if redactor.numbers_people else redactor

        def key_of(place: int, rules: MatchRules = rules) -> str:
            return key_of_stored(_document(cassette, place).request, rules, own)

        return cls(
            cassette,
            Finder(
                [] if cassette is None else _slots(cassette, whole_only=whole_only),
                fingerprint=rules.fingerprint,
                key_of=key_of,
                alike_of=lambda place: key_of(place, rules.inexact),
            ),
        )

    def playback(self, place: int, url: str) -> Playback:
        """The answer of the event at a place, to a call of this URL."""
        assert self.cassette is not None
        plain = self.cassette.plain_answer(place)
        if plain is None:
            document = self.cassette.document(place)
            named = document.measured.request_id
            return playback_of(document.response, url=url, request_id=named)
        head = plain.head
        return playback_of_head(
            head.status,
            head.headers,
            url=url,
            request_id=plain.request_id,
            chunks=plain.pieces,
            ended=head.ended,
        )

    def document(self, place: int) -> EventDocument:
        """The document at a place."""
        return _document(self.cassette, place)


def is_whole(response: HttpResponse | Failure) -> bool:
    """Whether an answer came and ended, so that nobody would rather ask again."""
    return (
        isinstance(response, HttpResponse)
        and response.status < FIRST_ERROR
        and response.ended == "complete"
    )


def _document(cassette: Cassette | None, place: int) -> EventDocument:
    assert cassette is not None
    return cassette.document(place)


def _slots(cassette: Cassette, *, whole_only: bool) -> list[Slot[int]]:
    slots = []
    for place, found in enumerate(cassette.index.events):
        if whole_only and not is_whole(cassette.document(place).response):
            continue
        fingerprint, _, key = (found.key or "").rpartition(":")
        slots.append(
            Slot(
                number=found.number,
                key=key or None,
                fingerprint=fingerprint or None,
                entry=place,
            )
        )
    return slots
