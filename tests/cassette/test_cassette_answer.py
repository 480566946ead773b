"""Answers in words: derived from a stream, compared with it, played without it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from cassette.made_events import answer, event, request, streamed

from pytest_llmreplay.cassette.documents.answer import answer_of, check_answer, response_of_answer
from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.cassette.documents.header import Header
from pytest_llmreplay.cassette.documents.layout import event_text
from pytest_llmreplay.cassette.yaml_text.fields import WrongField
from pytest_llmreplay.errors import CassetteDamaged
from pytest_llmreplay.event import (
    BlobPart,
    Choice,
    CompactionPart,
    FilePart,
    FinishReason,
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
    StreamBody,
    TextPart,
    ToolCallPart,
    UnknownPart,
    UriPart,
)


def said(*parts: Part, reason: FinishReason | None = "stop") -> Response:
    """An answer of one choice."""
    message = Message(role="assistant", parts=parts)
    return Response(choices=(Choice(message=message, finish_reason=reason),))


TOLD: list[tuple[Response, Json]] = [
    (Response(), []),
    (
        said(ReasoningPart(content="hm"), TextPart(content="hi"), RefusalPart(content="no")),
        [{"reasoning": "hm"}, {"text": "hi"}, {"refusal": "no"}, {"finish_reason": "stop"}],
    ),
    (
        said(ToolCallPart(name="f", arguments={"a": 1}, id="c1"), reason="tool_call"),
        [{"tool_call": "f", "arguments": {"a": 1}}, {"finish_reason": "tool_call"}],
    ),
    (
        said(ToolCallPart(name="f", arguments="{broken", id="c1"), reason=None),
        [{"tool_call": "f", "arguments": "{broken"}],
    ),
    (
        replace(
            said(TextPart(content="a")),
            choices=(*said(TextPart(content="a")).choices, *said(TextPart(content="b")).choices),
        ),
        [
            {"text": "a"},
            {"finish_reason": "stop"},
            {"choice": 1},
            {"text": "b"},
            {"finish_reason": "stop"},
        ],
    ),
    (
        Response(error=ResponseError(status=None, type="overloaded", message="busy")),
        [{"error": "busy", "type": "overloaded"}],
    ),
    (Response(error=ResponseError(status=500, type=None, message="busy")), [{"error": "busy"}]),
]

OTHERS: list[tuple[Part, Json]] = [
    (ServerToolCallPart(name="search", raw={"q": 1}), {"other": "search", "content": {"q": 1}}),
    (UnknownPart(type="shell", raw={"cmd": "ls"}), {"other": "shell", "content": {"cmd": "ls"}}),
    (UriPart(modality="image", uri="https://x/y"), {"other": "image", "content": "https://x/y"}),
    (FilePart(modality="audio", file_id="f1"), {"other": "audio", "content": "f1"}),
    (BlobPart(modality="image", content="AA=="), {"other": "image"}),
    (ServerToolCallResponsePart(raw={"type": "result"}), {"other": "result"}),
    (ServerToolCallResponsePart(raw=None), {"other": "servertoolcallresponse"}),
    (CompactionPart(content="x"), {"other": "compaction"}),
]


@pytest.mark.parametrize(("response", "items"), TOLD)
def test_items_of_an_answer(response: Response, items: Json) -> None:
    """Each answer is told in one way, and agrees with itself."""
    assert items == answer_of(response)
    check_answer(items, response, number=1)


@pytest.mark.parametrize(("part", "item"), OTHERS)
def test_parts_that_only_a_stream_can_play_are_shown(part: Part, item: Json) -> None:
    """A reviewer sees what a provider's own tools were asked for."""
    assert [item] == answer_of(said(part, reason=None))
    with pytest.raises(WrongField, match="can be played from the stream only"):
        response_of_answer([item], model="m")


@pytest.mark.parametrize(("response", "items"), TOLD[1:])
def test_words_become_the_answer_again(response: Response, items: Json) -> None:
    """What an answer tells is what it plays."""
    again = answer_of(response_of_answer(items, model="m"))
    usual = [] if response.finish_reason or response.error else [{"finish_reason": "tool_call"}]
    assert items == again[: len(again) - len(usual)]


def test_ending_that_is_not_told_follows_from_the_parts() -> None:
    """A person need not know the words for it."""
    assert "stop" == response_of_answer([{"text": "hi"}], model="m").finish_reason
    assert "tool_call" == response_of_answer([{"tool_call": "f"}], model="m").finish_reason
    assert "stop" == response_of_answer([], model="m").finish_reason


CALL = said(ToolCallPart(name="f", arguments={"a": 1}, id="c1"))
DISAGREEMENTS: list[tuple[Json, int | None]] = [
    ([], None),
    ([{"text": "ok"}], 0),
    ([{"tool_call": "g", "arguments": {"a": 1}}], 0),
    ([{"tool_call": "f", "arguments": {"a": True}}], 0),
    ([{"tool_call": "f", "arguments": {"a": 1}, "id": "c2"}], 0),
    ([{"tool_call": "f", "arguments": {"a": 1}}], None),
    ([{"tool_call": "f", "arguments": {"a": 1}}, {"finish_reason": "length"}], 1),
    ([{"tool_call": "f", "arguments": {"a": 1}}, {"finish_reason": "stop"}, {"text": "ok"}], 2),
]


