"""Bedrock's invoke: what the makers of models are asked and answer, whole and in frames."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from providers.makers import BEDROCK, MAKERS, SAID, Made, words_of
from servers.bedrock import chunk, frame, frames

from pytest_llmreplay.event import (
    Chunk,
    Exchange,
    HttpRequest,
    HttpResponse,
    JsonBody,
    StreamBody,
    TextPart,
    ToolCallPart,
)
from pytest_llmreplay.providers.chat_completions import CHAT_COMPLETIONS
from pytest_llmreplay.providers.invoke import INVOKE
from pytest_llmreplay.providers.registry import identify
from pytest_llmreplay.providers.retelling.answer import without_extra
from pytest_llmreplay.providers.streams.aws_frames import read_frame

METRICS = "amazon-bedrock-invocationMetrics"
makers = pytest.mark.parametrize("made", MAKERS.values(), ids=MAKERS)
streaming = pytest.mark.parametrize(
    "made",
    [made for made in MAKERS.values() if made.pieces],
    ids=[n for n in MAKERS if MAKERS[n].pieces],
)
COUNTED = {
    "x-amzn-bedrock-input-token-count": "11",
    "x-amzn-bedrock-output-token-count": "7",
}


def url(model: str, *, stream: bool = False) -> str:
    """Where a model is invoked."""
    ending = "invoke-with-response-stream" if stream else "invoke"
    return f"{BEDROCK}/model/{quote(model, safe='')}/{ending}"


def request(made: Made, *, stream: bool = False) -> HttpRequest:
    """What a model is asked."""
    return HttpRequest(
        method="POST", url=url(made.model, stream=stream), body=JsonBody(value=made.asked)
    )


def plain(made: Made, answer: Any = None, status: int = 200) -> Exchange:
    """A model's whole answer, with Bedrock's counts in headers."""
    body = JsonBody(value=made.answer if answer is None else answer)
    told = HttpResponse(status=status, headers=COUNTED, body=body)
    return Exchange(request=request(made), response=told)


def streamed(made: Made, pieces: list[bytes]) -> Exchange:
    """A model's answer in these frames."""
    chunks = tuple(Chunk(at=0.0, data=piece) for piece in pieces)
    told = HttpResponse(status=200, body=StreamBody(chunks=chunks))
    return Exchange(request=request(made, stream=True), response=told)


@makers
def test_a_body_is_told_by_what_it_asks(made: Made) -> None:
    """No header and no name of a maker is needed; the path names the model."""
    for stream in (False, True):
        found = identify("POST", url(made.model, stream=stream), {}, made.asked)
        assert ("invoke", "bedrock", made.model) == (found.api, found.provider, found.model)
    arn = "arn:aws:bedrock:us-east-1:1:application-inference-profile/x1"
    assert "invoke" == identify("POST", url(arn), {}, made.asked).api


@pytest.mark.parametrize(
    ("model", "body", "expected"),
    [
        ("anthropic.claude-3", {"anthropic_version": "bedrock", "messages": []}, "messages"),
        ("amazon.titan-embed-text-v2:0", {"inputText": "a"}, "embeddings"),
        ("cohere.embed-v4:0", {"texts": ["a"], "input_type": "x"}, "embeddings"),
        ("cohere.rerank-v3-5:0", {"query": "a", "documents": ["b"]}, "other"),
        ("stability.stable-image-ultra-v1:1", {"prompt": "a cat"}, "other"),
        ("amazon.titan-image-generator-v2:0", {"taskType": "TEXT_IMAGE"}, "other"),
    ],
)
def test_what_is_no_answer_in_words_is_another_format(model: str, body: Any, expected: str) -> None:
    """Claude's messages, vectors, ranks and images."""
    assert expected == identify("POST", url(model), {}, body).api


@makers
def test_a_request_is_read(made: Made) -> None:
    """What the user says, the limit, and that a stream is asked for by the path alone."""
    for stream in (False, True):
        told = INVOKE.request(
            Exchange(request=request(made, stream=stream), response=HttpResponse(status=200))
        )
        assert (made.model, stream, 100) == (told.model, told.stream, told.max_tokens)
        (message,) = told.messages
        assert "user" == message.role
        assert "What about jobs?" in str(message.parts[0].content)
        assert {} == told.extra


@makers
def test_an_answer_is_read(made: Made) -> None:
    """Words, ending and tokens; Bedrock's headers count them where the body does not."""
    answer = INVOKE.response(plain(made))
    assert (SAID, "stop", None) == (answer.text, answer.finish_reason, answer.error)
    assert (11, 7) == (answer.usage.input_tokens, answer.usage.output_tokens)


@makers
def test_an_answer_is_written_as_it_came(made: Made) -> None:
    """Nothing is added, and nothing is lost."""
    assert made.answer == INVOKE.encode_response(INVOKE.response(plain(made)))


