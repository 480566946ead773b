"""Messages: plain answers, their streams, and errors."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from providers.made_answers import made

from pytest_llmreplay.event import (
    BlobPart,
    CompactionPart,
    ReasoningPart,
    RefusalPart,
    Response,
    ResponseError,
    ServerToolCallPart,
    ServerToolCallResponsePart,
    TextPart,
    ToolCallPart,
    UnknownPart,
    Usage,
)
from pytest_llmreplay.providers.messages import MESSAGES

BLOCKS: list[Any] = [
    {"type": "thinking", "thinking": "hm", "signature": "s"},
    {"type": "thinking", "thinking": "", "signature": ""},
    {"type": "thinking", "thinking": "no signature"},
    {"type": "redacted_thinking", "data": "AA=="},
    {"type": "text", "text": "", "citations": None},
    {"type": "text", "text": "4", "citations": [{"cited_text": "c"}]},
    {"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1}, "caller": {"type": "direct"}},
    {"type": "tool_use", "name": "g"},
    {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": "q"}},
    {"type": "web_search_tool_result", "tool_use_id": "s1", "content": []},
    {"type": "mcp_tool_use", "id": "m1", "server_name": "s", "name": "ask", "input": {}},
    {"type": "compaction", "content": "summary"},
    {"type": "compaction", "content": None, "encrypted_content": "AA=="},
    {"type": "container_upload", "file_id": "f"},
    {"type": "text", "text": 7},
    {"type": "thinking", "thinking": None},
    {"type": "redacted_thinking"},
    {"type": "tool_use", "id": "t"},
    {"no": "type"},
    None,
]
USAGE = {
    "input_tokens": 3,
    "cache_read_input_tokens": 5,
    "cache_creation_input_tokens": 7,
    "output_tokens": 9,
    "output_tokens_details": {"thinking_tokens": 2},
    "service_tier": "standard",
}


def body(*blocks: Any, stop: Any = "end_turn", **more: Any) -> dict[str, Any]:
    """A plain message."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m-1",
        "content": list(blocks),
        "stop_reason": stop,
        "stop_sequence": None,
        **more,
    }


SHAPES = {
    "all blocks": body(*BLOCKS, usage=USAGE, container={"id": "c"}),
    "refusal": body(stop="refusal", stop_details={"explanation": "no"}, usage={}),
    "no words": {"content": []},
    "odd": {"content": [1], "role": None, "usage": None, "stop_reason": 7, "id": ""},
    "odd word": body(stop="went_home"),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_encoding_gives_the_decoded_body_back(answered: Any, shape: dict[str, Any]) -> None:
    """No key is dropped, none is added."""
    written: Any = MESSAGES.encode_response(MESSAGES.response(answered(shape)))
    assert {key: value for key, value in shape.items() if value is not None or key != "role"} == (
        written
    )


def test_blocks_are_parts(answered: Any) -> None:
    """Each kind of block has its part; what is unknown is kept whole."""
    response = MESSAGES.response(answered(SHAPES["all blocks"]))
    assert [
        *[ReasoningPart] * 4,
        *[TextPart] * 2,
        *[ToolCallPart] * 2,
        ServerToolCallPart,
        ServerToolCallResponsePart,
        ServerToolCallPart,
        *[CompactionPart] * 2,
        *[UnknownPart] * 7,
    ] == [type(part) for part in response.parts]
    assert ("msg_1", "m-1", "4") == (response.id, response.model, response.text)
    first, second = response.tool_calls
    assert ("t1", "f", {"a": 1}) == (first.id, first.name, first.arguments)
    assert (None, "g", {}) == (second.id, second.name, second.arguments)
    assert ("hm", "s", "anthropic") == (
        response.parts[0].content,
        response.parts[0].signature,
        response.parts[0].format,
    )
    assert ("web_search", "s1") == (response.parts[8].name, response.parts[8].id)
    assert "s1" == response.parts[9].id


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("pause_turn", "stop"),
        ("tool_use", "tool_call"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("refusal", "content_filter"),
        ("compaction", "compaction"),
        ("went_home", None),
        (None, None),
    ],
)
def test_stop_reasons_have_classes(answered: Any, word: Any, expected: Any) -> None:
    """The raw word is kept beside its class."""
    response = MESSAGES.response(answered(body({"type": "text", "text": "x"}, stop=word)))
    assert (expected, word) == (response.finish_reason, response.choices[0].finish_raw)


