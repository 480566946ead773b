"""An answer in the format in which a client asked, whichever format the target spoke."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from typing import Any

import pytest

from pytest_llmreplay.event import (
    Chunk,
    Ended,
    Event,
    Exchange,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
)
from pytest_llmreplay.providers.registry import FORMATS, decoder_of
from pytest_llmreplay.providers.streams.aws_frames import CONTENT_TYPE, read_frame
from pytest_llmreplay.replay.calls.decode import exchange_of
from pytest_llmreplay.replay.calls.endpoint import Endpoint, Secret
from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.calls.result import CallFailed, Reply
from pytest_llmreplay.replay.rerouting.answered_as import Answer, answer_of
from pytest_llmreplay.replay.rerouting.relay import Relay

SAID: dict[str, Any] = {
    "messages": {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-x",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
            {"type": "text", "text": "Let me look."},
            {"type": "tool_use", "id": "toolu_1", "name": "get_order", "input": {"id": "FJ-1"}},
        ],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": {"input_tokens": 5, "cache_read_input_tokens": 2, "output_tokens": 9},
    },
    "chat_completions": {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-x",
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": "Let me look.",
                    "tool_calls": [
                        {
                            "id": "call_1",
                            "type": "function",
                            "function": {"name": "get_order", "arguments": '{"id": "FJ-1"}'},
                        }
                    ],
                },
                "finish_reason": "tool_calls",
            }
        ],
        "usage": {"prompt_tokens": 7, "completion_tokens": 9, "total_tokens": 16},
    },
}
PAIRS = [("chat_completions", "messages"), ("messages", "chat_completions")]


def asked(api: str, **body: Json) -> Event:
    """A call as a client made it."""
    url, sent = f"https://model.example{FORMATS[api].path}", JsonBody(value={"model": "m", **body})
    return Event(
        number=1,
        provider="openai",
        model="m",
        api=api,
        exchange=Exchange(
            request=HttpRequest(method="POST", url=url, body=sent),
            response=HttpResponse(status=200),
        ),
        decoder=decoder_of(api),
    )


def replied(api: str, body: Json, *, status: int = 200, stream: bool = False) -> Reply:
    """What the target answered in its own format."""
    chunks = [json.dumps(body).encode()]
    if stream:
        url = FORMATS[api].path
        exchange = Exchange(
            request=HttpRequest(method="POST", url=url),
            response=HttpResponse(status=200, body=JsonBody(value=body)),
        )
        chunks = FORMATS[api].encode_stream(FORMATS[api].response(exchange))
    return Reply(
        status=status,
        headers={
            "content-type": "text/event-stream" if stream else "application/json",
            "set-cookie": "a=b",
            "retry-after": "1",
        },
        chunks=tuple(Chunk(at=0.1, data=data) for data in chunks),
        at="2026-11-20T17:00:00.412Z",
        duration=0.2,
        time_to_first_chunk=0.1,
        outgoing=Outgoing(
            endpoint=Endpoint(provider="openai", base_url="http://127.0.0.1:1/v1"),
            api=api,
            path=FORMATS[api].path,
            headers={},
            body={},
            content=b"{}",
            stream=stream,
            model="m",
        ),
    )


def answered(client: Event, reply: Reply) -> Answer:
    """What the client gets of it."""
    said = decoder_of(reply.outgoing.api).response(exchange_of(reply))
    return answer_of(client, reply, lambda: said)


def read(api: str, answer: Answer, *, stream: bool = False) -> Any:
    """The neutral answer that a client of this format reads."""
    data = b"".join(answer.chunks)
    body: Json = FORMATS[api].assemble([data]).body if stream else json.loads(data)
    exchange = Exchange(
        request=HttpRequest(method="POST", url=""),
        response=HttpResponse(status=answer.status, body=JsonBody(value=body)),
    )
    return FORMATS[api].response(exchange)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(("client", "target"), PAIRS)
def test_words_calls_ending_and_usage_arrive(client: str, target: str, *, stream: bool) -> None:
    """In whole answers and in streams, both ways."""
    reply = replied(target, SAID[target], stream=stream)
    wanted: dict[str, Json] = {"stream": stream, "stream_options": {"include_usage": True}}
    answer = answered(asked(client, **wanted), reply)
    response = read(client, answer, stream=stream)
    assert "Let me look." == response.text
    (call,) = response.tool_calls
    assert ("get_order", {"id": "FJ-1"}) == (call.name, call.arguments)
    assert "tool_call" == response.finish_reason
    assert (7, 9) == (response.usage.input_tokens, response.usage.output_tokens)
    kind = "text/event-stream" if stream else "application/json"
    assert {"content-type": kind, "retry-after": "1"} == dict(answer.headers)


INVOKE = "https://bedrock-runtime.us-east-1.amazonaws.com/model/m/invoke-with-response-stream"


@pytest.mark.parametrize("target", ["messages", "chat_completions"])
def test_a_client_of_bedrock_gets_frames(target: str) -> None:
    """Whoever answers, and a client of Anthropic's gets events, also from Bedrock."""
    reply = replied(target, SAID[target], stream=True)
    event = asked("messages", stream=True)
    request = replace(event.exchange.request, url=INVOKE)
    at_bedrock = replace(event, exchange=replace(event.exchange, request=request))
    frames = answered(at_bedrock, reply)
    assert "application/vnd.amazon.eventstream" == dict(frames.headers)["content-type"]
    assert all(read_frame(frame) is not None for frame in frames.chunks)
    assert "Let me look." == read("messages", frames, stream=True).text
    chunks = tuple(Chunk(at=0.1, data=data) for data in frames.chunks)
    outgoing = replace(reply.outgoing, api="messages")
    answer = answered(event, replace(reply, chunks=chunks, outgoing=outgoing))
    assert "text/event-stream" == dict(answer.headers)["content-type"]
    assert b"".join(answer.chunks).startswith(b"event: message_start")


