"""A logged call in the wire format of its provider."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_llmreplay.event import (
    Exchange,
    Failure,
    HttpRequest,
    Json,
    JsonBody,
)
from pytest_llmreplay.importers.shown import address_of
from pytest_llmreplay.providers.api import ApiFormat, Dialect, EncodedRequest
from pytest_llmreplay.providers.conversion.convert import can_be_written, convert, encode
from pytest_llmreplay.providers.conversion.losses import gravity_of
from pytest_llmreplay.providers.registry import FORMATS

from .call import Asked, LoggedCall, Shaped, Unimportable
from .elsewhere import MEDIA, lacks_media
from .names import Owner, owner_of
from .reply import reply_of

__all__ = ["Rebuilt", "rebuilt"]

_CHAT = "chat_completions"
_VERSIONS = {"messages": ("anthropic-version", "2023-06-01")}
"""A header without which a format cannot be asked, and its value that every model answers to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """A call as it may have gone over the wire."""

    exchange: Exchange
    provider: str
    api: str
    model: str
    losses: tuple[str, ...]
    """Codes of what the log tells and the format cannot hold, and of what the log lacks."""


def rebuilt(call: LoggedCall) -> Rebuilt:
    """The request and the answer, written by the format's own encoders.

    Raises:
        Unimportable: The log does not tell the model, or its answer is none.
    """
    owner = owner_of(call.provider, call.model)
    if not owner.model:
        raise Unimportable("no model")
    known = _format_of(call, owner)
    dialect = _dialect(call, owner, known)
    asked = _encoded(call.asked, known, dialect)
    losses = [code for code in asked.losses if gravity_of(code) is not None]
    request = HttpRequest(
        method="POST",
        url=address_of(owner.name, known, model=owner.model, stream=dialect.stream, host=call.host),
        headers=_headers(known),
        body=JsonBody(value=asked.body),
    )
    return Rebuilt(
        exchange=Exchange(request=request, response=reply_of(call, known, stream=dialect.stream)),
        provider=owner.name,
        api=known.name,
        model=owner.model,
        losses=(*losses, MEDIA) if lacks_media(asked.body) else tuple(losses),
    )


def _format_of(call: LoggedCall, owner: Owner) -> ApiFormat:
    """The format the log tells in, where its provider speaks it, else the provider's own."""
    asked_api = call.asked.api if isinstance(call.asked, Shaped) else None
    spoken = owner.row.base_urls if owner.row else {}
    own = [api for api in spoken if owner.row and api not in owner.row.imitated]
    writable = [api for api in own if api in FORMATS and can_be_written(FORMATS[api])]
    wished = [
        call.api,
        asked_api if asked_api in own or not writable else None,
        *writable,
        asked_api,
        _CHAT,
    ]
    return next(FORMATS[api] for api in wished if api and api in FORMATS)


def _dialect(call: LoggedCall, owner: Owner, known: ApiFormat) -> Dialect:
    assert owner.model
    streamed = (
        call.asked.body.get("stream") if isinstance(call.asked, Shaped) else call.asked.stream
    )
    return Dialect(
        provider=owner.name,
        model=owner.model,
        version=_VERSIONS.get(known.name, ("", None))[1],
        stream=call.streamed or streamed is True,
    )


def _encoded(asked: Asked, known: ApiFormat, dialect: Dialect) -> EncodedRequest:
    if isinstance(asked, Shaped) and asked.api == known.name:
        return EncodedRequest(body=_with_model(asked.body, known, dialect))
    if isinstance(asked, Shaped):
        exchange = Exchange(request=_posted(asked.body), response=Failure(kind="cut"))
        encoded = convert(exchange, FORMATS[asked.api], known, dialect)
    else:
        encoded = encode(asked, known, dialect)
    if encoded is None:
        raise Unimportable(f"requests cannot be written as {known.name}")
    return encoded


def _with_model(body: dict[str, Json], known: ApiFormat, dialect: Dialect) -> dict[str, Json]:
    """The body with its model in front, and the wish for a stream where the body says it."""
    model = known.with_model({}, dialect.model)
    named = model | known.with_model(body, dialect.model)
    asks = dialect.stream and not known.streams(known.stream_path, body)
    return named | ({"stream": True} if asks and not _in_url(known) else {})


def _in_url(known: ApiFormat) -> bool:
    return known.stream_path != known.path


def _headers(known: ApiFormat) -> dict[str, str]:
    name, value = _VERSIONS.get(known.name, ("", None))
    return {"content-type": "application/json", **({name: value} if value else {})}


def _posted(body: dict[str, Json]) -> HttpRequest:
    return HttpRequest(method="POST", url="", body=JsonBody(value=body))
