"""Converse: requests, answers, streams of frames and errors."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import yaml
from real_calls import RECORDINGS, needs_recordings
from servers.bedrock import CONVERSE_EVENTS, INVOKE_EVENTS, chunk, frame, frames

from pytest_llmreplay.event import (
    BlobPart,
    Exchange,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
    ReasoningPart,
    Response,
    ServerToolCallPart,
    ServerToolCallResponsePart,
    TextPart,
    ToolCallPart,
    ToolCallResponsePart,
    Usage,
)
from pytest_llmreplay.providers.converse import CONVERSE
from pytest_llmreplay.providers.messages import MESSAGES
from pytest_llmreplay.providers.registry import format_of, identify

URL = "https://bedrock-runtime.us-east-1.amazonaws.com/model/m%3A0/converse"


def answer(*content: Json, **more: Any) -> dict[str, Json]:
    """The body of a plain answer."""
    message: Json = {"role": "assistant", "content": list(content)}
    usage = {"inputTokens": 3, "outputTokens": 2, "totalTokens": 5}
    return {"output": {"message": message}, "stopReason": "end_turn", "usage": usage} | more


def decoded(body: Json, status: int = 200) -> Response:
    """What an answer with this body says."""
    response = HttpResponse(status=status, body=JsonBody(value=body))
    return CONVERSE.response(
        Exchange(request=HttpRequest(method="POST", url=URL), response=response)
    )


def asked(body: Json, url: str = URL) -> Any:
    """What a request with this body asks."""
    request = HttpRequest(method="POST", url=url, body=JsonBody(value=body))
    return CONVERSE.request(Exchange(request=request, response=HttpResponse(status=200)))


TOOL_USE: Json = {"toolUse": {"toolUseId": "tooluse_1", "name": "refund", "input": {"id": 7}}}
SERVER_USE: Json = {
    "toolUse": {"toolUseId": "u1", "name": "nova_code", "type": "server_tool_use", "input": {}}
}
SERVER_RESULT: Json = {
    "toolResult": {"toolUseId": "u1", "status": "success", "content": [{"json": {"stdOut": "2"}}]}
}
THOUGHT: Json = {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "c2ln"}}}
HIDDEN: Json = {"reasoningContent": {"redactedContent": "AA=="}}


def test_blocks_are_told_by_their_one_key() -> None:
    """`type` inside a tool's call is no block type; a result in an answer is the provider's."""
    response = decoded(answer({"text": "Yes."}, TOOL_USE, SERVER_USE, SERVER_RESULT, THOUGHT))
    kinds = [type(part) for part in response.parts]
    wanted = [TextPart, ToolCallPart, ServerToolCallPart, ServerToolCallResponsePart]
    assert [*wanted, ReasoningPart] == kinds
    assert ("refund", {"id": 7}, "tooluse_1") == (
        response.tool_calls[0].name,
        response.tool_calls[0].arguments,
        response.tool_calls[0].id,
    )
    assert response.id is None
    assert response.model is None


TYPED_USE: Json = {
    "toolUse": {"toolUseId": "tooluse_2", "name": "refund", "type": "tool_use", "input": {"id": 8}}
}


def test_a_call_that_names_its_type_is_the_applications() -> None:
    """Claude and Nova on Bedrock write `"type": "tool_use"` into calls of the request's tools."""
    body = answer(TOOL_USE, TYPED_USE, stopReason="tool_use")
    response = decoded(body)
    assert [{"id": 7}, {"id": 8}] == [call.arguments for call in response.tool_calls]
    assert body == CONVERSE.encode_response(response)
    assert body == CONVERSE.assemble(CONVERSE.encode_stream(response)).body


CITATIONS: list[Json] = [{"title": "a", "location": {}}, {"title": "b"}]
CITED: Json = {"citationsContent": {"content": [{"text": "20 days."}], "citations": CITATIONS}}


def test_words_with_citations_belong_to_the_answer() -> None:
    """In a plain answer and in a stream, which tells several citations one by one."""
    body = answer({"text": "You get "}, CITED)
    response = decoded(body)
    assert "You get 20 days." == response.text
    cited = response.parts[1]
    assert isinstance(cited, TextPart)
    assert CITATIONS == list(cited.annotations)
    frames_of_it = CONVERSE.encode_stream(response, pieces=2)
    assert body == CONVERSE.assemble(frames_of_it).body
    choice = response.choices[0]
    message = replace(choice.message, parts=(replace(cited, content="25 days."),))
    other: Any = CONVERSE.encode_response(
        replace(response, choices=(replace(choice, message=message),))
    )
    assert "25 days." == decoded(other).text