@pytest.mark.parametrize("frames_asked", [True, False])
def test_frames_and_events_are_exchanged_when_the_answer_is_whole(*, frames_asked: bool) -> None:
    """Pieces are passed on as they come only to a client that reads what comes."""
    event = asked("messages", stream=True)
    if frames_asked:
        request = replace(event.exchange.request, url=INVOKE)
        event = replace(event, exchange=replace(event.exchange, request=request))
    outgoing = replied("messages", SAID["messages"], stream=True).outgoing
    for kind, frames_come in (("text/event-stream", False), (CONTENT_TYPE, True)):
        relay = Relay(event, outgoing, Deaf())
        relay.head(200, {"content-type": kind})
        assert (frames_asked == frames_come) == relay.live


def body_of(api: str, answer: Answer, *, stream: bool) -> Any:
    """The plain body that an answer amounts to."""
    data = b"".join(answer.chunks)
    return FORMATS[api].assemble([data]).body if stream else json.loads(data)


def relayed(client: Event, reply: Reply) -> Answer:
    """What the client gets of a stream while it comes."""
    caller = Kept()
    relay = Relay(client, reply.outgoing, caller)
    relay.head(reply.status, reply.headers)
    assert relay.live
    for chunk in reply.chunks:
        relay.piece(chunk.data)
    relay.end(reply, lambda: decoder_of(reply.outgoing.api).response(exchange_of(reply)))
    return Answer(status=reply.status, headers=(), chunks=tuple(caller.pieces))


def fails_with(message: str, *, key: str, lines: bool = False) -> tuple[Relay, bytes]:
    """A stream in the client's own format whose target breaks off with these words."""
    api = "ollama_chat" if lines else "chat_completions"
    error = json.dumps({"error": message if lines else {"message": message}}).encode()
    reply = replied("chat_completions", {}, stream=True)
    endpoint = replace(reply.outgoing.endpoint, key=Secret(key))
    caller = Kept()
    relay = Relay(asked(api), replace(reply.outgoing, api=api, endpoint=endpoint), caller)
    relay.head(200, {"content-type": "application/x-ndjson" if lines else "text/event-stream"})
    relay.piece(error + b"\n" if lines else b"data: " + error + b"\n\n")
    relay.end(reply, lambda: pytest.fail("nothing is converted"))
    return relay, b"".join(caller.pieces)


@pytest.mark.parametrize("lines", [False, True], ids=["events", "lines"])
def test_a_stream_that_breaks_off_shows_no_key(*, lines: bool) -> None:
    """The error of a server that repeats the key; the stream is over then, as clients see it."""
    key = "sk-target-0123456789"
    relay, told = fails_with(f"bad key {key}", key=key, lines=lines)
    assert relay.over
    assert b"bad key ***" in told
    assert key.encode() not in told


def test_a_key_of_a_letter_blanks_no_words() -> None:
    """Servers of one's own are given keys such as `x`."""
    _, told = fails_with("the context is exceeded", key="x")
    assert b"the context is exceeded" in told


