"""Answers of Google's format: parts, endings, counts, blocked prompts, errors, streams."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from real_calls import RECORDINGS, needs_recordings

from pytest_llmreplay.event import (
    BlobPart,
    Choice,
    Exchange,
    Failure,
    FilePart,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
    Message,
    Part,
    ReasoningPart,
    RefusalPart,
    Response,
    ResponseError,
    ServerToolCallPart,
    ServerToolCallResponsePart,
    TextBody,
    TextPart,
    ToolCallPart,
    UnknownPart,
    UriPart,
    Usage,
)
from pytest_llmreplay.providers.generate_content import GENERATE_CONTENT

Make = Callable[..., Exchange]


def said(*parts: Any, **more: Any) -> dict[str, Any]:
    """A body with one candidate that ended."""
    candidate = {"content": {"role": "model", "parts": list(parts)}, "finishReason": "STOP"}
    return {"candidates": [candidate | more]}


PARTS: dict[str, tuple[dict[str, Any], Part]] = {
    "text": ({"text": "Hi"}, TextPart(content="Hi")),
    "signed text": (
        {"text": "", "thoughtSignature": "AA=="},
        TextPart(content="", extra={"thoughtSignature": "AA=="}),
    ),
    "thought": (
        {"text": "hm", "thought": True, "thoughtSignature": "AA=="},
        ReasoningPart(content="hm", signature="AA==", format="google"),
    ),
    "call": (
        {"functionCall": {"name": "f", "args": {"n_max": 1}}, "thoughtSignature": "AA=="},
        ToolCallPart(name="f", arguments={"n_max": 1}, extra={"thoughtSignature": "AA=="}),
    ),
    "call in snake_case": (
        {"function_call": {"id": "c1", "name": "f", "args": {}}},
        ToolCallPart(name="f", arguments={}, id="c1", extra={"function_call": None}),
    ),
    "call without arguments": (
        {"functionCall": {"name": "f"}},
        ToolCallPart(name="f", arguments={}, extra={"functionCall": {"args": None}}),
    ),
    "call with broken arguments": (
        {"functionCall": {"name": "f", "args": '{"n'}},
        ToolCallPart(name="f", arguments='{"n', arguments_raw='{"n'),
    ),
    "image": (
        {"inlineData": {"mimeType": "image/png", "data": "AA==", "displayName": "a.png"}},
        BlobPart(
            modality="image",
            content="AA==",
            mime_type="image/png",
            extra={"inlineData": {"displayName": "a.png"}},
        ),
    ),
    "sound in snake_case": (
        {"inline_data": {"mime_type": "audio/wav", "data": "AA=="}},
        BlobPart(
            modality="audio",
            content="AA==",
            mime_type="audio/wav",
            extra={"inline_data": {"mime_type": None}},
        ),
    ),
    "address": (
        {"fileData": {"fileUri": "https://youtu.be/lCdaVNyHtjU"}},
        UriPart(modality="video", uri="https://youtu.be/lCdaVNyHtjU"),
    ),
    "file": (
        {"fileData": {"fileUri": "gs://b/o.pdf", "mimeType": "application/pdf"}},
        FilePart(modality="document", file_id="gs://b/o.pdf", mime_type="application/pdf"),
    ),
    "code": (
        {"executableCode": {"code": "1+1", "id": "x"}, "thoughtSignature": "AA=="},
        ServerToolCallPart(
            name="executableCode",
            id="x",
            raw={"executableCode": {"code": "1+1", "id": "x"}, "thoughtSignature": "AA=="},
        ),
    ),
    "search": (
        {"toolCall": {"id": "t1", "toolType": "GOOGLE_SEARCH", "args": {}}},
        ServerToolCallPart(
            name="GOOGLE_SEARCH",
            id="t1",
            raw={"toolCall": {"id": "t1", "toolType": "GOOGLE_SEARCH", "args": {}}},
        ),
    ),
    "result of code": (
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "2"}},
        ServerToolCallResponsePart(
            raw={"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "2"}}
        ),
    ),
    "something new": ({"hologram": {}}, UnknownPart(type="hologram", raw={"hologram": {}})),
    "a call without a name": (
        {"functionCall": {}},
        UnknownPart(type="functionCall", raw={"functionCall": {}}),
    ),
}


@pytest.mark.parametrize("name", PARTS)
def test_a_part_is_told_by_its_keys(answered: Make, name: str) -> None:
    """Each kind of part has its place in the neutral answer, and is written again as it stood."""
    wire, part = PARTS[name]
    response = GENERATE_CONTENT.response(answered(said(wire)))
    assert (part,) == response.parts
    assert said(wire) == GENERATE_CONTENT.encode_response(response)


@pytest.mark.parametrize(
    ("word", "part", "expected"),
    [
        ("STOP", {"text": "Hi"}, "stop"),
        ("STOP", {"functionCall": {"name": "f"}}, "tool_call"),
        ("MAX_TOKENS", {"text": "Hi"}, "length"),
        ("SAFETY", {"text": "Hi"}, "content_filter"),
        ("MODEL_ARMOR", {"text": "Hi"}, "content_filter"),
        ("ESCALATION", {"text": "Hi"}, "content_filter"),
        ("CONTINUATION", {"text": "Hi"}, "length"),
        ("UNEXPECTED_TOOL_CALL", {"functionCall": {"name": "f"}}, "error"),
        ("TOMORROW", {"text": "Hi"}, None),
    ],
)
def test_a_finish_reason_has_a_class(
    answered: Make, word: str, part: dict[str, Any], expected: str | None
) -> None:
    """`STOP` ends words and calls alike."""
    body = said(part, finishReason=word, finishMessage="why")
    response = GENERATE_CONTENT.response(answered(body))
    assert expected == response.finish_reason
    assert word == response.choices[0].finish_raw
    assert body == GENERATE_CONTENT.encode_response(response)


@pytest.mark.parametrize(
    ("number", "word", "expected"),
    [
        (0, None, None),
        (1, "STOP", "stop"),
        (2, "MAX_TOKENS", "length"),
        (3, "SAFETY", "content_filter"),
        (5, "OTHER", "error"),
        (8, "8", None),
    ],
)
def test_a_finish_reason_may_be_a_number(
    answered: Make, streamed: Make, number: int, word: str | None, expected: str | None
) -> None:
    """As in answers to Vertex's own REST client, which come back with their numbers."""
    body = said({"text": "Hi"}, finishReason=number)
    response = GENERATE_CONTENT.response(answered(body))
    assert (word, expected) == (response.choices[0].finish_raw, response.finish_reason)
    assert body == GENERATE_CONTENT.encode_response(response)
    assert (number == 0) == GENERATE_CONTENT.response(streamed(body)).truncated
    shorter = replace(response.choices[0], finish_reason="length", finish_raw=None)
    again: Any = GENERATE_CONTENT.encode_response(replace(response, choices=(shorter,)))
    assert again["candidates"][0]["finishReason"] in {"MAX_TOKENS", 2}


