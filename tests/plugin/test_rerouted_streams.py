"""Streams of tests that run against another target: they come as the target tells them."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import anthropic
import openai
import pytest
from sdk_clients import needs
from servers.provider_server import ProviderServer, cuts, holds, raw, says
from servers.wire_shapes import Said, stream_events

from pytest_llmreplay.capture.active import set_outside
from pytest_llmreplay.capture.install import install, uninstall
from pytest_llmreplay.capture.routing import Live
from pytest_llmreplay.plugin.rerouting.calls import ReroutedCalls
from pytest_llmreplay.plugin.rerouting.tape import ReroutingTape
from pytest_llmreplay.providers.conversion.policy import LossPolicy
from pytest_llmreplay.providers.endpoints.calls import is_llm_call
from pytest_llmreplay.replay.overrides import Overrides
from pytest_llmreplay.replay.rerouting.rerouted import Rerouted
from pytest_llmreplay.replay.rerouting.rerouter import Rerouter
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.replay.targets.target import TargetSettings, resolve

NOWHERE = "http://127.0.0.1:1"
"""Where the application thinks that its model is."""
TEXT = "alpha two three four five six"
ASK: Any = [{"role": "user", "content": "x"}]
TARGETS = ("openai/tiny", "anthropic/claude-tiny")
AFTER_THOUGHT = 16
"""Events of the server's responses that hold its thought and two of its words."""

NOTE_CALL = {"id": "c1", "type": "custom", "custom": {"name": "write", "input": "a b"}}
"""A call of a custom tool, as a model of OpenAI's makes it."""
NOTE = json.dumps(
    {
        "id": "1",
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": None, "tool_calls": [NOTE_CALL]},
                "finish_reason": "tool_calls",
            }
        ],
    }
).encode()


def chunked(*choices: dict[str, Any], **last: Any) -> bytes:
    """A stream of chat completions: a chunk for each choice, then one with what is left to say."""
    chunks = [*({"choices": [{"index": 0, **choice}]} for choice in choices)]
    told = [*chunks, *([{"choices": [], **last}] if last else [])]
    events = [json.dumps({"id": "1", "model": "m", **chunk}) for chunk in told]
    return "".join(f"data: {event}\n\n" for event in [*events, "[DONE]"]).encode()


NOTE_EVENTS = chunked(
    {"delta": {"role": "assistant", "tool_calls": [{"index": 0, **NOTE_CALL}]}},
    {"delta": {}, "finish_reason": "tool_calls"},
)
SERVER_SENT: Any = {"content_type": "text/event-stream"}

Pieces = Callable[[Callable[[str], None]], None]
"""Makes a call and hands on each piece of its words."""


@contextmanager
def rerouting(
    server: ProviderServer, model: str, api: str | None = None
) -> Iterator[list[Rerouted | None]]:
    """All LLM calls go to the server, in the format that the model's provider speaks, if no other.

    What comes of each is told.
    """
    told: list[Rerouted | None] = []
    policy = LossPolicy(("ignore",))
    base_url = server.anthropic if model.startswith("anthropic") else server.openai
    rerouter = Rerouter(
        target=replace(resolve(model, TargetSettings(base_url=base_url)), api=api),
        overrides=Overrides(),
        endpoints=Endpoints({}),
        allow=(),
        on_loss=policy,
        concurrency=4,
        timeout=20,
        aside=Live,
        tell=told.append,
    )
    install(partial(is_llm_call, hosts=frozenset()))
    set_outside(ReroutingTape(rerouter, ReroutedCalls(policy), frozenset()))
    try:
        yield told
    finally:
        set_outside(None)
        rerouter.stop()
        uninstall()


def chat(take: Callable[[str], None]) -> None:
    """OpenAI's SDK, chunks as they are."""
    with openai.OpenAI(api_key="k", base_url=NOWHERE, max_retries=0) as client:
        for chunk in client.chat.completions.create(model="m", messages=ASK, stream=True):
            take(chunk.choices[0].delta.content or "")


def achat(take: Callable[[str], None]) -> None:
    """The same, asynchronously."""

    async def run() -> None:
        async with openai.AsyncOpenAI(api_key="k", base_url=NOWHERE, max_retries=0) as client:
            asked = client.chat.completions.create(model="m", messages=ASK, stream=True)
            async for chunk in await asked:
                take(chunk.choices[0].delta.content or "")

    asyncio.run(run())


