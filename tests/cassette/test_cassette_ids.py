"""Ids that a provider draws by lot stand in the measured line, and come back exactly."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.header import Header
from pytest_llmreplay.cassette.short_names.ids import names_in, readable_names_in
from pytest_llmreplay.cassette.writing.draft import Draft
from pytest_llmreplay.cassette.yaml_text.fields import WrongField
from pytest_llmreplay.errors import CassetteDamaged
from pytest_llmreplay.event import (
    Chunk,
    Event,
    Exchange,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
    StreamBody,
)
from pytest_llmreplay.providers.registry import FORMATS, decoder_of

CALL = "call_xUFVgCjMI5erfRxl6jN2Wqd3"
ANSWER = "chatcmpl-3jUOYsfreUw3zRbQExYjmhnNFfftI"


def event(number: int, messages: list[Json], answer: HttpResponse) -> Event:
    """A chat call with some messages and an answer."""
    request = HttpRequest(
        method="POST",
        url="https://api.openai.com/v1/chat/completions",
        body=JsonBody(value={"model": "m", "messages": messages}),
    )
    return Event(
        number=number,
        provider="openai",
        model="m",
        api="chat_completions",
        exchange=Exchange(request=request, response=answer),
        decoder=decoder_of("chat_completions"),
    )


def asks_for_tool(
    call: str = CALL, answer: str = ANSWER, created: int = 1795200000
) -> HttpResponse:
    """An answer that calls a tool."""
    function: Json = {"name": "f", "arguments": "{}"}
    calls: Json = [{"id": call, "type": "function", "function": function}]
    message: Json = {"role": "assistant", "content": None, "tool_calls": calls}
    choice: Json = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    return HttpResponse(
        status=200,
        body=JsonBody(value={"id": answer, "created": created, "choices": [choice]}),
    )


def streams(call: str = CALL, answer: str = ANSWER) -> HttpResponse:
    """The same as a stream."""
    chunks = (
        f'data: {{"id":"{answer}","created":1795200000,"choices":[{{"index":0,"delta":'
        f'{{"tool_calls":[{{"index":0,"id":"{call}","function":{{"name":"f","arguments":"{{}}"}}}}]'
        f"}}}}]}}\n\n"
        f'data: {{"id": "{answer}", "created": 1795200000, "choices":[{{"index":0,"delta":{{}},'
        f'"finish_reason":"tool_calls"}}]}}\n\n'
        "data: [DONE]\n\n"
    )
    body = StreamBody(
        chunks=tuple(
            Chunk(at=0.1, data=f"{text}\n\n".encode()) for text in chunks.split("\n\n") if text
        )
    )
    return HttpResponse(status=200, headers={"content-type": "text/event-stream"}, body=body)


def result_of(call: str = CALL) -> list[Json]:
    """The history that quotes the call."""
    return [
        {"role": "user", "content": "x"},
        {"role": "assistant", "tool_calls": [{"id": call, "type": "function"}]},
        {"role": "tool", "tool_call_id": call, "content": "done"},
    ]


def written(*events: Event) -> str:
    """The cassette of some events, checked as it is before it is written."""
    draft = Draft(Header(), path=Path("x.yaml"))
    for one in events:
        draft.add(one, "r1:0123456789abcdef")
    draft.check(draft.text.encode())
    return draft.text


def test_what_was_drawn_stands_in_the_measured_line_alone() -> None:
    """A plain answer and the request that quotes it show short names."""
    text = written(event(1, [], asks_for_tool()), event(2, result_of(), asks_for_tool()))
    shown = [line for line in text.splitlines() if not line.startswith("measured:")]
    assert [] == [line for line in shown if CALL in line or ANSWER in line or "1795200" in line]
    assert "    id: chatcmpl-#1\n    created: created#1\n" in text
    assert "      tool_call_id: call_#1\n" in text
    assert f"ids: {{chatcmpl-#1: {ANSWER}, created#1: 1795200000, call_#1: {CALL}}}" in text


def test_two_recordings_differ_in_their_measured_lines_alone() -> None:
    """The same answer with other ids is the same text but for one line."""
    first = written(event(1, [], asks_for_tool()), event(2, result_of(), streams()))
    other_call, other_answer = "call_6s4zL3lUXbsKOszivhsWAiBX", "chatcmpl-2XWVc8B2IB5UHPfJPAKiqe"
    second = written(
        event(1, [], asks_for_tool(other_call, other_answer, 1795299999)),
        event(2, result_of(other_call), streams(other_call, other_answer)),
    )
    differing = [a for a, b in zip(first.splitlines(), second.splitlines(), strict=True) if a != b]
    assert {"measured:"} == {line.split()[0] for line in differing}


LLAMA: list[Json] = [
    {
        "timings": {
            "prompt_n": 2,
            "prompt_ms": 2.0,
            "predicted_ms": took,
            "predicted_per_second": rate,
        }
    }
    for took, rate in ((4.817, 1453.1866306829977), (0.515, 1e-05))
]
OLLAMA: list[Json] = [
    {"created_at": at, "total_duration": took, "eval_duration": 9, "eval_count": 9}
    for at, took in (("2026-11-30T10:27:48.995Z", 1_203_456_789), ("2026-11-30T10:28:08Z", 45_678))
]
GROQ: list[Json] = [
    {"usage": {"total_tokens": 3, "queue_time": took, "total_time": took}} for took in (0.25, 1.5)
]
ALIKE: list[Json] = [
    {"created": 1795200000 + took, "until": 1795200000.0, "done": True, "took": 1}
    for took in (0, 1)
]
"""A time beside values that are equal to one and are none."""


@pytest.mark.parametrize("bodies", [LLAMA, OLLAMA, GROQ, ALIKE])
def test_what_a_server_took_stands_in_the_measured_line_and_comes_back(bodies: list[Json]) -> None:
    """An answer that says the same in another time is the same text but for one line."""
    events = [event(1, [], HttpResponse(status=200, body=JsonBody(value=body))) for body in bodies]
    one, other = (written(each).splitlines() for each in events)
    differing = [a for a, b in zip(one, other, strict=True) if a != b]
    assert ["measured:"] == [line.split()[0] for line in differing]
    for recorded in events:
        (read,) = Cassette.of(written(recorded).encode(), path=Path("x.yaml")).events
        assert repr(recorded.exchange.response) == repr(read.exchange.response)


def test_streams_come_back_byte_for_byte() -> None:
    """Whatever spacing the server uses, the bytes of its chunks are the recorded ones."""
    one = event(1, [], streams())
    text = written(one)
    assert CALL not in text.partition("measured:")[0]
    read = Cassette.of(text.encode(), path=Path("x.yaml")).events[0]
    assert one.exchange == read.exchange


def test_a_stream_may_draw_an_id_for_each_of_its_pieces() -> None:
    """As gateways do that ask several models; also where words of the answer look like members."""
    drawn = [(f"chatcmpl-{number:012}", 1795200000 + number) for number in range(1_000)]
    pieces = [
        f'{{"id" : "{name}","created":{moment},"choices":[{{"index":0,"delta":{{"content":'
        f'"\\"id\\":\\"{name}\\", \\"created\\":{moment},"}}}}]}}'
        for name, moment in drawn
    ]
    chunks = tuple(Chunk(at=0.1, data=f"data: {piece}\n\n".encode()) for piece in pieces)
    headers = {"content-type": "text/event-stream"}
    answer = HttpResponse(status=200, headers=headers, body=StreamBody(chunks=chunks))
    one = event(1, [], answer)
    text = written(one)
    assert "chatcmpl-#1.1000: chatcmpl-000000000999" in text
    read = Cassette.of(text.encode(), path=Path("x.yaml")).events[0]
    assert one.exchange == read.exchange


def test_an_id_that_the_words_of_an_answer_tell_comes_back_too() -> None:
    """A search that the provider made itself is told with its id."""
    block = b'"type":"server_tool_use","id":"srvtoolu_01NcU4XNwyxWK6a9tcJZ8wGY"'
    search = block + b',"name":"web_search","input":{"query":"news"}'
    events = (
        b'data: {"type":"content_block_start","index":0,"content_block":{%b}}\n\n' % search,
        b'data: {"type":"content_block_stop","index":0}\n\n',
        b'data: {"type":"message_stop"}\n\n',
    )
    body = StreamBody(chunks=tuple(Chunk(at=0.1, data=data) for data in events))
    asked = event(1, [], HttpResponse(status=200, body=body))
    one = replace(asked, api="messages", provider="anthropic", decoder=decoder_of("messages"))
    text = written(one)
    assert "srvtoolu_#1" in text.partition("answer:")[2].partition("response:")[0]
    (back,) = Cassette.of(text.encode(), path=Path("x.yaml")).events
    assert one.exchange == back.exchange


RESPONSE = "resp_0a1b2c3d4e5f60718293a4b5c6d7e8f9"
ITEM = "fc_0a1b2c3d4e5f60718293a4b5c6d7e8f901"
THOUGHT = "rs_0a1b2c3d4e5f60718293a4b5c6d7e8f902"


@pytest.mark.parametrize("stream", [False, True])
def test_both_ids_of_a_call_of_responses_are_short(stream: bool) -> None:
    """Items, the call, the answer and its times; the next request quotes them by the same names."""
    items: list[Json] = [
        {"type": "reasoning", "id": THOUGHT, "summary": []},
        {"type": "function_call", "id": ITEM, "call_id": CALL, "name": "f", "arguments": "{}"},
    ]
    body: Json = {
        "id": RESPONSE,
        "created_at": 1795200000,
        "completed_at": 1795200003,
        "status": "completed",
        "output": items,
    }
    answer = HttpResponse(status=200, body=JsonBody(value=body))
    first = of_responses(event(1, [], answer), ["x"])
    if stream:
        told = decoder_of("responses").response(first.exchange)
        pieces = FORMATS["responses"].encode_stream(told)
        chunks = StreamBody(chunks=tuple(Chunk(at=0.1, data=piece) for piece in pieces))
        first = of_responses(event(1, [], HttpResponse(status=200, body=chunks)), ["x"])
    result: Json = {"type": "function_call_output", "call_id": CALL, "output": "done"}
    second = of_responses(event(2, [], answer), [*items, result])
    text = written(first, second)
    shown = "\n".join(line for line in text.splitlines() if not line.startswith("measured:"))
    assert [] == [drawn for drawn in (RESPONSE, ITEM, THOUGHT, CALL, "17952") if drawn in shown]
    assert "call_id: call_#1" in shown
    read = Cassette.of(text.encode(), path=Path("x.yaml")).events
    assert [first.exchange, second.exchange] == [one.exchange for one in read]


def of_responses(one: Event, items: list[Json]) -> Event:
    """An event of the Responses API that asks this."""
    request = HttpRequest(
        method="POST",
        url="https://api.openai.com/v1/responses",
        body=JsonBody(value={"model": "m", "input": items}),
    )
    exchange = Exchange(request=request, response=one.exchange.response)
    return replace(one, api="responses", exchange=exchange, decoder=decoder_of("responses"))


def test_a_kept_document_keeps_its_bytes_and_its_names() -> None:
    """Where only a later event is new, the first one's lines do not move."""
    before = written(event(1, [], asks_for_tool()), event(2, result_of(), asks_for_tool()))
    cassette = Cassette.of(before.encode(), path=Path("x.yaml"))
    draft = Draft(Header(), path=Path("x.yaml"))
    draft.keep(cassette.document(0))
    draft.add(replace(event(2, [*result_of(), {"role": "user", "content": "y"}], streams())))
    draft.check(draft.text.encode())
    assert before.partition("--- # key")[2].partition("---")[0] in draft.text
    assert "tool_call_id: call_#1" in draft.text
    assert CALL not in draft.text.partition("event: 2")[2].partition("measured:")[0]