@streaming
def test_a_stream_is_read(made: Made) -> None:
    """Words, ending and tokens, however the maker cuts them."""
    pieces = frames(*map(chunk, made.pieces))
    answer = INVOKE.response(streamed(made, pieces))
    assert (SAID, "stop", None) == (answer.text, answer.finish_reason, answer.error)
    assert (11, 7) == (answer.usage.input_tokens, answer.usage.output_tokens)
    assert not answer.truncated
    assert [False] * (len(pieces) - 1) + [True] == [INVOKE.is_end(piece) for piece in pieces]


@streaming
@pytest.mark.parametrize("pieces", [None, 1, 2])
def test_a_stream_is_written_in_frames(made: Made, pieces: int | None) -> None:
    """It amounts to the same answer, and tells in its last frame what Bedrock measured."""
    told = INVOKE.encode_stream(INVOKE.response(plain(made)), pieces=pieces)
    assembled = INVOKE.assemble(told)
    assert assembled.complete
    assert isinstance(assembled.body, dict)
    measured = assembled.body.pop(METRICS)
    assert {"inputTokenCount": 11, "outputTokenCount": 7} == measured
    assert made.answer == assembled.body


@streaming
def test_a_cut_stream_is_truncated(made: Made) -> None:
    """What came before is kept."""
    answer = INVOKE.response(streamed(made, frames(*map(chunk, made.pieces[:2]))))
    assert answer.truncated
    assert answer.text.startswith("The ")
    again = INVOKE.response(streamed(made, INVOKE.encode_stream(answer)))
    assert (answer.text, True) == (again.text, again.truncated)


@streaming
def test_an_exception_ends_a_stream(made: Made) -> None:
    """What was said before stands beside it, and it is written again."""
    failed = frame("modelStreamErrorException", b'{"message": "gone"}', "exception")
    first = frames(*map(chunk, made.pieces[:2]))
    answer = INVOKE.response(streamed(made, [*first, failed]))
    assert answer.error is not None
    assert ("modelStreamErrorException", "gone") == (answer.error.type, answer.error.message)
    assert answer.text.startswith("The ")
    again = INVOKE.response(streamed(made, INVOKE.encode_stream(answer)))
    assert again.error is not None
    assert ("modelStreamErrorException", answer.text) == (again.error.type, again.text)


def test_a_damaged_stream_is_an_error() -> None:
    """As its client says."""
    first, second, *_ = frames(*map(chunk, MAKERS["llama"].pieces))
    damaged = second[:-1] + bytes([second[-1] ^ 1])
    answer = INVOKE.response(streamed(MAKERS["llama"], [first, damaged]))
    assert answer.error is not None
    assert ("damaged_stream", "The ") == (answer.error.type, answer.text)


def test_a_piece_that_cannot_be_read_is_passed_over() -> None:
    """One that is no base64, and the word with which Writer's models end."""
    odd = ("chunk", {"bytes": "???"})
    pieces = [chunk("[DONE]"), odd, *map(chunk, MAKERS["deepseek"].pieces)]
    assert SAID == INVOKE.response(streamed(MAKERS["deepseek"], frames(*pieces))).text


@pytest.mark.parametrize("odd", ["\ud800", "k" * 70_000], ids=["lone-surrogate", "long"])
def test_an_event_of_nova_that_nobody_knows_is_passed_over(odd: str) -> None:
    """Whatever its name, as one that would fit into no frame of converse."""
    pieces = map(chunk, [{odd: {"contentBlockIndex": 0}}, *MAKERS["nova"].pieces])
    assert SAID == INVOKE.response(streamed(MAKERS["nova"], frames(*pieces))).text


@makers
def test_a_refusal_is_an_error(made: Made) -> None:
    """Bedrock's own, for every maker alike."""
    answer = INVOKE.response(plain(made, {"message": "slower"}, 429))
    assert answer.error is not None
    assert (429, "slower") == (answer.error.status, answer.error.message)
    assert {"message": "slower"} == INVOKE.encode_response(answer)
    assert {"message": "x"} == INVOKE.encode_error(400, None, "x")


