"""Cohere's first chat and its generate: requests, answers, streams."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pytest_llmreplay.event import (
    Chunk,
    Exchange,
    HttpRequest,
    HttpResponse,
    Json,
    OutputFormat,
    StreamBody,
    TextPart,
    ToolCallPart,
    ToolCallResponsePart,
    UnknownPart,
)
from pytest_llmreplay.providers.cohere_v1 import COHERE_CHAT_V1, COHERE_GENERATE
from pytest_llmreplay.providers.endpoints.calls import is_llm_call
from pytest_llmreplay.providers.registry import identify

Make = Callable[..., Exchange]

META = {
    "api_version": {"version": "1"},
    "billed_units": {"input_tokens": 5, "output_tokens": 3},
    "tokens": {"input_tokens": 206, "output_tokens": 3},
}
CITATION: Json = {"start": 0, "end": 2, "text": "It", "document_ids": ["d1"]}
SAID: dict[str, Any] = {
    "response_id": "r1",
    "generation_id": "g1",
    "text": "It is 42.",
    "citations": [CITATION],
    "documents": [{"id": "d1", "snippet": "42"}],
    "chat_history": [{"role": "USER", "message": "What?"}],
    "finish_reason": "COMPLETE",
    "meta": META,
}
CALL = {"name": "find", "parameters": {"query": "x"}}
CALLED: dict[str, Any] = {
    "response_id": "r2",
    "generation_id": "g2",
    "text": "I will look it up.",
    "tool_calls": [CALL, {"odd": 1}],
    "finish_reason": "COMPLETE",
    "meta": META,
}
GENERATED: dict[str, Any] = {
    "id": "c1",
    "generations": [{"id": "g1", "text": "It is 42.", "finish_reason": "COMPLETE"}],
    "prompt": "What?",
    "meta": {"billed_units": {"input_tokens": 5, "output_tokens": 3}},
}
formats = pytest.mark.parametrize(
    ("spoken", "body"),
    [(COHERE_CHAT_V1, SAID), (COHERE_CHAT_V1, CALLED), (COHERE_GENERATE, GENERATED)],
    ids=["said", "called", "generated"],
)


def lines(*values: Any, events: bool = False) -> Exchange:
    """A stream of JSON lines, or of server-sent events."""
    told = [json.dumps(value).encode() for value in values]
    pieces = [b"data: " + one + b"\n\n" if events else one + b"\n" for one in told]
    body = StreamBody(chunks=tuple(Chunk(at=0.0, data=piece) for piece in pieces))
    answer = HttpResponse(
        status=200, headers={"content-type": "application/stream+json"}, body=body
    )
    request = HttpRequest(method="POST", url="https://api.cohere.com/v1/chat")
    return Exchange(request=request, response=answer)


@formats
@pytest.mark.parametrize("pieces", [None, 1, 2])
def test_an_answer_is_written_as_it_came(
    answered: Make, spoken: Any, body: Any, pieces: int | None
) -> None:
    """Whole and as a stream."""
    response = spoken.response(answered(body))
    assert body == spoken.encode_response(response)
    told = spoken.encode_stream(response, pieces=pieces)
    assembled = spoken.assemble(told)
    assert assembled.complete
    assert body == assembled.body
    assert spoken.is_end(told[-1])
    assert not spoken.is_end(told[0])


def test_an_answer_is_read(answered: Make) -> None:
    """Words with citations, reason, and the tokens that the model saw."""
    response = COHERE_CHAT_V1.response(answered(SAID))
    assert (TextPart(content="It is 42.", annotations=(CITATION,)),) == response.parts
    assert ("r1", "stop") == (response.id, response.finish_reason)
    assert (206, 3) == (response.usage.input_tokens, response.usage.output_tokens)


def test_a_call_is_read(answered: Make) -> None:
    """It has no id; whoever answers with one ended to have it answered."""
    response = COHERE_CHAT_V1.response(answered(CALLED))
    assert (ToolCallPart(name="find", arguments={"query": "x"}),) == response.tool_calls
    assert UnknownPart(type="tool_calls", raw={"odd": 1}) == response.parts[-1]
    assert "tool_call" == response.finish_reason


def test_a_prompt_is_continued(answered: Make) -> None:
    """Each generation is a choice; the tokens are those that are billed."""
    response = COHERE_GENERATE.response(answered(GENERATED))
    assert ("c1", "It is 42.", "stop") == (response.id, response.text, response.finish_reason)
    assert (5, 3) == (response.usage.input_tokens, response.usage.output_tokens)


@pytest.mark.parametrize("events", [False, True])
def test_a_stream_is_put_together(*, events: bool) -> None:
    """Its last line tells the whole once more; some ask for it as events."""
    start = {"is_finished": False, "event_type": "stream-start", "generation_id": "g1"}
    word = {"is_finished": False, "event_type": "text-generation"}
    end = {"is_finished": True, "event_type": "stream-end", "finish_reason": "MAX_TOKENS"}
    whole = {key: SAID[key] for key in ("response_id", "text", "meta")}
    told = lines(
        start,
        word | {"text": "It "},
        word | {"text": "is 42."},
        end | {"response": whole},
        events=events,
    )
    response = COHERE_CHAT_V1.response(told)
    assert ("It is 42.", "length", "r1") == (response.text, response.finish_reason, response.id)
    assert not response.truncated
    cut = COHERE_CHAT_V1.response(lines(start, word | {"text": "It "}, events=events))
    assert ("It ", True) == (cut.text, cut.truncated)


def test_searches_citations_and_calls_of_a_cut_stream_are_kept() -> None:
    """Each in its own list."""
    told = lines(
        {"event_type": "search-queries-generation", "search_queries": [{"text": "q"}]},
        {"event_type": "text-generation", "text": "It"},
        {"event_type": "citation-generation", "citations": [CITATION]},
        {"event_type": "tool-calls-generation", "tool_calls": [CALL]},
    )
    response = COHERE_CHAT_V1.response(told)
    assert (CITATION,) == response.parts[0].annotations
    assert ("find",) == tuple(call.name for call in response.tool_calls)
    assert [{"text": "q"}] == response.extra["search_queries"]


def test_generations_of_a_stream_are_put_together() -> None:
    """By their index, where the end does not tell them once more."""
    end = {"is_finished": True, "event_type": "stream-end", "finish_reason": "COMPLETE"}
    told = lines(
        {"text": "It ", "is_finished": False, "event_type": "text-generation"},
        {"text": "is 42.", "is_finished": False, "event_type": "text-generation"},
        end,
    )
    response = COHERE_GENERATE.response(told)
    assert ("It is 42.", "stop") == (response.text, response.finish_reason)


@formats
def test_an_error_is_a_message(answered: Make, spoken: Any, body: Any) -> None:
    """Read with its status, written as it came; in a stream it is the last event."""
    refused = {"id": "e1", "message": "model 'x' not found"}
    response = spoken.response(answered(refused, 404))
    assert (404, refused["message"]) == (response.error.status, response.error.message)
    assert refused == spoken.encode_response(response)
    assert {"message": "x"} == spoken.encode_error(404, None, "x")
    pieces = spoken.encode_stream(response)
    again = spoken.response(lines(*map(json.loads, pieces)))
    assert refused["message"] == again.error.message
    assert body == spoken.encode_response(spoken.response(answered(body)))


def test_a_request_is_read(asked: Make) -> None:
    """What was said before, what is said now, tools with their parameters as a schema."""
    request = COHERE_CHAT_V1.request(
        asked(
            {
                "model": "command-r",
                "stream": True,
                "preamble": "Be kind.",
                "chat_history": [
                    {"role": "System", "message": "Be brief."},
                    {"role": "USER", "message": "Hi"},
                    {"role": "CHATBOT", "message": "Let me look.", "tool_calls": [CALL]},
                    {"role": "TOOL", "tool_results": [{"call": CALL, "outputs": [{"a": 1}]}]},
                    "odd",
                ],
                "message": "And now?",
                "tools": [
                    {
                        "name": "find",
                        "description": "Finds.",
                        "parameter_definitions": {
                            "query": {"description": "Q", "type": "str", "required": True},
                            "limits": {"type": "List[int]", "required": False},
                            "odd": {"description": "?"},
                        },
                    },
                    {"name": "now"},
                ],
                "p": 0.8,
                "k": 5,
                "max_tokens": 20,
                "seed": 1,
                "stop_sequences": ["END"],
                "response_format": {"type": "json_object", "schema": {"type": "object"}},
                "connectors": [{"id": "web-search"}],
            }
        )
    )
    assert ("Be kind.",) == tuple(part.content for part in request.system_instructions)
    roles = ["system", "user", "assistant", "tool", "user", "user"]
    assert roles == [message.role for message in request.messages]
    called, result = request.messages[2].parts[1], request.messages[3].parts[0]
    assert ToolCallPart(name="find", arguments={"query": "x"}) == called
    answer = (TextPart(content='[{"a":1}]'),)
    assert ToolCallResponsePart(name="find", response=answer) == result
    find, now = request.tools
    assert now.parameters is None
    assert {
        "type": "object",
        "properties": {
            "query": {"type": "string", "description": "Q"},
            "limits": {"type": "array", "items": {"type": "integer"}},
            "odd": {"description": "?"},
        },
        "required": ["query"],
    } == find.parameters
    assert (0.8, 5, 20, 1) == (request.top_p, request.top_k, request.max_tokens, request.seed)
    assert ("END",) == request.stop_sequences
    assert OutputFormat(type="json_schema", schema={"type": "object"}) == request.output
    assert {"connectors": [{"id": "web-search"}]} == request.extra


@pytest.mark.parametrize(
    ("history", "said", "roles"),
    [
        ([], "What?", ["user", "assistant", "tool"]),
        ([{"role": "CHATBOT", "tool_calls": [CALL]}], "", ["assistant", "tool"]),
        ([{"role": "CHATBOT", "tool_calls": [CALL]}], "Go on.", ["assistant", "tool", "user"]),
    ],
)
def test_results_stand_behind_their_calls(
    asked: Make, history: list[Json], said: str, roles: list[str]
) -> None:
    """A result tells its call, which the history may leave out."""
    results = [{"call": CALL, "outputs": [{"a": 1}]}]
    body = {"message": said, "chat_history": history, "tool_results": results}
    messages = COHERE_CHAT_V1.request(asked(body)).messages
    assert roles == [message.role for message in messages]
    parts = [part for message in messages for part in message.parts]
    (call,) = [part for part in parts if isinstance(part, ToolCallPart)]
    assert "find" == call.name


@pytest.mark.parametrize("kind", ["text", "json_object", "odd"])
def test_an_output_format_is_read(asked: Make, kind: str) -> None:
    """Text, any JSON; another word is kept."""
    request = COHERE_CHAT_V1.request(asked({"message": "x", "response_format": {"type": kind}}))
    assert (None if kind == "odd" else kind) == (request.output and request.output.type)
    assert (kind == "odd") == ("response_format" in request.extra)


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/v1/chat", {"message": "x", "model": "command-r"}, "cohere_chat_v1"),
        ("/v1/generate", {"prompt": "x", "model": "command"}, "cohere_generate"),
        ("/v2/chat", {"messages": [], "model": "command-a"}, "cohere_chat"),
        ("/v1/chat", {"x": 1}, "other"),
    ],
)
def test_a_call_is_told_by_its_path(path: str, body: Any, expected: str) -> None:
    """At Cohere, and nowhere on this machine: an application may serve such a path itself."""
    assert expected == identify("POST", f"https://api.cohere.com{path}", {}, body).api
    assert is_llm_call("POST", f"https://api.cohere.com{path}")
    assert not is_llm_call("POST", f"http://127.0.0.1:8000{path}") or path == "/v2/chat"
