"""What is written in messages is accepted by the real SDK."""

from __future__ import annotations

import json
from typing import Any

import anthropic
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
from pytest_llmreplay.providers.messages import MESSAGES

ASKED: Any = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}


SAID = made(
    ReasoningPart(content="they want a number", signature="c2ln", format="anthropic"),
    ReasoningPart(content="", encrypted="AA==", format="anthropic"),
    TextPart(content="The answer\nis 42."),
    usage=Usage(
        input_tokens=10,
        output_tokens=7,
        cache_read_input_tokens=2,
        cache_write_input_tokens=3,
        reasoning_output_tokens=4,
    ),
)
CALLED = made(
    TextPart(content="Let me see."),
    ToolCallPart(name="find", arguments={"query": "jobs and wages", "n": 3}),
    ToolCallPart(name="now", arguments={}, id="toolu_2"),
    finish="tool_call",
)
REFUSED = made(RefusalPart(content="I can't."))


client_of = client_fixture(anthropic, anthropic.Anthropic)


def plain(response: Response) -> bytes:
    """The bytes of a plain answer."""
    return json.dumps(MESSAGES.encode_response(response)).encode()


def test_a_plain_answer_is_typed(client_of: Any) -> None:
    """Thoughts, words and usage arrive in the SDK's own types; the cache is counted apart."""
    message = client_of(plain(SAID)).messages.create(**ASKED)
    thought, redacted, words = message.content
    assert ("they want a number", "c2ln") == (thought.thinking, thought.signature)
    assert ("AA==", "The answer\nis 42.") == (redacted.data, words.text)
    assert "end_turn" == message.stop_reason
    assert (5, 2, 3, 7) == (
        message.usage.input_tokens,
        message.usage.cache_read_input_tokens,
        message.usage.cache_creation_input_tokens,
        message.usage.output_tokens,
    )


def test_plain_calls_are_typed(client_of: Any) -> None:
    """Calls have ids, names and an object of arguments."""
    message = client_of(plain(CALLED)).messages.create(**ASKED)
    _, first, second = message.content
    assert ("find", {"query": "jobs and wages", "n": 3}) == (first.name, first.input)
    assert first.id.startswith("toolu_")
    assert ("toolu_2", {}) == (second.id, second.input)
    assert "tool_use" == message.stop_reason


def test_a_plain_refusal_is_typed(client_of: Any) -> None:
    """A refusal is a stop reason, its words are text."""
    message = client_of(plain(REFUSED)).messages.create(**ASKED)
    assert ("refusal", "I can't.") == (message.stop_reason, message.content[0].text)


def test_a_stream_is_read_event_by_event(client_of: Any) -> None:
    """The events come in the order that the protocol demands."""
    content = b"".join(MESSAGES.encode_stream(SAID, pieces=2))
    stream = client_of(content, stream=True).messages.create(**ASKED, stream=True)
    kinds = [event.type for event in stream]
    assert "message_start" == kinds[0]
    assert ["message_delta", "message_stop"] == kinds[-2:]
    assert 3 == kinds.count("content_block_start") == kinds.count("content_block_stop")


def contents(message: Any) -> list[dict[str, Any]]:
    """The blocks, without what they do not have: old versions say so, others leave it out."""
    return [block.model_dump(exclude_none=True) for block in message.content]


@needs(anthropic="0.47")
@pytest.mark.parametrize("pieces", [None, 1, 3])
@pytest.mark.parametrize("response", [SAID, CALLED, REFUSED])
def test_the_stream_helper_gathers_the_same_answer(
    client_of: Any, response: Response, pieces: int | None
) -> None:
    """The helper ends with the plain message."""
    content = b"".join(MESSAGES.encode_stream(response, pieces=pieces))
    with client_of(content, stream=True).messages.stream(**ASKED) as stream:
        said = "".join(stream.text_stream)
        gathered = stream.get_final_message()
    whole = client_of(plain(response)).messages.create(**ASKED)
    assert contents(whole) == contents(gathered)
    assert whole.stop_reason == gathered.stop_reason
    assert whole.usage.input_tokens == gathered.usage.input_tokens
    assert whole.usage.output_tokens == gathered.usage.output_tokens
    assert "".join(block.text for block in whole.content if block.type == "text") == said


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, anthropic.BadRequestError),
        (401, anthropic.AuthenticationError),
        (429, anthropic.RateLimitError),
        (529, anthropic.APIStatusError),
    ],
)
def test_an_error_is_raised(client_of: Any, status: int, expected: type[Exception]) -> None:
    """Status and body make the SDK's own exception."""
    content = json.dumps(MESSAGES.encode_error(status, None, "said why")).encode()
    with pytest.raises(expected, match="said why"):
        client_of(content, status=status).messages.create(**ASKED)


def test_an_error_in_the_stream_is_raised(client_of: Any) -> None:
    """After the words that came before it."""
    error = ResponseError(status=None, type="overloaded_error", message="said why")
    content = b"".join(MESSAGES.encode_stream(made(TextPart(content="The"), error=error)))
    stream = client_of(content, stream=True).messages.create(**ASKED, stream=True)
    said: list[str] = []
    with pytest.raises(anthropic.APIStatusError, match="said why"):
        said.extend(event.type for event in stream)
    assert "content_block_delta" in said


def test_a_truncated_stream_ends_early(client_of: Any) -> None:
    """The SDK sees the words, and no stop reason."""
    content = b"".join(MESSAGES.encode_stream(made(TextPart(content="The"), truncated=True)))
    stream = client_of(content, stream=True).messages.create(**ASKED, stream=True)
    kinds = [event.type for event in stream]
    assert "content_block_delta" in kinds
    assert "message_stop" not in kinds
