"""OpenAI's own client: every way of calling it is one event, and plays back alike."""

from __future__ import annotations

import json
import os
from typing import Any

import pydantic
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
from servers.provider_server import says

openai = pytest.importorskip("openai")

ASKED: Any = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": TEXT}]}
INPUT: Any = {"model": "gpt-5-mini", "input": TEXT}
SEARCH = {"name": "search", "parameters": {"type": "object", "properties": {}}}
TOOLS: Any = [{"type": "function", "function": SEARCH}]


class Tent(pydantic.BaseModel):
    """What a parsed answer is made into."""

    name: str
    persons: int


def client(kind: Any = openai.OpenAI, **options: Any) -> Any:
    """A client of the loopback server."""
    base_url = os.environ["CHAT_URL"]
    return kind(api_key="sk-test-0123456789abcdef0123", base_url=base_url, max_retries=0, **options)


def aclient(**options: Any) -> Any:
    """An asynchronous client of the loopback server."""
    return client(openai.AsyncOpenAI, **options)


def over_aiohttp() -> Any:
    """An asynchronous client whose transport is aiohttp."""
    return aclient(http_client=openai.DefaultAioHttpClient())


def over_httpx() -> Any:
    """A client with an HTTP client of httpx, as applications still pass them."""
    import httpx  # noqa: PLC0415  # not installed with the client

    return client(http_client=httpx.Client())


def aover_httpx() -> Any:
    """An asynchronous client with an HTTP client of httpx."""
    import httpx  # noqa: PLC0415  # not installed with the client

    return aclient(http_client=httpx.AsyncClient())


def words(answer: Any) -> Any:
    """What a chat completion says."""
    return answer.choices[0].message.content


def pieces(chunk: Any) -> list[str]:
    """What one chunk of a chat completion says."""
    return [choice.delta.content for choice in chunk.choices if choice.delta.content]


def tool_call(answer: Any) -> Any:
    """The tool call of a chat completion."""
    (call,) = answer.choices[0].message.tool_calls
    return [call.function.name, json.loads(call.function.arguments)]


def plain(made: Any) -> Any:
    """An ordinary completion."""
    with made as opened:
        return words(opened.chat.completions.create(**ASKED))


def stream(made: Any) -> Any:
    """A streamed completion."""
    with made as opened:
        chunks = opened.chat.completions.create(**ASKED, stream=True)
        return [piece for chunk in chunks for piece in pieces(chunk)]


def streamed_tool() -> Any:
    """A tool call, gathered by the SDK's helper for streams."""
    with client() as opened, opened.chat.completions.stream(**ASKED, tools=TOOLS) as events:
        return tool_call(events.get_final_completion())


def parsed() -> Any:
    """An answer parsed into a model."""
    with client() as opened:
        answer = opened.chat.completions.parse(**ASKED, response_format=Tent)
    return answer.choices[0].message.parsed.model_dump()


def raw() -> Any:
    """A raw response: its header, and the answer parsed from it."""
    with client() as opened:
        response = opened.chat.completions.with_raw_response.create(**ASKED)
        return [response.status_code, words(response.parse())]


def streaming_raw() -> Any:
    """A raw response that is read line by line."""
    with client() as opened:
        made = opened.chat.completions.with_streaming_response.create(**ASKED, stream=True)
        with made as response:
            lines = [line for line in response.iter_lines() if line.startswith("data: {")]
    return [
        choice["delta"]["content"]
        for line in lines
        for choice in json.loads(line.removeprefix("data: "))["choices"]
        if choice["delta"].get("content")
    ]


def responses() -> Any:
    """An answer of the Responses API."""
    with client() as opened:
        return opened.responses.create(**INPUT).output_text


def responses_tool() -> Any:
    """A tool call of the Responses API."""
    with client() as opened:
        *_, call = opened.responses.create(**INPUT, tools=[{"type": "function", **SEARCH}]).output
    return [call.name, json.loads(call.arguments)]


def responses_stream() -> Any:
    """A streamed answer of the Responses API."""
    with client() as opened:
        events = list(opened.responses.create(**INPUT, stream=True))
    return [event.delta for event in events if event.type == "response.output_text.delta"]


def responses_helper() -> Any:
    """The SDK's helper for streams of the Responses API."""
    with client() as opened, opened.responses.stream(**INPUT) as events:
        return events.get_final_response().output_text


def responses_parsed() -> Any:
    """An answer of the Responses API parsed into a model."""
    with client() as opened:
        return opened.responses.parse(**INPUT, text_format=Tent).output_parsed.model_dump()