BODIES: list[Json] = [
    answer({"text": "Yes."}),
    answer({"text": ""}, stopReason="max_tokens"),
    answer(THOUGHT, HIDDEN, {"text": "Yes."}, TOOL_USE, stopReason="tool_use"),
    answer(SERVER_USE, SERVER_RESULT, metrics={"latencyMs": 3}, trace={"guardrail": {}}),
    answer({"text": "See "}, {"citationsContent": {"content": [{"text": "x"}], "citations": [1]}}),
    answer({"toolUse": {"name": "now"}}, stopReason="a_new_word"),
    answer({"toolUse": {"toolUseId": "u", "name": "f", "input": "not JSON"}}, usage={}),
    answer(additionalModelResponseFields={"a": 1}),
    answer({"citationsContent": {"content": [{"text": "x"}, {"text": "y"}], "citations": []}}),
    answer({"citationsContent": {"content": [], "citations": [1]}}),
    {"output": {"message": {"content": []}}},
]


@pytest.mark.parametrize("body", BODIES)
def test_a_decoded_answer_is_written_as_it_was(body: dict[str, Json]) -> None:
    """Key by key."""
    assert body == CONVERSE.encode_response(decoded(body))


@pytest.mark.parametrize("body", BODIES[:5])
def test_a_streamed_answer_is_put_together_as_it_was(body: dict[str, Json]) -> None:
    """An answer that is written as a stream comes out of it key by key."""
    whole = CONVERSE.assemble(CONVERSE.encode_stream(decoded(body)))
    assert body == whole.body
    assert whole.complete


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("tool_use", "tool_call"),
        ("max_tokens", "length"),
        ("guardrail_intervened", "content_filter"),
        ("content_filtered", "content_filter"),
        ("malformed_tool_use", "error"),
        ("a_new_word", None),
    ],
)
def test_a_stop_reason_has_a_class(word: str, expected: str | None) -> None:
    """In the words that all formats share."""
    assert expected == decoded(answer({"text": "x"}, stopReason=word)).finish_reason


def test_totals_include_the_cache() -> None:
    """`inputTokens` leave out what was read from the cache and written to it."""
    raw: Json = {
        "inputTokens": 10,
        "outputTokens": 5,
        "totalTokens": 115,
        "cacheReadInputTokens": 70,
        "cacheReadInputTokenCount": 70,
        "cacheWriteInputTokens": 30,
    }
    usage = decoded(answer({"text": "x"}, usage=raw)).usage
    assert (110, 5, 70, 30) == (
        usage.input_tokens,
        usage.output_tokens,
        usage.cache_read_input_tokens,
        usage.cache_write_input_tokens,
    )


def test_foreign_counts_are_written_without_the_cache() -> None:
    """An answer of another format gets the three counts that clients rely on."""
    usage = Usage(input_tokens=110, output_tokens=5, cache_read_input_tokens=70)
    body: Any = CONVERSE.encode_response(Response(usage=usage))
    assert (40, 5, 115, 70) == tuple(
        body["usage"][name]
        for name in ("inputTokens", "outputTokens", "totalTokens", "cacheReadInputTokens")
    )