def test_a_filtered_answer_is_a_refusal(answered: Make) -> None:
    """The finish reason is the provider's sign; its message tells the words."""
    body: Any = {"candidates": [{"content": {}, "finishReason": "SAFETY", "safetyRatings": []}]}
    response = GENERATE_CONTENT.response(answered(body))
    assert "finishReason: SAFETY" == response.refusal
    assert body == GENERATE_CONTENT.encode_response(response)


def test_a_blocked_prompt_is_a_refusal(answered: Make, streamed: Make) -> None:
    """Without candidates, the feedback on the prompt is the answer, also in a stream."""
    body: Any = {
        "promptFeedback": {"blockReason": "MODEL_ARMOR", "blockReasonMessage": "No."},
        "usageMetadata": {},
        "modelVersion": "m",
        "responseId": "r",
    }
    response = GENERATE_CONTENT.response(answered(body))
    assert ("No.", "content_filter", "r", "m") == (
        response.refusal,
        response.finish_reason,
        response.id,
        response.model,
    )
    assert body == GENERATE_CONTENT.encode_response(response)
    whole = GENERATE_CONTENT.response(streamed(*GENERATE_CONTENT.encode_stream(response)))
    assert response == whole


def test_counts_are_inclusive(answered: Make) -> None:
    """Tools' prompts count as input, thoughts as output; the cache is inside the prompt."""
    counts: Json = {
        "promptTokenCount": 10,
        "toolUsePromptTokenCount": 5,
        "candidatesTokenCount": 3,
        "thoughtsTokenCount": 4,
        "cachedContentTokenCount": 6,
        "totalTokenCount": 22,
    }
    response = GENERATE_CONTENT.response(answered({"usageMetadata": counts}))
    usage = response.usage
    assert {"usageMetadata": counts} == GENERATE_CONTENT.encode_response(response)
    assert (
        Usage(
            input_tokens=15,
            output_tokens=7,
            cache_read_input_tokens=6,
            reasoning_output_tokens=4,
            raw=counts,
        )
        == usage
    )


