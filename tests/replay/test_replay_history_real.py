"""Real sessions run freely: whoever says what was said is asked what was asked."""

from __future__ import annotations

from collections.abc import Iterator

from real_calls import RECORDINGS, needs_recordings

from pytest_llmreplay.event import Event
from pytest_llmreplay.importers.reading.files import InputFile
from pytest_llmreplay.importers.source import Imported
from pytest_llmreplay.importers.vcrpy import recorded_in
from pytest_llmreplay.providers.registry import decoder_of
from pytest_llmreplay.replay.sessions.history import FreeSession
from pytest_llmreplay.replay.unsent.unsendable import recorded_body

EXACT = {"chat_completions", "messages", "converse"}
"""Formats whose recordings hold no ids that an application made up, and no hosted tools."""


def sessions() -> Iterator[list[Event]]:
    """The calls of each cassette, as events of one session."""
    for path in sorted(RECORDINGS.glob("*.yaml")):
        found = (one for one in recorded_in(InputFile(path=path)) if isinstance(one, Imported))
        yield [
            Event(
                number=number,
                provider="local",
                model="m",
                api=one.api,
                exchange=one.exchange,
                decoder=decoder_of(one.api),
            )
            for number, one in enumerate(found, start=1)
        ]


@needs_recordings
def test_the_same_answers_send_the_recorded_requests() -> None:
    """As the application told them, key by key."""
    compared = 0
    for events in sessions():
        session = FreeSession(events)
        for place, event in enumerate(events):
            if event.api in EXACT:
                assert recorded_body(event) == recorded_body(session.asked(place))
                compared += place > 0
            session.take(place, event)
    assert compared > 0