def test_a_request_is_read_whole() -> None:
    """Every part of it under its neutral name, and the rest in its place."""
    request = asked(
        {
            "system": [{"text": "Be brief."}, {"cachePoint": {"type": "default"}}],
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"text": "Read this."},
                        {
                            "document": {
                                "format": "pdf",
                                "name": "bill",
                                "source": {"bytes": "JVBERi0="},
                            }
                        },
                    ],
                },
                {"role": "assistant", "content": [TOOL_USE]},
                {
                    "role": "user",
                    "content": [
                        {
                            "toolResult": {
                                "toolUseId": "tooluse_1",
                                "status": "error",
                                "content": [{"text": "no"}],
                            }
                        }
                    ],
                },
            ],
            "inferenceConfig": {"maxTokens": 9, "temperature": 0.5, "stopSequences": ["."]},
            "toolConfig": {
                "tools": [
                    {"toolSpec": {"name": "refund", "inputSchema": {"json": {"type": "object"}}}},
                    {"cachePoint": {"type": "default"}},
                ],
                "toolChoice": {"tool": {"name": "refund"}},
            },
            "additionalModelRequestFields": {
                "thinking": {"type": "enabled", "budget_tokens": 1024},
                "top_k": 5,
                "beta": 1,
            },
            "outputConfig": {
                "textFormat": {
                    "type": "json_schema",
                    "structure": {"jsonSchema": {"name": "r", "schema": '{"type":"object"}'}},
                }
            },
            "guardrailConfig": {"guardrailIdentifier": "g"},
        }
    )
    assert ("m:0", False, 9, 0.5, 5, (".",)) == (
        request.model,
        request.stream,
        request.max_tokens,
        request.temperature,
        request.top_k,
        request.stop_sequences,
    )
    media, result = request.messages[0].parts[1], request.messages[2].parts[0]
    assert isinstance(media, BlobPart)
    assert ("document", "application/pdf", "JVBERi0=") == (
        media.modality,
        media.mime_type,
        media.content,
    )
    assert {"document": {"format": "pdf", "name": "bill"}} == media.extra
    assert isinstance(result, ToolCallResponsePart)
    assert ("tooluse_1", True) == (result.id, result.is_error)
    assert ["function", "cachePoint"] == [tool.kind for tool in request.tools]
    assert {"type": "object"} == request.tools[0].parameters == request.output_schema
    assert ("tool", ("refund",)) == (request.tool_choice.mode, request.tool_choice.names)
    assert ("enabled", 1024) == (request.reasoning.mode, request.reasoning.budget_tokens)
    assert {
        "additionalModelRequestFields": {"beta": 1},
        "guardrailConfig": {"guardrailIdentifier": "g"},
    } == request.extra


def test_the_path_names_the_model() -> None:
    """Percent-encoded ids and ARNs, and whether a stream is asked for."""
    arn = "arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aapplication-inference-profile%2Fabc"
    url = f"https://bedrock-runtime.us-east-1.amazonaws.com/model/{arn}/converse-stream?x=1"
    body: Json = {"messages": []}
    found = identify("POST", url, {}, body)
    expected = "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc"
    assert ("converse", "bedrock", expected) == (found.api, found.provider, found.model)
    assert CONVERSE.streams(url, body)


def test_a_stream_is_put_together() -> None:
    """However it was cut; padding is no part of it, and `metadata` is its end."""
    data = b"".join(frames(*CONVERSE_EVENTS))
    whole = CONVERSE.assemble([data])
    assert (
        answer({"text": "The jobs argument."})
        | {
            "usage": {"inputTokens": 11, "outputTokens": 7, "totalTokens": 18},
            "metrics": {"latencyMs": 512},
        }
        == whole.body
    )
    assert whole.complete
    assert whole == CONVERSE.assemble([data[:50], data[50:333], data[333:]])
    assert [False] * 6 + [True] == [CONVERSE.is_end(event) for event in frames(*CONVERSE_EVENTS)]


