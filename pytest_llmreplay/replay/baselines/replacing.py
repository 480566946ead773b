"""Answers that take the place of recordings: whether the tests will ask what they answer."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.accepted import Accepted
from pytest_llmreplay.cassette.matching.call_ids import call_ids_numbered
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.event import Body, Event, Json, JsonBody
from pytest_llmreplay.replay.sessions.promoting import promoted, quoted_by
from pytest_llmreplay.replay.sessions.quotations import Quotations, said_in

from .baseline import accepted_of

__all__ = ["OWN", "answer_to", "quoted_otherwise"]

OWN = "same"
"""The target whose accepted answers are the new recordings."""


def answer_to(recorded: Event, replayed: Event, target: str, redactor: Redactor) -> Accepted:
    """The accepted answer of a target to a recorded event.

    Raises:
        CassetteError: It would be the new recording, and answers another request.
    """
    if target != OWN:
        return accepted_of(recorded, replayed, target)
    new = promoted(recorded, replayed)
    if _matched_body(new, redactor) != _matched_body(recorded, redactor):
        raise CassetteError(
            "its request was not the recorded one: pytest-llmreplay accept --promote stores both"
        )
    return accepted_of(recorded, new, target)


def quoted_otherwise(cassette: Cassette, answers: Mapping[int, Accepted]) -> dict[int, int]:
    """Events that later requests quote as they were, not as they are answered now.

    Args:
        cassette: With the recordings.
        answers: What is to take their place, by number.

    Returns:
        Number of such an event → that of the first event that quotes it.
    """
    events = list(cassette.events)
    other = {
        event.number
        for event in events
        if event.number in answers and said_in(event) != said_in(_answered(event, answers))
    }
    quotations, found = Quotations(events), dict[int, int]()
    for place, event in enumerate(events if other else ()):
        for number in other & {*quoted_by(quotations, place)}:
            found.setdefault(number, event.number)
    return found


def _answered(event: Event, answers: Mapping[int, Accepted]) -> Event:
    return answers[event.number].baseline(event)


def _matched_body(event: Event, redactor: Redactor) -> Json | Body:
    """The body of a request as playback matches it, whatever ids the calls of tools have."""
    body = redactor.request(event.exchange.request).body
    return call_ids_numbered(body.value) if isinstance(body, JsonBody) else body
