"""Responses: plain answers of all who speak the format, and their streams."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from pytest_llmreplay.cassette.documents.answer import answer_of, response_of_answer
from pytest_llmreplay.event import (
    BlobPart,
    Choice,
    CompactionPart,
    Exchange,
    HttpRequest,
    HttpResponse,
    JsonBody,
    Message,
    ReasoningPart,
    RefusalPart,
    Response,
    ServerToolCallPart,
    ServerToolCallResponsePart,
    TextPart,
    ToolCallPart,
    UnknownPart,
)
from pytest_llmreplay.providers.responses import RESPONSES

TEXT = {
    "type": "output_text",
    "text": "Hi.",
    "annotations": [{"type": "url_citation", "url": "u", "start_index": 0, "end_index": 3}],
    "logprobs": [],
}
MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "status": "completed",
    "role": "assistant",
    "phase": "final_answer",
    "content": [TEXT, {"type": "output_text", "text": "!"}, {"type": "refusal", "refusal": "no"}],
}
THOUGHT = {
    "id": "rs_1",
    "type": "reasoning",
    "encrypted_content": "AA==",
    "status": None,
    "summary": [{"type": "summary_text", "text": "a"}, {"type": "summary_text", "text": "b"}],
    "content": [{"type": "reasoning_text", "text": "c"}],
}
SEALED = {"id": "rs_2", "type": "reasoning", "summary": [], "encrypted_content": "AA=="}
CALL = {
    "id": "fc_1",
    "type": "function_call",
    "status": "completed",
    "call_id": "call_1",
    "name": "find",
    "namespace": "n",
    "arguments": '{"q": 1}',
}
CUSTOM = {"type": "custom_tool_call", "call_id": "call_2", "name": "w", "input": "a", "id": "c"}
HOSTED = [
    {"type": "web_search_call", "id": "ws_1", "action": {"type": "search", "query": "q"}},
    {"type": "mcp_call", "id": "mcp_1", "name": "ask", "arguments": "{}", "error": {"code": 1}},
    {"type": "mcp_list_tools", "id": "mcpl_1", "tools": []},
    {"type": "tool_search_call", "call_id": None, "arguments": {"queries": ["q"]}},
    {"type": "tool_search_output", "call_id": "call_3", "tools": []},
    {"type": "code_interpreter_call", "id": "ci_1", "outputs": [{"type": "logs", "logs": "2"}]},
]
IMAGE = {"type": "image_generation_call", "id": "ig_1", "result": "AAAA", "output_format": "webp"}
COMPACTED = {"type": "compaction", "id": "cmp_1", "encrypted_content": "AA=="}
USAGE = {
    "input_tokens": 9,
    "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 1},
    "output_tokens": 7,
    "output_tokens_details": {"reasoning_tokens": 3},
    "total_tokens": 16,
}
ODD_ITEMS: list[Any] = [
    1,
    None,
    {},
    {"type": 7},
    {"type": "message", "role": "assistant", "content": "as words"},
    {"type": "message", "role": "user", "content": [1, {"type": "new"}, {"type": "output_text"}]},
    {"type": "message", "content": []},
    {"type": "reasoning"},
    {"type": "reasoning", "summary": [{"type": "summary_text", "text": ""}]},
    {"type": "reasoning", "summary": [], "content": [{"type": "other"}]},
    {"type": "reasoning", "summary": [], "content": None},
    {"type": "function_call", "name": "f"},
    {"type": "function_call", "name": "f", "arguments": {"a": 1}},
    {"type": "function_call", "name": "f", "arguments": None},
    {"type": "function_call", "name": "f", "arguments": "no json"},
    {"type": "custom_tool_call", "name": "f", "input": {"a": 1}},
    {"type": "image_generation_call", "result": None},
    {"type": "message", "content": [{"type": "refusal", "refusal": 7}]},
    {"type": "compaction"},
]


def body(*output: Any, **more: Any) -> dict[str, Any]:
    """A whole answer with these items."""
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": "completed",
        "incomplete_details": None,
        "error": None,
        "model": "m-1",
        "instructions": None,
        "output": list(output),
        "usage": USAGE,
        **more,
    }


WHOLE = body(THOUGHT, SEALED, MESSAGE, CALL, CUSTOM, *HOSTED, IMAGE, COMPACTED)
SHAPES = [
    WHOLE,
    body(*ODD_ITEMS),
    body(*({"type": "message", "content": [TEXT]} for _ in range(2))),
    body(status="queued", usage=None),
    body(CALL, status="complete"),
    body(status="incomplete", incomplete_details={"reason": "max_output_tokens", "more": 1}),
    body(status="incomplete", incomplete_details=None),
    body(status="failed", error={"code": "server_error", "message": "said why"}),
    body(usage={}),
    {"output": []},
    {"output": [MESSAGE], "status": 3, "usage": [1], "id": None},
    {"error": {"message": "no", "type": "t", "param": None, "code": None}},
]


def decoded(answered: Any, value: Any) -> Response:
    """An answer in neutral terms."""
    response: Response = RESPONSES.response(answered(value))
    return response


@pytest.mark.parametrize("shape", SHAPES)
def test_encoding_gives_the_decoded_body_back(answered: Any, shape: dict[str, Any]) -> None:
    """Nothing is lost, whatever stands in an answer."""
    assert shape == RESPONSES.encode_response(decoded(answered, shape))


def test_every_item_is_parts(answered: Any) -> None:
    """Each kind of item is the part that other formats have for it."""
    parts = decoded(answered, WHOLE).parts
    kinds = [type(part) for part in parts]
    assert [ReasoningPart] * 4 + [TextPart, TextPart, RefusalPart] == kinds[:7]
    assert [ToolCallPart, ToolCallPart, ServerToolCallPart, ServerToolCallPart] == kinds[7:11]
    assert [ServerToolCallResponsePart, ServerToolCallPart] == kinds[11:13]
    assert [ServerToolCallResponsePart, ServerToolCallPart] == kinds[13:15]
    assert [BlobPart, CompactionPart] == kinds[15:]


def test_words_calls_and_thoughts(answered: Any) -> None:
    """Text with its annotations, calls by the id that links them, thoughts and what is sealed."""
    response = decoded(answered, WHOLE)
    first, custom = response.tool_calls
    assert ("Hi.!", "no") == (response.text, response.refusal)
    assert ("call_1", "find", {"q": 1}) == (first.id, first.name, first.arguments)
    assert ("fc_1", "n") == (first.extra["id"], first.extra["namespace"])
    assert ("w", "a") == (custom.name, custom.arguments)
    thoughts = [part for part in response.parts if isinstance(part, ReasoningPart)]
    assert [("a", True), ("b", True), ("c", False), ("", True)] == [
        (part.content, part.summary) for part in thoughts
    ]
    assert ("rs_1", "AA==", "openai-responses") == (
        thoughts[0].id,
        thoughts[0].encrypted,
        thoughts[0].format,
    )
    image = response.parts[-2]
    assert isinstance(image, BlobPart)
    assert ("image", "AAAA", "image/webp") == (image.modality, image.content, image.mime_type)


def test_usage_is_inclusive(answered: Any) -> None:
    """Cached and reasoning tokens are parts of the totals."""
    usage = decoded(answered, WHOLE).usage
    assert (9, 7, 4, 1, 3) == (
        usage.input_tokens,
        usage.output_tokens,
        usage.cache_read_input_tokens,
        usage.cache_write_input_tokens,
        usage.reasoning_output_tokens,
    )


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (body(MESSAGE), ("stop", "completed")),
        (body(MESSAGE, CALL), ("tool_call", "completed")),
        (body(COMPACTED), ("compaction", "completed")),
        (SHAPES[5], ("length", "incomplete: max_output_tokens")),
        (
            body(status="incomplete", incomplete_details={"reason": "content_filter"}),
            ("content_filter", "incomplete: content_filter"),
        ),
        (
            body(status="incomplete", incomplete_details={"reason": "new"}),
            (None, "incomplete: new"),
        ),
        (body(status="cancelled"), ("error", "cancelled")),
        (body(status="queued"), (None, "queued")),
    ],
)
def test_an_answer_ends(answered: Any, shape: Any, expected: tuple[Any, Any]) -> None:
    """By its status, its reason, and what it holds."""
    (choice,) = decoded(answered, shape).choices
    assert expected == (choice.finish_reason, choice.finish_raw)


def test_a_failed_answer_is_an_error(answered: Any) -> None:
    """With the provider's words."""
    error = decoded(answered, SHAPES[7]).error
    assert error is not None
    assert ("server_error", "said why") == (error.type, error.message)


