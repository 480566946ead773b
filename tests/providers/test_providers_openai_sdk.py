"""What is written in chat completions is accepted by the real SDK."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
from providers.made_answers import made
from sdk_clients import client_fixture, needs

from pytest_llmreplay.event import (
    ReasoningPart,
    RefusalPart,
    Response,
    ResponseError,
    TextPart,
    ToolCallPart,
    Usage,
)
from pytest_llmreplay.providers.chat_completions import CHAT_COMPLETIONS as CHAT

MESSAGES: Any = [{"role": "user", "content": "hi"}]


SAID = made(
    ReasoningPart(content="they want a number"),
    TextPart(content="The answer\nis 42."),
    usage=Usage(input_tokens=5, output_tokens=7, cache_read_input_tokens=2),
)
CALLED = made(
    ToolCallPart(name="find", arguments={"query": "jobs and wages"}),
    ToolCallPart(name="now", arguments={}, id="call_2"),
    finish="tool_call",
)


client_of = client_fixture(openai, openai.OpenAI)


def plain(response: Response) -> bytes:
    """The bytes of a plain answer."""
    return json.dumps(CHAT.encode_response(response)).encode()


@needs(openai="1.55")
def test_a_plain_answer_is_typed(client_of: Any) -> None:
    """Words, reason and usage arrive in the SDK's own types."""
    completion = client_of(plain(SAID)).chat.completions.create(model="m", messages=MESSAGES)
    assert "The answer\nis 42." == completion.choices[0].message.content
    assert "they want a number" == completion.choices[0].message.reasoning_content
    assert "stop" == completion.choices[0].finish_reason
    assert (5, 7, 12) == (
        completion.usage.prompt_tokens,
        completion.usage.completion_tokens,
        completion.usage.total_tokens,
    )
    assert 2 == completion.usage.prompt_tokens_details.cached_tokens
    openai.types.chat.ChatCompletion.model_validate(completion.to_dict(), strict=True)


def test_plain_calls_are_typed(client_of: Any) -> None:
    """Calls have ids, names and arguments as text."""
    completion = client_of(plain(CALLED)).chat.completions.create(model="m", messages=MESSAGES)
    first, second = completion.choices[0].message.tool_calls
    assert ("find", '{"query":"jobs and wages"}') == (first.function.name, first.function.arguments)
    assert first.id
    assert "call_2" == second.id
    assert "tool_calls" == completion.choices[0].finish_reason
    openai.types.chat.ChatCompletion.model_validate(completion.to_dict(), strict=True)


def test_a_plain_refusal_is_typed(client_of: Any) -> None:
    """A refusal stands where the SDK looks for it."""
    content = plain(made(RefusalPart(content="I can't.")))
    completion = client_of(content).chat.completions.create(model="m", messages=MESSAGES)
    assert "I can't." == completion.choices[0].message.refusal
    assert completion.choices[0].message.content is None


@pytest.mark.parametrize("pieces", [None, 1, 3])
def test_a_stream_is_read_chunk_by_chunk(client_of: Any, pieces: int | None) -> None:
    """Words and thoughts arrive in pieces, usage at the end."""
    content = b"".join(CHAT.encode_stream(SAID, pieces=pieces))
    stream = client_of(content, stream=True).chat.completions.create(
        model="m", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert "The answer\nis 42." == "".join(delta.content or "" for delta in deltas)
    thoughts = [getattr(delta, "reasoning_content", None) or "" for delta in deltas]
    assert "they want a number" == "".join(thoughts)
    assert 12 == chunks[-1].usage.total_tokens
    assert 1 == len({chunk.id for chunk in chunks})


@needs(openai="1.92")
@pytest.mark.parametrize("response", [SAID, CALLED, made(RefusalPart(content="I can't."))])
def test_the_stream_helper_gathers_the_same_answer(client_of: Any, response: Response) -> None:
    """The helper, which demands more than a plain loop, ends with the plain answer."""
    content = b"".join(CHAT.encode_stream(response))
    with client_of(content, stream=True).chat.completions.stream(
        model="m", messages=MESSAGES
    ) as stream:
        events = [event.type for event in stream]
        gathered = stream.get_final_completion()
    whole = client_of(plain(response)).chat.completions.create(model="m", messages=MESSAGES)
    message, expected = gathered.choices[0].message, whole.choices[0].message
    assert expected.content == message.content
    assert expected.refusal == message.refusal
    assert [call.function.arguments for call in expected.tool_calls or ()] == [
        call.function.arguments for call in message.tool_calls or ()
    ]
    assert [call.id for call in expected.tool_calls or ()] == [
        call.id for call in message.tool_calls or ()
    ]
    assert whole.choices[0].finish_reason == gathered.choices[0].finish_reason
    assert events


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (404, openai.NotFoundError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
    ],
)
def test_an_error_is_raised(client_of: Any, status: int, expected: type[Exception]) -> None:
    """Status and body make the SDK's own exception."""
    content = json.dumps(CHAT.encode_error(status, None, "said why")).encode()
    with pytest.raises(expected, match="said why"):
        client_of(content, status=status).chat.completions.create(model="m", messages=MESSAGES)


def test_an_error_in_the_stream_is_raised(client_of: Any) -> None:
    """After the words that came before it."""
    error = ResponseError(status=None, type="server_error", message="said why")
    content = b"".join(CHAT.encode_stream(made(TextPart(content="The"), error=error)))
    stream = client_of(content, stream=True).chat.completions.create(
        model="m", messages=MESSAGES, stream=True
    )
    said: list[str] = []
    with pytest.raises(openai.APIError, match="said why"):
        said.extend(chunk.choices[0].delta.content or "" for chunk in stream)
    assert ["", "The"] == said


@needs(openai="1.92")
def test_structured_output_is_parsed(client_of: Any) -> None:
    """A written answer feeds the SDK's parser."""
    content = plain(made(TextPart(content='{"n": 42}')))
    completion = client_of(content).chat.completions.parse(model="m", messages=MESSAGES)
    assert '{"n": 42}' == completion.choices[0].message.content