def test_a_refusal_shows(answered: Any) -> None:
    """The stop reason is the sign, also without an explanation."""
    assert "no" == MESSAGES.response(answered(SHAPES["refusal"])).refusal
    assert "stop_reason: refusal" == MESSAGES.response(answered(body(stop="refusal"))).refusal
    assert MESSAGES.response(answered(body())).refusal is None


def test_what_was_written_and_read_in_one_call_is_not_counted_twice() -> None:
    """Some gateways tell the same tokens under both names; the total is the one they told."""
    usage = Usage(input_tokens=100, cache_read_input_tokens=90, cache_write_input_tokens=90)
    written: Any = MESSAGES.encode_response(Response(usage=usage))
    assert (0, 90, 10) == (
        written["usage"]["input_tokens"],
        written["usage"]["cache_read_input_tokens"],
        written["usage"]["cache_creation_input_tokens"],
    )


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (USAGE, (15, 9, 5, 7, 2)),
        ({"input_tokens": 3, "output_tokens": 0}, (3, 0, None, None, None)),
        ({"input_tokens": 3, "cache_read_input_tokens": None}, (3, None, None, None, None)),
        ({"output_tokens": 4, "output_tokens_details": None}, (None, 4, None, None, None)),
        ({}, (None, None, None, None, None)),
    ],
)
def test_usage_includes_the_cache(answered: Any, raw: Any, expected: tuple[Any, ...]) -> None:
    """Input is what the model read, cached or not; unknown is not zero."""
    usage = MESSAGES.response(answered(body(usage=raw))).usage
    assert expected == (
        usage.input_tokens,
        usage.output_tokens,
        usage.cache_read_input_tokens,
        usage.cache_write_input_tokens,
        usage.reasoning_output_tokens,
    )


@pytest.mark.parametrize(
    ("status", "told", "expected"),
    [
        (
            529,
            {"type": "error", "error": {"type": "overloaded_error", "message": "m"}},
            (529, "overloaded_error", "m"),
        ),
        (400, {"message": "bedrock says no"}, (400, None, "bedrock says no")),
        (200, {"type": "error", "message": "m"}, (None, None, "m")),
        (200, {"choices": []}, (None, "unexpected_body", None)),
    ],
)
def test_errors(answered: Any, status: int, told: Any, expected: tuple[Any, ...]) -> None:
    """In the format's own shape, and in others; written back as they came."""
    response = MESSAGES.response(answered(told, status))
    assert response.error is not None
    assert expected[:2] == (response.error.status, response.error.type)
    assert expected[2] in {None, response.error.message}
    assert told == MESSAGES.encode_response(response)


def event(kind: str, **data: Any) -> bytes:
    """One server-sent event."""
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n".encode()


def start(**more: Any) -> bytes:
    """The event that begins a message."""
    usage = {"input_tokens": 1, "output_tokens": 1, "service_tier": "standard"}
    return event("message_start", message=body(stop=None, usage=usage, **more))


def block(index: int, opening: dict[str, Any], *deltas: dict[str, Any]) -> bytes:
    """All events of one block."""
    told = [event("content_block_delta", index=index, delta=delta) for delta in deltas]
    opened = event("content_block_start", index=index, content_block=opening)
    return b"".join([opened, *told, event("content_block_stop", index=index)])


