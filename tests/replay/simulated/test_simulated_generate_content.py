"""Simulated models speak Google's format, whose URLs hold the model."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx2
import pytest
from replay.simulated.replayed_events import replayed
from replay.simulated.simulated_events import naming, playing

from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.event import (
    Chunk,
    Event,
    Exchange,
    HttpRequest,
    HttpResponse,
    JsonBody,
    Response,
    StreamBody,
)
from pytest_llmreplay.providers.generate_content import GENERATE_CONTENT
from pytest_llmreplay.replay.calls.result import CallFailed

TEXT = "I can help, because the order is large."
ASKED: Any = {
    "contents": [{"role": "user", "parts": [{"text": "My wheel is bent."}]}],
    "tools": [
        {
            "functionDeclarations": [
                {
                    "name": "refund",
                    "parameters": {"type": "OBJECT", "properties": {"id": {"type": "STRING"}}},
                }
            ]
        }
    ],
}
CALL = {"functionCall": {"name": "refund", "args": {"id": "HC-48213"}}}
ANSWER: Any = {
    "candidates": [
        {
            "content": {"parts": [{"text": TEXT}, CALL], "role": "model"},
            "finishReason": "STOP",
            "index": 0,
        }
    ],
    "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 12, "totalTokenCount": 21},
    "modelVersion": "gemini-x",
}


def recorded(*, stream: bool) -> Event:
    """A recorded call."""
    method = "streamGenerateContent?alt=sse" if stream else "generateContent"
    body: Any = JsonBody(value=ANSWER)
    if stream:
        request = HttpRequest(method="POST", url="https://x.example/v1")
        whole = GENERATE_CONTENT.response(
            Exchange(request=request, response=HttpResponse(status=200, body=body))
        )
        events = GENERATE_CONTENT.encode_stream(whole)
        body = StreamBody(chunks=tuple(Chunk(at=0.1, data=event) for event in events))
    url = f"https://generativelanguage.googleapis.com/v1beta/models/gemini-x:{method}"
    kind = "text/event-stream" if stream else "application/json"
    return Event(
        number=1,
        provider="gemini",
        model="gemini-x",
        api="generate_content",
        exchange=Exchange(
            request=HttpRequest(method="POST", url=url, body=JsonBody(value=ASKED)),
            response=HttpResponse(status=200, headers={"content-type": kind}, body=body),
        ),
        decoder=GENERATE_CONTENT,
    )


streams = pytest.mark.parametrize("stream", [False, True])


@streams
@pytest.mark.parametrize("name", ["steady", "rate-limited"])
def test_a_steady_model_answers_as_recorded(name: str, stream: bool) -> None:
    """Plain and in pieces, also after asking for patience."""
    event = recorded(stream=stream)
    (found,) = replayed(name, [event])
    assert isinstance(found, Event)
    assert event.response == found.response
    assert ("tool_call", TEXT, 9, 12) == (
        found.response.finish_reason,
        found.response.text,
        found.usage.input_tokens,
        found.usage.output_tokens,
    )


def test_a_stream_that_its_reader_left_comes_to_its_end() -> None:
    """With the reason to end that was never read, as Google's streams have no other end."""
    event = recorded(stream=True)
    response = event.exchange.response
    assert isinstance(response, HttpResponse)
    assert isinstance(response.body, StreamBody)
    read = replace(response, ended="left", body=StreamBody(chunks=response.body.chunks[:2]))
    event = replace(event, exchange=replace(event.exchange, response=read))
    (found,) = replayed("steady", [event])
    assert isinstance(found, Event)
    assert TEXT.startswith(found.response.text)
    assert ("stop", False) == (found.response.finish_reason, found.response.truncated)


@streams
def test_changed_answers_are_told_in_the_format(stream: bool) -> None:
    """Other words, other arguments, half an answer, no call, a refusal."""
    event = recorded(stream=stream)
    found: dict[str, Response] = {}
    for name in ("wording", "tool-changed", "tool-dropped", "truncated", "refusal", "broken-json"):
        (made,) = replayed(name, [event])
        assert isinstance(made, Event)
        found[name] = made.response
    assert TEXT != found["wording"].text
    assert event.response.tool_calls == found["wording"].tool_calls
    assert {"id": "HC-48214"} == found["tool-changed"].tool_calls[0].arguments
    assert () == found["tool-dropped"].tool_calls
    assert ("length", "stop") == (
        found["truncated"].finish_reason,
        found["tool-dropped"].finish_reason,
    )
    assert "I'm sorry, but I can't help with that request." == found["refusal"].refusal
    assert isinstance(found["broken-json"].tool_calls[0].arguments, str)


@streams
def test_failures_are_told_in_the_format(stream: bool) -> None:
    """An error of the server, and an answer that breaks off."""
    event = recorded(stream=stream)
    (failed,) = replayed("failing", [event])
    assert isinstance(failed, CallFailed)
    assert "HTTP 500: The simulated model failed, as it always does." in str(failed)
    (cut,) = replayed("disconnect", [event])
    assert isinstance(cut, ReplayError)


def test_any_version_of_the_api_is_served() -> None:
    """Clients put the version before the collection, and ask for tuned models elsewhere."""
    event = recorded(stream=False)
    with playing("steady", event) as server:
        paths = ("/v1beta/models/g", "/v1/tunedModels/t", "/v1/publishers/google/models/g")
        answers = [
            httpx2.post(f"{server.url}{path}:generateContent", json=ASKED, headers=naming(event))
            for path in paths
        ]
        lost = httpx2.post(f"{server.url}/v1beta/models/g:countTokens", json={})
    assert [ANSWER] * 3 == [answer.json() for answer in answers]
    assert "/v1/models/{model}:generateContent" in lost.json()["error"]["message"]
