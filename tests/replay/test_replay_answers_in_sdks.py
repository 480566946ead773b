"""Converted answers as the SDKs read them, over loopback HTTP: each target's, in each format."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import anthropic
import openai
import pytest
from pydantic import BaseModel
from replay.test_replay_answered_as import asked, replied
from sdk_clients import needs
from servers.exchange import Exchange as Served
from servers.provider_server import ProviderServer

from pytest_llmreplay.event import (
    Choice,
    Chunk,
    Ended,
    Event,
    FinishReason,
    Json,
    Message,
    Part,
    ReasoningPart,
    Response,
    ResponseError,
    TextPart,
    ToolCallPart,
    Usage,
)
from pytest_llmreplay.providers.registry import FORMATS, decoder_of
from pytest_llmreplay.providers.streams.sse import split
from pytest_llmreplay.replay.calls.decode import exchange_of
from pytest_llmreplay.replay.calls.result import CallFailed, Reply
from pytest_llmreplay.replay.rerouting.answered_as import Answer
from pytest_llmreplay.replay.rerouting.relay import Relay

pytestmark = needs(openai="2.0", anthropic="0.60")

TARGETS = (
    *("chat_completions", "responses", "messages", "generate_content"),
    *("interactions", "ollama_chat", "ollama_generate", "cohere_chat", "converse"),
    *("cohere_chat_v1", "invoke"),
)
CLIENTS = ("chat_completions", "responses", "messages")
FILTERING = frozenset(TARGETS) - {"interactions", "ollama_chat", "ollama_generate", "cohere_chat"}
"""Targets whose format can say that a filter stopped the answer."""
ASK: Any = [{"role": "user", "content": "x"}]
CALLS: list[tuple[str, Json]] = [("add", {"a": 1}), ("look", {"at": "the sky"})]


class Sum(BaseModel):
    """What an application has parsed."""

    total: int


@dataclass(slots=True)
class Caller:
    """A client as the relay sees it; keeps what it gets."""

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    chunks: list[bytes] = field(default_factory=list)

    def answer(self, answer: Answer) -> None:
        """All at once."""
        self.status, self.headers = answer.status, answer.headers
        self.chunks = list(answer.chunks)

    def begin(self, status: int, headers: tuple[tuple[str, str], ...]) -> None:
        """The head of a stream."""
        self.status, self.headers = status, headers

    def piece(self, data: bytes) -> None:
        """A part of a stream."""
        self.chunks.append(data)

    def end(self, last: list[bytes], ended: Ended = "complete", problem: str = "") -> None:
        """The last part of a stream."""
        self.chunks += last

    def fail(self, failure: CallFailed) -> None:
        """No answer."""
        raise failure

    def stop(self) -> None:
        """Nothing to wake up."""

    async def behave(self, served: Served) -> None:
        """Serve what came, to a real SDK."""
        headers = dict(self.headers)
        if len(self.chunks) == 1:
            await served.plain(self.chunks[0], status=self.status, headers=headers)
        else:
            await served.chunked(self.chunks, headers=headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an SDK reports."""

    text: str
    calls: list[tuple[str, Any]]
    finish: str | None
    usage: tuple[int | None, ...]


def said(*parts: Part, finish: FinishReason = "stop") -> Response:
    """An answer without its format."""
    message = Message(role="assistant", parts=parts)
    return Response(
        id="answer-1",
        model="target-1",
        choices=(Choice(message=message, finish_reason=finish),),
        usage=Usage(input_tokens=20, output_tokens=9, cache_read_input_tokens=5),
    )


BOTH = said(
    ReasoningPart(content="Hm."),
    TextPart(content="Let me look, and add."),
    *(ToolCallPart(id=f"call_{name}", name=name, arguments=sent) for name, sent in CALLS),
    finish="tool_call",
)


def reply_of(target: str, response: Response, *, stream: bool) -> Reply:
    """The answer in the target's own bytes."""
    events = FORMATS[target].encode_stream(response)
    reply = replied(target, FORMATS[target].encode_response(response))
    chunks = tuple(Chunk(at=0.1, data=event) for event in events) if stream else reply.chunks
    return replace(
        reply,
        headers={"content-type": kind_of(target) if stream else "application/json"},
        chunks=chunks,
        outgoing=replace(reply.outgoing, stream=stream, converted=True),
    )