def test_counts_that_are_zero_are_left_out(answered: Make) -> None:
    """The total tells them; an empty object tells nothing."""
    told = {"prompt_token_count": 4, "totalTokenCount": 4}
    usage = GENERATE_CONTENT.response(answered({"usage_metadata": told})).usage
    assert (4, 0) == (usage.input_tokens, usage.output_tokens)
    nothing = GENERATE_CONTENT.response(answered({"usageMetadata": {}})).usage
    assert (None, None) == (nothing.input_tokens, nothing.output_tokens)


CHUNKS: list[Any] = [
    {
        "candidates": [{"content": {"parts": [{"text": "I th", "thought": True}]}, "index": 0}],
        "usageMetadata": {"promptTokenCount": 4},
        "responseId": "r",
    },
    {"candidates": [{"content": {"parts": [{"text": "ink", "thought": True}], "role": "model"}}]},
    {"candidates": [{"content": {"parts": [{"text": "Hi "}]}}]},
    {"candidates": [{"content": {"parts": [{"text": "there"}]}}], "promptFeedback": None},
    {"candidates": [{"content": {"parts": [{"functionCall": {"name": "f", "args": {}}}]}}]},
    {
        "candidates": [
            {
                "content": {"parts": [{"text": "", "thoughtSignature": "AA=="}]},
                "finishReason": "STOP",
            }
        ],
        "usageMetadata": {"promptTokenCount": 4, "candidatesTokenCount": 2, "totalTokenCount": 6},
    },
]


def checked(response: Response) -> None:
    """What the chunks amount to."""
    thought, words, call = response.parts
    assert isinstance(thought, ReasoningPart)
    assert ("I think", "Hi there") == (thought.content, response.text)
    assert isinstance(words, TextPart)
    assert isinstance(call, ToolCallPart)
    assert {"thoughtSignature": "AA=="} == call.extra
    assert ("tool_call", "r", 4, 2) == (
        response.finish_reason,
        response.id,
        response.usage.input_tokens,
        response.usage.output_tokens,
    )
    assert not response.truncated


def test_a_stream_is_put_together(streamed: Make) -> None:
    """Words grow, a late signature signs what came before it, the last counts stand."""
    events = [f"data: {json.dumps(chunk)}\r\n\r\n".encode() for chunk in CHUNKS]
    checked(GENERATE_CONTENT.response(streamed(*events)))
    assert [False] * 5 + [True] == [GENERATE_CONTENT.is_end(event) for event in events]
    assert GENERATE_CONTENT.response(streamed(*events[:-1])).truncated


def test_a_stream_without_alt_sse_is_an_array(answered: Make) -> None:
    """The elements are the events; an array that was cut gives those that came whole."""
    checked(GENERATE_CONTENT.response(answered(CHUNKS)))
    text = json.dumps(CHUNKS, indent=1)
    assert GENERATE_CONTENT.assemble([text.encode()]).complete
    answer = HttpResponse(status=200, body=TextBody(text=text[:-20]), ended="cut")
    request = HttpRequest(method="POST", url="https://x.example/v1")
    cut = GENERATE_CONTENT.response(Exchange(request=request, response=answer))
    assert ("Hi there", True) == (cut.text, cut.truncated)


@pytest.mark.parametrize("pieces", [None, 1, 2])
def test_a_stream_is_written_as_it_is_read(streamed: Make, pieces: int | None) -> None:
    """An answer of another provider, told in pieces, is the same answer again."""
    message = Message(
        role="assistant",
        parts=(
            ReasoningPart(content="they want a number"),
            TextPart(content="The answer\nis 42."),
            ToolCallPart(name="find", arguments={"n": 3}, id="call_1"),
        ),
    )
    usage = Usage(input_tokens=9, output_tokens=7, reasoning_output_tokens=4)
    made = Response(
        id="r",
        model="m",
        choices=(Choice(message=message, finish_reason="tool_call"),),
        usage=usage,
    )
    plain = GENERATE_CONTENT.encode_response(made)
    events = GENERATE_CONTENT.encode_stream(made, pieces=pieces)
    body = GENERATE_CONTENT.assemble(events).body
    assert isinstance(plain, dict)
    assert isinstance(body, dict)
    candidates: Any = plain["candidates"]
    assert {**plain, "candidates": [candidates[0] | {"index": 0}]} == body
    assert all(event.endswith(b"\r\n\r\n") for event in events)
    found = GENERATE_CONTENT.response(streamed(*events))
    assert ("The answer\nis 42.", "tool_call", 9, 7) == (
        found.text,
        found.finish_reason,
        found.usage.input_tokens,
        found.usage.output_tokens,
    )


