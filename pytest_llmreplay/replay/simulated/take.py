"""One call of a simulated model, with the answer that a steady model gives to it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from pytest_llmreplay.event import (
    BinaryBody,
    Body,
    Event,
    Failure,
    HttpResponse,
    Json,
    JsonBody,
    Request,
    Response,
    StreamBody,
)
from pytest_llmreplay.loopback.reply import Headers, Piece, Reply, without
from pytest_llmreplay.providers.api import ApiFormat

from .dice import Dice

__all__ = ["Call", "Pace", "RecordedTake", "Take"]

_USUAL_DURATION = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a client asks of the simulated model."""

    api: ApiFormat
    path: str
    body: dict[str, Json]
    attempt: int = 1
    """How often this event was asked for, this time included."""

    @property
    def streams(self) -> bool:
        """Whether the answer is to come as a stream."""
        return self.api.streams(self.url, self.body)

    @property
    def url(self) -> str:
        """Where the client asked, as far as a format looks at it."""
        return f"http://127.0.0.1{self.path}"

    @property
    def wants_usage(self) -> bool:
        """Whether a stream is to end with the tokens used."""
        return self.api.asking_for_usage(self.body) == self.body


class Pace(NamedTuple):
    """How long an answer takes, in seconds since the request."""

    first: float
    """Until its first piece."""
    total: float
    """Until its end."""


class Take(ABC):
    """An answer that is to be given, which the fault of a simulated model spoils.

    Args:
        call: What the client asks.
        seed: Seed of the server.
    """

    headers: Headers = ()
    """Headers of the answer, its content type left out."""

    def __init__(self, call: Call, *, seed: int) -> None:
        self.call = call
        self._seed = seed

    @property
    @abstractmethod
    def request(self) -> Request:
        """The request in neutral terms."""

    @property
    @abstractmethod
    def response(self) -> Response:
        """The steady answer in neutral terms."""

    @property
    @abstractmethod
    def pace(self) -> Pace:
        """When the first piece and the end of an unspoiled answer come."""

    @property
    @abstractmethod
    def steady(self) -> Reply:
        """The steady answer."""

    @property
    @abstractmethod
    def label(self) -> str:
        """A name that an event has in every run; faults roll their dice with it."""

    @cached_property
    def dice(self) -> Dice:
        """Chance that depends on the seed and the event alone."""
        return Dice(f"{self._seed}:{self.label}")

    def encoded(self, response: Response) -> Reply:
        """Another answer, in the format that was asked for."""
        if not self.call.streams:
            return Reply.plain(self.call.api.encode_response(response), headers=self.headers)
        events = self.call.api.encode_stream(response, usage=self.call.wants_usage)
        return Reply.stream(events, headers=self.headers)

    def error(self, status: int, kind: str, message: str, *headers: tuple[str, str]) -> Reply:
        """A refusal by the provider, in the format that was asked for."""
        body = self.call.api.encode_error(status, kind, message)
        return Reply.plain(body, status=status, headers=headers)


class RecordedTake(Take):
    """Answers from an event.

    Args:
        call: What the client asks.
        event: The recording.
        seed: Seed of the server.
    """

    def __init__(self, call: Call, event: Event, *, seed: int) -> None:
        super().__init__(call, seed=seed)
        self.event = event
        answer = event.exchange.response
        if isinstance(answer, HttpResponse):
            self.headers = without(answer.headers.items(), "content-type")

    @property
    def request(self) -> Request:
        """The recorded request."""
        return self.event.request

    @cached_property
    def response(self) -> Response:
        """The recorded answer, which ends where its reader left.

        Kept here: another thread may decode the event too, and faults tell parts by identity.
        """
        answer = self.event.response
        if not self._left:
            return answer
        # Google's streams have no other end than a reason to end.
        choices = (
            replace(one, finish_reason=one.finish_reason or "stop") for one in answer.choices
        )
        return replace(answer, truncated=False, choices=tuple(choices))

    @property
    def label(self) -> str:
        """Format, number, name and first words: no path, so that it is equal everywhere."""
        return f"{self.event.api} {self.event.label} {self.response.text[:80]}"

    @property
    def pace(self) -> Pace:
        """The times that were measured when the event was recorded."""
        measured = self.event.measured
        total = measured.duration or _USUAL_DURATION
        return Pace(measured.time_to_first_chunk or total / 2, total)

    @property
    def _left(self) -> bool:
        answer = self.event.exchange.response
        by_reader = isinstance(answer, HttpResponse) and answer.ended in {"left", "cancelled"}
        return by_reader and self.event.response.truncated

    @property
    def steady(self) -> Reply:
        """The bytes of the recording, where the same format is asked for in the same way."""
        answer = self.event.exchange.response
        if isinstance(answer, Failure):
            return Reply(streamed=True, cut=0)
        streamed = isinstance(answer.body, StreamBody)
        same = self.event.api == self.call.api.name and streamed == self.call.streams
        if (same and not self._left) or self.response.error is not None:
            return _as_recorded(answer)
        return self.encoded(self.response)


def _as_recorded(answer: HttpResponse) -> Reply:
    headers = tuple(answer.headers.items())
    if isinstance(answer.body, StreamBody):
        pieces = tuple(Piece(data=chunk.data) for chunk in answer.body.chunks)
        cut = None if answer.ended in {"complete", "left"} else len(answer.body.data)
        return Reply(status=answer.status, headers=headers, pieces=pieces, streamed=True, cut=cut)
    if isinstance(answer.body, JsonBody):
        return Reply.plain(answer.body.value, status=answer.status, headers=headers)
    return Reply(status=answer.status, headers=headers, pieces=(Piece(data=_bytes(answer.body)),))


def _bytes(body: Body | None) -> bytes:
    if body is None or isinstance(body, JsonBody):
        return b""
    return body.data if isinstance(body, BinaryBody) else body.text.encode()
