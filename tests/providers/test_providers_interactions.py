"""Google's interactions in neutral terms, and back again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_llmreplay.event import (
    BlobPart,
    Choice,
    Exchange,
    FilePart,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
    Message,
    OutputFormat,
    Reasoning,
    ReasoningPart,
    RefusalPart,
    Request,
    Response,
    ServerToolCallPart,
    ServerToolCallResponsePart,
    TextPart,
    Tool,
    ToolCallPart,
    ToolCallResponsePart,
    ToolChoice,
    UnknownPart,
    UriPart,
    Usage,
)
from pytest_llmreplay.providers.endpoints.calls import is_llm_body, is_llm_call
from pytest_llmreplay.providers.interactions import INTERACTIONS
from pytest_llmreplay.providers.registry import identify

Make = Callable[..., Exchange]
Read = Callable[[Json], Request]

GOOGLE = "https://generativelanguage.googleapis.com"
NOTE: Json = {"type": "url_citation", "url": "https://x.example", "start_index": 0, "end_index": 2}
COUNTS: Json = {
    "total_tokens": 20,
    "total_input_tokens": 8,
    "total_output_tokens": 5,
    "total_thought_tokens": 4,
    "total_tool_use_tokens": 3,
    "total_cached_tokens": 2,
    "input_tokens_by_modality": [{"modality": "text", "tokens": 8}],
}
STEPS: list[Json] = [
    {"type": "thought", "signature": "c2ln", "summary": [{"type": "text", "text": "Hm."}]},
    {"type": "thought", "signature": "c2ln"},
    {"type": "google_search_call", "id": "s1", "arguments": {"queries": ["q"]}},
    {"type": "google_search_result", "call_id": "s1", "result": []},
    {
        "type": "model_output",
        "content": [
            {"type": "text", "text": "Hi there.", "annotations": [NOTE]},
            {"type": "image", "data": "AA==", "mime_type": "image/png"},
        ],
    },
    {"type": "function_call", "id": "c1", "name": "f", "arguments": {"a": 1}, "signature": "c2ln"},
]
WHOLE: dict[str, Json] = {
    "id": "v1_abc",
    "object": "interaction",
    "model": "gemini-3.8-flash",
    "status": "requires_action",
    "created": "2026-11-30T10:00:00Z",
    "steps": STEPS,
    "usage": COUNTS,
}


@pytest.fixture
def read(asked: Make) -> Read:
    """The neutral request of a body."""
    return lambda body: INTERACTIONS.request(asked(body, f"{GOOGLE}/v1beta/interactions"))


def response_of(body: Json) -> Response:
    """What a plain answer says."""
    request = HttpRequest(method="POST", url=GOOGLE)
    answer = HttpResponse(status=200, body=JsonBody(value=body))
    return INTERACTIONS.response(Exchange(request=request, response=answer))


@pytest.mark.parametrize(
    ("method", "url", "body", "expected"),
    [
        (
            "POST",
            f"{GOOGLE}/v1beta/interactions",
            {"model": "g", "input": "x"},
            ("interactions", "gemini", "g"),
        ),
        (
            "POST",
            "https://eu-aiplatform.googleapis.com/v1beta1/projects/p/locations/eu/interactions",
            {"model": "g", "input": "x"},
            ("interactions", "vertex", "g"),
        ),
        (
            "POST",
            f"{GOOGLE}/v1alpha/interactions",
            {"agent": "deep-research", "input": "x"},
            ("interactions", "gemini", "deep-research"),
        ),
        (
            "POST",
            "http://127.0.0.1:80/v1/interactions",
            {"model": "g", "continuation_token": "t"},
            ("interactions", "local", "g"),
        ),
        ("GET", f"{GOOGLE}/v1beta/interactions/v1_a", None, ("other", "gemini", None)),
        ("POST", f"{GOOGLE}/v1beta/interactions/v1_a/cancel", {}, ("other", "gemini", None)),
        ("POST", f"{GOOGLE}/v1beta/interactions", {}, ("other", "gemini", None)),
    ],
)
def test_path_and_body_make_an_interaction(
    method: str, url: str, body: Json, expected: tuple[str, str, str | None]
) -> None:
    """Of Gemini's API and of Vertex; what is asked of a kept one asks no model."""
    found = identify(method, url, {}, body)
    assert expected == (found.api, found.provider, found.model)


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("POST", "/v1beta/interactions", {"model": "g", "input": "x"}, True),
        ("GET", "/v1beta/interactions/v1_ChdabcDEF", None, True),
        ("POST", "/v1beta/interactions", {"type": 1, "token": "of a chat bot"}, False),
        ("POST", "/v1/interactions", {"agent": "Bob", "customer": "Ann"}, False),
        ("POST", "/api/interactions", {"model": "g", "input": "x"}, False),
        ("GET", "/api/interactions/17", None, False),
        ("DELETE", "/crm/interactions/v1_17", None, False),
    ],
)
def test_what_a_private_host_serves_is_told_by_path_and_body(
    method: str,
    path: str,
    body: Json,
    expected: bool,
) -> None:
    """Applications have interactions of their own."""
    url = f"http://127.0.0.1:1{path}"
    assert expected == (is_llm_call(method, url) and is_llm_body(url, body))


