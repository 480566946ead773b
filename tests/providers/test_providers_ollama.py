"""Ollama's own formats: chat and generate, whole and in JSON lines."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pytest_llmreplay.event import (
    BlobPart,
    Chunk,
    Exchange,
    HttpRequest,
    HttpResponse,
    Json,
    OutputFormat,
    Reasoning,
    ReasoningPart,
    StreamBody,
    TextPart,
    ToolCallPart,
    ToolCallResponsePart,
)
from pytest_llmreplay.providers.ollama import OLLAMA_CHAT, OLLAMA_GENERATE
from pytest_llmreplay.providers.registry import FORMATS, identify
from pytest_llmreplay.providers.retelling.answer import without_extra

Make = Callable[..., Exchange]

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
TOP: dict[str, Any] = {"model": "qwen3:4b", "created_at": "2026-11-20T17:00:00.41233Z"}
END: dict[str, Any] = {
    "done": True,
    "done_reason": "stop",
    "total_duration": 812_000_000,
    "prompt_eval_count": 26,
    "eval_count": 5,
}
CALL = {"id": "call_1", "function": {"index": 0, "name": "find", "arguments": {"query": "x"}}}
CHAT = TOP | {"message": {"role": "assistant", "content": "It is 42."}} | END
BODIES = {
    "chat": ("ollama_chat", CHAT),
    "calls": (
        "ollama_chat",
        TOP | {"message": {"role": "assistant", "content": "", "tool_calls": [CALL, "odd"]}} | END,
    ),
    "thought": (
        "ollama_chat",
        TOP | {"message": {"role": "assistant", "thinking": "hm", "content": "4"}} | END,
    ),
    "cached": ("ollama_chat", TOP | {"message": {"role": "assistant", "content": "4"}}),
    "generated": ("ollama_generate", TOP | {"response": "It is 42.", "context": [1, 2]} | END),
    "drawn": ("ollama_generate", TOP | {"response": "", "image": PNG} | END),
    "loaded": ("ollama_generate", TOP | {"response": "", "done": True, "done_reason": "load"}),
}


def lines(*values: Any) -> list[bytes]:
    """JSON lines, written by hand."""
    return [json.dumps(value).encode() + b"\n" for value in values]


def answered_in_lines(data: bytes) -> Exchange:
    """An exchange whose answer came in one piece of a stream."""
    answer = HttpResponse(status=200, body=StreamBody(chunks=(Chunk(at=0.0, data=data),)))
    return Exchange(request=HttpRequest(method="POST", url="http://x/api/chat"), response=answer)


@pytest.mark.parametrize(("api", "body"), BODIES.values(), ids=BODIES)
def test_an_answer_is_written_as_it_came(answered: Make, api: str, body: Any) -> None:
    """Nothing is lost of a decoded answer, nor in its stream."""
    spoken = FORMATS[api]
    response = spoken.response(answered(body))
    assert body == spoken.encode_response(response)


@pytest.mark.parametrize("pieces", [None, 1, 2])
@pytest.mark.parametrize("name", ["chat", "calls", "thought", "generated", "drawn"])
def test_a_stream_tells_the_same_answer(answered: Make, name: str, pieces: int | None) -> None:
    """In however many lines."""
    api, body = BODIES[name]
    response = FORMATS[api].response(answered(body))
    told = FORMATS[api].assemble(FORMATS[api].encode_stream(response, pieces=pieces))
    assert told.complete
    assert body == told.body


def test_a_chat_is_read(answered: Make) -> None:
    """Words, model, reason and counts."""
    response = OLLAMA_CHAT.response(answered(CHAT))
    assert "It is 42." == response.text
    assert "qwen3:4b" == response.model
    assert ("stop", "stop") == (response.finish_reason, response.choices[0].finish_raw)
    assert (26, 5) == (response.usage.input_tokens, response.usage.output_tokens)


def test_calls_and_thoughts_are_read(answered: Make) -> None:
    """Arguments are objects; `stop` ends calls too; thoughts are no words."""
    response = OLLAMA_CHAT.response(answered(BODIES["calls"][1]))
    assert "tool_call" == response.finish_reason
    (call,) = response.tool_calls
    assert ("find", {"query": "x"}, "call_1") == (call.name, call.arguments, call.id)
    thought, word = OLLAMA_CHAT.response(answered(BODIES["thought"][1])).parts
    assert ReasoningPart(content="hm") == thought
    assert TextPart(content="4") == word


def test_an_answer_of_a_cached_prompt_has_no_count_of_it(answered: Make) -> None:
    """Unknown is not zero."""
    response = OLLAMA_GENERATE.response(answered({"response": "x", "eval_count": 3}))
    assert (None, 3) == (response.usage.input_tokens, response.usage.output_tokens)


def test_loading_a_model_is_no_answer(answered: Make) -> None:
    """Its ending is none of an answer's."""
    assert "error" == OLLAMA_GENERATE.response(answered(BODIES["loaded"][1])).finish_reason


def test_lines_are_put_together() -> None:
    """Words and thoughts grow, calls come whole, the last line tells the rest."""
    told = lines(
        TOP | {"message": {"role": "assistant", "content": "", "thinking": "h"}, "done": False},
        TOP | {"message": {"role": "assistant", "content": "", "thinking": "m"}, "done": False},
        TOP | {"message": {"role": "assistant", "content": "It "}, "done": False},
        TOP | {"message": {"role": "assistant", "content": "is"}, "done": False},
        TOP | {"message": {"role": "assistant", "content": "", "tool_calls": [CALL]}},
        TOP | {"message": {"role": "assistant", "content": ""}} | END,
    )
    response = OLLAMA_CHAT.response(answered_in_lines(b"".join(told)))
    assert "It is" == response.text
    assert ReasoningPart(content="hm") == response.parts[0]
    assert ["find"] == [call.name for call in response.tool_calls]
    assert 26 == response.usage.input_tokens
    assert not response.truncated
    assert [False] * 5 + [True] == [OLLAMA_CHAT.is_end(line) for line in told]


