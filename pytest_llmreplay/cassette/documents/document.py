"""The document of an event: parsed part by part, and only what is asked for.

What is read here was laid out by layout.py. The text stays at hand, so that a rewrite keeps the
bytes of a document that did not change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from pytest_llmreplay.cassette.short_names.drawn import untold_time
from pytest_llmreplay.cassette.short_names.ids import (
    Names,
    names_in,
    restored,
    restored_request,
    restored_response,
)
from pytest_llmreplay.cassette.yaml_text.fields import Fields, WrongField
from pytest_llmreplay.errors import CassetteDamaged
from pytest_llmreplay.event import (
    Decoder,
    Event,
    Exchange,
    Failure,
    HttpRequest,
    HttpResponse,
    Json,
    Measured,
    Origin,
    Response,
    Session,
    StreamBody,
)
from pytest_llmreplay.providers.answers.reading import error_in
from pytest_llmreplay.providers.api import ApiFormat
from pytest_llmreplay.providers.registry import decoder_of, format_of, unknown_format

from .answer import check_answer, lists_ending, lists_error
from .edited import played_from_answer
from .header import Header, read_session
from .index import CassetteIndex
from .like import Abridged, request_of
from .sections import Place, Sections, placed
from .whole_requests import Requests
from .wire import measured_of, response_of

__all__ = ["EventDocument", "Head"]

_UNSAID = HttpRequest(method="POST", url="")
"""Answers are decoded without a look at their request."""

_HEAD = frozenset(
    ["event", "name", "session", "labels", "provider", "api", "model", "checks", "origin"]
)
_ORIGINS: tuple[Origin, ...] = ("wire", "reconstructed")
_EVENT = _HEAD | {"request", "answer", "response", "measured"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands before `request`: enough to name and to filter an event."""

    number: int
    name: str | None
    session: Session | None
    labels: Mapping[str, str]
    provider: str
    api: str
    model: str | None
    checks: tuple[str, ...] | None
    origin: Origin | None


