"""Laws: decoding is total, and loses nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.event import (
    Chunk,
    Exchange,
    HttpRequest,
    HttpResponse,
    JsonBody,
    StreamBody,
)
from pytest_llmreplay.providers.api import ApiFormat
from pytest_llmreplay.providers.registry import FORMATS

WORDS = st.sampled_from(
    [
        "assistant",
        "text",
        "thinking",
        "tool_use",
        "function",
        "custom",
        "reasoning.text",
        "stop",
        "tool_calls",
        "message",
        "reasoning",
        "summary_text",
        "reasoning_text",
        "output_text",
        "function_call",
        "custom_tool_call",
        "incomplete",
        "completed",
        "x",
    ]
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), WORDS, st.text(max_size=4))
KEYS = st.sampled_from(
    [
        *(
            "id",
            "type",
            "role",
            "content",
            "text",
            "thinking",
            "signature",
            "name",
            "input",
            "data",
        ),
        *("message", "delta", "choices", "index", "finish_reason", "stop_reason", "usage", "error"),
        *(
            "tool_calls",
            "function",
            "arguments",
            "custom",
            "reasoning",
            "reasoning_details",
            "logprobs",
        ),
        *(
            "prompt_tokens",
            "total_tokens",
            "input_tokens",
            "content_block",
            "citations",
            "annotations",
        ),
        *(
            "audio",
            "refusal",
            "messages",
            "system",
            "tools",
            "tool_choice",
            "stop",
            "response_format",
        ),
        *("candidates", "parts", "finishReason", "finish_reason", "promptFeedback"),
        *("usageMetadata", "usage_metadata", "blockReason", "thought", "thoughtSignature"),
        *("functionCall", "functionResponse", "args", "response", "inlineData", "inline_data"),
        *("fileData", "fileUri", "mimeType", "mime_type", "contents", "systemInstruction"),
        *("generationConfig", "toolConfig", "thinkingConfig", "executableCode"),
        *(
            "image_url",
            "file",
            "source",
            "partial_json",
            "function_call",
            "executed_tools",
            "image",
        ),
        *("output", "status", "summary", "call_id", "item", "encrypted_content", "instructions"),
        *("response", "output_index", "part", "incomplete_details", "reason", "result"),
        *("response", "done", "done_reason", "eval_count", "tool_plan", "tokens"),
    ]
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=25,
)
ITEMS = st.lists(
    st.one_of(
        VALUES,
        st.builds(
            lambda kind, rest, inner: {**rest, "type": kind, "content": inner, "summary": inner},
            st.sampled_from(["message", "reasoning"]),
            st.dictionaries(KEYS, LEAVES, max_size=3),
            st.lists(
                st.fixed_dictionaries(
                    {"type": WORDS, "text": st.text(max_size=2)}, optional={"annotations": VALUES}
                )
                | VALUES,
                max_size=2,
            )
            | LEAVES,
        ),
        st.builds(
            lambda rest, given: {"type": "function_call", "name": "f", "arguments": given, **rest},
            st.dictionaries(KEYS, LEAVES, max_size=3),
            VALUES,
        ),
    ),
    max_size=3,
)
BODIES = st.one_of(
    VALUES,
    st.builds(
        lambda items, rest: {**rest, "output": items},
        ITEMS,
        st.dictionaries(KEYS.filter(lambda key: key != "error"), VALUES, max_size=3),
    ),
    st.builds(lambda message: {"choices": [{"message": message}]}, VALUES),
    st.builds(lambda choices: {"choices": choices}, st.lists(VALUES, max_size=2)),
    st.builds(lambda blocks: {"content": blocks}, st.lists(VALUES, max_size=3)),
    st.builds(
        lambda parts, rest: {"candidates": [{"content": {"parts": parts}} | rest], "id": rest},
        st.lists(VALUES, max_size=3),
        st.dictionaries(KEYS, VALUES, max_size=2),
    ),
    st.builds(lambda message, rest: {"message": message, "usage": rest}, VALUES, VALUES),
    st.builds(lambda words, rest: {"response": words, "tool_calls": rest}, WORDS, VALUES),
)
EVENTS = st.lists(
    st.one_of(
        VALUES,
        st.builds(lambda delta: {"choices": [{"index": 0, "delta": delta}]}, VALUES),
        st.builds(lambda block: {"type": "content_block_start", "content_block": block}, VALUES),
        st.builds(lambda delta: {"type": "content_block_delta", "delta": delta}, VALUES),
        st.builds(lambda parts: {"candidates": [{"content": {"parts": parts}}]}, VALUES),
        st.builds(lambda rest: {"type": "message_start", "message": rest}, VALUES),
        st.builds(lambda rest: {"type": "response.created", "response": rest}, VALUES),
        st.builds(
            lambda verb, item: {"type": f"response.{verb}", "output_index": 0, "item": item},
            st.sampled_from(["output_item.added", "output_item.done"]),
            VALUES,
        ),
        st.builds(
            lambda kind, text: {"type": f"response.{kind}", "output_index": 0, "delta": text},
            st.sampled_from(["output_text.delta", "function_call_arguments.delta"]),
            LEAVES,
        ),
        st.builds(lambda rest: {"type": "message_delta", "delta": rest, "usage": rest}, VALUES),
        st.builds(lambda told: {"message": told, "done": told}, VALUES),
        st.builds(lambda told: {"type": "tool-call-delta", "delta": {"message": told}}, VALUES),
        st.builds(lambda told: {"type": "message-end", "delta": told}, VALUES),
    ),
    max_size=6,
)
formats = pytest.mark.parametrize("spoken", FORMATS.values(), ids=FORMATS.keys())

# Absent and null mean the same where the format always has a value.
SAME_WHEN_NULL = frozenset(
    {"role", "type", "message", "id", "arguments", "input", "thinking", "signature"}
)


def without_nulls(value: Any) -> Any:
    """A body without the nulls that decoding takes for absent."""
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    if isinstance(value, dict):
        kept = {
            key: item
            for key, item in value.items()
            if item is not None or key not in SAME_WHEN_NULL
        }
        return {key: without_nulls(item) for key, item in kept.items()}
    return value


def exchange(answer: HttpResponse, asked: Any = None) -> Exchange:
    """An exchange with this answer."""
    request = HttpRequest(method="POST", url="https://x.example/v1", body=JsonBody(value=asked))
    return Exchange(request=request, response=answer)


@formats
@given(body=BODIES)
def test_every_body_is_decoded_and_nothing_is_lost(spoken: ApiFormat, body: Any) -> None:
    """Whatever a server says: encoding the decoded answer says it again."""
    body = without_nulls(body)
    if isinstance(body, list) and spoken.name == "generate_content":
        return  # an array is its other kind of stream
    response = spoken.response(exchange(HttpResponse(status=200, body=JsonBody(value=body))))
    written = spoken.encode_response(response)
    assert body == written or (body is None and response.error is not None)


@formats
@given(body=BODIES)
def test_every_request_is_decoded(spoken: ApiFormat, body: Any) -> None:
    """Whatever a client asks."""
    spoken.request(exchange(HttpResponse(status=200), body))
    spoken.model("https://x.example/v1", body)
    spoken.streams("https://x.example/v1", body)
    spoken.recognises("/v1/messages", {}, body)


@formats
@pytest.mark.parametrize(("before", "after"), [("data: ", "\n\n"), ("", "\n")])
@given(events=EVENTS, cut=st.integers(min_value=0, max_value=400))
def test_every_stream_is_decoded(
    spoken: ApiFormat, before: str, after: str, events: list[Any], cut: int
) -> None:
    """Whatever events or lines come, cut anywhere, together they are an answer or an error."""
    data = b"".join(f"{before}{json.dumps(event)}{after}".encode() for event in events)
    pieces = (Chunk(at=0.0, data=data[:cut]), Chunk(at=0.1, data=data[cut:]))
    response = spoken.response(exchange(HttpResponse(status=200, body=StreamBody(chunks=pieces))))
    spoken.encode_response(response)
    spoken.encode_stream(response, pieces=2)
    assert spoken.assemble([data]) == spoken.assemble([data[:cut], data[cut:]])


@formats
@given(data=st.binary(max_size=60))
def test_every_byte_string_is_decoded(spoken: ApiFormat, data: bytes) -> None:
    """Bytes of any kind are an answer or an error."""
    answer = HttpResponse(status=200, body=StreamBody(chunks=(Chunk(at=0.0, data=data),)))
    response = spoken.response(exchange(answer))
    assert response.error is not None or response.choices or response.extra
    spoken.is_end(data)