def kind_of(target: str) -> str:
    """The content type of a target's streams."""
    if target in {"converse", "invoke"}:
        return "application/vnd.amazon.eventstream"
    return (
        "application/x-ndjson"
        if target.startswith(("ollama", "cohere_chat_v1"))
        else "text/event-stream"
    )


def relayed(client: str, reply: Reply, *, stream: bool) -> Caller:
    """What a client gets, in its own format."""
    wanted: dict[str, Any] = {"stream": stream, "stream_options": {"include_usage": True}}
    return relayed_to(asked(client, **wanted), reply)


def relayed_to(call: Event, reply: Reply) -> Caller:
    """What the client of a call gets."""
    caller = Caller()
    relay = Relay(call, reply.outgoing, caller)
    relay.head(reply.status, reply.headers)
    for chunk in reply.chunks:
        relay.piece(chunk.data)
    relay.end(reply, lambda: decoder_of(reply.outgoing.api).response(exchange_of(reply)))
    return caller


@dataclass(frozen=True, slots=True)
class Sdks:
    """Clients of both SDKs, at a server that answers what it is told."""

    server: ProviderServer
    openai: openai.OpenAI
    anthropic: anthropic.Anthropic


@pytest.fixture(scope="module")
def sdks() -> Iterator[Sdks]:
    """One connection for all tests."""
    with (
        ProviderServer() as server,
        openai.OpenAI(api_key="k", base_url=server.openai, max_retries=0) as one,
        anthropic.Anthropic(api_key="k", base_url=server.anthropic, max_retries=0) as other,
    ):
        yield Sdks(server, one, other)


def whole(api: str, sdks: Sdks) -> Any:
    """A plain call."""
    if api == "chat_completions":
        return sdks.openai.chat.completions.create(model="m", messages=ASK)
    if api == "responses":
        return sdks.openai.responses.create(model="m", input="x")
    return sdks.anthropic.messages.create(model="m", max_tokens=9, messages=ASK)


def helped(api: str, sdks: Sdks) -> Any:
    """The final answer of the SDK's stream helper."""
    if api == "chat_completions":
        usage: Any = {"include_usage": True}
        with sdks.openai.chat.completions.stream(
            model="m", messages=ASK, stream_options=usage
        ) as chunks:
            return chunks.get_final_completion()
    if api == "responses":
        with sdks.openai.responses.stream(model="m", input="x") as events:
            done = ("response.completed", "response.incomplete")
            return [event.response for event in events if event.type in done][-1]
    with sdks.anthropic.messages.stream(model="m", max_tokens=9, messages=ASK) as blocks:
        return blocks.get_final_message()


async def awaited(api: str, server: ProviderServer) -> Any:
    """The same of the asynchronous SDKs."""
    if api == "messages":
        async with (
            anthropic.AsyncAnthropic(api_key="k", base_url=server.anthropic) as other,
            other.messages.stream(model="m", max_tokens=9, messages=ASK) as blocks,
        ):
            return await blocks.get_final_message()
    async with openai.AsyncOpenAI(api_key="k", base_url=server.openai) as one:
        if api == "responses":
            async with one.responses.stream(model="m", input="x") as events:
                return await events.get_final_response()
        usage: Any = {"include_usage": True}
        async with one.chat.completions.stream(
            model="m", messages=ASK, stream_options=usage
        ) as chunks:
            return await chunks.get_final_completion()


def told(api: str, answer: Any) -> Told:
    """What the SDK's object reports, in the words of its own format."""
    if api == "chat_completions":
        return told_by_chat(answer)
    return told_by_responses(answer) if api == "responses" else told_by_messages(answer)


def told_by_chat(answer: Any) -> Told:
    """A chat completion."""
    (choice,) = answer.choices
    made = [one.function for one in choice.message.tool_calls or ()]
    return Told(
        text=choice.message.content or "",
        calls=[(one.name, json.loads(one.arguments)) for one in made],
        finish=choice.finish_reason,
        usage=(answer.usage.prompt_tokens, answer.usage.completion_tokens),
    )


def told_by_responses(answer: Any) -> Told:
    """A response."""
    made = [item for item in answer.output if item.type == "function_call"]
    why = answer.incomplete_details
    return Told(
        text=answer.output_text,
        calls=[(one.name, json.loads(one.arguments)) for one in made],
        finish=why.reason if why else answer.status,
        usage=(answer.usage.input_tokens, answer.usage.output_tokens),
    )


