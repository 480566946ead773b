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
    logged, usage = call.measured, answer.usage
    return Measured(
        at=logged.at,
        model=answer.model if logged.model is None else logged.model,
        request_id=logged.request_id or call.id,
        input_tokens=usage.input_tokens if logged.input_tokens is None else logged.input_tokens,
        output_tokens=usage.output_tokens if logged.output_tokens is None else logged.output_tokens,
        duration=logged.duration,
        time_to_first_chunk=logged.time_to_first_chunk,
        attempts=logged.attempts,
    )