END = event("message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None}, usage=USAGE)
STOP = event("message_stop")


def test_events_become_a_message(streamed: Any) -> None:
    """Each delta grows its block; counts at the end overwrite, others survive."""
    response = MESSAGES.response(
        streamed(
            start(),
            event("ping"),
            block(
                0,
                {"type": "thinking", "thinking": "", "signature": ""},
                {"type": "thinking_delta", "thinking": "h"},
                {"type": "thinking_delta", "thinking": "m"},
                {"type": "signature_delta", "signature": "s"},
            ),
            block(
                1,
                {"type": "text", "text": "", "citations": []},
                {"type": "text_delta", "text": "Hel"},
                {"type": "text_delta", "text": "lo"},
                {"type": "citations_delta", "citation": {"cited_text": "c"}},
            ),
            block(
                2,
                {"type": "tool_use", "id": "t", "name": "f", "input": {}},
                {"type": "input_json_delta", "partial_json": ""},
                {"type": "input_json_delta", "partial_json": '{"a":'},
                {"type": "input_json_delta", "partial_json": "1}"},
            ),
            block(3, {"type": "tool_use", "id": "u", "name": "g", "input": {}}),
            block(4, {"type": "web_search_tool_result", "tool_use_id": "s", "content": [1]}),
            block(
                5,
                {"type": "compaction", "content": None},
                {"type": "compaction_delta", "content": "sum"},
            ),
            END,
            STOP,
        )
    )
    assert not response.truncated
    assert ("Hello", "stop", "m-1") == (response.text, response.finish_reason, response.model)
    thought, words, *_ = response.parts
    assert isinstance(thought, ReasoningPart)
    assert ("hm", "s") == (thought.content, thought.signature)
    assert isinstance(words, TextPart)
    assert ({"cited_text": "c"},) == words.annotations
    assert [{"a": 1}, {}] == [call.arguments for call in response.tool_calls]
    assert CompactionPart(content="sum") == response.parts[5]
    assert (15, 9) == (response.usage.input_tokens, response.usage.output_tokens)
    assert isinstance(response.usage.raw, dict)
    assert "standard" == response.usage.raw["service_tier"]


def test_broken_arguments_stay_text(streamed: Any) -> None:
    """JSON that never became whole is what the model wrote."""
    cut = block(
        0,
        {"type": "tool_use", "id": "t", "name": "f", "input": {}},
        {"type": "input_json_delta", "partial_json": '{"a":'},
    )
    response = MESSAGES.response(streamed(start(), cut, END, STOP))
    assert ('{"a":', '{"a":') == (
        response.tool_calls[0].arguments,
        response.tool_calls[0].arguments_raw,
    )


def test_what_comes_with_the_end_is_kept(streamed: Any) -> None:
    """Container, context management, and events that nobody knows."""
    end = event(
        "message_delta",
        delta={"stop_reason": "end_turn", "container": {"id": "c"}},
        usage={"output_tokens": 4, "input_tokens": None},
        context_management={"applied_edits": []},
    )
    odd = event("content_block_delta", index=0, delta=None) + event("odd", x=1)
    response = MESSAGES.response(streamed(start(), odd, end, STOP))
    assert {"id": "c"} == response.extra["container"]
    assert {"applied_edits": []} == response.extra["context_management"]
    assert (1, 4) == (response.usage.input_tokens, response.usage.output_tokens)


def test_without_its_end_a_message_is_truncated(streamed: Any) -> None:
    """No `message_stop`, no whole message."""
    words = block(0, {"type": "text", "text": ""}, {"type": "text_delta", "text": "Hel"})
    response = MESSAGES.response(streamed(start(), words[:-20]))
    assert response.truncated
    assert ("Hel", None, None) == (response.text, response.finish_reason, response.error)


@pytest.mark.parametrize("kind", ["error", "odd"])
def test_an_error_may_come_in_the_stream(streamed: Any, kind: str) -> None:
    """The answer is an error, with what was said before it."""
    words = block(0, {"type": "text", "text": ""}, {"type": "text_delta", "text": "Hel"})
    failed = event(kind, error={"type": "overloaded_error", "message": "busy"})
    response = MESSAGES.response(streamed(start(), words, failed))
    assert response.error is not None
    assert ("overloaded_error", "busy") == (response.error.type, response.error.message)
    assert "Hel" == response.text
    assert response.truncated


def test_a_stream_of_something_else_is_no_answer(streamed: Any) -> None:
    """No message ever began."""
    response = MESSAGES.response(streamed(b"data: hello\n\n", {"x": 1}))
    assert response.error is not None
    assert "unexpected_body" == response.error.type


def test_the_end_is_recognised() -> None:
    """The event, not a word that looks like it."""
    assert MESSAGES.is_end(STOP)
    assert MESSAGES.is_end(b'data: {"type":"message_stop"}\r\n\r\n')
    words = {"type": "text_delta", "text": "message_stop"}
    assert not MESSAGES.is_end(event("content_block_delta", index=0, delta=words))
    assert not MESSAGES.is_end(event("ping"))


@pytest.mark.parametrize("pieces", [None, 1, 3])
def test_a_written_stream_amounts_to_the_plain_body(answered: Any, pieces: int | None) -> None:
    """However it is cut; blocks of the provider come whole."""
    known = [
        item for item in BLOCKS if isinstance(item, dict) and item.get("thinking", "") is not None
    ]
    shape = body(*known, usage=USAGE, stop_details=None, context_management={"x": 1})
    events = MESSAGES.encode_stream(MESSAGES.response(answered(shape)), pieces=pieces)
    assembled = MESSAGES.assemble(events)
    assert assembled.complete
    assert shape == assembled.body
    assert MESSAGES.is_end(events[-1])


def test_an_odd_block_is_left_out_of_a_stream(answered: Any) -> None:
    """Only objects can be told in events."""
    events = MESSAGES.encode_stream(MESSAGES.response(answered(body("odd"))))
    assembled: Any = MESSAGES.assemble(events).body
    assert [] == assembled["content"]


def test_an_answer_made_by_hand_is_complete() -> None:
    """Everything that clients rely on is filled in, the same each time."""
    written: Any = MESSAGES.encode_response(made(TextPart(content="hi")))
    assert {
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": "hi"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 0, "output_tokens": 0},
    } == {key: value for key, value in written.items() if key != "id"}
    assert written["id"].startswith("msg_")
    assert {"content": []}.items() <= MESSAGES.encode_response(Response()).items()


def test_parts_of_other_formats_find_their_place() -> None:
    """What has no place is left out; arguments that are no object are wrapped."""
    answer = made(
        ReasoningPart(content="hm", format="deepseek"),
        ReasoningPart(content="", encrypted="AA==", format="openai-responses"),
        ToolCallPart(name="f", arguments="oops", arguments_raw="oops"),
        ServerToolCallPart(name="search", raw={"type": "search"}),
        ServerToolCallPart(name="web_search", raw=BLOCKS[8]),
        BlobPart(modality="audio", content="AA=="),
        UnknownPart(type="odd", raw={}),
        usage=Usage(input_tokens=9, output_tokens=4, cache_read_input_tokens=2, cost=1.0),
    )
    written: Any = MESSAGES.encode_response(answer)
    thought, call, search = written["content"]
    assert {"type": "thinking", "thinking": "hm", "signature": ""} == thought
    assert ("f", {"input": "oops"}) == (call["name"], call["input"])
    assert BLOCKS[8] == search
    assert {"input_tokens": 7, "output_tokens": 4, "cache_read_input_tokens": 2} == written["usage"]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("stop", "end_turn"),
        ("length", "max_tokens"),
        ("tool_call", "tool_use"),
        ("content_filter", "refusal"),
        ("error", "end_turn"),
        (None, None),
    ],
)
def test_classes_have_words(reason: Any, expected: str | None) -> None:
    """A class is written in the format's own word; another format's word is not copied."""
    answer = made(TextPart(content="x"))
    choice = replace(answer.choices[0], finish_reason=reason, finish_raw="tool_calls")
    written: Any = MESSAGES.encode_response(replace(answer, choices=(choice,)))
    assert expected == written["stop_reason"]