@makers
def test_an_answer_of_another_format_is_written_as_the_maker_does(made: Made) -> None:
    """For a client that reads the words of this maker alone; with the reason that it knows."""
    body = {
        "choices": [{"message": {"role": "assistant", "content": SAID}, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 7},
    }
    foreign = without_extra(CHAT_COMPLETIONS.response(plain(made, body)))
    known = INVOKE.answering(request(made))
    written = known.encode_response(foreign)
    history = {"chat_history": None}
    assert set(words_of(made.answer | history)) <= set(words_of(written))
    read = INVOKE.response(plain(made, written))
    assert (SAID, "length", None) == (read.text, read.finish_reason, read.error)
    if made.pieces:
        again = INVOKE.response(streamed(made, known.encode_stream(foreign)))
        assert (SAID, "length", 7) == (again.text, again.finish_reason, again.usage.output_tokens)
        first = _inner(known.encode_stream(foreign)[1])
        assert set(words_of(first)) & set(words_of(made.pieces[1]))


def _inner(raw: bytes) -> Any:
    """The piece in a frame."""
    told = read_frame(raw)
    assert told is not None
    return json.loads(base64.b64decode(json.loads(told.payload)["bytes"]))


@pytest.mark.parametrize(
    ("maker", "key", "word", "expected"),
    [
        ("titan", "completionReason", "CONTENT_FILTERED", "content_filter"),
        ("llama", "stop_reason", "length", "length"),
        ("command", "finish_reason", "MAX_TOKENS", "length"),
        ("command", "finish_reason", "ERROR_TOXIC", "content_filter"),
        ("claude", "stop_reason", "max_tokens", "length"),
        ("mistral chat", "stop_reason", "length", "length"),
        ("llama", "stop_reason", "because", None),
    ],
)
def test_an_ending_has_its_class(maker: str, key: str, word: str, expected: str | None) -> None:
    """In the words of each maker; one that nobody knows is written again."""
    body = json.loads(
        json.dumps(MAKERS[maker].answer),
        object_hook=lambda one: one | ({key: word} if key in one else {}),
    )
    answer = INVOKE.response(plain(MAKERS[maker], body))
    assert expected == answer.finish_reason
    assert body == INVOKE.encode_response(answer)


def test_several_answers_are_choices() -> None:
    """Each is put together by its own index."""
    pieces = [
        {"index": 0, "is_finished": False, "text": "On"},
        {"index": 1, "is_finished": False, "text": "Tw"},
        {"index": 0, "is_finished": False, "text": "e"},
        {"index": 1, "is_finished": False, "text": "o"},
        {"index": 0, "is_finished": True, "finish_reason": "COMPLETE"},
        {"index": 1, "is_finished": True, "finish_reason": "MAX_TOKENS"},
    ]
    answer = INVOKE.response(streamed(MAKERS["command"], frames(*map(chunk, pieces))))
    said = [(choice.message.parts, choice.finish_reason) for choice in answer.choices]
    assert [((TextPart(content="One"),), "stop"), ((TextPart(content="Two"),), "length")] == said


def test_a_call_of_nova_is_read_and_its_session_told() -> None:
    """Tools, their calls and their results, as converse has them."""
    spec = {"name": "weather", "inputSchema": {"json": {"type": "object"}}}
    use = {"toolUse": {"name": "weather", "toolUseId": "t1", "input": {"city": "Oslo"}}}
    made = MAKERS["nova"]
    body = made.answer | {
        "output": {"message": {"role": "assistant", "content": [use]}},
        "stopReason": "tool_use",
    }
    answer = INVOKE.response(plain(made, body))
    (call,) = answer.tool_calls
    assert ToolCallPart(id="t1", name="weather", arguments={"city": "Oslo"}) == call
    assert "tool_call" == answer.finish_reason
    assert body == INVOKE.encode_response(answer)
    result = {"toolResult": {"toolUseId": "t1", "content": [{"json": {"sun": True}}]}}
    asked = made.asked | {
        "toolConfig": {"tools": [{"toolSpec": spec}]},
        "inferenceConfig": {"max_new_tokens": 50, "topK": 5, "top_p": 0.5},
        "messages": [
            *made.asked["messages"],
            {"role": "assistant", "content": [use]},
            {"role": "user", "content": [result]},
        ],
    }
    again = HttpRequest(method="POST", url=url(made.model), body=JsonBody(value=asked))
    told = INVOKE.request(Exchange(request=again, response=HttpResponse(status=200)))
    assert ("weather",) == tuple(tool.name for tool in told.tools)
    assert (50, 5, 0.5) == (told.max_tokens, told.top_k, told.top_p)
    transcript = INVOKE.answering(again).transcript
    assert transcript is not None
    (turn,) = transcript.said(transcript.entries(asked) or [])
    assert ("weather",) == tuple(called.name for called in turn.calls)


def test_a_prompt_s_parameters_are_read() -> None:
    """In the names of each maker; images stand beside the words."""
    bodies: dict[str, Any] = {
        "top_p": ({"p": 0.5}, {"topP": 0.5}, {"top_p": 0.5}),
        "top_k": ({"k": 5}, {"topK": 5}, {"top_k": 5}),
        "stop_sequences": ({"stop": ["X"]}, {"stop_sequences": ["X"]}, {"stopSequences": ["X"]}),
    }
    expected: dict[str, Any] = {"top_p": 0.5, "top_k": 5, "stop_sequences": ("X",)}
    for name, spellings in bodies.items():
        for spelling in spellings:
            asked = HttpRequest(
                method="POST", url=url("x"), body=JsonBody(value={"prompt": "a", **spelling})
            )
            told = INVOKE.request(Exchange(request=asked, response=HttpResponse(status=200)))
            assert (expected[name], {}) == (getattr(told, name), told.extra)


def test_a_body_that_asks_nothing_is_kept() -> None:
    """Whole, as one edited by hand may be."""
    asked = HttpRequest(method="POST", url=url("x"), body=JsonBody(value={"a": 1}))
    told = INVOKE.request(Exchange(request=asked, response=HttpResponse(status=200)))
    assert ({"a": 1}, ()) == (told.extra, told.messages)


def test_a_model_is_named_by_the_path() -> None:
    """The body of another model is the same."""
    assert {"prompt": "a"} == INVOKE.with_model({"prompt": "a"}, "other")
