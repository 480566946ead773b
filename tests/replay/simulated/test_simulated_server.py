"""The simulated model answers recorded events through the real SDKs, byte for byte."""

from __future__ import annotations

import json
from typing import Any

import anthropic
import httpx2
import openai
import pytest
from replay.simulated.simulated_events import (
    CALL,
    TEXT,
    naming,
    playing,
    recorded,
    request_body,
    url_of,
)
from sdk_clients import needs

from pytest_llmreplay.errors import UnknownTarget
from pytest_llmreplay.event import (
    BinaryBody,
    Body,
    Event,
    Exchange,
    Failure,
    HttpResponse,
    StreamBody,
    TextBody,
)
from pytest_llmreplay.replay.simulated import FAULTS, SimulatedServer

APIS = ["chat_completions", "responses", "messages"]


def post(server: SimulatedServer, event: Event, *, stream: bool = False) -> httpx2.Response:
    """Ask for a recorded event."""
    body = request_body(event.api, stream=stream)
    return httpx2.post(url_of(server, event.api), json=body, headers=naming(event))


@pytest.mark.parametrize("api", APIS)
def test_steady_plain(api: str) -> None:
    """The same body and the headers that were kept."""
    event = recorded(api, calls=(CALL,))
    with playing("steady", event) as server:
        answer = post(server, event)
    response = event.exchange.response
    assert isinstance(response, HttpResponse)
    assert response.body.value == answer.json()
    assert "1" == answer.headers["x-kept"]


@pytest.mark.parametrize("api", APIS)
def test_steady_stream(api: str) -> None:
    """The same bytes in the same chunks."""
    event = recorded(api, calls=(CALL,), stream=True)
    with playing("steady", event) as server, httpx2.Client() as client:
        body = request_body(api, stream=True)
        with client.stream("POST", url_of(server, api), json=body, headers=naming(event)) as answer:
            chunks = list(answer.iter_raw())
    response = event.exchange.response
    assert isinstance(response, HttpResponse)
    assert isinstance(response.body, StreamBody)
    assert [chunk.data for chunk in response.body.chunks] == chunks
    assert "text/event-stream; charset=utf-8" == answer.headers["content-type"]


@pytest.mark.parametrize("stream", [False, True])
def test_openai_sdk(stream: bool) -> None:
    """OpenAI's SDK reads text and tool call, in either way, whichever way was recorded."""
    event = recorded("chat_completions", calls=(CALL,), stream=not stream)
    with playing("steady", event) as server:
        base_url = server.base_urls["chat_completions"]
        with openai.OpenAI(base_url=base_url, api_key="k", max_retries=0) as client:
            create: Any = client.chat.completions.create
            body = request_body("chat_completions", stream=stream)
            answer = create(**body, extra_headers=naming(event))
            told = _told_by_openai(answer, stream=stream)
    assert (TEXT, "refund", CALL[1], "tool_calls") == told


def _told_by_openai(answer: Any, *, stream: bool) -> tuple[Any, ...]:
    if not stream:
        (choice,) = answer.choices
        function = choice.message.tool_calls[0].function
        arguments = json.loads(function.arguments)
        return choice.message.content, function.name, arguments, choice.finish_reason
    deltas = [event.choices[0] for event in answer if event.choices]
    calls = [call for choice in deltas for call in choice.delta.tool_calls or []]
    return (
        "".join(choice.delta.content or "" for choice in deltas),
        calls[0].function.name,
        json.loads("".join(call.function.arguments for call in calls)),
        deltas[-1].finish_reason,
    )


@pytest.mark.parametrize("stream", [False, True])
def test_anthropic_sdk(stream: bool) -> None:
    """Anthropic's SDK reads text and tool call, in either way, whichever way was recorded."""
    event = recorded("messages", calls=(CALL,), stream=not stream)
    body = request_body("messages")
    with playing("steady", event) as server:
        base_url = server.base_urls["messages"]
        with anthropic.Anthropic(base_url=base_url, api_key="k", max_retries=0) as client:
            message: Any
            if stream:
                with client.messages.stream(**body, extra_headers=naming(event)) as events:
                    message = events.get_final_message()
            else:
                message = client.messages.create(**body, extra_headers=naming(event))
    text, call = message.content
    assert (TEXT, "refund", CALL[1]) == (text.text, call.name, call.input)
    assert "tool_use" == message.stop_reason