def test_a_stream_that_stops_early_is_truncated() -> None:
    """Also where it stops within a line."""
    whole = b"".join(OLLAMA_GENERATE.encode_stream(replace(_said(), truncated=False)))
    response = OLLAMA_GENERATE.response(answered_in_lines(whole[:-30]))
    assert response.truncated
    assert "It is 42." == response.text


def _said() -> Any:
    body = BODIES["generated"][1]
    data = b"".join(lines(body))
    return OLLAMA_GENERATE.response(answered_in_lines(data))


def test_an_error_in_a_stream_ends_it() -> None:
    """After the words that came before it."""
    said = TOP | {"message": {"role": "assistant", "content": "It "}, "done": False}
    data = b"".join(lines(said, {"error": "out of memory"}))
    response = OLLAMA_CHAT.response(answered_in_lines(data))
    assert "It " == response.text
    assert response.error is not None
    assert "out of memory" == response.error.message
    assert {"error": "out of memory"} == json.loads(OLLAMA_CHAT.encode_stream(response)[-1])


def test_an_error_is_a_text(answered: Make) -> None:
    """Read and written; that of a gateway, which is an object, stays one."""
    response = OLLAMA_CHAT.response(answered({"error": "model 'x' not found"}, 404))
    assert response.error is not None
    assert (404, "model 'x' not found") == (response.error.status, response.error.message)
    assert {"error": "model 'x' not found"} == OLLAMA_CHAT.encode_response(response)
    foreign = {"error": {"message": "no", "type": "x", "param": None, "code": None}}
    response = OLLAMA_CHAT.response(answered(foreign, 400))
    assert foreign == OLLAMA_CHAT.encode_response(response)
    assert {"error": "no"} == OLLAMA_CHAT.encode_response(without_extra(response))


def test_a_chat_request_is_read(asked: Make) -> None:
    """Images, options, thinking, format, results of tools; the stream is the default."""
    schema: Json = {"type": "object", "properties": {"n": {"type": "integer"}}}
    request = OLLAMA_CHAT.request(
        asked(
            {
                "model": "qwen3:4b",
                "messages": [
                    {"role": "system", "content": "Be brief."},
                    {"role": "user", "content": "What is it?", "images": [PNG]},
                    {"role": "assistant", "content": "", "tool_calls": [CALL]},
                    {"role": "tool", "tool_name": "find", "content": "a cat"},
                ],
                "tools": [{"type": "function", "function": {"name": "find", "parameters": schema}}],
                "think": True,
                "format": schema,
                "options": {
                    "num_predict": 50,
                    "temperature": 0,
                    "top_p": 0.9,
                    "top_k": 40,
                    "seed": 7,
                    "stop": ["END"],
                    "num_ctx": 4096,
                },
                "keep_alive": "5m",
            }
        )
    )
    assert request.stream
    image = BlobPart(modality="image", content=PNG, mime_type="image/png")
    assert (TextPart(content="What is it?"), image) == request.messages[1].parts
    assert isinstance(request.messages[2].parts[0], ToolCallPart)
    result = ToolCallResponsePart(response=(TextPart(content="a cat"),), name="find")
    assert (result,) == request.messages[3].parts
    assert ["find"] == [tool.name for tool in request.tools]
    assert (50, 0, 0.9, 40) == (
        request.max_tokens,
        request.temperature,
        request.top_p,
        request.top_k,
    )
    assert (7, ("END",)) == (request.seed, request.stop_sequences)
    assert Reasoning(mode="enabled") == request.reasoning
    assert OutputFormat(type="json_schema", schema=schema) == request.output
    assert {"keep_alive": "5m", "options": {"num_ctx": 4096}} == request.extra


def test_a_prompt_is_read(asked: Make) -> None:
    """As what the user says, after the system's instructions."""
    request = OLLAMA_GENERATE.request(
        asked(
            {
                "model": "m",
                "prompt": "What is it?",
                "system": "Be brief.",
                "images": [PNG],
                "think": "low",
                "format": "json",
                "stream": False,
                "context": [1, 2],
                "options": {"num_predict": -1},
            }
        )
    )
    assert not request.stream
    assert (TextPart(content="Be brief."),) == request.system_instructions
    (message,) = request.messages
    assert "user" == message.role
    assert ["TextPart", "BlobPart"] == [type(part).__name__ for part in message.parts]
    assert Reasoning(effort="low") == request.reasoning
    assert OutputFormat(type="json_object") == request.output
    assert request.max_tokens is None
    assert {"context": [1, 2], "options": {"num_predict": -1}} == request.extra


@pytest.mark.parametrize(
    ("path", "body", "api"),
    [
        ("/api/chat", {"model": "m", "messages": []}, "ollama_chat"),
        ("/api/chat", {"model": "m"}, "other"),
        ("/api/generate", {"model": "m", "prompt": "x"}, "ollama_generate"),
        ("/api/generate", {"prompt": "x"}, "other"),
        ("/api/show", {"model": "m"}, "other"),
    ],
)
def test_calls_of_ollama_are_told_by_their_path(path: str, body: Any, api: str) -> None:
    """The port names the provider."""
    found = identify("POST", f"http://127.0.0.1:11434{path}", {}, body)
    assert (api, "ollama") == (found.api, found.provider)