async def aresponses_stream() -> Any:
    """A streamed answer of the Responses API, asynchronously."""
    async with aclient() as opened:
        events = [event async for event in await opened.responses.create(**INPUT, stream=True)]
    return [event.delta for event in events if event.type == "response.output_text.delta"]


async def aplain(made: Any) -> Any:
    """An ordinary completion, asynchronously."""
    async with made as opened:
        return words(await opened.chat.completions.create(**ASKED))


async def astream(made: Any) -> Any:
    """A streamed completion, asynchronously."""
    async with made as opened:
        chunks = await opened.chat.completions.create(**ASKED, stream=True)
        return [piece async for chunk in chunks for piece in pieces(chunk)]


async def astreaming_raw() -> Any:
    """A raw response that is read at once, asynchronously."""
    async with aclient() as opened:
        made = opened.chat.completions.with_streaming_response.create(**ASKED)
        async with made as response:
            return words(await response.parse())


ECHO = "".join(PIECES)
TENT = says(json.dumps({"name": "Fjord", "persons": 2}))
MADE = {"name": "Fjord", "persons": 2}
DENIED, LIMITED = ["AuthenticationError", 401], ["RateLimitError", 429]

CALLS = {
    "plain": Call(make=lambda: plain(client()), says=ECHO),
    "stream": Call(make=lambda: stream(client()), says=PIECES),
    "streamed-tool": Call(make=streamed_tool, says=WANTED, answers=(CALL,)),
    "parsed": Call(make=parsed, says=MADE, answers=(TENT,)),
    "raw": Call(make=raw, says=[200, ECHO]),
    "streaming-raw": Call(make=streaming_raw, says=PIECES),
    "401": Call(make=lambda: refused(lambda: plain(client())), says=DENIED, answers=(NO_KEY,)),
    "429": Call(make=lambda: refused(lambda: plain(client())), says=LIMITED, answers=(BUSY,)),
    "429-stream": Call(
        make=lambda: refused(lambda: stream(client())), says=LIMITED, answers=(BUSY,)
    ),
    "responses": Call(make=responses, says=ECHO),
    "responses-tool": Call(make=responses_tool, says=WANTED, answers=(CALL,)),
    "responses-stream": Call(make=responses_stream, says=PIECES),
    "responses-helper": Call(make=responses_helper, says=ECHO),
    "responses-parsed": Call(make=responses_parsed, says=MADE, answers=(TENT,)),
    "responses-401": Call(make=lambda: refused(responses), says=DENIED, answers=(NO_KEY,)),
    "async": Call(make=lambda: aplain(aclient()), says=ECHO),
    "async-stream": Call(make=lambda: astream(aclient()), says=PIECES),
    "async-streaming-raw": Call(make=astreaming_raw, says=ECHO),
    "async-401": Call(make=lambda: arefused(aplain(aclient())), says=DENIED, answers=(NO_KEY,)),
    "async-responses-stream": Call(make=aresponses_stream, says=PIECES),
}
HTTPX_CALLS = {
    "plain": Call(make=lambda: plain(over_httpx()), says=ECHO),
    "stream": Call(make=lambda: stream(over_httpx()), says=PIECES),
    "async": Call(make=lambda: aplain(aover_httpx()), says=ECHO),
    "async-stream": Call(make=lambda: astream(aover_httpx()), says=PIECES),
}
AIOHTTP_CALLS = {
    "async": Call(make=lambda: aplain(over_aiohttp()), says=ECHO),
    "async-stream": Call(make=lambda: astream(over_aiohttp()), says=PIECES),
    "async-429": Call(make=lambda: arefused(aplain(over_aiohttp())), says=LIMITED, answers=(BUSY,)),
}


@needs(openai="1.92")
def test_every_call_is_one_event_and_plays(client_project: ClientProject) -> None:
    """Recorded and played answers are equal, and the provider is asked once for each."""
    client_project.prove(__name__, "CALLS", CALLS, client="openai")


def test_calls_over_httpx(client_project: ClientProject) -> None:
    """With an HTTP client of httpx, as applications still pass them, a call is one event."""
    pytest.importorskip("httpx")
    client_project.prove(__name__, "HTTPX_CALLS", HTTPX_CALLS, client="openai on httpx")


@needs(openai="1.92")
def test_calls_over_aiohttp(client_project: ClientProject) -> None:
    """Over the transport of aiohttp, a call is one event and not a second one of aiohttp's."""
    pytest.importorskip("aiohttp")
    client_project.prove(__name__, "AIOHTTP_CALLS", AIOHTTP_CALLS, client="openai on aiohttp")
