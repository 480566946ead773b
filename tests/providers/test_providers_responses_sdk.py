"""What is written in responses is accepted by the real SDK."""

from __future__ import annotations

import json
from typing import Any

import openai
import pydantic
import pytest
from providers.made_answers import made
from sdk_clients import client_fixture, needs

from pytest_llmreplay.event import (
    BlobPart,
    ReasoningPart,
    RefusalPart,
    Response,
    ResponseError,
    TextPart,
    ToolCallPart,
    Usage,
)
from pytest_llmreplay.providers.responses import RESPONSES

pytestmark = needs(openai="2.0")

SAID = made(
    ReasoningPart(content="they want a number"),
    TextPart(content="The answer\nis 42."),
    TextPart(content=" Really."),
    usage=Usage(input_tokens=5, output_tokens=7, cache_read_input_tokens=2),
)
CALLED = made(
    TextPart(content="I look."),
    ToolCallPart(name="find", arguments={"query": "jobs and wages"}),
    ToolCallPart(name="now", arguments={}, id="call_2"),
    ToolCallPart(name="write", arguments="a b", extra={"type": "custom"}),
    finish="tool_call",
)
REFUSED = made(RefusalPart(content="I can't."))
DRAWN = made(BlobPart(modality="image", content="AAAA", mime_type="image/png"))
CUT = made(TextPart(content="The"), finish="length")


client_of = client_fixture(openai, openai.OpenAI)


def plain(response: Response) -> bytes:
    """The bytes of a plain answer."""
    return json.dumps(RESPONSES.encode_response(response)).encode()


def test_a_plain_answer_is_typed(client_of: Any) -> None:
    """Words, thoughts, status and usage arrive in the SDK's own types."""
    response = client_of(plain(SAID)).responses.create(model="m", input="hi")
    assert "The answer\nis 42. Really." == response.output_text
    assert ["reasoning", "message"] == [item.type for item in response.output]
    assert "they want a number" == response.output[0].summary[0].text
    assert ("completed", "m") == (response.status, response.model)
    usage = response.usage
    assert (5, 7, 12) == (usage.input_tokens, usage.output_tokens, usage.total_tokens)
    assert (2, 0) == (
        usage.input_tokens_details.cached_tokens,
        usage.output_tokens_details.reasoning_tokens,
    )


@pytest.mark.parametrize("response", [SAID, CALLED, REFUSED, DRAWN, CUT])
def test_a_plain_answer_is_valid(client_of: Any, response: Response) -> None:
    """Every key that the SDK's types demand is there."""
    got = client_of(plain(response)).responses.create(model="m", input="hi")
    openai.types.responses.Response.model_validate_json(json.dumps(got.to_dict()))


def test_plain_calls_are_typed(client_of: Any) -> None:
    """Calls have two ids, names, and arguments as text."""
    response = client_of(plain(CALLED)).responses.create(model="m", input="hi")
    _, first, second, custom = response.output
    assert ("find", '{"query":"jobs and wages"}') == (first.name, first.arguments)
    assert first.call_id
    assert first.id
    assert "call_2" == second.call_id
    assert ("custom_tool_call", "a b") == (custom.type, custom.input)


def test_an_ending_is_told(client_of: Any) -> None:
    """By length, and by a refusal."""
    cut = client_of(plain(CUT)).responses.create(model="m", input="hi")
    assert ("incomplete", "max_output_tokens") == (cut.status, cut.incomplete_details.reason)
    refused = client_of(plain(REFUSED)).responses.create(model="m", input="hi")
    assert ("completed", "I can't.") == (refused.status, refused.output[0].content[0].refusal)


@pytest.mark.parametrize("pieces", [None, 1, 3])
def test_a_stream_is_read_event_by_event(client_of: Any, pieces: int | None) -> None:
    """Words and thoughts arrive in pieces, usage at the end."""
    content = b"".join(RESPONSES.encode_stream(SAID, pieces=pieces))
    events = list(
        client_of(content, stream=True).responses.create(model="m", input="hi", stream=True)
    )
    assert list(range(len(events))) == [event.sequence_number for event in events]
    words = [e.delta for e in events if e.type == "response.output_text.delta"]
    thoughts = [e.delta for e in events if e.type == "response.reasoning_summary_text.delta"]
    assert "The answer\nis 42. Really." == "".join(words)
    assert "they want a number" == "".join(thoughts)
    assert 12 == events[-1].response.usage.total_tokens


@pytest.mark.parametrize("response", [SAID, CALLED, REFUSED, DRAWN])
def test_the_stream_helper_gathers_the_same_answer(client_of: Any, response: Response) -> None:
    """The helper, which demands more than a plain loop, ends with the plain answer."""
    content = b"".join(RESPONSES.encode_stream(response))
    with client_of(content, stream=True).responses.stream(model="m", input="hi") as stream:
        events = [event.type for event in stream]
        gathered = stream.get_final_response()
    whole = client_of(plain(response)).responses.create(model="m", input="hi")
    assert whole.output_text == gathered.output_text
    assert [item.id for item in whole.output] == [item.id for item in gathered.output]
    assert "response.completed" == events[-1]


def test_the_stream_helper_reads_an_answer_that_was_cut(client_of: Any) -> None:
    """Its last event says so."""
    content = b"".join(RESPONSES.encode_stream(CUT))
    with client_of(content, stream=True).responses.stream(model="m", input="hi") as stream:
        *_, last = list(stream)
    assert ("response.incomplete", "max_output_tokens") == (
        last.type,
        last.response.incomplete_details.reason,
    )


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
    content = json.dumps(RESPONSES.encode_error(status, None, "said why")).encode()
    with pytest.raises(expected, match="said why"):
        client_of(content, status=status).responses.create(model="m", input="hi")


def test_an_error_in_the_stream_comes_after_the_words_before_it(client_of: Any) -> None:
    """As an event of its own, or as the SDK's exception, by the SDK's version."""
    error = ResponseError(status=None, type="server_error", message="said why")
    content = b"".join(RESPONSES.encode_stream(made(TextPart(content="The"), error=error)))
    stream = client_of(content, stream=True).responses.create(model="m", input="hi", stream=True)
    told: list[str] = []
    try:
        told.extend(
            getattr(event, "delta", None) or getattr(event, "message", None) or ""
            for event in stream
        )
    except openai.APIError as raised:
        told.append(raised.message)
    assert ["The", "said why"] == [words for words in told if words]


def test_structured_output_is_parsed(client_of: Any) -> None:
    """A written answer feeds the SDK's parser, plain and in a stream."""

    class Number(pydantic.BaseModel):
        n: int

    said = made(TextPart(content='{"n": 42}'))
    parsed = client_of(plain(said)).responses.parse(model="m", input="hi", text_format=Number)
    assert 42 == parsed.output_parsed.n
    content = b"".join(RESPONSES.encode_stream(said))
    with client_of(content, stream=True).responses.stream(
        model="m", input="hi", text_format=Number
    ) as stream:
        assert 42 == stream.get_final_response().output_parsed.n