def test_changes_to_a_decoded_answer_are_written(answered: Any) -> None:
    """Another text, another ending and fewer parts; all else stays as it was."""
    response = decoded(answered, body(THOUGHT, MESSAGE, CALL))
    (choice,) = response.choices
    parts = tuple(
        replace(part, content="Yo.") if isinstance(part, TextPart) else part
        for part in choice.message.parts
        if not isinstance(part, ToolCallPart | RefusalPart)
    )
    message = replace(choice.message, parts=parts)
    other = replace(choice, message=message, finish_reason="length", finish_raw=None)
    written: Any = RESPONSES.encode_response(replace(response, choices=(other,)))
    assert [THOUGHT, {**MESSAGE, "content": [{**TEXT, "text": "Yo."}, written_text("Yo.")]}] == (
        written["output"]
    )
    assert ("incomplete", {"reason": "max_output_tokens"}) == (
        written["status"],
        written["incomplete_details"],
    )
    stopped = replace(other, finish_reason="stop")
    again: Any = RESPONSES.encode_response(replace(response, choices=(stopped,)))
    assert ("completed", None) == (again["status"], again["incomplete_details"])


def written_text(words: str) -> dict[str, Any]:
    """The plainest part."""
    return {"type": "output_text", "text": words}


def test_a_refusal_of_another_format_is_a_refusal() -> None:
    """Its words, and the class of its ending."""
    message = Message(role="assistant", parts=(RefusalPart(content="no"),))
    choice = Choice(message=message, finish_reason="content_filter", finish_raw="refusal")
    written: Any = RESPONSES.encode_response(Response(choices=(choice,)))
    assert ("incomplete", {"reason": "content_filter"}) == (
        written["status"],
        written["incomplete_details"],
    )
    assert [{"type": "refusal", "refusal": "no"}] == written["output"][0]["content"]