def test_a_streams_calls_and_thoughts_are_put_together() -> None:
    """Arguments in pieces, a signature, a tool without any argument."""
    told: list[tuple[str, Json]] = [
        ("messageStart", {"role": "assistant"}),
        (
            "contentBlockDelta",
            {"contentBlockIndex": 0, "delta": {"reasoningContent": {"text": "h"}}},
        ),
        (
            "contentBlockDelta",
            {"contentBlockIndex": 0, "delta": {"reasoningContent": {"text": "m"}}},
        ),
        (
            "contentBlockDelta",
            {"contentBlockIndex": 0, "delta": {"reasoningContent": {"signature": "c2ln"}}},
        ),
        (
            "contentBlockStart",
            {
                "contentBlockIndex": 1,
                "start": {"toolUse": {"toolUseId": "tooluse_1", "name": "refund"}},
            },
        ),
        ("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"toolUse": {"input": '{"id"'}}}),
        ("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"toolUse": {"input": ":7}"}}}),
        (
            "contentBlockStart",
            {"contentBlockIndex": 2, "start": {"toolUse": {"toolUseId": "u2", "name": "now"}}},
        ),
        ("messageStop", {"stopReason": "tool_use"}),
    ]
    whole = CONVERSE.assemble(frames(*told))
    now: Json = {"toolUse": {"toolUseId": "u2", "name": "now", "input": {}}}
    body: Any = whole.body
    assert [THOUGHT, TOOL_USE, now] == body["output"]["message"]["content"]
    assert not whole.complete


def test_a_damaged_stream_is_one_clear_error() -> None:
    """What came before stays; a length that promises gigabytes is not waited for."""
    first, second = frames(*CONVERSE_EVENTS[:2])
    for damaged in (second[:20] + b"\xff" + second[21:], b"\x7f\xff\xff\xff" + second[4:]):
        body: Any = CONVERSE.assemble([first, damaged, second]).body
        message = f"the event stream is damaged at byte {len(first)}: a checksum is wrong"
        assert {"type": "damaged_stream", "message": message} == body["error"]


def test_an_exception_in_a_stream_is_an_error() -> None:
    """After what was said before it; written again, it says the same."""
    problem = frame("throttlingException", json.dumps({"message": "slower"}).encode(), "exception")
    body = CONVERSE.assemble([*frames(*CONVERSE_EVENTS[:3]), problem]).body
    response = decoded(body)
    assert response.error is not None
    assert ("throttlingException", "slower") == (response.error.type, response.error.message)
    assert "The jobs " == response.text
    assert body == CONVERSE.assemble(CONVERSE.encode_stream(response)).body


@pytest.mark.parametrize("body", [{"message": "no such model"}, {"Message": "no"}, "gone"])
def test_an_error_is_written_as_it_was(body: Json) -> None:
    """Bedrock tells a message and nothing else."""
    response = decoded(body, 400)
    assert response.error is not None
    assert body == CONVERSE.encode_response(response)
    assert {"message": "slower"} == CONVERSE.encode_error(429, "throttlingException", "slower")


def test_the_type_of_an_error_stands_in_a_header() -> None:
    """Its body tells the message alone."""
    request = HttpRequest(method="POST", url=URL)
    for named in ("ThrottlingException", "ThrottlingException:http://internal.amazon.com/"):
        headers = {"x-amzn-errortype": named}
        refused = HttpResponse(
            status=429, headers=headers, body=JsonBody(value={"message": "slow"})
        )
        error = CONVERSE.response(Exchange(request=request, response=refused)).error
        assert error is not None
        assert (429, "ThrottlingException", "slow") == (error.status, error.type, error.message)


def test_an_invoke_stream_holds_messages() -> None:
    """Anthropic's events in frames of AWS are put together as their server-sent events are."""
    packed = frames(*map(chunk, INVOKE_EVENTS))
    whole = MESSAGES.assemble(packed)
    body: Any = whole.body
    assert whole.complete
    assert [{"type": "text", "text": "The jobs argument."}] == body["content"]
    assert [False] * 7 + [True] == [MESSAGES.is_end(event) for event in packed]


def recorded() -> list[tuple[str, str, Json]]:
    """Every plain answer of Bedrock in recordings of real traffic: URL, API and body."""
    found = []
    for path in sorted(RECORDINGS.glob("*edrock*.yaml")):
        calls = yaml.load(path.read_text(), yaml.CSafeLoader)["interactions"]
        for call in calls:
            request, response = call["request"], call["response"]
            if "/model/" not in request["uri"] or "parsed_body" not in response:
                continue
            told = request.get("parsed_body") or json.loads(request["body"])
            api = identify("POST", request["uri"], {}, told).api
            found.append((request["uri"], api, response["parsed_body"]))
    return found


@needs_recordings
def test_real_answers_are_written_as_they_were() -> None:
    """Decoded and encoded, each body is the same."""
    answers = [(api, body) for _, api, body in recorded() if format_of(api)]
    assert answers
    for api, body in answers:
        spoken = format_of(api)
        assert spoken is not None
        response = HttpResponse(status=200, body=JsonBody(value=body))
        exchange = Exchange(request=HttpRequest(method="POST", url=URL), response=response)
        assert body == spoken.encode_response(spoken.response(exchange))
