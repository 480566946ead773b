"""Requests of Helicone: what its API and its export tool give, with bodies as they were sent.

https://docs.helicone.ai/rest/request/post-v1requestquery-clickhouse
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.event import (
    FIRST_ERROR,
    Exchange,
    Failure,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
    Measured,
    Session,
    Usage,
)
from pytest_llmreplay.importers.calls import answered, call_of
from pytest_llmreplay.importers.neutral.call import LoggedCall, NoCall, Shaped, Unimportable
from pytest_llmreplay.importers.neutral.elsewhere import MEDIA, lacks_media
from pytest_llmreplay.importers.neutral.reply import reply_of
from pytest_llmreplay.importers.reading.bodies import answer_body
from pytest_llmreplay.importers.reading.files import InputFile
from pytest_llmreplay.importers.records.listed import records
from pytest_llmreplay.importers.records.logs import LOSSES
from pytest_llmreplay.importers.records.moments import at_of, moment_of, seconds_of
from pytest_llmreplay.importers.source import Found, PassedOver, Place, Rejected
from pytest_llmreplay.playback.stamps.stamp import stamp_of
from pytest_llmreplay.providers.api import ApiFormat
from pytest_llmreplay.providers.fields import as_int, as_object, as_text
from pytest_llmreplay.providers.registry import FORMATS, Identity, identify

from .bodies import FIRST_STATUS, Fetch, bodies_of, status_of

__all__ = ["HELICONE", "Helicone"]

_OWN = ("helicone-session-", "helicone-prompt-id", "helicone-property-")
_PROPERTY = "helicone-property-"
_STREAMED = "streamed_data"
"""Pieces of a stream, which Helicone keeps beside the answer that it put together of them."""
_TRANSLATED: Mapping[str, tuple[str, str]] = {
    "OPENAI": ("messages", "https://ai-gateway.helicone.ai/v1/chat/completions"),
    "RESPONSES": ("input", "https://ai-gateway.helicone.ai/v1/responses"),
}
"""By the format that the gateway speaks: what a request holds, and where it is sent."""
_LOGGED = frozenset({"tool", "vector_db", "data"})
"""Records of custom loggers: https://docs.helicone.ai/features/advanced-usage/custom-llm-rest"""
_NO_ANSWER: Mapping[int, Failure] = {
    -1: Failure(kind="timeout"),
    -3: Failure(kind="cancelled"),
}
"""Statuses of Helicone's own for calls that were given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Helicone:
    """What Helicone logged."""

    fetch: Fetch | None = None
    """Gets bodies from where they are; none: a record without bodies is reported."""
    name: str = "helicone"
    help: str = "Requests of Helicone: answers of its API, or what its export tool wrote."
    personal: bool = True
    endings: tuple[str, ...] = (".json", ".jsonl")

    def fetching(self, fetch: Fetch) -> Helicone:
        """This source, with bodies fetched that are not in the file."""
        return replace(self, fetch=fetch)

    def read(self, files: Sequence[InputFile]) -> Iterator[Found]:
        """Every record of every file."""
        for file in files:
            for record in records(file, {"data"}):
                yield record if isinstance(record, Rejected) else self.found(*record)

    def found(self, place: Place, record: dict[str, Json]) -> Found:
        """The call of a record."""
        try:
            asked, answer = bodies_of(record, self.fetch)
            return _call(place, record, asked, answer)
        except NoCall as reason:
            return PassedOver(place=place, reason=str(reason))
        except (Unimportable, InputUnreadable) as problem:
            return Rejected(place=place, reason=str(problem))


def _call(place: Place, record: Mapping[str, Json], asked: dict[str, Json], answer: Json) -> Found:
    if str(asked.get("_type")) in _LOGGED:
        raise NoCall("a record of a custom logger that is no call of a model")
    url, headers = _url(record, asked), _headers(record)
    identity = identify("POST", url, {}, asked)
    pieces = _is_put_together(record, answer, FORMATS.get(identity.api), url, asked)
    request = HttpRequest(method="POST", url=url, headers=headers, body=JsonBody(value=asked))
    response = _stream(record, answer, identity) if pieces else _response(record, answer)
    lost = {LOSSES: MEDIA} if lacks_media(asked) else {}
    return call_of(
        place,
        Exchange(request=request, response=response),
        origin="reconstructed" if pieces or lost else "wire",
        labels=lost,
        provider=identity.provider,
        id=as_text(record.get("request_id")),
        prompt=stamp_of(headers, Session()).name or as_text(record.get("prompt_id")),
        measured=_measured(record),
    )


def _is_put_together(
    record: Mapping[str, Json],
    answer: Json,
    known: ApiFormat | None,
    url: str,
    asked: Json,
) -> bool:
    """Whether the answer came in pieces, and stands here in one."""
    good = isinstance(answer, dict) and FIRST_STATUS <= status_of(record) < FIRST_ERROR
    return good and known is not None and known.streams(url, asked)


def _stream(record: Mapping[str, Json], answer: Json, identity: Identity) -> HttpResponse | Failure:
    """The stream again, of the answer that Helicone put together of its pieces."""
    assert isinstance(answer, dict)
    whole = {key: value for key, value in answer.items() if key != _STREAMED}
    call = LoggedCall(
        asked=Shaped(api=identity.api, body={}),
        answered=Shaped(api=identity.api, body=whole),
        model=identity.model,
        usage=_usage(record),
        measured=_measured(record),
    )
    return reply_of(call, FORMATS[identity.api], stream=True)


def _response(record: Mapping[str, Json], answer: Json) -> HttpResponse | Failure:
    status = status_of(record)
    if status < FIRST_STATUS:
        if status not in _NO_ANSWER:
            raise Unimportable("no answer: the request was pending, or blocked by Helicone")
        return _NO_ANSWER[status]
    if answer in (None, ""):
        raise Unimportable("no response body")
    if isinstance(answer, str):
        return answered(answer_body(answer.encode(errors="surrogatepass"), {}), status=status)
    return answered(JsonBody(value=answer), status=status)


def _url(record: Mapping[str, Json], asked: Mapping[str, Json]) -> str:
    """The URL of the call: the provider's own address rather than that of Helicone's proxy.

    Bodies that the gateway translated are kept as the application sent and got them.
    """
    key, gateway = _TRANSLATED.get(as_text(record.get("ai_gateway_body_mapping")) or "", ("", ""))
    if key in asked:
        return gateway
    for key in ("target_url", "request_path"):
        text = as_text(record.get(key)) or ""
        if text.startswith(("https://", "http://")):
            return text
    raise Unimportable("no target_url or request_path that is an address")


def _headers(record: Mapping[str, Json]) -> dict[str, str]:
    """The headers with which an application tells Helicone what the record tells again."""
    headers = {"content-type": "application/json"}
    for key in ("request_properties", "properties"):
        for name, value in as_object(record.get(key)).items():
            header = name.lower() if name.lower().startswith(_OWN) else _PROPERTY + name.lower()
            if isinstance(value, str):
                headers[header] = value
    return headers


def _measured(record: Mapping[str, Json]) -> Measured:
    return Measured(
        at=at_of(moment_of(record.get("request_created_at"))),
        model=as_text(record.get("response_model")),
        duration=seconds_of(record.get("delay_ms")),
        time_to_first_chunk=seconds_of(record.get("time_to_first_token")),
    )


def _usage(record: Mapping[str, Json]) -> Usage:
    return Usage(
        input_tokens=as_int(record.get("prompt_tokens")),
        output_tokens=as_int(record.get("completion_tokens")),
    )


HELICONE = Helicone()
