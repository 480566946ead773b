"""The format `completions`: prompts, texts, log probabilities, streams."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import openai
import pytest

from pytest_llmreplay.event import (
    Choice,
    Chunk,
    Event,
    Exchange,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
    Message,
    Response,
    StreamBody,
    TextPart,
    Usage,
)
from pytest_llmreplay.providers.completions import COMPLETIONS
from pytest_llmreplay.providers.registry import identify
from pytest_llmreplay.replay.simulated import EVENT_HEADER, SimulatedServer
from pytest_llmreplay.replay.unsent.hosted import refusal

Make = Callable[..., Exchange]

LOGPROBS = {"tokens": [" jumps", " over"], "token_logprobs": [-0.1, -0.2], "text_offset": [0, 6]}
BODY: dict[str, Any] = {
    "id": "cmpl-1",
    "object": "text_completion",
    "created": 1,
    "model": "davinci-002",
    "choices": [
        {"text": " jumps over", "index": 0, "logprobs": LOGPROBS, "finish_reason": "length"},
        {"text": "", "index": 1, "logprobs": None, "finish_reason": "stop"},
    ],
    "usage": {"prompt_tokens": 4, "completion_tokens": 2, "total_tokens": 6},
}


def chunk(text: str, index: int = 0, finish: str | None = None, logprobs: Any = None) -> Any:
    """One event of a stream."""
    choice = {"text": text, "index": index, "logprobs": logprobs, "finish_reason": finish}
    head = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "davinci-002"}
    return head | {"choices": [choice]}


def test_the_path_and_a_prompt_name_a_call() -> None:
    """A text, several, or token ids: posted to `/completions`."""
    url = "http://127.0.0.1:8080/v1/completions"
    prompts: list[Json] = ["Once", ["a", "b"], [1, 2], [[1], [2]]]
    for prompt in prompts:
        found = identify("POST", url, {}, {"model": "m", "prompt": prompt})
        assert ("completions", "m") == (found.api, found.model)
    assert "other" == identify("POST", url, {}, {"messages": []}).api


def test_each_prompt_is_a_message(asked: Make) -> None:
    """The parameters have the names that all formats share; the rest is kept."""
    body = {"model": "m", "prompt": ["one", [1, 2]], "max_tokens": 5, "stop": "\n", "echo": True}
    request = COMPLETIONS.request(asked(body | {"logprobs": 2, "n": 3, "seed": 7}))
    told = [getattr(m.parts[0], "content", None) or m.parts[0] for m in request.messages]
    assert "one" == told[0]
    assert "UnknownPart" == type(told[1]).__name__
    assert (5, ("\n",), 3, 7) == (
        request.max_tokens,
        request.stop_sequences,
        request.choice_count,
        request.seed,
    )
    assert {"echo": True, "logprobs": 2} == request.extra
    (only,) = COMPLETIONS.request(asked({"prompt": [5, 6]})).messages
    assert "tokens" == getattr(only.parts[0], "type", None)
    assert () == COMPLETIONS.request(asked({"model": "m"})).messages
    hidden = COMPLETIONS.request(asked({"prompt": "x", "messages": [1]}))
    assert {"messages": [1]} == hidden.extra


def test_an_answer_is_read_and_written_as_it_was(answered: Make) -> None:
    """Text, ending, usage and log probabilities."""
    response = COMPLETIONS.response(answered(BODY))
    assert (" jumps over", "length") == (response.text, response.finish_reason)
    assert (4, 2) == (response.usage.input_tokens, response.usage.output_tokens)
    assert "stop" == response.choices[1].finish_reason
    assert BODY == COMPLETIONS.encode_response(response)
    odd = {"choices": [7, {"index": 0}], "usage": {}}
    assert odd == COMPLETIONS.encode_response(COMPLETIONS.response(answered(odd)))


def test_an_answer_of_another_format_gets_what_clients_need() -> None:
    """Tool calls end a text as `stop`, the only word that is left."""
    message = Message(role="assistant", parts=(TextPart(content="Hi"),))
    response = Response(
        model="m",
        choices=(Choice(message=message, finish_reason="tool_call"),),
        usage=Usage(input_tokens=1, output_tokens=2),
    )
    body: Any = COMPLETIONS.encode_response(response)
    assert [{"text": "Hi", "index": 0, "logprobs": None, "finish_reason": "stop"}] == body[
        "choices"
    ]
    assert {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3} == body["usage"]
    assert body["id"].startswith("cmpl-")
    unfinished = replace(response, choices=(Choice(message=message, finish_reason=None),))
    body = COMPLETIONS.encode_response(unfinished)
    assert body["choices"][0]["finish_reason"] is None


def test_a_stream_is_put_together(streamed: Make) -> None:
    """Texts and log probabilities grow per choice, usage comes last, `[DONE]` ends it."""
    first = {"tokens": [" jumps"], "token_logprobs": [-0.1], "text_offset": [0]}
    more = {"tokens": [" over"], "token_logprobs": [-0.2], "text_offset": [6]}
    events = [
        chunk(" jumps", logprobs=first),
        chunk("", 1),
        chunk(" over", finish="length", logprobs=more),
        chunk("", 1, "stop"),
        {**chunk(""), "choices": [], "usage": BODY["usage"]},
        b"data: [DONE]\n\n",
    ]
    response = COMPLETIONS.response(streamed(*events))
    assert BODY == COMPLETIONS.encode_response(response)
    assert not response.truncated
    assert COMPLETIONS.response(streamed(*events[:-1])).truncated
    assert COMPLETIONS.is_end(b"data: [DONE]\n\n")


def test_many_pieces_are_read_at_once(streamed: Make) -> None:
    """A long stream of plain pieces, and an error in its middle."""
    events = [chunk(f"word {number} ") for number in range(50)]
    response = COMPLETIONS.response(streamed(*events, b"data: [DONE]\n\n"))
    assert "".join(f"word {number} " for number in range(50)) == response.text
    broken = COMPLETIONS.response(streamed(*events[:2], {"error": {"message": "no", "code": 500}}))
    assert ("word 0 word 1 ", "no") == (broken.text, broken.error and broken.error.message)


def test_a_written_stream_says_the_same(streamed: Make) -> None:
    """Whatever is written is read again, in any number of pieces, and errors end it."""
    body = BODY | {"choices": [BODY["choices"][0] | {"logprobs": None}]}
    response = COMPLETIONS.response(streamed(body, b"data: [DONE]\n\n"))
    for pieces in (None, 1, 2):
        events = COMPLETIONS.encode_stream(response, pieces=pieces)
        assert body == COMPLETIONS.assemble(events).body
    assert "usage" not in str(COMPLETIONS.encode_stream(response, usage=False))
    failed = COMPLETIONS.response(streamed(chunk("a "), {"error": {"message": "no"}}))
    assert b'"no"' in COMPLETIONS.encode_stream(failed)[-1]
    assert "no" == COMPLETIONS.encode_response(failed)["error"]["message"]  # type: ignore[index,call-overload]


def test_a_prompt_is_no_stored_prompt() -> None:
    """Only an object names what is stored in the account."""
    assert refusal({"prompt": "Once upon a time"}, ()) is None
    assert "prompt" in (refusal({"prompt": {"id": "pmpt_1"}}, ()) or "")


@pytest.mark.parametrize("model", ["steady", "wording", "truncated", "refusal", "verbose"])
@pytest.mark.parametrize("stream", [False, True])
def test_simulated_models_answer_the_sdk(model: str, stream: bool) -> None:
    """OpenAI's SDK reads what simulated models say, plain and in pieces, recorded either way."""
    event = recorded(stream=not stream)
    with SimulatedServer(model, recorded={"1": event}.get) as server:
        base_url = server.base_urls["completions"]
        with openai.OpenAI(base_url=base_url, api_key="k", max_retries=0) as client:
            create: Any = client.completions.create
            answer = create(
                model="m", prompt="The fox", stream=stream, extra_headers={EVENT_HEADER: "1"}
            )
            pieces = list(answer) if stream else [answer]
    text = "".join(piece.choices[0].text for piece in pieces if piece.choices)
    ends = [piece.choices[0].finish_reason for piece in pieces if piece.choices]
    said = "It is big because it can jump."
    assert (said == text) == (model == "steady")
    assert ("length" if model == "truncated" else "stop") == ends[-1]


def recorded(*, stream: bool) -> Event:
    """A recorded event."""
    said = chunk("It is big because it can jump.", finish="stop")
    data = f"data: {json.dumps(said)}\n\ndata: [DONE]\n\n".encode()
    chunks = (Chunk(at=0.0, data=data),)
    body = StreamBody(chunks=chunks) if stream else JsonBody(value=said)
    kind = "text/event-stream" if stream else "application/json"
    request = HttpRequest(
        method="POST", url="http://t/v1/completions", body=JsonBody(value={"prompt": "The fox"})
    )
    return Event(
        number=1,
        provider="openai",
        model="m",
        api="completions",
        exchange=Exchange(
            request=request,
            response=HttpResponse(status=200, headers={"content-type": kind}, body=body),
        ),
        decoder=COMPLETIONS,
    )