def test_an_answer_without_an_ending_has_none(answered: Any) -> None:
    """As one that is still being written."""
    message = Message(role="assistant", parts=())
    written: Any = RESPONSES.encode_response(
        Response(choices=(Choice(message=message, finish_reason=None),))
    )
    assert [] == written["output"]
    assert {"output": [], "x": 1} == RESPONSES.encode_response(
        decoded(answered, {"output": [], "x": 1})
    )


def test_the_words_of_a_cassette_are_played_without_a_stream() -> None:
    """An answer that a person edited is written as one, and tells the same words again."""
    told_in_words: Any = [
        {"reasoning": "The user asks."},
        {"text": "Well."},
        {"tool_call": "f", "arguments": {"a": 1}},
        {"finish_reason": "tool_call"},
    ]
    response = response_of_answer(told_in_words, model="m")
    stream = RESPONSES.encode_stream(response)
    body_again = RESPONSES.assemble(stream).body
    exchange = Exchange(
        request=HttpRequest(method="POST", url="https://x.example/v1/responses"),
        response=HttpResponse(status=200, body=JsonBody(value=body_again)),
    )
    assert told_in_words == answer_of(RESPONSES.response(exchange))


def test_an_answer_of_another_format_is_written_anew(answered: Any) -> None:
    """Thoughts are never passed off as sealed, and what has no place is left out."""
    parts = (
        ReasoningPart(content="", encrypted="AA==", format="anthropic"),
        ReasoningPart(content="hm", signature="s", format="anthropic"),
        TextPart(content="Hi.", annotations=({"type": "url_citation", "url_citation": {}}, 1)),
        ServerToolCallPart(name="web_search", raw={"type": "server_tool_use"}),
        UnknownPart(type="x", raw={}),
        BlobPart(modality="audio", content="AA=="),
        ToolCallPart(name="f", arguments={"a": 1}),
    )
    response = decoded(answered, body(MESSAGE))
    (choice,) = response.choices
    message = replace(choice.message, parts=parts)
    foreign = Response(choices=(replace(choice, message=message, finish_reason="tool_call"),))
    written: Any = RESPONSES.encode_response(foreign)
    thought, said, call = written["output"]
    assert [{"type": "summary_text", "text": "hm"}] == thought["summary"]
    assert "encrypted_content" not in thought
    assert [] == said["content"][0]["annotations"]
    assert '{"a":1}' == call["arguments"]
    assert 3 == len({thought["id"], said["id"], call["id"]})
    assert written == RESPONSES.encode_response(decoded(answered, written))


