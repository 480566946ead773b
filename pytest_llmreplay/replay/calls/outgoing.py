"""A request that is ready to be sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_llmreplay.compare.figures.own_price import Price
from pytest_llmreplay.event import Json, Usage

from .endpoint import Endpoint

__all__ = ["EVENT_HEADER", "Outgoing", "Recorded"]

EVENT_HEADER = "x-llmreplay-event"
"""Names the recorded event that a request repeats, to a simulated server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What is known of the recorded call, to tell what this one may take."""

    model: str | None = None
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A request, ready to be sent."""

    endpoint: Endpoint
    api: str
    """The format it is sent in."""
    path: str
    """From the API format, never from a cassette."""
    headers: Mapping[str, str]
    body: Mapping[str, Json]
    content: bytes
    """The body as it goes over the wire."""
    stream: bool
    model: str | None
    """The model that is asked for."""
    converted: bool = False
    """Whether the event was recorded in another format."""
    losses: tuple[str, ...] = ()
    """What became of the request where it was converted from another format: codes of
    `EncodedRequest`."""
    price: Price | None = None
    """What a person wrote down as the price of the target."""
    recorded: Recorded = field(default_factory=Recorded)

    @property
    def url(self) -> str:
        """Where the request goes."""
        return self.endpoint.base_url + self.path