def test_an_answer_is_read(answered: Make) -> None:
    """Thoughts with their signatures, tools of Google's, words, media, calls, counts."""
    response = INTERACTIONS.response(answered(WHOLE))
    assert ("v1_abc", "gemini-3.8-flash") == (response.id, response.model)
    assert ("Hi there.", "tool_call") == (response.text, response.finish_reason)
    kinds = [type(part) for part in response.parts]
    assert [
        *(ReasoningPart, ReasoningPart, ServerToolCallPart, ServerToolCallResponsePart),
        *(TextPart, BlobPart, ToolCallPart),
    ] == kinds
    (call,) = response.tool_calls
    assert ("c1", "f", {"a": 1}) == (call.id, call.name, call.arguments)
    thought = response.parts[0]
    assert isinstance(thought, ReasoningPart)
    assert ("Hm.", "c2ln", "google") == (thought.content, thought.signature, thought.format)
    assert (
        Usage(
            input_tokens=11,
            output_tokens=9,
            cache_read_input_tokens=2,
            reasoning_output_tokens=4,
            raw=COUNTS,
        )
        == response.usage
    )
    assert WHOLE == INTERACTIONS.encode_response(response)


@pytest.mark.parametrize(
    ("status", "finish"),
    [
        ("completed", "stop"),
        ("requires_action", "tool_call"),
        ("incomplete", "length"),
        ("requires_continuation", "length"),
        ("budget_exceeded", "length"),
        ("cancelled", "error"),
        ("in_progress", None),
        ("queued", None),
        ("daydreaming", None),
    ],
)
def test_a_status_is_the_class_of_an_ending(status: str, finish: str | None) -> None:
    """And is written again as it was."""
    body: Json = {"id": "v1_a", "status": status, "steps": []}
    response = response_of(body)
    assert (finish, status) == (response.finish_reason, response.choices[0].finish_raw)
    assert body == INTERACTIONS.encode_response(response)


def test_a_failed_interaction_is_an_error() -> None:
    """It comes with HTTP status 200."""
    errors: Json = [{"code": "internal", "message": "The agent broke."}]
    body: Json = {"id": "v1_a", "status": "failed", "steps": [], "errors": errors}
    response = response_of(body)
    assert response.error is not None
    assert ("internal", "The agent broke.") == (response.error.type, response.error.message)
    assert body == INTERACTIONS.encode_response(response)
    told = INTERACTIONS.assemble(INTERACTIONS.encode_stream(response))
    assert (body, True) == (told.body, told.complete)


def test_an_error_is_told_in_the_words_of_the_api(answered: Make) -> None:
    """Its code is a word."""
    body = INTERACTIONS.encode_error(400, None, "no")
    assert {"error": {"message": "no", "code": "invalid_request"}} == body
    error = INTERACTIONS.response(answered(body, 400)).error
    assert error is not None
    assert (400, "invalid_request", "no") == (error.status, error.type, error.message)
    codes = {429: "too_many_requests", 503: "internal_error"}
    for status, code in codes.items():
        told: Any = INTERACTIONS.encode_error(status, None, "no")
        assert code == told["error"]["code"]