# Streams.


def told(*events: dict[str, Any]) -> bytes:
    """Events on the wire, numbered."""
    return b"".join(
        f"data: {json.dumps({**event, 'sequence_number': number})}\n\n".encode()
        for number, event in enumerate(events)
    )


@pytest.mark.parametrize("pieces", [None, 1, 3])
@pytest.mark.parametrize("shape", [WHOLE, *SHAPES[4:7]])
def test_a_written_stream_amounts_to_the_plain_body(
    answered: Any, shape: dict[str, Any], pieces: int | None
) -> None:
    """Also where it is cut before its end: all that was told is there."""
    events = RESPONSES.encode_stream(decoded(answered, shape), pieces=pieces)
    whole = RESPONSES.assemble(events)
    assert (shape, True) == (whole.body, whole.complete)
    cut: Any = RESPONSES.assemble(events[:-1])
    assert (shape["output"], False) == (cut.body["output"], cut.complete)
    assert RESPONSES.is_end(events[-1])
    assert not any(RESPONSES.is_end(event) for event in events[:-1])


def test_a_cut_stream_keeps_the_words_so_far(streamed: Any) -> None:
    """Deltas alone amount to items; the answer is marked as truncated."""
    response = RESPONSES.response(
        streamed(
            {"type": "response.created", "response": {"id": "resp_1", "output": []}},
            {"type": "response.output_item.added", "output_index": 0, "item": {"type": "message"}},
            {"type": "response.content_part.added", "output_index": 0, "part": TEXT | {"text": ""}},
            {"type": "response.output_text.delta", "output_index": 0, "delta": "Hi"},
            {"type": "response.output_text.delta", "output_index": 0, "delta": " there"},
            {
                "type": "response.output_item.added",
                "output_index": 1,
                "item": {**CALL, "arguments": ""},
            },
            {"type": "response.function_call_arguments.delta", "output_index": 1, "delta": '{"a'},
        )
    )
    assert ("Hi there", True, None) == (response.text, response.truncated, response.finish_reason)
    assert ("find", '{"a') == (response.tool_calls[0].name, response.tool_calls[0].arguments)


def test_an_item_is_best_told_by_its_own_end() -> None:
    """What is sealed differs in the last event; the one to send back stands in `done`."""
    last = {**SEALED, "encrypted_content": "CC=="}
    stream = told(
        {"type": "response.output_item.added", "output_index": 0, "item": SEALED},
        {"type": "response.output_item.done", "output_index": 0, "item": THOUGHT | {"id": "rs_2"}},
        {"type": "response.output_item.added", "output_index": 1, "item": {"type": "message"}},
        {"type": "response.completed", "response": body(last, MESSAGE)},
    )
    assembled: Any = RESPONSES.assemble([stream])
    assert [THOUGHT | {"id": "rs_2"}, MESSAGE] == assembled.body["output"]


def test_items_that_the_last_event_leaves_out_are_kept() -> None:
    """Some servers end with an empty output."""
    stream = told(
        {"type": "response.output_item.done", "output_index": 0, "item": MESSAGE},
        {"type": "response.completed", "response": body()},
    )
    assembled: Any = RESPONSES.assemble([stream])
    assert [MESSAGE] == assembled.body["output"]


