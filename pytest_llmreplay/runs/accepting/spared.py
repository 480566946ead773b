"""Events that a target, running freely, had no need to be asked: it had said all before them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.cassette.sessions import session_of
from pytest_llmreplay.event import Event
from pytest_llmreplay.replay.calls.result import NotRun
from pytest_llmreplay.replay.sessions.history import FreeSession, Spared
from pytest_llmreplay.replay.sessions.kept_conversations import session_events

__all__ = ["spared"]


def spared(cassette: Cassette, answers: Mapping[int, Sequence[Event]]) -> Iterator[EventDocument]:
    """The recordings that stand between answers of the target, and were not sent to it.

    Args:
        cassette: As it was when the sessions ran.
        answers: Number of an event → what the target answered, further calls included.
    """
    sessions: dict[str | None, list[int]] = {}
    for place, document in enumerate(cassette.documents):
        known = session_of(document)
        sessions.setdefault(known.id if known else None, []).append(place)
    for places in sessions.values():
        if any(cassette.document(place).number in answers for place in places):
            yield from _spared_in(cassette, places, answers)


def _spared_in(
    cassette: Cassette, places: Sequence[int], answers: Mapping[int, Sequence[Event]]
) -> Iterator[EventDocument]:
    session = FreeSession(session_events(cassette, places), lambda _name, _args: "")
    for place, document in enumerate(map(cassette.document, places)):
        for answer in answers.get(document.number, ()):
            session.take(place, answer)
        try:
            session.asked(place)
        except Spared:
            yield document
        except NotRun:
            continue  # the run did not get there
