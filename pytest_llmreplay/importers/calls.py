"""From what a log tells of a call to what is imported: who was asked, in which format, where."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.event import (
    STATUSES,
    Body,
    Exchange,
    HttpResponse,
    JsonBody,
    Measured,
    Origin,
    Session,
    StreamBody,
)
from pytest_llmreplay.playback.stamps.stamp import stamp_of
from pytest_llmreplay.providers.endpoints.calls import is_llm_call
from pytest_llmreplay.providers.registry import identify
from pytest_llmreplay.providers.streams.pieces import content_type_of

from .source import Imported, PassedOver, Place

__all__ = ["NO_HTTP", "answered", "call_of"]

_NO_CALL: Final = "a request that is no call of a model"
NO_HTTP: Final = "an interaction that is no HTTP, as of a websocket or gRPC"
_PREFLIGHT: Final = "OPTIONS"
"""What a browser asks before a page may call another host."""
_SWITCHED: Final = 101
"""The status with which a connection becomes a websocket."""

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


def call_of(
    place: Place,
    exchange: Exchange,
    *,
    origin: Origin = "wire",
    provider: str | None = None,
    api: str | None = None,
    model: str | None = None,
    id: str | None = None,  # noqa: A002  # the log's own word
    session: Session | None = None,
    prompt: str | None = None,
    labels: Mapping[str, str] = _NOTHING,
    measured: Measured | None = None,
    hosts: frozenset[str] = frozenset(),
) -> Imported | PassedOver:
    """The call that an exchange is; passed over where it is none of a model.

    Session, prompt and labels are looked for in the request's own headers too. `provider`, `api`
    and `model` are told by the request itself where they are none. What goes to one of `hosts` is
    always a call.
    """
    request = exchange.request
    body = request.body.value if isinstance(request.body, JsonBody) else None
    found = identify(request.method, request.url, request.headers, body)
    if isinstance(exchange.response, HttpResponse) and exchange.response.status == _SWITCHED:
        return PassedOver(place=place, reason=NO_HTTP)
    other = api is None and found.api == "other"
    asks = request.method != _PREFLIGHT and is_llm_call(request.method, request.url, hosts=hosts)
    if other and not asks:
        return PassedOver(place=place, reason=_NO_CALL)
    stamp = stamp_of(request.headers, session or Session())
    return Imported(
        place=place,
        exchange=exchange,
        provider=provider or found.provider,
        api=api or found.api,
        origin=origin,
        model=model or found.model,
        id=id,
        session=stamp.session,
        prompt=prompt or stamp.name,
        labels={**stamp.labels, **labels},
        measured=measured or Measured(),
    )


def answered(
    body: Body | StreamBody | None, *, status: int = 200, headers: Mapping[str, str] = _NOTHING
) -> HttpResponse:
    """An answer, announced by a content type also where the log kept none.

    Raises:
        InputUnreadable: Its status is none of HTTP, as logs have it of calls that got no answer.
    """
    if status not in STATUSES:
        raise InputUnreadable(f"an answer with the status {status}, which HTTP has not")
    lower_case = {name.lower(): value for name, value in headers.items()}
    if "content-type" not in lower_case and (kind := _content_type(body)):
        lower_case["content-type"] = kind
    return HttpResponse(status=status, headers=lower_case, body=body)


def _content_type(body: Body | StreamBody | None) -> str | None:
    if isinstance(body, JsonBody):
        return "application/json"
    if isinstance(body, StreamBody) and body.chunks:
        return content_type_of(body.chunks[0].data)
    return None