def test_an_answer_that_is_still_made_has_no_steps() -> None:
    """As the first answer of a call in the background."""
    body: Json = {"id": "v1_a", "status": "in_progress", "object": "interaction"}
    response = response_of(body)
    assert ((), None, None) == (response.parts, response.finish_reason, response.error)
    assert body == INTERACTIONS.encode_response(response)
    unexpected = response_of({"id": "v1_a"}).error
    assert unexpected is not None
    assert "unexpected_body" == unexpected.type


def test_an_answer_of_old_has_outputs() -> None:
    """Until June 2026 there were no steps around what was said."""
    outputs: list[Json] = [
        {"type": "thought", "signature": "c2ln"},
        {"type": "text", "text": "Hi."},
        {"type": "text", "text": " You?"},
        {"type": "function_call", "id": "c1", "name": "f", "arguments": {}},
        {"type": "hologram", "x": 1},
    ]
    body: Json = {"id": "v1_a", "status": "completed", "outputs": outputs}
    response = response_of(body)
    assert ("Hi. You?", "tool_call") == (response.text, response.finish_reason)
    assert body == INTERACTIONS.encode_response(response)
    told = INTERACTIONS.assemble(INTERACTIONS.encode_stream(response))
    assert (body, True) == (told.body, told.complete)


def event(kind: str, **data: Json) -> Json:
    """An event of a stream."""
    return {"event_type": kind, **data}


def delta(index: int, kind: str, **data: Json) -> Json:
    """More of a step."""
    return event("step.delta", index=index, delta={"type": kind, **data})


def begun(index: int, kind: str, **data: Json) -> Json:
    """The beginning of a step."""
    return event("step.start", index=index, step={"type": kind, **data})


CREATED = event("interaction.created", interaction={"id": "v1_a", "status": "in_progress"})
ENDED = event(
    "interaction.completed", interaction={"id": "v1_a", "status": "completed", "usage": COUNTS}
)


def test_a_stream_is_put_together(streamed: Make) -> None:
    """Words, thoughts, signatures, arguments, what is cited, media, and tools of Google's."""
    response = INTERACTIONS.response(
        streamed(
            CREATED,
            event("interaction.status_update", interaction_id="v1_a", status="in_progress"),
            begun(0, "thought"),
            delta(0, "thought_summary", content={"type": "text", "text": "Hm."}),
            delta(0, "thought_signature", signature="c2ln"),
            event("step.stop", index=0),
            begun(1, "google_search_call", id="s1"),
            delta(1, "google_search_call", arguments={"queries": ["q"]}),
            begun(2, "model_output", content=[{"type": "text", "text": "Once "}]),
            delta(2, "text", text="upon "),
            delta(2, "text", text="a time"),
            delta(2, "text_annotation_delta", annotations=[NOTE]),
            delta(2, "image", data="AA==", mime_type="image/png"),
            begun(3, "function_call", id="c1", name="f", arguments={}),
            delta(3, "arguments_delta", arguments='{"a"'),
            delta(3, "arguments_delta", arguments=":1}"),
            event("step.stop", index=3, usage=COUNTS),
            ENDED,
            b"event: done\ndata: [DONE]\n\n",
        )
    )
    assert ("Once upon a time", "tool_call", False) == (
        response.text,
        response.finish_reason,
        response.truncated,
    )
    assert {
        "id": "v1_a",
        "status": "completed",
        "usage": COUNTS,
        "steps": [
            {"type": "thought", "signature": "c2ln", "summary": [{"type": "text", "text": "Hm."}]},
            {"type": "google_search_call", "id": "s1", "arguments": {"queries": ["q"]}},
            {
                "type": "model_output",
                "content": [
                    {"type": "text", "text": "Once upon a time", "annotations": [NOTE]},
                    {"type": "image", "data": "AA==", "mime_type": "image/png"},
                ],
            },
            {"type": "function_call", "id": "c1", "name": "f", "arguments": {"a": 1}},
        ],
    } == INTERACTIONS.encode_response(response)