@dataclass(frozen=True, kw_only=True)
class EventDocument:
    """One event of a cassette."""

    number: int
    text: str = field(repr=False)
    """The document as it stands in the file, with plain line feeds."""
    key: str | None = None
    """Rules fingerprint and match key as the file caches them."""
    header: Header = field(default_factory=Header, repr=False)
    requests: Requests | None = field(default=None, repr=False, compare=False)
    """Finds the requests that this one is told by."""
    place: Place = field(default_factory=Place, repr=False, compare=False)
    _known: list[Response] = field(default_factory=list, init=False, repr=False, compare=False)
    """The decoded answer, once `answer` was checked against it."""

    @classmethod
    def of(cls, text: str) -> EventDocument:
        """The document that a text is, apart from any file."""
        index = CassetteIndex.of(b"cassette: 1\n" + text.encode())
        if len(index.events) != 1:
            raise CassetteDamaged(f"expected the text of one event, found {len(index.events)}")
        slot = index.events[0]
        return cls(number=slot.number, text=text, key=slot.key)

    @cached_property
    def sections(self) -> Sections:
        """The values of the document by key."""
        return Sections(self.text, _EVENT, self.place)

    @cached_property
    @placed
    def head(self) -> Head:
        """What stands before `request`: number, name, session, labels, provider, model."""
        fields = Fields(self.sections.of(_HEAD), (), _HEAD)
        told = fields.value
        return Head(
            number=fields.integer("event"),
            name=fields.text_or_none("name"),
            session=read_session(told["session"], ("session",))
            if "session" in told
            else self.header.session,
            labels=fields.texts_by_name("labels"),
            provider=fields.text("provider"),
            api=fields.text("api"),
            model=fields.text_or_none("model"),
            checks=fields.texts("checks") if "checks" in told else None,
            origin=fields.choice("origin", _ORIGINS, "wire") if "origin" in told else None,
        )

    @cached_property
    @placed
    def written_request(self) -> HttpRequest | Abridged:
        """The request as written: whole, or by what it has in common with an earlier one."""
        return request_of(self.sections.whole("request"))

    @property
    def likes(self) -> int | None:
        """Number of the event with which the request has something in common."""
        return self.written_request.like if isinstance(self.written_request, Abridged) else None

    @cached_property
    def request(self) -> HttpRequest:
        """What was sent, whole."""
        names = self.requests.names() if self.requests else {}
        return restored_request(self.shown_request, names)

    @property
    def shown_request(self) -> HttpRequest:
        """What was sent, whole, with short names for ids as the file shows it."""
        return (self.requests or Requests(lambda _: None)).of(self)

    @property
    @placed
    def shown_response(self) -> HttpResponse | Failure:
        """What came of it, with short names for ids as the file shows it."""
        return response_of(self.sections.whole("response"))

    @cached_property
    @placed
    def response(self) -> HttpResponse | Failure:
        """What came of it, after `answer` was found to tell the same."""
        told = self.shown_response
        if "answer" not in self.sections:
            return restored_response(told, self.names)
        answer = self.sections["answer"]
        if isinstance(told, Failure):
            raise WrongField(("answer",), "no answer came, says `response`; delete one of the two")
        if told.body is None:
            played = played_from_answer(answer, told, self._format, self._event_with(told))
            return restored_response(played, self.names)
        response = restored_response(told, self.names)
        decoded = self._decoder.response(Exchange(request=_UNSAID, response=response))
        self._check_answer(answer, decoded, told)
        self._known.append(decoded)
        return response

    def _check_answer(self, answer: Json, decoded: Response, told: HttpResponse) -> None:
        """Compare with what came; an error may quote it with its short names."""
        held = "stream" if isinstance(told.body, StreamBody) else "body"
        try:
            check_answer(restored(answer, self.names), decoded, number=self.number, held=held)
        except WrongField:
            if not self.names or decoded.error is None:
                raise
            shown = self._decoder.response(Exchange(request=_UNSAID, response=told))
            check_answer(answer, shown, number=self.number, held=held)

    @cached_property
    @placed
    def names(self) -> Names:
        """What the short names in the answer stand for."""
        return names_in(self.text.encode()) if "#" in self.text else {}

    @cached_property
    @placed
    def measured(self) -> Measured:
        """What differs on every recording."""
        return measured_of(self.sections.get("measured", {}))

    @cached_property
    def event(self) -> Event:
        """The whole event."""
        event = self._event_with(self.response)
        return event.decoded_as(self._known[0]) if self._known else event

    @cached_property
    @placed
    def question(self) -> Event:
        """The event with the head of its answer only: enough to ask it again, and cheap.

        An answer that tells an error is whole: it is a reason not to ask again.
        """
        status = self.plain_status
        return self.event if status is None else self._event_with(HttpResponse(status=status))

    @property
    @placed
    def plain_status(self) -> int | None:
        """Status of an answer that is there, tells no error and did not break off.

        None where only the whole event can say.
        """
        told = self.sections["response"]
        if not isinstance(told, dict) or told.get("ended", "left") != "left" or "text" in told:
            return None
        answer = self.sections.get("answer", None)
        if "body" not in told and not lists_ending(answer):
            return None
        failed = lists_error(answer) or error_in(None, told.get("body"))
        status = told.get("status")
        return status if isinstance(status, int) and not failed else None

    def check(self) -> None:
        """Read everything with the reader that decides; raises CassetteDamaged."""
        again = replace(self)
        again.sections.read_whole()
        if again.head.number != self.number:
            problem = f"expected event {self.number}, as the first line says"
            raise again.sections.damaged(WrongField(("event",), problem))
        # It plays all the same: a later version may have recorded it.
        if (unknown := unknown_format(again.head.api)) is not None:
            raise again.sections.damaged(WrongField(("api",), unknown))
        assert again.event.response is not None
        if (name := untold_time(again.response)) is not None:
            problem = f"does not tell {name}; restore the line, or write a number in its place"
            raise again.sections.damaged(WrongField(("measured", "ids"), problem))

    @property
    def _format(self) -> ApiFormat | None:
        return format_of(self.head.api)

    @property
    def _decoder(self) -> Decoder:
        return decoder_of(self.head.api)

    def _event_with(self, response: HttpResponse | Failure) -> Event:
        head = self.head
        return Event(
            number=head.number,
            provider=head.provider,
            model=head.model,
            api=head.api,
            exchange=Exchange(request=self.request, response=response),
            decoder=self._decoder,
            name=head.name,
            session=head.session,
            labels=head.labels,
            measured=self.measured,
            checks=head.checks,
            origin=head.origin,
        )
