"""Takes out of an imported call what must not be written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pytest_llmreplay.cassette.json_dump import json_bytes
from pytest_llmreplay.cassette.redaction.kept_headers import (
    kept_request_headers,
    kept_response_headers,
    request_id_of,
)
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.event import Exchange, Failure, HttpResponse, JsonBody, Session
from pytest_llmreplay.importers.source import Imported

__all__ = ["clean", "redacted_session"]


def clean(call: Imported, redactor: Redactor) -> Imported:
    """The call as it may be written.

    Nearly all calls hold nothing to redact, which one look at all their texts together tells.
    """
    kept = replace(call, exchange=_with_kept_headers(call.exchange), id=call.id or _told_id(call))
    return kept if _is_clean(kept, redactor) else _redacted(kept, redactor)


def redacted_session(session: Session | None, redactor: Redactor) -> Session | None:
    """The session as it may be written."""
    if session is None:
        return None
    return Session(
        id=_words(redactor, session.id),
        name=_words(redactor, session.name),
        path=_words(redactor, session.path),
    )


def _told_id(call: Imported) -> str | None:
    """The name that the server gave the call, in a header that is not kept."""
    response = call.exchange.response
    return request_id_of(response.headers) if isinstance(response, HttpResponse) else None


def _with_kept_headers(exchange: Exchange) -> Exchange:
    request, response = exchange.request, exchange.response
    if request.headers:
        request = replace(request, headers=kept_request_headers(request.headers))
    if isinstance(response, HttpResponse) and response.headers:
        headers = kept_response_headers(response.headers, response.status)
        response = replace(response, headers=headers)
    return Exchange(request=request, response=response)


def _is_clean(call: Imported, redactor: Redactor) -> bool:
    """Whether redaction would change nothing; a yes is always right."""
    request, response = call.exchange.request, call.exchange.response
    if isinstance(response, Failure) or redactor.might_change_url(request.url):
        return False
    bodies = [body for body in (request.body, response.body) if body is not None]
    values = [json_bytes(body.value) for body in bodies if isinstance(body, JsonBody)]
    texts = "\n".join(_texts(call, response)).encode(errors="surrogatepass")
    return len(values) == len(bodies) and not redactor.might_change(b"\n".join([texts, *values]))


def _texts(call: Imported, response: HttpResponse) -> Iterator[str]:
    """All texts of a call outside its bodies."""
    request, session = call.exchange.request, call.session or Session()
    yield request.url
    yield from request.headers.values()
    yield from response.headers.values()
    measured = call.measured
    yield from filter(None, (call.provider, call.model, call.prompt, call.id))
    yield from filter(None, (measured.model, measured.request_id))
    yield from filter(None, (session.id, session.name, session.path))
    for pair in call.labels.items():
        yield from pair


def _redacted(call: Imported, redactor: Redactor) -> Imported:
    request, response = call.exchange.request, call.exchange.response
    return replace(
        call,
        exchange=Exchange(
            request=redactor.request(request),
            response=replace(response, message=redactor.text(response.message))
            if isinstance(response, Failure)
            else redactor.response(response),
        ),
        provider=redactor.text(call.provider),
        model=_words(redactor, call.model),
        measured=replace(
            call.measured,
            model=_words(redactor, call.measured.model),
            request_id=_words(redactor, call.measured.request_id),
        ),
        prompt=_words(redactor, call.prompt),
        session=redacted_session(call.session, redactor),
        labels={redactor.text(key): redactor.text(text) for key, text in call.labels.items()},
        id=_words(redactor, call.id),
    )


def _words(redactor: Redactor, text: str | None) -> str | None:
    return None if text is None else redactor.text(text)