def test_a_quote_of_an_id_that_is_gone_is_written_out() -> None:
    """When the event that drew an id is recorded anew, an older quote of it stays readable."""
    before = written(event(1, [], asks_for_tool()), event(2, result_of(), asks_for_tool()))
    cassette = Cassette.of(before.encode(), path=Path("x.yaml"))
    draft = Draft(Header(), path=Path("x.yaml"))
    draft.add(event(1, [], asks_for_tool("call_6s4zL3lUXbsKOszivhsWAiBX")))
    draft.keep(cassette.document(1))
    draft.check(draft.text.encode())
    again = Cassette.of(draft.text.encode(), path=Path("x.yaml"))
    assert cassette.events[1].exchange == again.events[1].exchange


def test_short_and_plain_ids_stay_as_they_are() -> None:
    """An id that a person could have written is shown as it is."""
    text = written(event(1, [], asks_for_tool("call_1", "chatcmpl-1", 12)))
    assert "ids:" not in text
    assert "id: call_1" in text


def test_an_event_can_be_asked_again_without_reading_its_answer() -> None:
    """`question` has the request and the status, and leaves a damaged stream unread."""
    text = written(event(1, result_of(), streams()))
    cassette = Cassette.of(text.replace('{"id":', '{"id"', 1).encode(), path=Path("x.yaml"))
    question = cassette.document(0).question
    body = question.exchange.request.body
    assert JsonBody(value={"model": "m", "messages": result_of()}) == body
    assert HttpResponse(status=200) == question.exchange.response
    assert "m" == question.model


