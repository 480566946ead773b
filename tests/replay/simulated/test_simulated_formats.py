"""Simulated models speak formats of Ollama, Cohere and Google with all their faults."""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

import pytest
from replay.simulated.replayed_events import replayed

from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.event import (
    Choice,
    Chunk,
    Event,
    Exchange,
    HttpRequest,
    HttpResponse,
    JsonBody,
    Message,
    Part,
    Response,
    StreamBody,
    TextPart,
    ToolCallPart,
    Usage,
)
from pytest_llmreplay.providers.registry import FORMATS
from pytest_llmreplay.providers.streams.pieces import content_type_of
from pytest_llmreplay.replay.calls.result import CallFailed

APIS = ("ollama_chat", "ollama_generate", "cohere_chat", "cohere_chat_v1", "interactions")
ASKED: dict[str, dict[str, Any]] = {
    "ollama_generate": {"prompt": "hi"},
    "interactions": {"input": "hi"},
    "cohere_chat_v1": {"message": "hi"},
}
WORDS = "I can help, because the order is large. You need only 2 things."
CALL = ToolCallPart(name="refund", arguments={"order": "A-1", "ok": True}, id="call_1")


def recorded(number: int, api: str, *, stream: bool, called: bool) -> Event:
    """An event as a cassette would hold it."""
    spoken = FORMATS[api]
    parts: tuple[Part, ...] = (TextPart(content=WORDS), *([CALL] if called else []))
    choice = Choice(
        message=Message(role="assistant", parts=parts),
        finish_reason="tool_call" if called else "stop",
    )
    said = Response(choices=(choice,), usage=Usage(input_tokens=10, output_tokens=20))
    pieces = spoken.encode_stream(said)
    whole = JsonBody(value=spoken.encode_response(said))
    kind = content_type_of(pieces[0]) if stream else "application/json"
    lines = StreamBody(chunks=tuple(Chunk(at=0.1, data=data) for data in pieces))
    asked: dict[str, Any] = {"model": "m", "stream": stream}
    asked |= ASKED.get(api, {"messages": [{"role": "user"}]})
    request = HttpRequest(
        method="POST", url=f"http://127.0.0.1:11434{spoken.path}", body=JsonBody(value=asked)
    )
    response = HttpResponse(
        status=200, headers={"content-type": kind}, body=lines if stream else whole
    )
    return Event(
        number=number,
        provider="local",
        model="m",
        api=api,
        exchange=Exchange(request=request, response=response),
        decoder=spoken,
    )


EVENTS = [
    recorded(number, api, stream=stream, called=called)
    for number, (api, stream, called) in enumerate(
        itertools.product(APIS, (False, True), (False, True)), start=1
    )
]
CALLED = [bool(event.response.tool_calls) for event in EVENTS]


@cache
def replay(name: str) -> list[Event | ReplayError]:
    """All events, as a simulated model answers them."""
    return replayed(name, EVENTS)


def answers(name: str) -> list[Response]:
    """The same, where all of them are answers."""
    events = [event for event in replay(name) if isinstance(event, Event)]
    assert len(EVENTS) == len(events)
    return [event.response for event in events]


@pytest.mark.parametrize("name", ["steady", "rate-limited"])
def test_answers_come_as_recorded(name: str) -> None:
    """Plain ones plain and streams in the same pieces, also after a refusal for a while."""
    assert [event.response for event in EVENTS] == answers(name)
    for before, after in zip(EVENTS, replay(name), strict=True):
        assert isinstance(after, Event)
        was, now = before.exchange.response, after.exchange.response
        assert isinstance(was, HttpResponse)
        assert isinstance(now, HttpResponse)
        assert _pieces(was) == _pieces(now)
        assert after.measured.time_to_first_chunk


def _pieces(answer: HttpResponse) -> Any:
    body = answer.body
    return [chunk.data for chunk in body.chunks] if isinstance(body, StreamBody) else body


def test_other_words() -> None:
    """The text changes, calls do not."""
    said = answers("wording")
    assert all(WORDS != response.text != "" for response in said)
    assert CALLED == [[CALL.arguments] == [c.arguments for c in r.tool_calls] for r in said]


def test_a_call_is_dropped_or_changed() -> None:
    """Where there was one."""
    assert not any(response.tool_calls for response in answers("tool-dropped"))
    changed = [[call.arguments for call in r.tool_calls] for r in answers("tool-changed")]
    assert CALLED == [given not in ([], [CALL.arguments]) for given in changed]


def test_broken_json_shows_as_text() -> None:
    """Arguments that are no object."""
    given = [call.arguments for r in answers("broken-json") for call in r.tool_calls]
    assert CALLED.count(True) == len(given)
    assert all(isinstance(arguments, str) for arguments in given)


def test_endings_are_told_in_the_words_of_the_format() -> None:
    """Cut by length, and refused in words, since neither format has a sign for it."""
    assert {"length"} == {response.finish_reason for response in answers("truncated")}
    assert all("can't help" in response.text for response in answers("refusal"))
    assert {80} == {response.usage.output_tokens for response in answers("verbose")}


@pytest.mark.parametrize(("name", "kind"), [("failing", "status"), ("disconnect", "cut")])
def test_failures_are_failures(name: str, kind: str) -> None:
    """Of the server, and of the connection."""
    found = replay(name)
    assert {kind} == {error.kind for error in found if isinstance(error, CallFailed)}
    assert len(EVENTS) == sum(isinstance(error, CallFailed) for error in found)
