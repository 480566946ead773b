"""The SDKs themselves: every way of calling them is one event each, and plays back alike."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

import anthropic
import httpx
import openai
import pytest
from capture.capture_server import ModelServer
from capture.capture_tape import MemoryTape, Missed, playing, tape_in
from sdk_clients import needs

from pytest_llmreplay.event import Failure

Case: TypeAlias = Callable[[Any], Any]

HI: Any = [{"role": "user", "content": "hi"}]


def plain(client: Any) -> Any:
    """An ordinary chat completion."""
    return client.chat.completions.create(model="ok", messages=HI)


def raw(client: Any) -> Any:
    """A chat completion with its raw response."""
    return client.chat.completions.with_raw_response.create(model="ok", messages=HI).parse()


def lines(client: Any) -> Any:
    """A streamed chat completion read line by line."""
    made = client.chat.completions.with_streaming_response.create(
        model="ok", messages=HI, stream=True
    )
    with made as response:
        return list(response.iter_lines())


def stream(client: Any) -> Any:
    """A streamed chat completion."""
    chunks = client.chat.completions.create(model="ok", messages=HI, stream=True)
    return [chunk.choices[0].delta.content for chunk in chunks]


def stream_helper(client: Any) -> Any:
    """The SDK's helper for streams."""
    with client.chat.completions.stream(model="ok", messages=HI) as events:
        return [event.type for event in events], events.get_final_completion()


async def async_plain(client: Any) -> Any:
    """An ordinary chat completion."""
    return await client.chat.completions.create(model="ok", messages=HI)


async def async_stream(client: Any) -> Any:
    """A streamed chat completion."""
    chunks = await client.chat.completions.create(model="ok", messages=HI, stream=True)
    return [chunk.choices[0].delta.content async for chunk in chunks]


async def async_stream_helper(client: Any) -> Any:
    """The SDK's helper for streams."""
    async with client.chat.completions.stream(model="ok", messages=HI) as events:
        return [event.type async for event in events], await events.get_final_completion()


def message(client: Any) -> Any:
    """An ordinary message."""
    return client.messages.create(model="ok", max_tokens=9, messages=HI)


def message_stream(client: Any) -> Any:
    """The SDK's helper for streams."""
    with client.messages.stream(model="ok", max_tokens=9, messages=HI) as events:
        return list(events.text_stream), events.get_final_message()


def message_events(client: Any) -> Any:
    """A streamed message."""
    return list(client.messages.create(model="ok", max_tokens=9, messages=HI, stream=True))


async def async_message(client: Any) -> Any:
    """An ordinary message."""
    return await client.messages.create(model="ok", max_tokens=9, messages=HI)


async def async_message_stream(client: Any) -> Any:
    """The SDK's helper for streams."""
    async with client.messages.stream(model="ok", max_tokens=9, messages=HI) as events:
        return [text async for text in events.text_stream], await events.get_final_message()


def open_ai(server: ModelServer, **options: Any) -> openai.OpenAI:
    """A client of the loopback server."""
    return openai.OpenAI(base_url=f"{server.url}/v1", api_key="k", max_retries=0, **options)


def async_open_ai(server: ModelServer, **options: Any) -> openai.AsyncOpenAI:
    """An asynchronous client of the loopback server."""
    return openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="k", max_retries=0, **options)


def claude(server: ModelServer, **options: Any) -> anthropic.Anthropic:
    """A client of the loopback server."""
    return anthropic.Anthropic(base_url=server.url, api_key="k", max_retries=0, **options)


def async_claude(server: ModelServer, **options: Any) -> anthropic.AsyncAnthropic:
    """An asynchronous client of the loopback server."""
    return anthropic.AsyncAnthropic(base_url=server.url, api_key="k", max_retries=0, **options)


CASES: dict[str, tuple[Callable[[ModelServer], Any], Case]] = {
    "openai": (open_ai, plain),
    "openai-raw": (open_ai, raw),
    "openai-lines": (open_ai, lines),
    "openai-stream": (open_ai, stream),
    "openai-helper": (open_ai, stream_helper),
    "openai-legacy": (lambda server: open_ai(server, http_client=httpx.Client()), plain),
    "openai-legacy-stream": (lambda server: open_ai(server, http_client=httpx.Client()), stream),
    "openai-async": (async_open_ai, async_plain),
    "openai-async-stream": (async_open_ai, async_stream),
    "openai-async-helper": (async_open_ai, async_stream_helper),
    "openai-aiohttp": (
        lambda server: async_open_ai(server, http_client=openai.DefaultAioHttpClient()),
        async_plain,
    ),
    "openai-aiohttp-stream": (
        lambda server: async_open_ai(server, http_client=openai.DefaultAioHttpClient()),
        async_stream,
    ),
    "anthropic": (claude, message),
    "anthropic-stream": (claude, message_stream),
    "anthropic-events": (claude, message_events),
    "anthropic-async": (async_claude, async_message),
    "anthropic-async-stream": (async_claude, async_message_stream),
    "anthropic-aiohttp-stream": (
        lambda server: async_claude(server, http_client=anthropic.DefaultAioHttpClient()),
        async_message_stream,
    ),
}
LATER = {
    "openai-helper": needs(openai="1.92"),
    "openai-async-helper": needs(openai="1.92"),
    "openai-aiohttp": needs(openai="1.92"),
    "openai-aiohttp-stream": needs(openai="1.92"),
    "anthropic-aiohttp-stream": needs(anthropic="0.60"),
}