def test_usage_only_when_asked_for() -> None:
    """A stream of chat completions tells its tokens only to a client that asked."""
    event = recorded("chat_completions")
    body = request_body("chat_completions", stream=True)
    told = []
    with playing("steady", event) as server:
        url = url_of(server, "chat_completions")
        for options in ({}, {"stream_options": {"include_usage": True}}):
            answer = httpx2.post(url, json=body | options, headers=naming(event))
            told.append('"usage"' in answer.text)
    assert [False, True] == told


def test_recorded_errors_and_odd_bodies() -> None:
    """Errors, texts, bytes and nothing are given back as they are."""
    bodies: list[Body | None] = [TextBody(text="Bad gateway ü"), BinaryBody(data=b"\x00\xff"), None]
    events = [
        recorded("messages", number=number, body=body, status=502)
        for number, body in enumerate(bodies)
    ]
    empty = HttpResponse(status=502)
    object.__setattr__(events[2].exchange, "response", empty)
    with playing("wording", *events) as server:
        answers = [post(server, event) for event in events]
    assert ["Bad gateway ü".encode(), b"\x00\xff", b""] == [answer.content for answer in answers]
    assert {502} == {answer.status_code for answer in answers}


def test_recorded_failure_and_cut_stream() -> None:
    """A call that got no answer, or half of one, gets as much again."""
    broken = recorded("messages")
    exchange = Exchange(request=broken.exchange.request, response=Failure(kind="cut"))
    object.__setattr__(broken, "exchange", exchange)
    cut = recorded("chat_completions", stream=True, number=2)
    object.__setattr__(cut.exchange.response, "ended", "cut")
    with playing("steady", broken, cut) as server:
        with pytest.raises(httpx2.RemoteProtocolError):
            post(server, broken)
        with pytest.raises(httpx2.RemoteProtocolError):
            post(server, cut, stream=True)


@needs(anthropic="0.47")
def test_models() -> None:
    """Both SDKs list the simulated models."""
    with SimulatedServer("steady") as server:
        urls = server.base_urls
        with openai.OpenAI(base_url=urls["chat_completions"], api_key="k") as client:
            by_openai = [model.id for model in client.models.list()]
        with anthropic.Anthropic(base_url=urls["messages"], api_key="k") as client:
            by_anthropic = [model.id for model in client.models.list()]
        elsewhere = httpx2.get(f"{server.url}/v1/files")
    assert [f"simulated/{name}" for name in FAULTS] == by_openai == by_anthropic
    assert 404 == elsewhere.status_code


@pytest.mark.parametrize(
    ("path", "content", "status", "words"),
    [
        ("/v1/rerank", b"{}", 404, "served are /v1/chat/completions, "),
        ("/v1/messages", b"{", 400, "no JSON"),
        ("/v1/messages", b"[" * 100_000, 400, "no JSON"),
        ("/v1/chat/completions", b"[]", 400, "no JSON object"),
        ("/v1/chat/completions", b"{}", 400, "names no recorded event (header x-llmreplay-event)"),
    ],
)
def test_wrong_use(path: str, content: bytes, status: int, words: str) -> None:
    """What cannot be answered is an error that says why."""
    with SimulatedServer("steady") as server:
        headers = {"content-type": "application/json"}
        answer = httpx2.post(f"{server.url}{path}", content=content, headers=headers)
    assert status == answer.status_code
    assert words in answer.json()["error"]["message"]


def test_unknown_event() -> None:
    """An event that nobody recorded is named."""
    event = recorded("messages", number=7)
    with playing("steady") as server:
        answer = post(server, event)
        nobody = SimulatedServer("steady")
        with nobody:
            other = post(nobody, event)
    assert "no recording of the event '7'" in answer.json()["error"]["message"]
    assert 400 == answer.status_code == other.status_code


def test_calls_are_counted() -> None:
    """The server tells how often it was asked."""
    event = recorded("messages")
    with playing("steady", event) as server:
        post(server, event)
        post(server, event)
        assert 2 == server.calls


def test_unknown_model() -> None:
    """A simulated model that does not exist: the nearest one, and all of them."""
    with pytest.raises(UnknownTarget) as caught:
        SimulatedServer("stedy")
    assert (
        "No simulated model is named 'stedy'; did you mean 'simulated/steady'? The simulated "
        f"models are {', '.join(FAULTS)}."
    ) == str(caught.value)
    with pytest.raises(UnknownTarget, match=r"named 'zzz'\. The simulated models are steady,"):
        SimulatedServer("zzz")


def test_every_fault_is_explained() -> None:
    """Users read the docstrings."""
    assert all(fault.__doc__ for fault in FAULTS.values())
    assert {"steady", "drift", "tool-dropped", "rate-limited", "broken-json"} <= set(FAULTS)
