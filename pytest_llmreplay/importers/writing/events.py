"""From an imported call to the event that is written: redacted, and measured by its answer."""

from __future__ import annotations

from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.event import Event, Measured, Response
from pytest_llmreplay.importers.source import Imported
from pytest_llmreplay.providers.registry import decoder_of

from .clean import clean

__all__ = ["event_of"]


def event_of(call: Imported, number: int, redactor: Redactor) -> Event:
    """The event of a call.

    Args:
        call: What a log tells.
        number: Its place in the cassette.
        redactor: Takes secrets and personal data out of everything that is written.
    """
    written = clean(call, redactor)
    decoder = decoder_of(call.api)
    answer = decoder.response(written.exchange)
    event = Event(
        number=number,
        provider=written.provider,
        model=written.model,
        api=call.api,
        exchange=written.exchange,
        decoder=decoder,
        name=written.prompt,
        session=written.session,
        labels=written.labels,
        measured=_measured(written, answer),
        origin=call.origin,
    )
    return event.decoded_as(answer)


def _measured(call: Imported, answer: Response) -> Measured:
    """What the call took; the log's own id of the call stays, as it is found by that."""
    told = call.measured
    return Measured(
        at=told.at,
        model=answer.model if told.model is None else told.model,
        request_id=told.request_id or call.id,
        input_tokens=answer.usage.input_tokens if told.input_tokens is None else told.input_tokens,
        output_tokens=answer.usage.output_tokens
        if told.output_tokens is None
        else told.output_tokens,
        duration=told.duration,
        time_to_first_chunk=told.time_to_first_chunk,
        attempts=told.attempts,
    )