def chat_helper(take: Callable[[str], None]) -> None:
    """OpenAI's stream helper, which puts the answer together."""
    with (
        openai.OpenAI(api_key="k", base_url=NOWHERE, max_retries=0) as client,
        client.chat.completions.stream(
            model="m", messages=ASK, stream_options={"include_usage": True}
        ) as stream,
    ):
        for event in stream:
            if event.type == "content.delta":
                take(event.delta)
        final = stream.get_final_completion()
    assert TEXT == final.choices[0].message.content
    assert "stop" == final.choices[0].finish_reason
    assert final.usage is not None
    assert 0 < final.usage.completion_tokens


def responses(take: Callable[[str], None]) -> None:
    """OpenAI's helper for responses."""
    with (
        openai.OpenAI(api_key="k", base_url=NOWHERE, max_retries=0) as client,
        client.responses.stream(model="m", input="x") as stream,
    ):
        for event in stream:
            if event.type == "response.output_text.delta":
                take(event.delta)
        final = stream.get_final_response()
    assert TEXT == final.output_text
    assert final.usage is not None
    assert 0 < final.usage.output_tokens


def messages(take: Callable[[str], None]) -> None:
    """Anthropic's stream helper."""
    with (
        anthropic.Anthropic(api_key="k", base_url=NOWHERE, max_retries=0) as client,
        client.messages.stream(model="m", max_tokens=99, messages=ASK) as stream,
    ):
        for text in stream.text_stream:
            take(text)
        final = stream.get_final_message()
    assert "end_turn" == final.stop_reason
    assert 0 < final.usage.output_tokens


def amessages(take: Callable[[str], None]) -> None:
    """The same, asynchronously."""

    async def run() -> None:
        async with (
            anthropic.AsyncAnthropic(api_key="k", base_url=NOWHERE, max_retries=0) as client,
            client.messages.stream(model="m", max_tokens=99, messages=ASK) as stream,
        ):
            async for text in stream.text_stream:
                take(text)

    asyncio.run(run())


helpers = needs(openai="1.92")
CHAT_HELPER, RESPONSES = (pytest.param(one, marks=helpers) for one in (chat_helper, responses))
CLIENTS = (chat, achat, CHAT_HELPER, RESPONSES, messages, amessages)


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    """The target."""
    with ProviderServer() as server:
        yield server


@pytest.mark.parametrize("model", TARGETS)
@pytest.mark.parametrize("client", CLIENTS)
def test_a_piece_is_handed_on_before_the_next_one_comes(
    server: ProviderServer, client: Pieces, model: str
) -> None:
    """Words reach the client while the target still holds the rest of its answer back."""
    go_on = threading.Event()
    server.next(holds(TEXT, go_on))
    early: list[str] = []
    whole: list[str] = []

    def take(text: str) -> None:
        whole.append(text)
        if text and not go_on.is_set():
            early.append(text)
            go_on.set()

    late = threading.Timer(10, go_on.set)
    late.start()
    with rerouting(server, model) as told:
        client(take)
    late.cancel()
    assert "alpha" == early[0].strip()
    assert TEXT == "".join(whole)
    assert [6] == [one.event.usage.output_tokens for one in told if one and one.event]


@pytest.mark.parametrize("model", TARGETS)
@pytest.mark.parametrize("client", [chat, achat, messages, amessages])
def test_a_stream_left_early_hangs_up_on_the_target(
    server: ProviderServer, client: Pieces, model: str
) -> None:
    """The target does not go on for nobody, and the call counts as left."""

    class Enough(Exception):
        pass

    def take(text: str) -> None:
        if text:
            raise Enough

    server.next(says("again " * 5000, delay=0.01))
    with rerouting(server, model) as told:
        with pytest.raises(Enough):
            client(take)
        gc.collect()
        until = time.monotonic() + 10
        while server.talking and time.monotonic() < until:
            time.sleep(0.02)
        assert 0 == server.talking
    assert [None] == told