def test_changes_to_a_decoded_answer_are_written(answered: Any) -> None:
    """Counts and reasons that were changed win over the raw ones."""
    response = MESSAGES.response(answered(body({"type": "text", "text": "x"}, usage=USAGE)))
    choice = replace(response.choices[0], finish_reason="length")
    usage = replace(response.usage, output_tokens=99)
    written: Any = MESSAGES.encode_response(replace(response, choices=(choice,), usage=usage))
    assert ("max_tokens", 99) == (written["stop_reason"], written["usage"]["output_tokens"])
    assert (3, {"thinking_tokens": 2}) == (
        written["usage"]["input_tokens"],
        written["usage"]["output_tokens_details"],
    )


def test_errors_are_written_in_the_formats_own_shape() -> None:
    """A type follows from the status where none is given; a body that came stays as it was."""
    assert {
        "type": "error",
        "error": {"type": "overloaded_error", "message": "m"},
        "request_id": None,
    } == MESSAGES.encode_error(529, None, "m")
    error = ResponseError(status=400, type="t", message="m")
    written: Any = MESSAGES.encode_response(Response(error=error))
    assert {"type": "t", "message": "m"} == written["error"]
    assert [b"event: error"] == [
        told.split(b"\n")[0] for told in MESSAGES.encode_stream(Response(error=error))
    ]


@pytest.mark.parametrize("status", [200, 400])
def test_an_error_without_a_type_stays_as_it_came(answered: Any, status: int) -> None:
    """Gateways write errors of their own, with HTTP 200 some of them."""
    untyped = {"error": {"message": "no credit", "code": 402}}
    response = MESSAGES.response(answered(untyped, status))
    assert response.error is not None
    assert "no credit" == response.error.message
    assert untyped == MESSAGES.encode_response(response)


def test_a_refusal_of_another_format_is_one_here() -> None:
    """Its words become text, its sign the stop reason."""
    written: Any = MESSAGES.encode_response(made(RefusalPart(content="no")))
    assert ("refusal", [{"type": "text", "text": "no"}]) == (
        written["stop_reason"],
        written["content"],
    )
