"""Streams told in another format while they come, to clients that read as ever."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servers.wire_shapes import Said, stream_events

from pytest_llmreplay.event import (
    Choice,
    Chunk,
    Exchange,
    HttpRequest,
    HttpResponse,
    Message,
    Response,
    StreamBody,
    ToolCallPart,
)
from pytest_llmreplay.providers.registry import FORMATS
from pytest_llmreplay.providers.retelling.answer import without_extra
from pytest_llmreplay.providers.retelling.stream import retelling
from pytest_llmreplay.providers.streams.sse import split

SPOKEN = ("chat_completions", "messages", "responses")
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (("add", {"a": 1}), ("look", {"at": "the sky"}))


def read(api: str, events: list[bytes]) -> Response:
    """What a stream says."""
    chunks = tuple(Chunk(at=0.0, data=event.raw) for event in split(b"".join(events)))
    answer = HttpResponse(status=200, body=StreamBody(chunks=chunks))
    return FORMATS[api].response(
        Exchange(request=HttpRequest(method="POST", url=""), response=answer)
    )


def retold(source: str, client: str, events: list[bytes]) -> list[bytes]:
    """A stream of one format in another, told byte by byte."""
    way = retelling(source, client, usage=True)
    assert way is not None
    told = [event for byte in b"".join(events) for event in way.feed(bytes([byte]))]
    return told + way.end(without_extra(read(source, events)))


def essence(response: Response) -> Any:
    """What no format may change."""
    calls = [(call.name, call.arguments, call.id) for call in response.tool_calls]
    usage = (response.usage.input_tokens, response.usage.output_tokens)
    return response.text, calls, response.finish_reason, usage, response.model


def data_of(events: list[bytes]) -> list[dict[str, Any]]:
    """The JSON of all events."""
    return [json.loads(one.data) for one in split(b"".join(events)) if one.data[:1] == "{"]


@pytest.mark.parametrize("client", SPOKEN)
@pytest.mark.parametrize("source", SPOKEN)
def test_words_calls_ending_and_usage_are_those_of_the_source(source: str, client: str) -> None:
    """Whichever format is told in whichever."""
    events = stream_events(source, Said(text="one two three", calls=CALLS))
    whole = read(source, events)
    told = read(client, retold(source, client, events))
    assert essence(whole) == essence(told)
    assert not told.truncated
    assert told.error is None


@pytest.mark.parametrize("client", SPOKEN)
def test_words_are_told_as_soon_as_they_are_known(client: str) -> None:
    """Before the source has told anything more."""
    way = retelling("chat_completions", client, usage=False)
    assert way is not None
    events = stream_events("chat_completions", Said(text="one two three"))
    seen = b""
    for event in events:
        seen += b"".join(way.feed(event))
        if b'"one' in event:
            break
    assert b"one" in seen


def chunk(**delta: Any) -> bytes:
    """A chunk of chat completions."""
    choice = {"index": 0, "delta": delta, "finish_reason": None}
    return f"data: {json.dumps({'id': 'c1', 'model': 'm', 'choices': [choice]})}\n\n".encode()


def call(index: int, arguments: str, name: str | None = None) -> dict[str, Any]:
    """A piece of a tool call."""
    begun = {} if name is None else {"id": f"call_{index}", "type": "function"}
    function = {"arguments": arguments} | ({} if name is None else {"name": name})
    return {"index": index, **begun, "function": function}


ENDING = (
    b'data: {"id": "c1", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": '
    b'"tool_calls"}], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}\n\n'
)
INTERLEAVED = [
    chunk(role="assistant", content=""),
    chunk(content="Let me "),
    chunk(tool_calls=[call(0, "", "add"), call(1, "", "look")]),
    chunk(tool_calls=[call(1, '{"at": "the ')]),
    chunk(tool_calls=[call(0, '{"a"')]),
    chunk(content="see."),
    chunk(tool_calls=[call(1, 'sky"}')]),
    chunk(tool_calls=[call(0, ": 1}")]),
    ENDING,
    b"data: [DONE]\n\n",
]
"""Two calls and the words, side by side, as chat completions may be told."""


def test_calls_told_side_by_side_are_told_one_after_another() -> None:
    """Messages have one open block at a time; what belongs to a later one is kept until then."""
    events = data_of(retold("chat_completions", "messages", INTERLEAVED))
    open_blocks: set[int] = set()
    for event in events:
        if event["type"] == "content_block_start":
            open_blocks.add(event["index"])
        elif event["type"] == "content_block_delta":
            assert {event["index"]} == open_blocks
        elif event["type"] == "content_block_stop":
            open_blocks.remove(event["index"])
    assert set() == open_blocks
    told = read("messages", retold("chat_completions", "messages", INTERLEAVED))
    assert "Let me see." == told.text
    assert list(CALLS) == [(call.name, call.arguments) for call in told.tool_calls]


def test_every_item_of_responses_has_one_id_and_is_whole_at_the_end() -> None:
    """The stream helper of OpenAI's SDK raises where an id changes between `added` and `done`."""
    events = data_of(retold("chat_completions", "responses", INTERLEAVED))
    ids: dict[int, set[str]] = {}
    for event in events:
        if "output_index" in event:
            found = event.get("item_id") or event["item"]["id"]
            ids.setdefault(event["output_index"], set()).add(found)
    final = events[-1]["response"]
    assert [{item["id"]} for item in final["output"]] == [ids[index] for index in sorted(ids)]
    assert list(range(len(events))) == [event["sequence_number"] for event in events]
    (answer_id,) = {one["response"]["id"] for one in events if "response" in one}
    assert answer_id.startswith("resp_")