def test_a_stream_may_be_read_from_the_middle(streamed: Make) -> None:
    """As one that is resumed; what no event has opened is opened by what comes."""
    response = INTERACTIONS.response(
        streamed(
            delta(0, "thought_signature", signature="c2ln"),
            delta(1, "text", text="a time"),
            delta(2, "url_context_result", call_id="u", result=[]),
            delta(3, "arguments_delta", arguments="{"),
            begun(4, "hologram", x=1),
            ENDED,
        )
    )
    steps: Any = INTERACTIONS.encode_response(response)
    assert [
        {"type": "thought", "signature": "c2ln"},
        {"type": "model_output", "content": [{"type": "text", "text": "a time"}]},
        {"type": "url_context_result", "call_id": "u", "result": []},
        {"type": "function_call", "arguments": "{"},
        {"type": "hologram", "x": 1},
    ] == steps["steps"]


def test_the_steps_of_the_last_event_stand_where_no_other_told_any(streamed: Make) -> None:
    """A server may tell them all at the end."""
    last: Json = {"id": "v1_a", "status": "completed", "steps": STEPS}
    told = streamed(CREATED, event("interaction.completed", interaction=last))
    assert last == INTERACTIONS.encode_response(INTERACTIONS.response(told))


def test_a_stream_of_old_is_put_together(streamed: Make) -> None:
    """Its events told content, not steps."""
    response = INTERACTIONS.response(
        streamed(
            event("interaction.start", interaction={"id": "v1_a", "status": "in_progress"}),
            event("content.start", index=0, content={"type": "thought"}),
            event("content.delta", index=0, delta={"type": "thought_signature", "signature": "s"}),
            event("content.delta", index=1, delta={"type": "text", "text": "Hi "}),
            event("content.delta", index=1, delta={"type": "text", "text": "you"}),
            event("content.stop", index=1),
            event("interaction.complete", interaction={"id": "v1_a", "status": "completed"}),
        )
    )
    assert ("Hi you", "stop", False) == (response.text, response.finish_reason, response.truncated)


def test_an_error_ends_a_stream(streamed: Make) -> None:
    """What was said before it stays."""
    error: Json = {"code": "resource_exhausted", "message": "quota"}
    pieces = [CREATED, begun(0, "model_output"), delta(0, "text", text="Hi"), {}]
    response = INTERACTIONS.response(streamed(*pieces, event("error", error=error)))
    assert response.error is not None
    assert ("Hi", "resource_exhausted", "quota") == (
        response.text,
        response.error.type,
        response.error.message,
    )
    again = INTERACTIONS.response(streamed(*INTERACTIONS.encode_stream(response)))
    assert ("Hi", response.error) == (again.text, again.error)


def test_a_stream_that_stops_early_is_cut(streamed: Make) -> None:
    """Its one end is the event that completes the interaction."""
    response = INTERACTIONS.response(streamed(CREATED, delta(0, "text", text="Hi")))
    assert ("Hi", True, None) == (response.text, response.truncated, response.finish_reason)
    end = f"event: interaction.completed\ndata: {json.dumps(ENDED)}\n\n".encode()
    assert INTERACTIONS.is_end(end)
    assert not INTERACTIONS.is_end(b"data: interaction.complete\n\n")
    assert not INTERACTIONS.is_end(b"data: [DONE]\n\n")


@pytest.mark.parametrize("pieces", [None, 1, 3])
def test_a_stream_tells_a_whole_answer(pieces: int | None) -> None:
    """As the API tells it, and nothing is lost on the way."""
    response = response_of(WHOLE)
    events = INTERACTIONS.encode_stream(response, pieces=pieces)
    assert b"event: done\ndata: [DONE]\n\n" == events[-1]
    assert INTERACTIONS.is_end(events[-2])
    told = INTERACTIONS.assemble(events)
    assert (WHOLE, True, None) == (told.body, told.complete, told.broken)