@pytest.mark.parametrize(
    "damaged",
    [b"created#1: 12h", b"created#1: " + b"9" * 5000, b"took#1: long", b"id#1: \xff"],
)
def test_a_damaged_name_ends_no_reading_of_the_others(damaged: bytes) -> None:
    """The events after it quote the answers of sound ones; its own document is told as damaged."""
    line = b"\nmeasured: {ids: {%s}}"
    data = line % damaged + line % b"call_#2: call_abcd1234"
    assert "call_abcd1234" == readable_names_in(data)["call_#2"]
    with pytest.raises((WrongField, UnicodeDecodeError)):
        names_in(data)


def test_an_error_that_quotes_an_id_of_the_stream_is_written() -> None:
    """A server's broken event is told in words, in which the id stands among others."""
    broken = f'data: {{"id":"{ANSWER}","created":1795200000,"choices":[{{\n\n'.encode()
    whole = streams().body
    assert isinstance(whole, StreamBody)
    body = StreamBody(chunks=(Chunk(at=0.1, data=broken), *whole.chunks))
    one = event(1, [], replace(streams(), body=body))
    text = written(one)
    assert "is no JSON" in text
    assert ANSWER not in text.partition("measured:")[0]
    assert one.exchange == Cassette.of(text.encode(), path=Path("x.yaml")).events[0].exchange
    lied = text.replace("is no JSON", "is fine")
    with pytest.raises(CassetteDamaged, match="`answer` of event 1 tells"):
        _ = Cassette.of(lied.encode(), path=Path("x.yaml")).events[0].response


@pytest.mark.parametrize("answer", [asks_for_tool(), streams()], ids=["plain", "stream"])
def test_words_that_look_like_short_names_stay_words(answer: HttpResponse) -> None:
    """An application that reads a cassette, or a model that guesses, says what we would say."""
    said: list[Json] = [{"role": "user", "content": "call_#1"}, {"role": "user", "content": "id#9"}]
    early = event(1, said, answer)
    late = event(2, [{"role": "user", "content": "created#1"}], answer)
    draft = Draft(Header(), path=Path("x.yaml"))
    draft.foresee(late)
    for one in (early, late):
        draft.add(one, "r1:0123456789abcdef")
    draft.check(draft.text.encode())
    assert "call_#1.2" in draft.text
    assert "created#1.2" in draft.text
    read = Cassette.of(draft.text.encode(), path=Path("x.yaml")).events
    assert [early.exchange, late.exchange] == [one.exchange for one in read]