def test_a_foreign_refusal_is_a_finish_reason() -> None:
    """Google has no part for it."""
    message = Message(role="assistant", parts=(RefusalPart(content="I can't."),))
    made = Response(choices=(Choice(message=message, finish_reason="stop"),))
    assert {
        "candidates": [
            {"content": {"role": "model"}, "finishReason": "SAFETY", "finishMessage": "I can't."}
        ]
    } == GENERATE_CONTENT.encode_response(made)


def test_errors_are_read_and_written(answered: Make, streamed: Make) -> None:
    """Number, word and message; in a stream, after what was said before; in an array too."""
    body = GENERATE_CONTENT.encode_error(429, "rate_limit_error", "slow down")
    assert {"error": {"code": 429, "message": "slow down", "status": "RESOURCE_EXHAUSTED"}} == body
    for told in (body, [body]):
        response = GENERATE_CONTENT.response(answered(told, 429))
        assert response.error is not None
        assert (429, "RESOURCE_EXHAUSTED", "slow down") == (
            response.error.status,
            response.error.type,
            response.error.message,
        )
        assert body == GENERATE_CONTENT.encode_response(response)
    late = GENERATE_CONTENT.response(streamed(CHUNKS[2], body))
    assert late.error is not None
    assert ("Hi ", "slow down") == (late.text, late.error.message)
    again = GENERATE_CONTENT.response(streamed(*GENERATE_CONTENT.encode_stream(late)))
    assert again.error is not None
    assert ("Hi ", "slow down") == (again.text, again.error.message)


def test_an_error_of_another_provider_is_translated() -> None:
    """A word of another provider's is none of Google's."""
    error = ResponseError(status=503, type="overloaded_error", message="busy")
    assert {
        "error": {"code": 503, "message": "busy", "status": "UNAVAILABLE"}
    } == GENERATE_CONTENT.encode_response(Response(error=error))


@pytest.mark.parametrize(
    ("url", "model", "streams"),
    [
        ("https://g.example/v1beta/models/gemini-3-pro:generateContent", "gemini-3-pro", False),
        ("https://g.example/v1/models/m:streamGenerateContent?alt=sse", "m", True),
        ("https://g.example/v1beta/tunedModels/t:generateContent", "tunedModels/t", False),
        ("https://v.example/v1/projects/p/publishers/google/models/m:generateContent", "m", False),
    ],
)
def test_the_url_names_model_and_streaming(url: str, model: str, streams: bool) -> None:
    """The body names neither."""
    body: Any = {"contents": []}
    path = urlsplit(url).path
    assert GENERATE_CONTENT.recognises(path, {}, body)
    assert not GENERATE_CONTENT.recognises(path, {}, {"messages": []})
    assert (model, streams) == (
        GENERATE_CONTENT.model(url, body),
        GENERATE_CONTENT.streams(url, body),
    )
    assert body is GENERATE_CONTENT.with_model(body, "x") is GENERATE_CONTENT.asking_for_usage(body)