def told_by_messages(answer: Any) -> Told:
    """A message; what was cached is counted apart."""
    made = [block for block in answer.content if block.type == "tool_use"]
    cached = answer.usage.cache_read_input_tokens or 0
    return Told(
        text="".join(block.text for block in answer.content if block.type == "text"),
        calls=[(one.name, one.input) for one in made],
        finish=answer.stop_reason,
        usage=(answer.usage.input_tokens + cached, answer.usage.output_tokens),
    )


ENDINGS = {
    "chat_completions": {"stop": "stop", "tool_call": "tool_calls", "length": "length"},
    "responses": {"stop": "completed", "tool_call": "completed", "length": "max_output_tokens"},
    "messages": {"stop": "end_turn", "tool_call": "tool_use", "length": "max_tokens"},
}
"""How each format words an ending."""
PAIRS = [(target, client) for target in TARGETS for client in CLIENTS if target != client]
READ = {"whole": whole, "stream": helped}


@pytest.mark.parametrize("how", READ)
@pytest.mark.parametrize(("target", "client"), PAIRS)
def test_text_and_two_calls_arrive(target: str, client: str, how: str, sdks: Sdks) -> None:
    """With their arguments, the ending and the usage, whichever format the target speaks."""
    stream = how == "stream"
    sdks.server.next(relayed(client, reply_of(target, BOTH, stream=stream), stream=stream).behave)
    assert Told(
        text="Let me look, and add.",
        calls=CALLS,
        finish=ENDINGS[client]["tool_call"],
        usage=(20, 9),
    ) == told(client, READ[how](client, sdks))


@pytest.mark.parametrize("how", READ)
@pytest.mark.parametrize(("target", "client"), PAIRS)
def test_a_call_without_arguments_has_none(target: str, client: str, how: str, sdks: Sdks) -> None:
    """An application that parses its arguments gets an empty object."""
    answer = said(ToolCallPart(id="call_now", name="now", arguments={}), finish="tool_call")
    stream = how == "stream"
    sdks.server.next(relayed(client, reply_of(target, answer, stream=stream), stream=stream).behave)
    assert [("now", {})] == told(client, READ[how](client, sdks)).calls


@pytest.mark.parametrize("target", [target for target in TARGETS if target != "ollama_chat"])
def test_ollamas_client_reads_what_others_take_for_line_ends(target: str, sdks: Sdks) -> None:
    """Its lines are those of httpx, which end at more characters than the JSON lines do."""
    ollama = pytest.importorskip("ollama")
    odd = "one\u2028two\x85three\u2029four"
    answer = said(TextPart(content=odd))
    reply = reply_of(target, answer, stream=True)
    sdks.server.next(relayed_to(asked("ollama_chat"), reply).behave)
    with ollama.Client(host=sdks.server.url) as client:
        pieces = client.chat(model="m", messages=ASK, stream=True)
        assert odd == "".join(piece.message.content or "" for piece in pieces)


@pytest.mark.parametrize("agent", ["mistral", "speakeasy-sdk/python 3.7.0 2.935.1 mistralai"])
@pytest.mark.parametrize("target", TARGETS)
def test_a_client_of_mistral_gets_each_call_in_one_chunk(target: str, agent: str) -> None:
    """Its SDK demands a name in every chunk, whoever answers, in pieces or whole."""
    reply = reply_of(target, BOTH, stream=True)
    call = asked("chat_completions", stream=True)
    request = replace(call.exchange.request, headers={"user-agent": agent})
    call = replace(
        call, provider=agent.partition("/")[0], exchange=replace(call.exchange, request=request)
    )
    caller = relayed_to(call, reply)
    chunks = [json.loads(event.data) for event in split(b"".join(caller.chunks))[:-1]]
    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    told = [one["function"] for delta in deltas for one in delta.get("tool_calls", ())]
    assert CALLS == [(one["name"], json.loads(one["arguments"])) for one in told]
    assert "Let me look, and add." == "".join(delta.get("content") or "" for delta in deltas)


@pytest.mark.parametrize(("target", "client"), PAIRS)
def test_asynchronous_streams_arrive(target: str, client: str, sdks: Sdks) -> None:
    """As the synchronous ones do."""
    sdks.server.next(relayed(client, reply_of(target, BOTH, stream=True), stream=True).behave)
    answer = told(client, asyncio.run(awaited(client, sdks.server)))
    assert ("Let me look, and add.", CALLS) == (answer.text, answer.calls)