class Deaf:
    """A client to whom it does not matter what comes."""

    def answer(self, answer: Answer) -> None:
        """The whole."""

    def begin(self, status: int, headers: tuple[tuple[str, str], ...]) -> None:
        """A beginning."""

    def piece(self, data: bytes) -> None:
        """More."""

    def end(self, last: list[bytes], ended: Ended = "complete", problem: str = "") -> None:
        """The end."""

    def fail(self, failure: CallFailed) -> None:
        """No answer."""

    def stop(self) -> None:
        """Nothing more."""


class Kept(Deaf):
    """A client that keeps what comes in pieces."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def piece(self, data: bytes) -> None:
        """More."""
        self.pieces.append(data)

    def end(self, last: list[bytes], ended: Ended = "complete", problem: str = "") -> None:
        """The end."""
        self.pieces += last


@pytest.mark.parametrize(("client", "target"), PAIRS)
def test_no_signature_reaches_another_format(client: str, target: str) -> None:
    """An application might send it back, to somebody who never made it."""
    answer = answered(asked(client), replied(target, SAID[target]))
    assert b"c2ln" not in b"".join(answer.chunks)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(
    ("client", "prefix", "date"),
    [
        ("chat_completions", "chatcmpl-", "created"),
        ("responses", "resp_", "created_at"),
        ("messages", "msg_", None),
    ],
)
def test_an_answer_has_an_id_and_a_date_of_the_clients_format(
    client: str, prefix: str, date: str | None, *, stream: bool
) -> None:
    """An application may look at both, and the date is the one of the answer."""
    target = "chat_completions" if client == "messages" else "messages"
    reply = replied(target, SAID[target], stream=stream)
    body = body_of(client, answered(asked(client, stream=stream), reply), stream=stream)
    assert body["id"].startswith(prefix)
    assert body["id"] != SAID[target]["id"]
    assert date is None or time.time() - 60 < body[date] <= time.time()


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(
    ("thinking", "kinds"),
    [
        (None, ["text"]),
        ({"type": "disabled"}, ["text"]),
        ({"type": "enabled", "budget_tokens": 1024}, ["thinking", "text"]),
        ({"type": "adaptive"}, ["thinking", "text"]),
    ],
)
def test_blocks_of_thoughts_reach_a_client_that_asked_for_them(
    thinking: Json, kinds: list[str], *, stream: bool
) -> None:
    """Any other client of Anthropic's reads the first block as its words."""
    said = json.loads(json.dumps(SAID["chat_completions"]))
    said["choices"][0]["message"] = {"content": "Yes.", "reasoning_content": "hm"}
    wanted = {"stream": stream} | ({"thinking": thinking} if thinking else {})
    reply = replied("chat_completions", said, stream=stream)
    client = asked("messages", **wanted)
    for answer in (answered(client, reply), *([relayed(client, reply)] if stream else [])):
        body = body_of("messages", answer, stream=stream)
        assert kinds == [block["type"] for block in body["content"]]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_ids_of_calls_are_such_as_the_client_may_send_back(*, stream: bool) -> None:
    """Anthropic knows letters, digits, and two signs; some servers write others."""
    said = json.loads(json.dumps(SAID["chat_completions"]))
    (call,) = said["choices"][0]["message"]["tool_calls"]
    said["choices"][0]["message"]["tool_calls"] = [
        call | {"id": written} for written in ("functions.get_order:0", "call_2")
    ]
    reply = replied("chat_completions", said, stream=stream)
    client = asked("messages", stream=stream)
    for answer in (answered(client, reply), *([relayed(client, reply)] if stream else [])):
        made, kept = read("messages", answer, stream=stream).tool_calls
        assert re.fullmatch("toolu_[a-zA-Z0-9_-]+", made.id)
        assert "call_2" == kept.id


@pytest.mark.parametrize(
    ("client", "target", "status", "seen", "kind"),
    [
        ("chat_completions", "messages", 529, 503, "server_error"),
        ("messages", "chat_completions", 429, 429, "rate_limit_error"),
        ("messages", "chat_completions", 401, 401, "authentication_error"),
    ],
)
def test_errors_have_the_type_that_the_client_knows(
    client: str, target: str, status: int, seen: int, kind: str
) -> None:
    """The status stays, but for the one that only Anthropic has."""
    error = FORMATS[target].encode_error(status, None, "no way")
    answer = answered(asked(client), replied(target, error, status=status))
    told = json.loads(b"".join(answer.chunks))["error"]
    assert (seen, kind, "no way") == (answer.status, told["type"], told["message"])


def test_in_the_same_format_bytes_pass_as_they_are() -> None:
    """Nothing is decoded and written anew."""
    reply = replied("messages", SAID["messages"])
    answer = answered(asked("messages"), reply)
    assert reply.body == b"".join(answer.chunks)