def recorded_calls() -> list[Any]:
    """Calls of the recordings that are kept beside the project, where they are."""
    found = []
    for path in sorted(RECORDINGS.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        if "enerateContent" in text:
            loaded = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
            found += loaded["interactions"]
    return [call for call in found if "enerateContent" in call["request"]["uri"]]


@needs_recordings
def test_real_answers_are_written_as_they_were() -> None:
    """Plain answers give the same body again, streams what they amount to."""
    for call in recorded_calls():
        answer = call["response"]
        request = HttpRequest(method="POST", url=call["request"]["uri"])
        body: Any = answer.get("parsed_body")
        told: Any = JsonBody(value=body)
        if body is None:
            data = answer["body"]["string"].encode()
            told, body = TextBody(text=data.decode()), GENERATE_CONTENT.assemble([data]).body
        response = HttpResponse(status=answer["status"]["code"], body=told)
        decoded = GENERATE_CONTENT.response(Exchange(request=request, response=response))
        assert body == GENERATE_CONTENT.encode_response(decoded)


ODD: dict[str, Any] = {
    "a candidate that is none": {"candidates": ["x"]},
    "nothing at all": {"candidates": []},
    "a candidate without content": {"candidates": [{"finishReason": "STOP"}]},
    "a turn without parts": {"candidates": [{"content": {"role": "model"}}]},
    "words that are none": said({"text": 1}),
    "media without data": said({"inlineData": {}}),
    "a file without an address": said({"fileData": {}}),
    "a result that is none": said({"functionResponse": 1}),
    "a file of a broken address": said({"fileData": {"fileUri": "http://["}}),
    "a part that is none": said(None, "x"),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_answers_are_kept(answered: Make, streamed: Make, name: str) -> None:
    """Nothing that a server says is refused or lost, in one piece or in many."""
    body = ODD[name]
    response = GENERATE_CONTENT.response(answered(body))
    assert body == GENERATE_CONTENT.encode_response(response)
    again = GENERATE_CONTENT.response(streamed(*GENERATE_CONTENT.encode_stream(response)))
    assert response.text == again.text


def test_what_is_no_stream_is_an_error(streamed: Make) -> None:
    """Broken events say nothing; an array without elements, and text, are no answers."""
    broken = GENERATE_CONTENT.response(streamed(b'data: {"candidates\n\n', CHUNKS[-1]))
    assert ("stop", False) == (broken.finish_reason, broken.truncated)
    assert {} == GENERATE_CONTENT.assemble([b"Bad gateway"]).body
    request = HttpRequest(method="POST", url="https://x.example/v1")
    answers: list[Any] = [
        Failure(kind="connect"),
        HttpResponse(status=200, body=TextBody(text="[")),
        HttpResponse(status=200, body=JsonBody(value=[1])),
    ]
    found = [GENERATE_CONTENT.response(Exchange(request=request, response=a)) for a in answers]
    assert ["connect", "not_json", "unexpected_body"] == [
        response.error.type if response.error else None for response in found
    ]


def test_a_second_signature_opens_a_part(streamed: Make) -> None:
    """Each signature belongs to the words before it; what is unknown is never merged."""
    parts: list[Any] = [
        {"text": "a", "thoughtSignature": "AA=="},
        {"text": "b", "thoughtSignature": "BB=="},
        {"text": "c", "new": 1},
        {"text": ""},
    ]
    events = [{"candidates": [{"content": {"parts": [part]}}]} for part in parts]
    response = GENERATE_CONTENT.response(streamed(*events))
    assert ["a", "b", "c"] == [part.content for part in response.parts if hasattr(part, "content")]


def test_every_event_of_a_written_stream_of_words_has_words() -> None:
    """The last one none at all: clients join the text of all events."""
    message = Message(role="assistant", parts=(TextPart(content="one two three"),))
    made = Response(choices=(Choice(message=message, finish_reason="stop"),))
    events = [json.loads(one[5:]) for one in GENERATE_CONTENT.encode_stream(made)]
    said = [event["candidates"][0]["content"]["parts"][0]["text"] for event in events]
    assert ["one ", "two ", "three", ""] == said


def test_the_last_call_of_a_written_stream_comes_with_its_ending() -> None:
    """As Google tells it; the chats of its client forget a turn in which an event has no part."""
    made = Response(
        choices=(
            Choice(
                message=Message(
                    role="assistant",
                    parts=tuple(ToolCallPart(name=name, arguments={}) for name in ("one", "two")),
                ),
                finish_reason="tool_call",
            ),
        )
    )
    events = [json.loads(one[5:])["candidates"][0] for one in GENERATE_CONTENT.encode_stream(made)]
    called = [event["content"]["parts"][0]["functionCall"]["name"] for event in events]
    assert ["one", "two"] == called
    assert [None, "STOP"] == [event.get("finishReason") for event in events]


def test_other_counts_are_written_anew(answered: Make) -> None:
    """An answer whose tokens were changed tells the new ones."""
    counts = {"promptTokenCount": 4, "candidatesTokenCount": 2, "totalTokenCount": 6}
    response = GENERATE_CONTENT.response(answered(said({"text": "Hi"}) | {"usageMetadata": counts}))
    usage = replace(response.usage, output_tokens=8, reasoning_output_tokens=3)
    written = GENERATE_CONTENT.encode_response(replace(response, usage=usage))
    assert isinstance(written, dict)
    assert {
        "promptTokenCount": 4,
        "candidatesTokenCount": 5,
        "thoughtsTokenCount": 3,
        "totalTokenCount": 12,
    } == written["usageMetadata"]


def test_secret_thoughts_of_others_are_left_out() -> None:
    """Google cannot read what another provider encrypted."""
    secret = ReasoningPart(content="", encrypted="AA==", format="anthropic")
    message = Message(role="assistant", parts=(secret, TextPart(content="Hi")))
    made = Response(choices=(Choice(message=message, finish_reason="stop"),))
    assert {
        "candidates": [
            {"content": {"role": "model", "parts": [{"text": "Hi"}]}, "finishReason": "STOP"}
        ]
    } == GENERATE_CONTENT.encode_response(made)
