"""Recorded events for the tests of the simulated models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from servers.wire_shapes import Said, plain_body, stream_events

from pytest_llmreplay.event import (
    Body,
    Chunk,
    Event,
    Exchange,
    HttpRequest,
    HttpResponse,
    JsonBody,
    Measured,
    StreamBody,
)
from pytest_llmreplay.providers.registry import FORMATS
from pytest_llmreplay.replay.simulated import EVENT_HEADER, SimulatedServer

REASONS = ["damaged", "late", "unwanted"]
SCHEMA = {
    "type": "object",
    "properties": {
        "order_id": {"type": "string"},
        "reason": {"type": "string", "enum": REASONS},
        "send_back": {"type": "boolean"},
    },
}
CALL = ("refund", {"order_id": "HC-48213", "reason": "damaged", "send_back": False})
TEXT = "I can help, because the order is large. You need only 2 things."
PATHS = {
    "chat_completions": "/chat/completions",
    "responses": "/responses",
    "messages": "/v1/messages",
}


def request_body(api: str, *, stream: bool = False, prompt: str = "My wheel is bent.") -> Any:
    """What an application asks."""
    tool: Any = {"name": "refund", "input_schema": SCHEMA}
    if api == "chat_completions":
        tool = {"type": "function", "function": {"name": "refund", "parameters": SCHEMA}}
    if api == "responses":
        tool = {"type": "function", "name": "refund", "parameters": SCHEMA, "strict": False}
        told: Any = [{"role": "user", "content": prompt}]
        asked = {"model": "imitated-1", "input": told, "tools": [tool]}
        return asked | ({"stream": True} if stream else {})
    body: dict[str, Any] = {
        "model": "imitated-1",
        "max_tokens": 500,
        "messages": [{"role": "user", "content": prompt}],
        "tools": [tool],
    }
    return body | ({"stream": True} if stream else {})


def recorded(
    api: str,
    *,
    text: str = TEXT,
    calls: tuple[tuple[str, Mapping[str, Any]], ...] = (),
    stream: bool = False,
    number: int = 1,
    body: Body | StreamBody | None = None,
    status: int = 200,
    measured: Measured | None = None,
) -> Event:
    """An event as a cassette would hold it."""
    said = Said(text=text, calls=calls)
    if body is None and stream:
        events = stream_events(api, said)
        body = StreamBody(chunks=tuple(Chunk(at=0.1, data=data) for data in events))
    elif body is None:
        body = JsonBody(value=plain_body(api, said))
    kind = "text/event-stream; charset=utf-8" if stream else "application/json"
    request = HttpRequest(
        method="POST",
        url=f"https://provider.test{PATHS[api]}",
        body=JsonBody(value=request_body(api, stream=stream)),
    )
    response = HttpResponse(status=status, headers={"content-type": kind, "x-kept": "1"}, body=body)
    return Event(
        number=number,
        provider="openai",
        model="imitated-1",
        api=api,
        exchange=Exchange(request=request, response=response),
        decoder=FORMATS[api],
        name="support-agent",
        measured=measured or Measured(),
    )


def playing(name: str, *events: Event, seed: int = 0) -> SimulatedServer:
    """A server that knows the events by their number."""
    known = {str(event.number): event for event in events}
    return SimulatedServer(name, seed=seed, recorded=known.get)


def url_of(server: SimulatedServer, api: str) -> str:
    """Where a request of a format goes."""
    return server.base_urls[api] + PATHS[api]


def naming(event: Event) -> dict[str, str]:
    """The header that names an event."""
    return {EVENT_HEADER: str(event.number)}