@pytest.mark.parametrize(("items", "place"), DISAGREEMENTS)
def test_disagreement_names_the_item_and_the_two_ways_out(items: Json, place: int | None) -> None:
    """A reviewer never approves another answer than the one that plays."""
    with pytest.raises(WrongField) as wrong:
        check_answer(items, CALL, number=3)
    assert ("answer", *([] if place is None else [place])) == wrong.value.path
    assert "`answer` of event 3" in str(wrong.value)
    assert "delete `stream` to play the edited answer, or delete `answer`" in str(wrong.value)


def test_an_id_written_by_hand_agrees_with_its_stream() -> None:
    """An id may be told, and then it counts."""
    told: Json = [{"tool_call": "f", "arguments": {"a": 1}, "id": "c1"}, {"finish_reason": "stop"}]
    check_answer(told, CALL, number=1)


@pytest.mark.parametrize(
    "items", ["text", {"text": "a"}, ["a"], [{"text": "a", "refusal": "b"}], [{}], [{"text": 1}]]
)
def test_what_is_no_item_is_refused(items: Json) -> None:
    """An answer is a list of things said."""
    with pytest.raises(WrongField):
        response_of_answer(items, model="m")


def document(text: str) -> EventDocument:
    """The document of an event, apart from any file."""
    return EventDocument.of(text)


def written(came: HttpResponse, *, stream: bool = True, api: str = "chat_completions") -> str:
    """The document of an event that asked for a stream, or did not."""
    sent = request({"model": "m", "stream": stream})
    return event_text(event(sent=sent, came=came, api=api), header=Header())


def without_stream(text: str) -> str:
    """The document after a person deleted `stream`."""
    return text[: text.index("  stream: |")] + "...\n"


def test_streams_are_told_and_plain_answers_are_not() -> None:
    """A plain answer can be read as it is."""
    told = "answer:\n- text: hello you\n- finish_reason: stop\nresponse:\n"
    assert told in written(streamed("hello ", "you"))
    assert "answer:" not in written(answer(), stream=False)
    assert "answer:" not in written(replace(streamed(), status=200), api="other")


def test_edited_answer_plays_as_a_stream() -> None:
    """Delete the stream, edit the words, and the words are what the application gets."""
    text = without_stream(written(streamed("hello"))).replace("text: hello", "text: good bye")
    played = document(text).event
    assert isinstance(played.exchange.response, HttpResponse)
    assert isinstance(played.exchange.response.body, StreamBody)
    assert b"data: [DONE]\n\n" == played.exchange.response.body.chunks[-1].data
    assert ("good bye", "stop") == (played.response.text, played.response.finish_reason)


def test_edited_answer_of_a_plain_call_plays_as_a_plain_body() -> None:
    """An event can be written by hand without knowing the wire format."""
    text = without_stream(written(streamed("hi"), stream=False))
    played = document(text).event
    assert isinstance(played.exchange.response, HttpResponse)
    assert isinstance(played.exchange.response.body, JsonBody)
    assert "hi" == played.response.text


def test_edited_answer_tells_the_usage_that_was_measured() -> None:
    """Token counts stay what they were, where the request asked for them."""
    text = without_stream(written(streamed("hi")))
    text = text.replace(
        "stream: true\n", "stream: true\n    stream_options: {include_usage: true}\n"
    )
    text = text.replace("...\n", "measured: {model: m-3, input_tokens: 7, output_tokens: 2}\n...\n")
    response = document(text).event.response
    assert (7, 2, "m-3") == (
        response.usage.input_tokens,
        response.usage.output_tokens,
        response.model,
    )


def test_edited_answer_can_be_cut() -> None:
    """The ending of the recording still holds."""
    text = without_stream(written(replace(streamed("hi"), ended="cut")))
    assert document(text).event.response.truncated


def test_disagreement_with_a_body_names_the_body() -> None:
    """An `answer` that a person wrote beside a plain answer is no stream's."""
    text = written(answer("run"), stream=False)
    text = text.replace("response:\n", "answer:\n- text: ok\nresponse:\n")
    said = "but its `body` holds {'text': 'run'}; delete `body` to play the edited answer, or"
    with pytest.raises(CassetteDamaged, match=re.escape(said)):
        document(text).event  # noqa: B018  # reading it is what fails


def test_event_is_not_read_while_answer_and_stream_disagree() -> None:
    """The check is part of reading: for playback, for replay, for a listing."""
    text = written(streamed("run")).replace("- text: run", "- text: ok")
    with pytest.raises(CassetteDamaged, match=r"`answer` of event 1 tells \{'text': 'ok'\}, but"):
        document(text).response  # noqa: B018  # reading it is what fails
    with pytest.raises(CassetteDamaged, match="`answer` of event 1 tells"):
        document(text).event  # noqa: B018  # reading it is what fails