def no_arguments(source: str) -> list[bytes]:
    """A stream with a call that tells nothing of its arguments, as Anthropic and vLLM do."""
    events = stream_events(source, Said(calls=(("now", {}), *CALLS)))
    return [event for event in events if b'"{}"' not in event or b"delta" not in event]


def arguments_told(event: dict[str, Any]) -> list[tuple[int, str]]:
    """Of which calls an event tells arguments, and the piece that it tells."""
    if "choices" in event:
        calls = [call for one in event["choices"] for call in one["delta"].get("tool_calls", ())]
        return [(call["index"], call["function"]["arguments"]) for call in calls]
    if event["type"] == "response.function_call_arguments.delta":
        return [(event["output_index"], event["delta"])]
    piece = event.get("delta", {})
    return [(event["index"], piece["partial_json"])] if "partial_json" in piece else []


@pytest.mark.parametrize("client", SPOKEN)
@pytest.mark.parametrize("source", SPOKEN)
def test_a_call_without_arguments_is_told_with_none(source: str, client: str) -> None:
    """Clients of OpenAI's formats parse what the pieces make: nothing at all is no JSON."""
    told: defaultdict[int, str] = defaultdict(str)
    for event in data_of(retold(source, client, no_arguments(source))):
        for place, text in arguments_told(event):
            told[place] += text
    assert [{}, *(sent for _, sent in CALLS)] == [json.loads(text) for text in told.values()]


@pytest.mark.parametrize("client", SPOKEN)
def test_a_call_that_begins_with_its_arguments_has_them_once(client: str) -> None:
    """What is told piece by piece takes the place of what the beginning told."""
    begun = {"type": "tool_use", "id": "toolu_1", "name": "add", "input": {"a": 1}}
    start = {"type": "content_block_start", "index": 0, "content_block": begun}
    more = {"type": "input_json_delta", "partial_json": '{"a": 1}'}
    delta = {"type": "content_block_delta", "index": 0, "delta": more}
    head, *_, usage, stop = stream_events("messages", Said())
    told = [f"data: {json.dumps(event)}\n\n".encode() for event in (start, delta)]
    over = b'data: {"type": "content_block_stop", "index": 0}\n\n'
    for events in ([*told, over], [told[0], over]):
        answer = read(client, retold("messages", client, [head, *events, usage, stop]))
        assert [{"a": 1}] == [call.arguments for call in answer.tool_calls]


OPENAI = ("chat_completions", "responses")


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(("source", "client"), [OPENAI, OPENAI[::-1]])
def test_a_call_of_a_tool_that_takes_any_text_stays_one(
    source: str, client: str, *, whole: bool
) -> None:
    """An application tells it from a function by its type, and its input is no JSON."""
    given = ToolCallPart(
        id="call_1",
        name="shell",
        arguments="ls -l",
        arguments_raw="ls -l",
        extra={"type": "custom"},
    )
    message = Message(role="assistant", parts=(given,))
    choices = (Choice(message=message, finish_reason="tool_call"),)
    answer = without_extra(Response(id="c1", model="m", choices=choices))
    if whole:
        told = read(client, FORMATS[client].encode_stream(answer))
    else:
        told = read(client, retold(source, client, FORMATS[source].encode_stream(answer)))
    (call,) = told.tool_calls
    assert ("shell", "ls -l", "custom") == (call.name, call.arguments, call.extra["type"])


def test_arguments_that_a_server_tells_as_an_object_arrive() -> None:
    """Chat completions are imitated by servers that forget to write them as text."""
    odd = call(0, "", "add")
    odd["function"]["arguments"] = {"a": 1}
    events = [chunk(tool_calls=[odd]), ENDING]
    told = read("messages", retold("chat_completions", "messages", events))
    assert [{"a": 1}] == [made.arguments for made in told.tool_calls]


def test_usage_is_told_to_chat_clients_that_asked_for_it_alone() -> None:
    """Others trip over a chunk without choices."""
    events = stream_events("messages", Said(text="one"))
    way = retelling("messages", "chat_completions", usage=False)
    assert way is not None
    told = way.feed(b"".join(events)) + way.end(without_extra(read("messages", events)))
    assert all(event["choices"] for event in data_of(told))
    assert b"data: [DONE]\n\n" == told[-1]


def test_an_answer_that_only_its_last_event_tells_is_told() -> None:
    """Some servers of responses send no deltas."""
    events = stream_events("responses", Said(text="one two", calls=CALLS))
    last = [event for event in events if b'"type": "response.completed"' in event]
    told = read("messages", retold("responses", "messages", last))
    assert "one two" == told.text
    assert list(CALLS) == [(call.name, call.arguments) for call in told.tool_calls]


@pytest.mark.parametrize(
    ("source", "client"), [("generate_content", "messages"), ("messages", "ollama_chat")]
)
def test_other_formats_are_told_whole(source: str, client: str) -> None:
    """There is nothing that tells them piece by piece."""
    assert retelling(source, client, usage=True) is None


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(SPOKEN), st.sampled_from(SPOKEN), st.data())
def test_whatever_comes_is_read(source: str, client: str, data: st.DataObject) -> None:
    """Events that are cut, out of order or of no kind at all raise nothing."""
    events = stream_events(source, Said(text="one two", calls=CALLS))
    order = data.draw(st.permutations(events))
    broken = [event[: data.draw(st.integers(0, len(event)))] + b"\n\n" for event in order[:3]]
    strange = [b'data: {"type": "content_block_start", "index": "x", "content_block": []}\n\n']
    retold(source, client, [*broken, *strange, *order])