@pytest.mark.parametrize("model", TARGETS)
@pytest.mark.parametrize("client", [chat, achat, RESPONSES, messages, amessages])
def test_a_cut_stream_is_cut_for_the_client(
    server: ProviderServer, client: Pieces, model: str
) -> None:
    """What came before is there; then the client raises as it does at a broken connection."""
    thinks_first = client is responses and model.startswith("openai")
    server.next(cuts(TEXT, after=AFTER_THOUGHT if thinks_first else 5))
    pieces: list[str] = []
    with rerouting(server, model) as told, pytest.raises(Exception, match="onnection") as caught:
        client(pieces.append)
    assert "peer closed connection" in str(caught.value.__cause__ or caught.value)
    assert "alpha" == "".join(pieces).strip()[:5]
    assert ["cut"] == [one.problem.kind for one in told if one and one.problem]


@pytest.mark.parametrize(
    ("api", "model", "clients"),
    [
        ("chat_completions", "openai/tiny", [chat, achat]),
        ("messages", "anthropic/claude-tiny", [messages, amessages]),
    ],
)
def test_an_error_amid_a_stream_is_no_stream_that_was_left(
    server: ProviderServer, api: str, model: str, clients: list[Pieces]
) -> None:
    """Its client hangs up at once; the summary blames the target all the same."""
    error = {"type": "error", "error": {"type": "x", "message": "out of memory"}}
    told_last = f"event: error\ndata: {json.dumps(error)}\n\n".encode()
    broken = b"".join([*stream_events(api, Said(text=TEXT))[:4], told_last])
    server.next(*[raw(broken, content_type="text/event-stream")] * len(clients))
    with rerouting(server, model) as told:
        for client in clients:
            with pytest.raises(Exception, match="out of memory"):
                client(print)
    assert ["status"] * len(clients) == [one.problem.kind for one in told if one and one.problem]


def test_an_error_amid_a_stream_is_one_in_the_client_s_own_format(server: ProviderServer) -> None:
    """The status has been sent; both SDKs raise at the event that tells it."""
    said = Said(text=TEXT)
    chat_error = b'data: {"error": {"message": "out of memory", "type": "x"}}\n\n'
    broken = b"".join([*stream_events("chat_completions", said)[:4], chat_error])
    server.next(raw(broken, content_type="text/event-stream"))
    with (
        rerouting(server, "openai/tiny"),
        pytest.raises(anthropic.APIStatusError, match="out of memory"),
    ):
        messages(print)
    error = b'event: error\ndata: {"type": "error", "error": {"type": "x", "message": "no"}}\n\n'
    broken = b"".join([*stream_events("messages", said)[:5], error])
    server.next(raw(broken, content_type="text/event-stream"))
    with (
        rerouting(server, "anthropic/claude-tiny"),
        pytest.raises(openai.APIError, match="no"),
    ):
        chat(print)


@helpers
@pytest.mark.parametrize("model", TARGETS)
def test_parallel_tool_calls_come_whole(server: ProviderServer, model: str) -> None:
    """Both calls with their arguments, whichever format they are told in."""
    calls: list[tuple[str, dict[str, Any]]] = [
        ("add", {"a": 1, "b": 2}),
        ("look", {"at": 'the "sky"'}),
    ]
    server.next(*[says("Let me see.", calls=calls)] * 3)
    tools: Any = [{"name": name, "input_schema": {"type": "object"}} for name, _ in calls]
    functions: Any = [
        {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}
        for name, _ in calls
    ]
    flat: Any = [{"type": "function", **tool["function"]} for tool in functions]
    with rerouting(server, model):
        with (
            anthropic.Anthropic(api_key="k", base_url=NOWHERE) as claude,
            claude.messages.stream(model="m", max_tokens=99, messages=ASK, tools=tools) as stream,
        ):
            said = stream.get_final_message()
        with (
            openai.OpenAI(api_key="k", base_url=NOWHERE) as client,
            client.chat.completions.stream(model="m", messages=ASK, tools=functions) as chunks,
        ):
            told = chunks.get_final_completion().choices[0]
        with (
            openai.OpenAI(api_key="k", base_url=NOWHERE) as client,
            client.responses.stream(
                model="m",
                input="x",
                tools=flat,
            ) as events,
        ):
            items = events.get_final_response().output
    used = [block for block in said.content if block.type == "tool_use"]
    assert calls == [(block.name, block.input) for block in used]
    assert "tool_use" == said.stop_reason
    assert 2 == len({block.id for block in used})
    assert "tool_calls" == told.finish_reason
    assert [name for name, _ in calls] == [call.function.name for call in told.message.tool_calls]
    functions_called = [item for item in items if item.type == "function_call"]
    assert [name for name, _ in calls] == [item.name for item in functions_called]