def test_an_answer_from_elsewhere_gets_what_clients_rely_on() -> None:
    """Ids, a status, steps around what was said; a thought of another provider without its sign."""
    parts = (
        ReasoningPart(content="Hm.", signature="x", format="anthropic"),
        ReasoningPart(content="", encrypted="x", format="openai-responses"),
        TextPart(content="Hi."),
        RefusalPart(content=" No."),
        UriPart(modality="image", uri="https://x.example/a.png"),
        UnknownPart(type="x", raw={"x": 1}),
        ToolCallPart(name="f", arguments={"a": 1}),
    )
    message = Message(role="assistant", parts=parts)
    usage = Usage(input_tokens=8, output_tokens=9, reasoning_output_tokens=4)
    choice = Choice(message=message, finish_reason="tool_call", finish_raw="tool_calls")
    body: Any = INTERACTIONS.encode_response(Response(model="m", choices=(choice,), usage=usage))
    assert {
        "type": "function_call",
        "name": "f",
        "id": body["steps"][-1]["id"],
        "arguments": {"a": 1},
    } == body["steps"].pop()
    assert {
        "id": body["id"],
        "object": "interaction",
        "model": "m",
        "status": "requires_action",
        "steps": [
            {"type": "thought", "summary": [{"type": "text", "text": "Hm."}]},
            {
                "type": "model_output",
                "content": [
                    {"type": "text", "text": "Hi."},
                    {"type": "text", "text": " No."},
                    {"type": "image", "uri": "https://x.example/a.png"},
                ],
            },
        ],
        "usage": {
            "total_input_tokens": 8,
            "total_output_tokens": 5,
            "total_thought_tokens": 4,
            "total_tokens": 17,
        },
    } == body
    assert body["id"].startswith("v1_")


WORDS: Json = {"type": "text", "text": "Hi"}


@pytest.mark.parametrize(
    "told",
    [
        "Hi",
        WORDS,
        [WORDS],
        [{"type": "user_input", "content": [WORDS]}],
        [{"role": "user", "content": "Hi"}],
        [{"role": "user", "content": [WORDS]}],
    ],
    ids=["words", "content", "contents", "steps", "a turn", "a turn of contents"],
)
def test_a_user_is_told_in_many_ways(read: Read, told: Json) -> None:
    """Words, content, steps, and the turns of old."""
    request = read({"model": "g", "input": told})
    assert (Message(role="user", parts=(TextPart(content="Hi"),)),) == request.messages
    assert {} == request.extra


def test_a_conversation_is_read(read: Read) -> None:
    """All that the model did in a row is one message, as are contents without steps."""
    image: Json = {"type": "image", "uri": "gs://b/a.png", "mime_type": "image/png"}
    request = read(
        {
            "model": "g",
            "stream": True,
            "system_instruction": "Be short.",
            "store": False,
            "input": [
                WORDS,
                {"type": "image", "data": "AA=="},
                STEPS[0],
                {"type": "function_call", "id": "c1", "name": "f", "arguments": {}, "x": 1},
                {"type": "function_result", "call_id": "c1", "name": "f", "result": {"a": [1]}},
                {"type": "function_result", "call_id": "c2", "result": [WORDS, image]},
                {"type": "function_result", "call_id": "c3", "result": "no", "is_error": True},
                {"type": "model_output", "content": [WORDS], "y": 2},
            ],
        }
    )
    assert ("g", True, {"store": False}) == (request.model, request.stream, request.extra)
    assert (TextPart(content="Be short."),) == request.system_instructions
    words = TextPart(content="Hi")
    thought = ReasoningPart(content="Hm.", signature="c2ln", format="google", summary=True)
    file = FilePart(modality="image", file_id="gs://b/a.png", mime_type="image/png")
    results = (
        ToolCallResponsePart(id="c1", name="f", response=(TextPart(content='{"a":[1]}'),)),
        ToolCallResponsePart(id="c2", response=(words, file)),
        ToolCallResponsePart(id="c3", response=(TextPart(content="no"),), is_error=True),
    )
    assert (
        Message(role="user", parts=(words, BlobPart(modality="image", content="AA=="))),
        Message(
            role="assistant",
            parts=(thought, ToolCallPart(id="c1", name="f", arguments={}, extra={"x": 1})),
        ),
        *(Message(role="tool", parts=(result,)) for result in results),
        Message(role="assistant", parts=(TextPart(content="Hi", extra={"y": 2}),)),
    ) == request.messages


def test_instructions_may_be_content(read: Read) -> None:
    """One piece, or a list of them."""
    for told in (WORDS, [WORDS]):
        request = read({"input": "Hi", "system_instruction": told})
        assert (TextPart(content="Hi"),) == request.system_instructions


def test_a_turn_of_old_may_hold_anything(read: Read) -> None:
    """Calls and results stood among its content."""
    called: Json = {"type": "function_call", "id": "c1", "name": "f", "arguments": {}}
    result: Json = {"type": "function_result", "call_id": "c1", "result": "done"}
    turns: Json = [
        {"role": "model", "content": [WORDS, called]},
        {"role": "user", "content": [result, WORDS]},
    ]
    model, user = read({"input": turns}).messages
    assert [TextPart, ToolCallPart] == [type(part) for part in model.parts]
    assert [ToolCallResponsePart, TextPart] == [type(part) for part in user.parts]


