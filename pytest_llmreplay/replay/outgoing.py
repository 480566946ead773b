"""A request that is ready to be sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pytest_llmreplay.event import Json

from .endpoint import Endpoint

__all__ = ["EVENT_HEADER", "Outgoing"]

EVENT_HEADER = "x-llmreplay-event"
"""Names the recorded event that a request repeats, to a simulated server."""


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

    @property
    def url(self) -> str:
        """Where the request goes."""
        return self.endpoint.base_url + self.path
