"""The imitated providers behave as the tests of the other stages rely on."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import anthropic
import httpx2
import openai
import pytest
from sdk_clients import http_of
from servers.provider_server import (
    ProviderServer,
    cuts,
    echoes_headers,
    fails,
    hangs,
    huge,
    raw,
    redirects,
    resets,
    says,
)

USER: Any = [{"role": "user", "content": "hello there"}]
CALL = ("get_order", {"order_id": "FJ-1", "reason": "damaged or late"})


@pytest.fixture
def chat(provider_server: ProviderServer) -> Iterator[openai.OpenAI]:
    """OpenAI's SDK, speaking to the server."""
    with openai.OpenAI(
        base_url=provider_server.openai, api_key="k", max_retries=1, timeout=5
    ) as client:
        yield client


@pytest.fixture
def claude(provider_server: ProviderServer) -> Iterator[anthropic.Anthropic]:
    """Anthropic's SDK, speaking to the server."""
    with anthropic.Anthropic(
        base_url=provider_server.anthropic, api_key="k", max_retries=1, timeout=5
    ) as client:
        yield client


def test_openai_echo(chat: openai.OpenAI, provider_server: ProviderServer) -> None:
    """Without an order the user's words come back, and the request was noted."""
    answer = chat.chat.completions.create(model="m", messages=USER)
    assert "Echo: hello there" == answer.choices[0].message.content
    assert ["/v1/chat/completions"] == [seen.path for seen in provider_server.seen]
    assert USER == provider_server.seen[0].json["messages"]


def test_openai_stream_with_tool_call(chat: openai.OpenAI, provider_server: ProviderServer) -> None:
    """A stream carries text and the arguments in pieces."""
    provider_server.next(says("Let me look.", calls=[CALL]))
    events = list(
        chat.chat.completions.create(
            model="m", messages=USER, stream=True, stream_options={"include_usage": True}
        )
    )
    deltas = [event.choices[0].delta for event in events if event.choices]
    arguments = "".join(
        call.function.arguments or "" for delta in deltas for call in delta.tool_calls or []
    )
    assert "Let me look." == "".join(delta.content or "" for delta in deltas)
    assert CALL[1] == json.loads(arguments)
    assert events[-1].usage is not None
    assert 8 == events[-1].usage.completion_tokens


def test_anthropic_plain_and_stream(
    claude: anthropic.Anthropic, provider_server: ProviderServer
) -> None:
    """Both ways of the messages format are read by the SDK."""
    provider_server.next(says("Sure.", calls=[CALL]), says("Sure.", calls=[CALL]))
    plain = claude.messages.create(model="m", max_tokens=99, messages=USER)
    with claude.messages.stream(model="m", max_tokens=99, messages=USER) as stream:
        streamed = stream.get_final_message()
    assert ["text", "tool_use"] == [block.type for block in plain.content]
    assert CALL[1] == streamed.content[1].input
    assert "tool_use" == streamed.stop_reason


def test_gzip(
    chat: openai.OpenAI, claude: anthropic.Anthropic, provider_server: ProviderServer
) -> None:
    """Compressed answers are answers, streamed or not."""
    provider_server.next(says("short", compressed=True), says("a b c", compressed=True))
    assert (
        chat.chat.completions.create(model="m", messages=USER).choices[0].message.content == "short"
    )
    with claude.messages.stream(model="m", max_tokens=99, messages=USER) as stream:
        assert "a b c" == stream.get_final_text()


def test_delays_stand_between_events(chat: openai.OpenAI, provider_server: ProviderServer) -> None:
    """Each event of a stream waits for its time and arrives alone."""
    provider_server.next(says("a b c d", delay=0.02))
    arrived = [
        time.perf_counter()
        for _ in chat.chat.completions.create(model="m", messages=USER, stream=True)
    ]
    assert 0.08 <= arrived[-1] - arrived[0]


def test_retry_after(chat: openai.OpenAI, provider_server: ProviderServer) -> None:
    """An error with a wait is tried again by the SDK."""
    provider_server.next(fails(429, retry_after=0.01))
    assert (
        chat.chat.completions.create(model="m", messages=USER).choices[0].message.content
    ) == "Echo: hello there"
    assert 2 == len(provider_server.seen)


def test_reset_and_cut(chat: openai.OpenAI, provider_server: ProviderServer) -> None:
    """A reset and a cut are connection errors for the SDK."""
    provider_server.next(resets, resets, cuts(), cuts())
    for _ in range(2):
        with pytest.raises(openai.APIConnectionError):
            chat.chat.completions.create(model="m", messages=USER)
    assert 4 == len(provider_server.seen)


def test_cut_stream(claude: anthropic.Anthropic, provider_server: ProviderServer) -> None:
    """A stream breaks off after some events."""
    provider_server.next(cuts(after=5))
    received: list[str] = []
    stream = claude.messages.create(model="m", max_tokens=9, messages=USER, stream=True)
    with pytest.raises(http_of(anthropic).RemoteProtocolError):
        received.extend(event.type for event in stream)
    deltas = 2 * ["content_block_delta"]
    assert ["message_start", "content_block_start", *deltas] == received


def test_hang(chat: openai.OpenAI, provider_server: ProviderServer) -> None:
    """A server that says nothing runs into the client's timeout."""
    provider_server.next(hangs)
    with pytest.raises(openai.APITimeoutError):
        chat.with_options(timeout=0.1, max_retries=0).chat.completions.create(
            model="m", messages=USER
        )


def test_redirect_to_another_server(provider_server: ProviderServer) -> None:
    """A redirect names another server, which sees the request if the client follows."""
    with ProviderServer() as other, httpx2.Client(follow_redirects=True) as client:
        provider_server.next(redirects(f"{other.url}/v1/chat/completions"))
        client.post(f"{provider_server.openai}/chat/completions", json={"messages": USER})
        assert 1 == len(other.seen)


def test_huge_raw_and_header_echo(provider_server: ProviderServer) -> None:
    """Sizes, bodies and headers come as asked."""
    provider_server.next(huge(5_000_000), raw(b"<html>", status=502, content_type="text/html"))
    provider_server.next(echoes_headers)
    with httpx2.Client(base_url=provider_server.url) as client:
        assert 5_000_000 == len(client.get("/any").content)
        failed = client.get("/any")
        assert (502, "<html>") == (failed.status_code, failed.text)
        assert "1" == client.get("/x?y=1", headers={"X-Mine": "1"}).json()["headers"]["x-mine"]