def test_parameters_are_read(read: Read) -> None:
    """What no field names stays where it stood."""
    schema: Json = {"type": "object", "properties": {"a": {"type": "integer"}}}
    function: Json = {"type": "function", "name": "f", "description": "Does.", "parameters": schema}
    request = read(
        {
            "model": "g",
            "input": "Hi",
            "tools": [function, {"type": "google_search"}, {"type": "function"}],
            "generation_config": {
                "temperature": 0,
                "top_p": 0.5,
                "seed": 7,
                "max_output_tokens": 40.0,
                "stop_sequences": ["a"],
                "thinking_level": "LOW",
                "thinking_summaries": "auto",
                "tool_choice": "any",
                "speech_config": {"voice": "Kore"},
            },
            "response_format": {"type": "text", "mime_type": "application/json", "schema": schema},
            "response_modalities": ["text"],
            "service_tier": "flex",
            "previous_interaction_id": "v1_b",
        }
    )
    assert (0, 0.5, 7, 40, ("a",), "flex") == (
        request.temperature,
        request.top_p,
        request.seed,
        request.max_tokens,
        request.stop_sequences,
        request.service_tier,
    )
    assert Reasoning(effort="low", summary="auto") == request.reasoning
    assert OutputFormat(type="json_schema", schema=schema) == request.output
    assert ToolChoice(mode="required") == request.tool_choice
    assert (
        Tool(kind="function", name="f", description="Does.", parameters=schema),
        Tool(kind="google_search", name="google_search", extra={"type": "google_search"}),
        Tool(kind="function", name="function", extra={"type": "function"}),
    ) == request.tools
    assert {
        "previous_interaction_id": "v1_b",
        "generation_config": {"speech_config": {"voice": "Kore"}},
    } == request.extra


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("auto", ToolChoice(mode="auto")),
        ("none", ToolChoice(mode="none")),
        ("validated", ToolChoice(mode="auto", raw={"mode": "VALIDATED"})),
        (
            {"allowed_tools": {"mode": "any", "tools": ["f"]}},
            ToolChoice(mode="tool", names=("f",), raw={"mode": "ANY"}),
        ),
        (
            {"allowed_tools": {"tools": ["f", "g"]}},
            ToolChoice(mode="allowed", names=("f", "g"), raw={"mode": "AUTO"}),
        ),
        ({"allowed_tools": {"mode": "none"}}, ToolChoice(mode="none")),
        ("whatever", None),
        ({"x": 1}, None),
    ],
)
def test_a_choice_of_tools_is_read(read: Read, told: Json, expected: ToolChoice | None) -> None:
    """A mode, for all tools or for some; what is none of these stays."""
    request = read({"input": "Hi", "generation_config": {"tool_choice": told}})
    assert expected == request.tool_choice
    assert (expected is None) == ("generation_config" in request.extra)


SCHEMA: Json = {"type": "object"}
OF_WORDS: Json = {"type": "text", "mime_type": "application/json"}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"response_format": OF_WORDS}, OutputFormat(type="json_object")),
        ({"response_format": {"type": "text"}}, OutputFormat(type="text")),
        (
            {"response_format": [{"type": "text", "schema": SCHEMA}]},
            OutputFormat(type="json_schema", schema=SCHEMA),
        ),
        ({"response_mime_type": "application/json"}, OutputFormat(type="json_object")),
        (
            {"response_format": SCHEMA, "response_mime_type": "application/json"},
            OutputFormat(type="json_schema", schema=SCHEMA),
        ),
        (
            {"response_format": {"type": ["object", "null"]}},
            OutputFormat(type="json_schema", schema={"type": ["object", "null"]}),
        ),
        ({"response_mime_type": ["application/json"]}, None),
        ({"response_format": [{"type": "text"}, {"type": "image"}]}, None),
        ({"response_format": {"type": "audio"}}, None),
        ({"response_format": {"type": "text", "mime_type": "text/csv"}}, None),
        ({"response_format": {"type": "text", "mime_type": "text/csv", "schema": SCHEMA}}, None),
    ],
)
def test_the_shape_of_an_answer_is_read(
    read: Read, told: dict[str, Json], expected: OutputFormat | None
) -> None:
    """Of today and of old; media that are asked for stay."""
    request = read({"input": "Hi", **told})
    assert expected == request.output
    assert (told if expected is None else {}) == request.extra