@pytest.mark.parametrize("how", READ)
@pytest.mark.parametrize(("target", "client"), PAIRS)
def test_an_answer_that_was_too_long_says_so(
    target: str, client: str, how: str, sdks: Sdks
) -> None:
    """In the client's own word."""
    stream = how == "stream"
    answer = said(TextPart(content="One two"), finish="length")
    sdks.server.next(relayed(client, reply_of(target, answer, stream=stream), stream=stream).behave)
    if client == "chat_completions" and stream:
        with pytest.raises(openai.LengthFinishReasonError):
            helped(client, sdks)
        return
    seen = told(client, READ[how](client, sdks))
    assert ("One two", ENDINGS[client]["length"]) == (seen.text, seen.finish)


FILTERED = {
    "chat_completions": "content_filter",
    "responses": "content_filter",
    "messages": "refusal",
}


@pytest.mark.parametrize(("target", "client"), [pair for pair in PAIRS if pair[0] in FILTERING])
def test_a_filter_of_the_target_is_named(target: str, client: str, sdks: Sdks) -> None:
    """Not taken for an answer that is whole."""
    answer = said(TextPart(content="One"), finish="content_filter")
    sdks.server.next(relayed(client, reply_of(target, answer, stream=False), stream=False).behave)
    assert FILTERED[client] == told(client, whole(client, sdks)).finish


ERRORS = {400: "BadRequestError", 401: "AuthenticationError", 429: "RateLimitError"}


@pytest.mark.parametrize("status", [*ERRORS, 529])
@pytest.mark.parametrize(("target", "client"), PAIRS)
def test_an_error_is_the_sdks_own(target: str, client: str, status: int, sdks: Sdks) -> None:
    """With the words of the target, which only Anthropic's clients call overloaded."""
    error = FORMATS[target].encode_error(status, None, "no way")
    reply = replied(target, error, status=status)
    sdks.server.next(relayed(client, reply, stream=False).behave)
    sdk = anthropic if client == "messages" else openai
    with pytest.raises(sdk.APIStatusError, match="no way") as caught:
        whole(client, sdks)
    assert ERRORS.get(status, type(caught.value).__name__) == type(caught.value).__name__
    seen = 503 if status == 529 and client != "messages" else status
    assert seen == caught.value.status_code


@pytest.mark.parametrize("target", [target for target in TARGETS if target != "responses"])
def test_a_parsed_answer_is_the_applications_own_type(target: str, sdks: Sdks) -> None:
    """As `parse` of OpenAI's SDK makes it."""
    answer = said(TextPart(content='{"total": 3}'))
    for client in ("chat_completions", "responses"):
        reply = reply_of(target, answer, stream=False)
        sdks.server.next(relayed(client, reply, stream=False).behave)
    if target != "chat_completions":
        parsed = sdks.openai.chat.completions.parse(model="m", messages=ASK, response_format=Sum)
        assert Sum(total=3) == parsed.choices[0].message.parsed
    else:
        whole("chat_completions", sdks)
    made = sdks.openai.responses.parse(model="m", input="x", text_format=Sum)
    assert Sum(total=3) == made.output_parsed


RAISING = [pair for pair in PAIRS if pair[0] in CLIENTS and pair[1] != "responses"]
"""Where the SDK raises; its helper for responses hands on the event."""


@pytest.mark.parametrize(("target", "client"), RAISING)
def test_an_error_in_a_stream_is_raised(target: str, client: str, sdks: Sdks) -> None:
    """With the words of the target."""
    error = ResponseError(status=500, type=None, message="no way")
    answer = replace(said(TextPart(content="One two")), error=error, truncated=True)
    sdks.server.next(relayed(client, reply_of(target, answer, stream=True), stream=True).behave)
    sdk = anthropic if client == "messages" else openai
    with pytest.raises(sdk.APIError, match="no way"):
        helped(client, sdks)


@pytest.mark.parametrize("target", CLIENTS)
def test_an_error_in_a_stream_of_responses_is_its_last_event(target: str, sdks: Sdks) -> None:
    """The SDK raises nothing there, whoever answers: the application looks at the events."""
    error = ResponseError(status=500, type=None, message="no way")
    answer = replace(said(TextPart(content="One two")), error=error, truncated=True)
    reply = reply_of(target, answer, stream=True)
    sdks.server.next(relayed("responses", reply, stream=True).behave)
    *before, last = sdks.openai.responses.create(model="m", input="x", stream=True)
    assert "One two" == "".join(getattr(event, "delta", "") for event in before)
    assert ("error", "no way") == (last.type, last.message)
    assert last.code