def named(*names: str) -> list[Any]:
    """Cases by their names, without those that the installed SDK does not know yet."""
    return [pytest.param(name, marks=LATER.get(name, ())) for name in names]


async def run(make: Callable[[ModelServer], Any], case: Case, server: ModelServer) -> Any:
    """What a case returns; its client is closed whichever kind it is."""
    try:
        client = make(server)
    except RuntimeError as error:
        pytest.skip(str(error))
    result = case(client)
    result = await result if inspect.isawaitable(result) else result
    closed = client.close()
    if inspect.isawaitable(closed):
        await closed
    return result


@pytest.mark.asyncio
@pytest.mark.parametrize("name", named(*CASES))
async def test_every_way_of_calling_is_one_event_and_plays(
    server: ModelServer, tape: MemoryTape, name: str
) -> None:
    """Live and played results are equal, the server is asked once, one event is recorded."""
    make, case = CASES[name]
    live = await run(make, case, server)
    with tape_in(tape.rewound()):
        assert live == await run(make, case, server)
    assert 1 == len(server.hits)
    (call,) = tape.calls
    # openai closes a stream after [DONE], before the end of the bytes: completeness is protocol.
    assert call.ended == "complete" or call.body.endswith(b"data: [DONE]\n\n")


@pytest.mark.asyncio
@pytest.mark.parametrize("name", named(*(name for name in CASES if "stream" in name)))
async def test_streams_pass_while_they_are_recorded(
    server: ModelServer, tape: MemoryTape, name: str
) -> None:
    """The recorder sees pieces over the whole time the server takes."""
    server.pause = 0.02
    await run(*CASES[name], server)
    times = tape.calls[0].times
    assert times[-1] - times[0] > 4 * server.pause


@pytest.mark.parametrize("make", [open_ai, claude])
def test_no_sdk_swallows_or_retries_a_miss(
    server: ModelServer, captured: None, make: Callable[..., Any]
) -> None:
    """A miss reaches the test at once, although the SDK would retry an ordinary error."""
    client = make(server).with_options(max_retries=2)
    case = plain if make is open_ai else message
    tape = MemoryTape().rewound()
    with client, tape_in(tape), pytest.raises(Missed):
        case(client)
    assert 1 == len(tape.asked)


@pytest.mark.asyncio
async def test_a_miss_comes_out_of_a_task_group(server: ModelServer, captured: None) -> None:
    """In a task group a miss arrives in its BaseExceptionGroup."""
    async with async_open_ai(server) as client:
        with tape_in(MemoryTape().rewound()), pytest.raises(BaseExceptionGroup) as raised:
            async with asyncio.TaskGroup() as group:
                group.create_task(async_plain(client))
    assert isinstance(raised.value.exceptions[0], Missed)


def test_each_retry_of_an_sdk_is_an_event(server: ModelServer, tape: MemoryTape) -> None:
    """The SDK's own retries are seen one by one."""
    with (
        open_ai(server).with_options(max_retries=2) as client,
        pytest.raises(openai.RateLimitError),
    ):
        client.chat.completions.create(model="busy", messages=HI)
    assert [429, 429, 429] == [call.status for call in tape.calls]


def test_a_recorded_failure_is_the_sdks_own_error(server: ModelServer, captured: None) -> None:
    """A played connection failure is APIConnectionError, a timeout APITimeoutError."""
    for kind, error in (
        ("connect", openai.APIConnectionError),
        ("timeout", openai.APITimeoutError),
    ):
        tape = playing(failure=Failure(kind=kind, message="as recorded"))  # type: ignore[arg-type]  # a `Literal` by its text
        with open_ai(server) as client, tape_in(tape), pytest.raises(error):
            plain(client)


def test_calls_from_16_threads_are_all_recorded(server: ModelServer, tape: MemoryTape) -> None:
    """200 calls from a pool of 16 threads are 200 events, and play back to 200 answers."""
    with open_ai(server) as client:

        def call(number: int) -> str:
            said: Any = [{"role": "user", "content": str(number)}]
            answer = client.chat.completions.create(model="ok", messages=said)
            return str(answer.choices[0].message.content)

        with ThreadPoolExecutor(16) as pool:
            live = list(pool.map(call, range(200)))
        assert [f"you said: {number}" for number in range(200)] == live
    assert 200 == len(tape.calls)


def test_telemetry_of_another_thread_opens_no_hole(server: ModelServer, captured: None) -> None:
    """While a thread posts by requests, 300 played calls stay off the network."""
    requests = pytest.importorskip("requests")
    done = threading.Event()

    def report() -> None:
        while not done.is_set():
            requests.post(f"{server.url}/v1/traces", json={}, timeout=5)

    thread = threading.Thread(target=report)
    thread.start()
    try:
        answer = b'{"id": "c", "choices": []}'
        with open_ai(server) as client, tape_in(playing(answer)):
            for _ in range(300):
                plain(client)
    finally:
        done.set()
        thread.join()
    assert {"/v1/traces"} == set(server.hits)


@pytest.mark.asyncio
async def test_calls_gathered_in_two_tasks_go_each_to_its_own_tape(
    server: ModelServer, captured: None
) -> None:
    """Two tasks with a tape each record four calls each."""
    tapes = [MemoryTape(), MemoryTape()]

    async def work(tape: MemoryTape) -> None:
        with tape_in(tape):
            await asyncio.gather(*(async_plain(client) for _ in range(4)))

    async with async_open_ai(server) as client:
        await asyncio.gather(*map(work, tapes))
    assert [4, 4] == [len(tape.calls) for tape in tapes]
