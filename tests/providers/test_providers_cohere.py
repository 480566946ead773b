"""Cohere's chat: requests, answers, streams."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from real_calls import RECORDINGS, needs_recordings

from pytest_llmreplay.event import (
    Exchange,
    Json,
    OutputFormat,
    Reasoning,
    ReasoningPart,
    TextPart,
    ToolCallResponsePart,
    ToolChoice,
    UnknownPart,
    UriPart,
)
from pytest_llmreplay.providers.cohere_chat import COHERE_CHAT

Make = Callable[..., Exchange]

USAGE = {
    "billed_units": {"input_tokens": 33.0, "output_tokens": 22.0},
    "tokens": {"input_tokens": 1452.0, "output_tokens": 33.0},
    "cached_tokens": 144,
}
CITATION: Json = {
    "start": 0,
    "end": 2,
    "text": "It",
    "sources": [{"type": "tool", "id": "find_1:0", "tool_output": {"a": "b"}}],
    "type": "TEXT_CONTENT",
}
SAID: dict[str, Any] = {
    "id": "c-1",
    "message": {
        "role": "assistant",
        "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "It is 42."}],
        "citations": [CITATION],
    },
    "finish_reason": "COMPLETE",
    "usage": USAGE,
}
CALLED: dict[str, Any] = {
    "id": "c-2",
    "message": {
        "role": "assistant",
        "tool_plan": "I will look it up.",
        "tool_calls": [
            {
                "id": "find_1",
                "type": "function",
                "function": {"name": "find", "arguments": '{"query": "x"}'},
            }
        ],
    },
    "finish_reason": "TOOL_CALL",
    "usage": USAGE,
}


@pytest.mark.parametrize("body", [SAID, CALLED], ids=["said", "called"])
@pytest.mark.parametrize("pieces", [None, 1, 2])
def test_an_answer_is_written_as_it_came(answered: Make, body: Any, pieces: int | None) -> None:
    """Whole and as a stream."""
    response = COHERE_CHAT.response(answered(body))
    assert body == COHERE_CHAT.encode_response(response)
    told = COHERE_CHAT.assemble(COHERE_CHAT.encode_stream(response, pieces=pieces))
    assert told.complete
    assert body == told.body


def test_an_answer_is_read(answered: Make) -> None:
    """Thoughts, words with citations, reason, and the tokens that the model saw."""
    response = COHERE_CHAT.response(answered(SAID))
    thought = ReasoningPart(content="hm", format="cohere")
    assert (thought, TextPart(content="It is 42.", annotations=(CITATION,))) == response.parts
    assert ("stop", "COMPLETE") == (response.finish_reason, response.choices[0].finish_raw)
    usage = response.usage
    assert (1452, 33, 144) == (
        usage.input_tokens,
        usage.output_tokens,
        usage.cache_read_input_tokens,
    )


def test_billed_units_count_where_nothing_else_does(answered: Make) -> None:
    """Older answers tell them alone."""
    body = SAID | {"usage": {"billed_units": {"input_tokens": 5, "output_tokens": 1}}}
    usage = COHERE_CHAT.response(answered(body)).usage
    assert (5, 1) == (usage.input_tokens, usage.output_tokens)


def test_a_call_and_its_plan_are_read(answered: Make) -> None:
    """The plan is a thought, no words for the user."""
    response = COHERE_CHAT.response(answered(CALLED))
    plan = ReasoningPart(content="I will look it up.", format="cohere-tool-plan")
    assert plan == response.parts[0]
    assert "" == response.text
    (call,) = response.tool_calls
    assert ("find", {"query": "x"}, "find_1") == (call.name, call.arguments, call.id)
    assert "tool_call" == response.finish_reason


def test_a_stream_is_put_together(streamed: Make) -> None:
    """As Cohere sends it: empty lists first, words at the start of an item too."""
    empty = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
    text = {"type": "text", "text": "It "}
    response = COHERE_CHAT.response(
        streamed(
            {"type": "message-start", "id": "c-3", "delta": {"message": empty}},
            {"type": "content-start", "index": 0, "delta": {"message": {"content": text}}},
            {
                "type": "content-delta",
                "index": 0,
                "delta": {"message": {"content": {"text": "is"}}},
            },
            {"type": "content-end", "index": 0},
            {"type": "message-end", "delta": {"finish_reason": "MAX_TOKENS", "usage": USAGE}},
        )
    )
    assert ("c-3", "It is", "length") == (response.id, response.text, response.finish_reason)
    assert not response.truncated
    assert 33 == response.usage.output_tokens


def test_an_error_at_the_end_of_a_stream_is_read(streamed: Make) -> None:
    """It stands in the event that ends the message."""
    end = {"type": "message-end", "delta": {"finish_reason": "ERROR", "error": "overloaded"}}
    response = COHERE_CHAT.response(streamed({"type": "message-start", "delta": {}}, end))
    assert response.error is not None
    assert "overloaded" == response.error.message
    assert COHERE_CHAT.is_end(COHERE_CHAT.encode_stream(response)[-1])


def test_an_error_is_a_message(answered: Make) -> None:
    """Read with its status, and written as it came."""
    body = {"id": "e-1", "message": "invalid request: unknown model"}
    response = COHERE_CHAT.response(answered(body, 404))
    assert response.error is not None
    assert (404, body["message"]) == (response.error.status, response.error.message)
    assert body == COHERE_CHAT.encode_response(response)


def test_a_request_is_read(asked: Make) -> None:
    """Images, results of tools, `p`, `k`, the choice of tools, thinking, structured output."""
    schema = {"type": "object"}
    request = COHERE_CHAT.request(
        asked(
            {
                "model": "command-a",
                "stream": True,
                "messages": [
                    {
                        "role": "user",
                        "content": [
                            {"type": "text", "text": "What is it?"},
                            {"type": "image_url", "image_url": {"url": "https://x/a.png"}},
                        ],
                    },
                    CALLED["message"],
                    {"role": "tool", "tool_call_id": "find_1", "content": "a cat"},
                ],
                "tool_choice": "REQUIRED",
                "p": 0.8,
                "k": 5,
                "max_tokens": 20,
                "seed": 1,
                "stop_sequences": ["END"],
                "thinking": {"type": "enabled", "token_budget": 100},
                "response_format": {"type": "json_object", "json_schema": schema | {"a": 1}},
                "safety_mode": "NONE",
            }
        )
    )
    assert request.stream
    assert UriPart(modality="image", uri="https://x/a.png") == request.messages[0].parts[1]
    assert "I will look it up." == request.messages[1].parts[0].content
    assert "find_1" == request.messages[2].parts[0].id
    assert ToolChoice(mode="required") == request.tool_choice
    assert (0.8, 5, 20, 1) == (request.top_p, request.top_k, request.max_tokens, request.seed)
    assert ("END",) == request.stop_sequences
    assert Reasoning(mode="enabled", budget_tokens=100) == request.reasoning
    assert OutputFormat(type="json_schema", schema=schema | {"a": 1}) == request.output
    assert {"safety_mode": "NONE"} == request.extra


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"document": {"data": {"sky": "grå"}}, "type": "document"}, '{"sky":"grå"}'),
        ({"document": {"data": "Sun.", "id": "1"}, "type": "document"}, "Sun."),
        ({"document": "Sun.", "type": "document"}, "Sun."),
    ],
)
def test_what_a_tool_answers_in_a_document_is_words(asked: Make, content: Any, words: str) -> None:
    """As most applications tell a result, so that the model can cite it."""
    told = {"role": "tool", "tool_call_id": "c1", "content": [content]}
    (message,) = COHERE_CHAT.request(asked({"messages": [told]})).messages
    (result,) = message.parts
    assert isinstance(result, ToolCallResponsePart)
    assert (TextPart(content=words, extra={"type": "document"}),) == result.response


def test_a_document_that_holds_no_data_is_kept(asked: Make) -> None:
    """Whole."""
    odd: Json = {"type": "document", "document": {"data": None, "x": 1}}
    told = {"role": "tool", "tool_call_id": "c1", "content": [odd]}
    (message,) = COHERE_CHAT.request(asked({"messages": [told]})).messages
    (result,) = message.parts
    assert isinstance(result, ToolCallResponsePart)
    assert (UnknownPart(type="content", raw=odd),) == result.response


def test_an_unknown_choice_of_tools_is_kept(asked: Make) -> None:
    """No field can hold it."""
    request = COHERE_CHAT.request(asked({"messages": [], "tool_choice": "SOME"}))
    assert request.tool_choice is None
    assert "SOME" == request.extra["tool_choice"]


@needs_recordings
def test_real_answers_are_written_as_they_came(answered: Make) -> None:
    """Whatever Cohere said in public recordings is said again."""
    bodies = list(_real_answers())
    assert bodies
    for body, status in bodies:
        response = COHERE_CHAT.response(answered(body, status))
        assert body == COHERE_CHAT.encode_response(response)


def _real_answers() -> Any:
    for path in RECORDINGS.glob("*cohere*.yaml"):
        for call in yaml.safe_load(path.read_text())["interactions"]:
            if call["request"]["uri"].endswith("/v2/chat"):
                yield call["response"]["parsed_body"], call["response"]["status"]["code"]
