"""An event: one LLM call, with the wire's truth and the neutral view derived from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol

from .exchange import Exchange
from .request import Request
from .response import Response, Usage

__all__ = ["Attempt", "Decoder", "Event", "Measured", "Origin", "Session"]

Origin = Literal["wire", "reconstructed"]
"""How an imported event came about.

* wire: its bodies are what went over the wire.
* reconstructed: they were put together from what a log tells.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Events that belong together."""

    id: str | None = None
    name: str | None = None
    path: str | None = None
    """Place in the tree of a session, as `/debate/climate-change`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A try that the SDK made and repeated."""

    status: int | None
    """HTTP status; none when no answer came."""
    duration: float
    """Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What differs on every recording of the same call."""

    at: str | None = None
    """When the request was sent: ISO 8601, UTC, milliseconds."""
    model: str | None = None
    """The model that answered, as the provider named it."""
    request_id: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    duration: float | None = None
    """Seconds from sending the request to the end of the answer."""
    time_to_first_chunk: float | None = None
    """Seconds from sending the request to the first piece of the answer."""
    attempts: tuple[Attempt, ...] = ()
    """Earlier tries of the same call, which the SDK repeated."""


class Decoder(Protocol):
    """Derives the neutral view from the wire: an API format of `providers`."""

    def request(self, exchange: Exchange, /) -> Request:
        """The neutral request; never raises."""
        ...

    def response(self, exchange: Exchange, /) -> Response:
        """The neutral answer; what cannot be decoded becomes its `error`."""
        ...


@dataclass(frozen=True, kw_only=True)
class Event:
    """One LLM call.

    The exchange is the truth. `request`, `response` and `usage` are derived from it when they
    are first asked for.
    """

    number: int
    """Place in its cassette, counted from 1 in the order of sending."""
    provider: str
    model: str | None
    """The model that was asked for."""
    api: str
    """`chat_completions`, `messages` …, or `other` for a call of an LLM host in no known format."""
    exchange: Exchange
    decoder: Decoder = field(repr=False, compare=False)
    name: str | None = None
    """Prompt name."""
    session: Session | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    measured: Measured = field(default_factory=Measured)
    checks: tuple[str, ...] | None = None
    """Checks written in the event by hand; they take the place of the header's."""
    origin: Origin | None = None
    """How it was imported; none of an event that was recorded."""

    @cached_property
    def request(self) -> Request:
        """What was asked, in neutral terms."""
        return self.decoder.request(self.exchange)

    @cached_property
    def response(self) -> Response:
        """What was answered, in neutral terms."""
        return self.decoder.response(self.exchange)

    def decoded_as(self, response: Response) -> Event:
        """This event, with an answer that was decoded from its very exchange before."""
        vars(self)["response"] = response  # where cached_property keeps it
        return self

    @property
    def usage(self) -> Usage:
        """Tokens and reported cost."""
        return self.response.usage

    @property
    def label(self) -> str:
        """Number and prompt name, as node ids write it: `0002-assistant-argument`."""
        return f"{self.number:04d}-{self.name}" if self.name else f"{self.number:04d}"
