"""An imported call as one JSON value, while it waits for the rest of its session."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_llmreplay.event import (
    Attempt,
    BinaryBody,
    Body,
    Chunk,
    Exchange,
    Failure,
    HttpRequest,
    HttpResponse,
    JsonBody,
    Measured,
    Session,
    StreamBody,
    TextBody,
)
from pytest_llmreplay.importers.source import Imported, Place

__all__ = ["imported_from", "spooled"]


def spooled(call: Imported) -> dict[str, Any]:
    """The call as JSON; `imported_from` reads it. A call of a test waits for nothing."""
    request, response = call.exchange.request, call.exchange.response
    return {
        "place": [str(call.place.path), call.place.at],
        "request": [request.method, request.url, dict(request.headers), _body(request.body)],
        "response": [response.kind, response.message]
        if isinstance(response, Failure)
        else [response.status, dict(response.headers), response.ended, _body(response.body)],
        "call": [call.provider, call.api, call.origin, call.model, call.id, call.prompt],
        "session": call.session and [call.session.id, call.session.name, call.session.path],
        "labels": dict(call.labels),
        "measured": _measured(call.measured),
    }


def imported_from(value: Mapping[str, Any]) -> Imported:
    """The call that was written as this JSON."""
    path, at = value["place"]
    method, url, headers, body = value["request"]
    provider, api, origin, model, name, prompt = value["call"]
    return Imported(
        place=Place(Path(path), at),
        exchange=Exchange(
            request=HttpRequest(method=method, url=url, headers=headers, body=_plain(body)),
            response=_response(value["response"]),
        ),
        provider=provider,
        api=api,
        origin=origin,
        model=model,
        id=name,
        session=_session(value["session"]),
        prompt=prompt,
        labels=value["labels"],
        measured=_read_measured(value["measured"]),
    )


def _session(value: Any) -> Session | None:
    return value and Session(id=value[0], name=value[1], path=value[2])


def _measured(measured: Measured) -> list[Any]:
    attempts = [[attempt.status, attempt.duration] for attempt in measured.attempts]
    tokens = [measured.input_tokens, measured.output_tokens]
    times = [measured.duration, measured.time_to_first_chunk]
    return [measured.at, measured.model, measured.request_id, *tokens, *times, attempts]


def _read_measured(value: Any) -> Measured:
    at, model, request_id, *tokens, duration, first_chunk, attempts = value
    return Measured(
        at=at,
        model=model,
        request_id=request_id,
        input_tokens=tokens[0],
        output_tokens=tokens[1],
        duration=duration,
        time_to_first_chunk=first_chunk,
        attempts=tuple([Attempt(status=status, duration=took) for status, took in attempts]),
    )


def _body(body: Body | StreamBody | None) -> Any:
    if isinstance(body, JsonBody):
        return {"json": body.value}
    if isinstance(body, TextBody):
        return {"text": body.text}
    if isinstance(body, BinaryBody):
        return {"base64": _text(body.data)}
    return body and {"chunks": [[chunk.at, _text(chunk.data)] for chunk in body.chunks]}


def _plain(value: Any) -> Body | None:
    if value is None:
        return None
    if "json" in value:
        return JsonBody(value=value["json"])
    if "text" in value:
        return TextBody(text=value["text"])
    return BinaryBody(data=base64.b64decode(value["base64"]))


def _response(value: Any) -> HttpResponse | Failure:
    if len(value) == 2:  # noqa: PLR2004  # kind and message
        return Failure(kind=value[0], message=value[1])
    status, headers, ended, body = value
    return HttpResponse(status=status, headers=headers, ended=ended, body=_answer(body))


def _answer(value: Any) -> Body | StreamBody | None:
    if value is None or "chunks" not in value:
        return _plain(value)
    chunks = tuple(Chunk(at=at, data=base64.b64decode(text)) for at, text in value["chunks"])
    return StreamBody(chunks=chunks)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
