"""From an imported call to the event that is written: redacted, and measured by its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from pytest_llmreplay.cassette.redaction import Redactor
from pytest_llmreplay.cassette.secret_names import request_id_of
from pytest_llmreplay.event import (
    Event,
    Exchange,
    Failure,
    HttpResponse,
    Measured,
    Session,
)
from pytest_llmreplay.providers.registry import decoder_of

from .source import Imported

__all__ = ["event_of", "redacted_session"]

T = TypeVar("T")


def event_of(call: Imported, number: int, redactor: Redactor) -> Event:
    """The event of a call.

    Args:
        call: What a log tells.
        number: Its place in the cassette.
        redactor: Takes secrets and personal data out of everything that is written.
    """
    exchange = Exchange(
        request=redactor.request(call.exchange.request),
        response=_answer(call.exchange.response, redactor),
    )
    event = Event(
        number=number,
        provider=redactor.text(call.provider),
        model=_words(redactor, call.model),
        api=call.api,
        exchange=exchange,
        decoder=decoder_of(call.api),
        name=_words(redactor, call.prompt),
        session=redacted_session(call.session, redactor),
        labels={redactor.text(key): redactor.text(text) for key, text in call.labels.items()},
        origin=call.origin,
    )
    return replace(event, measured=_measured(call, event, redactor)).decoded_as(event.response)


def redacted_session(session: Session | None, redactor: Redactor) -> Session | None:
    """The session as it may be written."""
    if session is None:
        return None
    return Session(
        id=_words(redactor, session.id),
        name=_words(redactor, session.name),
        path=_words(redactor, session.path),
    )


def _words(redactor: Redactor, text: str | None) -> str | None:
    return None if text is None else redactor.text(text)


def _answer(response: HttpResponse | Failure, redactor: Redactor) -> HttpResponse | Failure:
    if isinstance(response, Failure):
        return replace(response, message=redactor.text(response.message))
    return redactor.response(response)


def _measured(call: Imported, event: Event, redactor: Redactor) -> Measured:
    """What it took; the log's own name of the call stays, as it is found by that."""
    told, answer = call.measured, event.response
    response = call.exchange.response
    headers = response.headers if isinstance(response, HttpResponse) else {}
    return replace(
        told,
        model=_either(_words(redactor, told.model), lambda: answer.model),
        request_id=_words(redactor, told.request_id or call.id or request_id_of(headers)),
        input_tokens=_either(told.input_tokens, lambda: answer.usage.input_tokens),
        output_tokens=_either(told.output_tokens, lambda: answer.usage.output_tokens),
    )


def _either(told: T | None, found: Callable[[], T | None]) -> T | None:
    return found() if told is None else told