@pytest.mark.parametrize("name", [b"", b"event: response.output_text.delta\n"])
def test_event_lines_and_numbers_are_optional(name: bytes) -> None:
    """As OpenRouter leaves them out, whose streams end in `[DONE]`."""
    delta = {"type": "response.output_text.delta", "output_index": 0, "delta": "a"}
    stream = (name + b"data: " + json.dumps(delta).encode() + b"\n\n") * 3 + b"data: [DONE]\n\n"
    assembled: Any = RESPONSES.assemble([stream])
    text = {"type": "output_text", "text": "aaa"}
    assert [{"type": "message", "content": [text]}] == assembled.body["output"]
    assert not assembled.complete


def test_done_heals_what_deltas_left_out() -> None:
    """The whole words at the end count."""
    stream = told(
        {"type": "response.output_text.delta", "output_index": 0, "delta": "a"},
        {"type": "response.output_text.done", "output_index": 0, "text": "abc"},
        {
            "type": "response.output_text.annotation.added",
            "output_index": 0,
            "content_index": 0,
            "annotation": {"type": "url_citation"},
        },
        {"type": "response.refusal.delta", "output_index": 0, "content_index": 1, "delta": "no"},
        {"type": "response.web_search_call.searching", "output_index": 1},
    )
    assembled: Any = RESPONSES.assemble([stream])
    assert [
        {"type": "output_text", "text": "abc", "annotations": [{"type": "url_citation"}]},
        {"type": "refusal", "refusal": "no"},
    ] == assembled.body["output"][0]["content"]
    assert 1 == len(assembled.body["output"])


def test_odd_events_change_nothing() -> None:
    """Parts that are none, items that are none, words that are none."""
    odd = {"type": "response.content_part.added", "output_index": 0, "content_index": 9}
    stream = told(
        {**odd, "part": 7},
        {**odd, "part": {"type": "output_text", "text": "a"}},
        {"type": "response.output_text.delta", "output_index": 0, "delta": 7},
        {"type": "response.output_item.added", "output_index": 1, "item": 7},
        {"type": "response.output_text.delta", "output_index": 2.5, "delta": "x"},
    )
    assembled: Any = RESPONSES.assemble([stream + b"data: {response.completed\n\n"])
    assert [{"type": "message", "content": [{"type": "output_text", "text": "a"}]}] == (
        assembled.body["output"]
    )
    assert not RESPONSES.is_end(b"data: {response.completed\n\n")
    parts = {"type": "message", "content": [7]}
    item = {"type": "response.output_item.added", "output_index": 0, "item": parts}
    delta = {"type": "response.output_text.delta", "output_index": 0, "delta": "x"}
    note = {"type": "response.output_text.annotation.added", "output_index": 0}
    done = {"type": "response.output_item.done", "output_index": 0, "item": 7}
    whole: Any = RESPONSES.assemble([told(item, delta, note)])
    assert [parts] == whole.body["output"]
    last = {"type": "response.completed", "response": body(MESSAGE)}
    final: Any = RESPONSES.assemble([told(done, last)])
    assert [MESSAGE] == final.body["output"]


@pytest.mark.parametrize(
    "event",
    [
        {"type": "error", "code": "server_error", "message": "said why", "param": None},
        {"type": "error", "error": {"type": "server_error", "message": "said why"}},
        {"error": {"type": "server_error", "message": "said why"}},
        {"type": "response.failed", "response": SHAPES[7]},
    ],
)
def test_an_error_in_a_stream(streamed: Any, event: dict[str, Any]) -> None:
    """The call failed, and what was said before is kept."""
    said = {"type": "response.output_item.done", "output_index": 0, "item": MESSAGE}
    response = RESPONSES.response(streamed(said, event))
    assert response.error is not None
    assert ("server_error", "said why") == (response.error.type, response.error.message)
    assert "Hi.!" == response.text
    again = RESPONSES.assemble(RESPONSES.encode_stream(response))
    assert isinstance(again.body, dict)
    assert again.body["error"]
    assert again.complete == (event.get("type") == "response.failed")
