"""Anthropic's own client: every way of calling it is one event, and plays back alike."""

from __future__ import annotations

import os
from typing import Any

import pytest
from clients.client_project import (
    BUSY,
    CALL,
    NO_KEY,
    PIECES,
    TEXT,
    WANTED,
    Call,
    ClientProject,
    arefused,
    refused,
)
from sdk_clients import needs

anthropic = pytest.importorskip("anthropic")

ASKED: Any = {
    "model": "claude-sonnet-4-6",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": TEXT}],
}
TOOLS: Any = [{"name": "search", "input_schema": {"type": "object", "properties": {}}}]


def client(kind: Any = anthropic.Anthropic, **options: Any) -> Any:
    """A client of the loopback server."""
    base_url = os.environ["MESSAGES_URL"]
    return kind(api_key="sk-ant-test-0123456789abcdef", base_url=base_url, max_retries=0, **options)


def aclient(**options: Any) -> Any:
    """An asynchronous client of the loopback server."""
    return client(anthropic.AsyncAnthropic, **options)


def over_aiohttp() -> Any:
    """An asynchronous client whose transport is aiohttp."""
    return aclient(http_client=anthropic.DefaultAioHttpClient())


def tool_call(answer: Any) -> Any:
    """The tool call of a message."""
    (block,) = answer.content
    return [block.name, block.input]


def plain() -> Any:
    """An ordinary message."""
    with client() as opened:
        return opened.messages.create(**ASKED).content[0].text


def events() -> Any:
    """A streamed message, event by event."""
    with client() as opened:
        found = list(opened.messages.create(**ASKED, stream=True))
    return [event.delta.text for event in found if event.type == "content_block_delta"]


def stream() -> Any:
    """The SDK's helper for streams."""
    with client() as opened, opened.messages.stream(**ASKED) as made:
        return list(made.text_stream)


def tool() -> Any:
    """A tool call."""
    with client() as opened:
        return tool_call(opened.messages.create(**ASKED, tools=TOOLS))


def streamed_tool() -> Any:
    """A tool call, gathered by the SDK's helper for streams."""
    with client() as opened, opened.messages.stream(**ASKED, tools=TOOLS) as made:
        return tool_call(made.get_final_message())


def raw() -> Any:
    """A raw response: its status, and the message parsed from it."""
    with client() as opened:
        response = opened.messages.with_raw_response.create(**ASKED)
        return [response.status_code, response.parse().content[0].text]


def streaming_raw() -> Any:
    """A raw response that is read line by line."""
    with client() as opened, opened.messages.with_streaming_response.create(**ASKED) as made:
        return made.parse().content[0].text


async def aplain(made: Any) -> Any:
    """An ordinary message, asynchronously."""
    async with made as opened:
        return (await opened.messages.create(**ASKED)).content[0].text


async def astream(made: Any) -> Any:
    """The SDK's helper for streams, asynchronously."""
    async with made as opened, opened.messages.stream(**ASKED) as found:
        return [piece async for piece in found.text_stream]


ECHO = "".join(PIECES)
DENIED, LIMITED = ["AuthenticationError", 401], ["RateLimitError", 429]

CALLS = {
    "plain": Call(make=plain, says=ECHO),
    "events": Call(make=events, says=PIECES),
    "stream": Call(make=stream, says=PIECES),
    "tool": Call(make=tool, says=WANTED, answers=(CALL,)),
    "streamed-tool": Call(make=streamed_tool, says=WANTED, answers=(CALL,)),
    "raw": Call(make=raw, says=[200, ECHO]),
    "streaming-raw": Call(make=streaming_raw, says=ECHO),
    "401": Call(make=lambda: refused(plain), says=DENIED, answers=(NO_KEY,)),
    "429": Call(make=lambda: refused(plain), says=LIMITED, answers=(BUSY,)),
    "429-stream": Call(make=lambda: refused(stream), says=LIMITED, answers=(BUSY,)),
    "async": Call(make=lambda: aplain(aclient()), says=ECHO),
    "async-stream": Call(make=lambda: astream(aclient()), says=PIECES),
    "async-401": Call(make=lambda: arefused(aplain(aclient())), says=DENIED, answers=(NO_KEY,)),
}
AIOHTTP_CALLS = {
    "async": Call(make=lambda: aplain(over_aiohttp()), says=ECHO),
    "async-stream": Call(make=lambda: astream(over_aiohttp()), says=PIECES),
    "async-429": Call(make=lambda: arefused(aplain(over_aiohttp())), says=LIMITED, answers=(BUSY,)),
}


def test_every_call_is_one_event_and_plays(client_project: ClientProject) -> None:
    """Recorded and played answers are equal, and the provider is asked once for each."""
    client_project.prove(__name__, "CALLS", CALLS, client="anthropic")


@needs(anthropic="0.60")
def test_calls_over_aiohttp(client_project: ClientProject) -> None:
    """Over the transport of aiohttp, a call is one event and not a second one of aiohttp's."""
    pytest.importorskip("aiohttp")
    client_project.prove(__name__, "AIOHTTP_CALLS", AIOHTTP_CALLS, client="anthropic on aiohttp")