@pytest.mark.parametrize("model", TARGETS)
def test_a_client_of_mistral_gets_each_tool_call_in_one_piece(
    server: ProviderServer, model: str
) -> None:
    """As Mistral tells it: its SDK fails on arguments without a name, whoever answers."""
    calls: list[tuple[str, dict[str, Any]]] = [
        ("add", {"a": 1, "b": 2}),
        ("look", {"at": 'the "sky"'}),
    ]
    server.next(says("Let me see.", calls=calls))
    with (
        rerouting(server, model),
        openai.OpenAI(api_key="k", base_url="https://api.mistral.ai/v1") as client,
        client.chat.completions.create(model="m", messages=ASK, stream=True) as chunks,
    ):
        deltas = [choice.delta for chunk in chunks for choice in chunk.choices]
    told = [call.function for delta in deltas for call in delta.tool_calls or ()]
    assert calls == [(call.name, json.loads(call.arguments or "")) for call in told]
    assert "Let me see." == "".join(delta.content or "" for delta in deltas)


def test_a_client_of_mistral_gets_every_choice_and_what_else_a_chunk_says(
    server: ProviderServer,
) -> None:
    """Each with its calls whole, and with the usage that its server tells unasked, in the end."""
    look = {"index": 0, "id": "c1", "type": "function"}
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    told = chunked(
        {"delta": {"content": "A"}, "logprobs": {"content": []}},
        {"index": 1, "delta": {"tool_calls": [{**look, "function": {"name": "look"}}]}},
        {"delta": {"content": "B"}},
        {"index": 1, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": '{"a"'}}]}},
        {"delta": {}, "finish_reason": "stop"},
        {"index": 1, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": ":1}"}}]}},
        {"index": 1, "delta": {}, "finish_reason": "tool_calls"},
        usage=usage,
    )
    server.next(raw(told, **SERVER_SENT))
    with (
        rerouting(server, "openai/tiny"),
        openai.OpenAI(api_key="k", base_url="https://api.mistral.ai/v1") as client,
        client.chat.completions.create(model="m", messages=ASK, stream=True, n=2) as stream,
    ):
        chunks = list(stream)
    choices = [choice for chunk in chunks for choice in chunk.choices]
    first, second = ([each for each in choices if each.index == place] for place in (0, 1))
    assert "AB" == "".join(choice.delta.content or "" for choice in first)
    assert first[0].logprobs is not None
    calls = [call.function for choice in second for call in choice.delta.tool_calls or ()]
    assert [("look", '{"a":1}')] == [(call.name, call.arguments) for call in calls]
    assert ["stop", "tool_calls"] == [each[-1].finish_reason for each in (first, second)]
    assert [None, 3] == [chunk.usage and chunk.usage.total_tokens for chunk in chunks[-2:]]
    assert all(chunk.choices for chunk in chunks)


@needs(openai="2.0")
@pytest.mark.parametrize("model", ["mistral/tiny", "anthropic/claude-tiny", "openai/gpt-5-mini"])
@pytest.mark.parametrize("streams", [True, False])
def test_a_call_of_a_custom_tool_is_one_for_the_client(
    server: ProviderServer, model: str, *, streams: bool
) -> None:
    """Whether the target knows such tools, or is offered a function in place of each."""
    tool: Any = {"type": "custom", "name": "write", "description": "Takes words."}
    output: Any
    if "gpt" in model:
        server.next(raw(NOTE_EVENTS if streams else NOTE, **(SERVER_SENT if streams else {})))
    else:
        server.next(says("", calls=[("write", {"input": "a b"}), ("look", {"at": "x"})]))
    with (
        rerouting(server, model, api=None if "claude" in model else "chat_completions"),
        openai.OpenAI(api_key="k", base_url=NOWHERE, max_retries=0) as client,
    ):
        if streams:
            with client.responses.stream(model="m", input="x", tools=[tool]) as events:
                told = [e for e in events if e.type == "response.custom_tool_call_input.delta"]
                output = events.get_final_response().output
            assert "a b" == "".join(event.delta for event in told)
        else:
            output = client.responses.create(model="m", input="x", tools=[tool]).output
    (call,) = [item for item in output if item.type == "custom_tool_call"]
    assert ("write", "a b") == (call.name, call.input)
    offered = server.seen[0].json["tools"][0]
    assert ("custom" in offered) is ("gpt" in model)