def test_another_model_is_asked_in_the_place_of_the_first() -> None:
    """Or another agent, where one is asked."""
    assert {"model": "b", "input": "Hi"} == INTERACTIONS.with_model(
        {"model": "a", "input": "Hi"}, "b"
    )
    assert {"agent": "b"} == INTERACTIONS.with_model({"agent": "a"}, "b")


LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3))
KEYS = st.sampled_from(
    [
        *("type", "text", "content", "summary", "signature", "id", "name", "arguments"),
        *("annotations", "step"),
    ]
)
KINDS = st.sampled_from(
    [*("model_output", "thought", "function_call", "function_result", "text", "image"), "x_call"]
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)
CONTENT = st.one_of(
    VALUES,
    st.fixed_dictionaries(
        {"type": st.just("text"), "text": st.text(max_size=3)}, optional={"annotations": VALUES}
    ),
    st.fixed_dictionaries({"type": st.just("image"), "data": st.text(max_size=3)}),
)
A_STEP = st.one_of(
    VALUES,
    st.builds(
        lambda rest, kind, held: {**rest, "type": kind, "content": held, "summary": held},
        st.dictionaries(KEYS, VALUES, max_size=3),
        KINDS,
        st.lists(CONTENT, max_size=3) | LEAVES,
    ),
)


@given(steps=st.lists(A_STEP, max_size=3), key=st.sampled_from(["steps", "outputs"]))
@example(steps=[{"type": "text", "text": "x", "step": {}}], key="outputs")
def test_whatever_the_steps_are_nothing_is_lost(steps: list[Any], key: str) -> None:
    """Encoding a decoded answer says it again."""
    body: Json = {"id": "v1_a", "status": "completed", "steps": None, key: steps}
    assert body == INTERACTIONS.encode_response(response_of(body))


@given(
    steps=st.lists(A_STEP, max_size=3),
    deltas=st.lists(
        st.tuples(
            st.integers(min_value=0, max_value=3),
            st.dictionaries(KEYS, VALUES, max_size=3),
            st.sampled_from(
                [
                    *("text", "thought_summary", "thought_signature", "arguments_delta"),
                    *("text_annotation_delta", "image", "google_search_call"),
                ]
            ),
            st.sampled_from(["step", "content"]),
        ),
        max_size=6,
    ),
)
def test_whatever_events_come_they_are_an_answer(steps: list[Any], deltas: list[Any]) -> None:
    """Steps begin in any shape and get anything."""
    told: list[Json] = [CREATED]
    told += [event("step.start", index=index, step=step) for index, step in enumerate(steps)]
    told += [
        event(f"{name}.delta", index=index, delta={**rest, "type": kind})
        for index, rest, kind, name in deltas
    ]
    data = b"".join(f"data: {json.dumps(one)}\n\n".encode() for one in [*told, ENDED])
    assembled = INTERACTIONS.assemble([data])
    assert assembled.complete
    response = response_of(assembled.body)
    INTERACTIONS.encode_stream(response, pieces=2)
    assert assembled == INTERACTIONS.assemble([data[:50], data[50:]])
    assert assembled.body == INTERACTIONS.assemble([data.replace(b"\n", b"\r\n")]).body


@pytest.mark.parametrize("kind", ["model_output", "thought", "hologram"])
def test_words_that_come_in_a_row_are_read_as_one_by_one(kind: str) -> None:
    """A long stream is read in runs of equal events."""
    told = [begun(0, kind), *(delta(0, "text", text=f"{word} ") for word in "abcd"), ENDED]
    data = b"".join(f"data: {json.dumps(one)}\n\n".encode() for one in told)
    apart = data.replace(b"\n", b"\r\n")  # of which each event is read by itself
    assert INTERACTIONS.assemble([apart]).body == INTERACTIONS.assemble([data]).body
    assert "a b c d " in json.dumps(INTERACTIONS.assemble([data]).body)
