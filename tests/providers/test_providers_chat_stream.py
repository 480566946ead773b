"""Streams of chat completions, as their providers cut them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from providers.made_answers import made

from pytest_llmreplay.event import (
    ReasoningPart,
    RefusalPart,
    ResponseError,
    TextPart,
    ToolCallPart,
    Usage,
)
from pytest_llmreplay.providers.chat_completions import CHAT_COMPLETIONS as CHAT

DONE = b"data: [DONE]\n\n"


def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
    """One chunk with one choice."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [choice], **more}


def call(index: int | None, **function: str) -> dict[str, Any]:
    """A delta with a fragment of a tool call; `id` and `type` may stand among the words."""
    fragment: dict[str, Any] = {} if index is None else {"index": index}
    fragment |= {key: function.pop(key) for key in ("id", "type") if key in function}
    return {"tool_calls": [{**fragment, "function": function}]}


def test_deltas_become_words(streamed: Any) -> None:
    """Role first, then words, then the reason, then usage without choices."""
    exchange = streamed(
        chunk({"role": "assistant", "content": ""}, obfuscation="xx"),
        b": keep-alive\n\n",
        chunk({"content": "Hel"}),
        chunk({"content": "lo"}),
        chunk({}, "stop"),
        {"id": "c", "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}},
        DONE,
    )
    response = CHAT.response(exchange)
    assert ("c", "m", "Hello", "stop") == (
        response.id,
        response.model,
        response.text,
        response.finish_reason,
    )
    assert (3, 2) == (response.usage.input_tokens, response.usage.output_tokens)
    assert not response.truncated
    assert response.error is None


def test_a_stream_amounts_to_the_plain_body(streamed: Any) -> None:
    """The assembled body is what the same call without streaming answers."""
    assembled = CHAT.assemble(
        [
            event.data
            for event in streamed(
                chunk({"role": "assistant", "content": "a"}, created=1),
                chunk({}, "stop", created=2),
                DONE,
            ).response.body.chunks
        ]
    )
    assert assembled.complete
    assert {
        "id": "c",
        "object": "chat.completion",
        "created": 2,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "a"},
                "finish_reason": "stop",
            }
        ],
    } == assembled.body


@pytest.mark.parametrize(
    "fragments",
    [
        # in many pieces
        [
            call(0, id="a", type="function", name="f", arguments=""),
            call(0, arguments='{"x":'),
            call(0, arguments="1}"),
            call(1, id="b", type="function", name="g", arguments=""),
        ],
        # whole, at once
        [
            call(0, id="a", type="function", name="f", arguments='{"x":1}'),
            call(1, id="b", type="function", name="g", arguments="{}"),
        ],
        # without index: a new id opens a call
        [
            call(None, id="a", name="f", arguments='{"x":'),
            call(None, arguments="1}"),
            call(None, id="b", name="g"),
        ],
        # without index, the id told again with each piece
        [
            call(None, id="a", name="f", arguments='{"x":'),
            call(None, id="a", arguments="1}"),
            call(None, id="b", name="g"),
            call(None, id="b", arguments="{}"),
        ],
        # everything under index 0
        [
            call(0, id="a", name="f", arguments='{"x":1}'),
            call(0, id="b", name="g", arguments="{}"),
        ],
        # the two of them in turns
        [
            call(0, id="a", name="f"),
            call(1, id="b", name="g"),
            call(0, arguments='{"x":1'),
            call(1, arguments="{"),
            call(0, arguments="}"),
            call(1, arguments="}"),
        ],
    ],
)
def test_calls_come_in_fragments(streamed: Any, fragments: list[dict[str, Any]]) -> None:
    """Fragments are joined by index or id; no arguments at all are none."""
    response = CHAT.response(streamed(*map(chunk, fragments), chunk({}, "tool_calls"), DONE))
    assert [("a", "f", {"x": 1}), ("b", "g", {})] == [
        (asked.id, asked.name, asked.arguments) for asked in response.tool_calls
    ]
    assert "tool_call" == response.finish_reason


@pytest.mark.parametrize("key", ["reasoning", "reasoning_content"])
def test_thoughts_come_in_deltas(streamed: Any, key: str) -> None:
    """Reasoning is joined as words are."""
    response = CHAT.response(
        streamed(
            chunk({"role": "assistant", key: None}),
            chunk({key: "h"}),
            chunk({key: "m", "channel": "analysis"}),
            chunk({"role": "assistant", "content": "4"}),
            DONE,
        )
    )
    thought, words = response.parts
    assert isinstance(thought, ReasoningPart)
    assert ("hm", TextPart(content="4")) == (thought.content, words)


def test_details_of_reasoning_are_merged(streamed: Any) -> None:
    """By index and type: words grow, the signature comes whole."""

    def detail(**more: Any) -> dict[str, Any]:
        return {"reasoning_details": [{"type": "reasoning.text", "index": 0, **more}]}

    response = CHAT.response(
        streamed(
            chunk(detail(text="h", signature=None)),
            chunk(detail(text="m")),
            chunk(detail(signature="s")),
            chunk({"reasoning_details": [{"type": "reasoning.encrypted", "data": "A"}]}),
            chunk({"reasoning_details": [{"type": "reasoning.encrypted", "data": "B"}, "odd"]}),
            DONE,
        )
    )
    thoughts = [part for part in response.parts if isinstance(part, ReasoningPart)]
    assert [("hm", "s", None), ("", None, "A"), ("", None, "B")] == [
        (thought.content, thought.signature, thought.encrypted) for thought in thoughts
    ]


def test_content_may_turn_into_lists(streamed: Any) -> None:
    """Mistral thinks in lists and answers in words."""

    def thinking(text: str) -> dict[str, Any]:
        return {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": text}]}]}

    response = CHAT.response(
        streamed(
            chunk({"role": "assistant", "content": ""}),
            chunk(thinking("h")),
            chunk(thinking("m")),
            chunk({"content": "4"}),
            chunk({"content": "2"}),
            chunk({"content": [{"type": "ref"}, {"type": "ref"}, "odd"]}),
            DONE,
        )
    )
    assert ReasoningPart(content="hm", format="mistral") == response.parts[0]
    assert "42" == response.text
    assert 5 == len(response.parts)


def test_other_deltas_are_kept(streamed: Any) -> None:
    """Citations and tools add up, sound grows, an old call is one."""
    response = CHAT.response(
        streamed(
            chunk({"content": "x", "annotations": [1]}),
            chunk({"annotations": [2], "audio": {"id": "a", "data": "AA"}}),
            chunk({"audio": {"data": "BB", "transcript": "t"}}),
            chunk({"function_call": {"name": "f", "arguments": ""}}),
            chunk({"function_call": {"arguments": "{}"}, "odd": 1}),
            DONE,
        )
    )
    body: Any = CHAT.encode_response(response)
    message = body["choices"][0]["message"]
    assert [1, 2] == message["annotations"]
    assert {"id": "a", "data": "AABB", "transcript": "t"} == message["audio"]
    assert {"name": "f", "arguments": "{}"} == message["function_call"]
    assert 1 == message["odd"]


def test_logprobs_are_joined(streamed: Any) -> None:
    """Each chunk tells those of its own tokens."""
    first, second, third = chunk({"content": "a"}), chunk({"content": "b"}), chunk({})
    for told, value in (
        (first, None),
        (second, {"content": [1]}),
        (third, {"content": [2], "x": 1, "refusal": None}),
    ):
        told["choices"][0]["logprobs"] = value
    body: Any = CHAT.encode_response(CHAT.response(streamed(first, second, third, DONE)))
    assert {"content": [1, 2], "x": 1} == body["choices"][0]["logprobs"]


def test_fragments_that_are_none_do_no_harm(streamed: Any) -> None:
    """Nulls, words and numbers where a call, an item or a detail belongs."""
    odd = [None, "odd", {"index": 0, "id": "a", "function": "odd"}, {"index": 0, "custom": {}}]
    response = CHAT.response(
        streamed(
            chunk({"tool_calls": odd, "reasoning_details": "odd", "audio": "odd"}),
            chunk({"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": 7}}]}),
            chunk({"tool_calls": "odd", "reasoning": 7, "content": 7}),
            chunk({"tool_calls": [{"index": 1, "function": {"name": "f"}}]}),
            chunk({"tool_calls": [{"index": 1, "function": {"name": "f"}}]}),
            chunk(
                {"tool_calls": [{"index": 0, "function": {"name": "g", "x": 1, "arguments": None}}]}
            ),
            chunk({"reasoning_details": [{"type": "t", "index": 0}, {"type": "u", "index": 0}]}),
            DONE,
        )
    )
    assert response.error is None
    assert ["f"] == [call.name for call in response.tool_calls]


def test_an_odd_item_of_a_plain_body_is_left_out_of_a_stream(streamed: Any) -> None:
    """Only objects can be told in deltas."""
    odd = {"choices": ["odd", {"message": {"tool_calls": ["odd"]}}]}
    events = CHAT.encode_stream(CHAT.response(_plain(streamed, odd)))
    assert CHAT.is_end(events[-1])


def test_choices_are_kept_apart(streamed: Any) -> None:
    """Several choices come interleaved."""
    chunks = [
        {"choices": [{"index": 1, "delta": {"content": "b"}}]},
        {"choices": [{"index": 0, "delta": {"content": "a"}}, "odd"]},
        {"choices": [{"index": 1, "delta": {"content": "b"}}]},
        {"choices": None},
    ]
    response = CHAT.response(streamed(*chunks, DONE))
    said = [[part.content for part in choice.message.parts] for choice in response.choices]
    assert [["a"], ["bb"]] == said


@pytest.mark.parametrize(
    ("deltas", "expected"),
    [([{"content": "x"}], "stop"), ([call(0, id="a", name="f")], "tool_call")],
)
def test_a_reason_that_never_came_is_inferred(
    streamed: Any, deltas: list[dict[str, Any]], expected: str
) -> None:
    """A whole stream without a finish reason ended as its parts say; the raw word is empty."""
    response = CHAT.response(streamed(*map(chunk, deltas), DONE))
    assert (expected, "") == (response.finish_reason, response.choices[0].finish_raw)


def test_the_last_reason_that_is_one_counts(streamed: Any) -> None:
    """Some end on a chunk with null."""
    response = CHAT.response(streamed(chunk({"content": "x"}, "length"), chunk({}), DONE))
    assert "length" == response.finish_reason


@pytest.mark.parametrize(
    "last",
    [
        chunk({}, "stop", usage={"prompt_tokens": 3, "completion_tokens": 1}),
        chunk({}, "stop", x_groq={"usage": {"prompt_tokens": 3, "completion_tokens": 1}}),
        {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 1}},
    ],
)
def test_usage_is_found_where_it_stands(streamed: Any, last: dict[str, Any]) -> None:
    """On the last chunk, after it, or in a provider's own corner."""
    response = CHAT.response(streamed(chunk({"content": "x"}, usage=None), last, DONE))
    assert (3, 1) == (response.usage.input_tokens, response.usage.output_tokens)


def test_a_server_may_leave_the_word_done_out(streamed: Any) -> None:
    """Where each choice said why it ended nothing is missing; else the stream stopped early."""
    first = {"index": 0, "delta": {"content": "a"}, "finish_reason": "stop"}
    second = {"index": 1, "delta": {"content": "b"}, "finish_reason": None}
    assert not CHAT.response(streamed(chunk({"content": "x"}), chunk({}, "stop"))).truncated
    assert CHAT.response(streamed({"choices": [first]}, {"choices": [second]})).truncated


def test_without_its_end_a_stream_is_truncated(streamed: Any) -> None:
    """No `[DONE]`, no whole answer; nothing is inferred."""
    response = CHAT.response(streamed(chunk({"content": "Hel"}), b'data: {"choi'))
    assert response.truncated
    assert ("Hel", None) == (response.text, response.finish_reason)
    assert response.error is None


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (
            [b'event: error\ndata: {"error":{"message":"m","type":"t","status_code":400}}\n\n'],
            (400, "t", "m"),
        ),
        ([b'event: error\ndata: {"message":"m","code":"c"}\n\n'], (None, "c", "m")),
        ([chunk({"content": ""}, error={"code": 502, "message": "m"}), DONE], (502, None, "m")),
    ],
)
def test_an_error_may_come_in_the_stream(
    streamed: Any, events: list[Any], expected: tuple[Any, ...]
) -> None:
    """The answer is an error, with what was said before it."""
    response = CHAT.response(streamed(chunk({"content": "Hel"}), *events))
    assert response.error is not None
    assert expected == (response.error.status, response.error.type, response.error.message)
    assert "Hel" == response.text


def test_a_stream_of_something_else_is_no_answer(streamed: Any) -> None:
    """Events without choices, lines that are no JSON."""
    response = CHAT.response(streamed(b"data: hello\n\n", b"data: [1]\n\n", {"x": 1}, DONE))
    assert response.error is not None
    assert "unexpected_body" == response.error.type


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (DONE, True),
        (b"data:[DONE]\r\n\r\n", True),
        (b'data: {"x":"[DONE]"}\n\n', False),
        (b": x\n\n", False),
    ],
)
def test_the_end_is_recognised(event: bytes, *, expected: bool) -> None:
    """Only as a whole line of data."""
    assert expected is CHAT.is_end(event)


WHOLE = made(
    ReasoningPart(content="let me think", format="deepseek"),
    TextPart(content="The jobs argument\nholds. "),
    ToolCallPart(name="f", arguments={"a": "b c", "d": [1, 2]}, id="c1"),
    ToolCallPart(name="g", arguments={}, id="c2"),
    usage=Usage(input_tokens=3, output_tokens=4),
)


@pytest.mark.parametrize("pieces", [None, 1, 2, 3, 100])
def test_a_written_stream_says_the_same(streamed: Any, pieces: int | None) -> None:
    """However it is cut, it amounts to the plain body."""
    events = CHAT.encode_stream(WHOLE, pieces=pieces)
    assert CHAT.is_end(events[-1])
    assembled: Any = CHAT.assemble(events)
    plain: Any = CHAT.encode_response(WHOLE)
    message = {key: value for key, value in plain["choices"][0]["message"].items() if value}
    assert message == {
        key: value for key, value in assembled.body["choices"][0]["message"].items() if value
    }
    assert plain["usage"] == assembled.body["usage"]


def test_text_is_cut_between_words() -> None:
    """A few big pieces, or one per word."""

    def words(pieces: int | None) -> list[str]:
        events = CHAT.encode_stream(made(TextPart(content="a bb  ccc d")), pieces=pieces)
        bodies: list[Any] = [CHAT.assemble([event]).body for event in events[:-1]]
        said = [body["choices"][0]["message"]["content"] for body in bodies if body["choices"]]
        return [word for word in said if word]

    assert ["a ", "bb  ", "ccc ", "d"] == words(None)
    assert ["a bb  ", "ccc d"] == words(2)
    assert ["a bb  ccc d"] == words(1)


def test_usage_is_told_when_asked_for() -> None:
    """Clients that did not ask get no chunk without choices."""
    assert b"".join(CHAT.encode_stream(WHOLE, usage=True)).count(b'"usage"') == 1
    assert b'"usage"' not in b"".join(CHAT.encode_stream(WHOLE, usage=False))


def test_a_truncated_answer_ends_without_its_end(streamed: Any) -> None:
    """No reason, no usage, no `[DONE]`."""
    response = CHAT.response(
        streamed(*CHAT.encode_stream(made(TextPart(content="x"), truncated=True)))
    )
    assert response.truncated
    assert ("x", None) == (response.text, response.finish_reason)


def test_an_error_ends_a_written_stream(streamed: Any) -> None:
    """After what was said before it."""
    failed = made(
        TextPart(content="x"), error=ResponseError(status=500, type="server_error", message="oops")
    )
    response = CHAT.response(streamed(*CHAT.encode_stream(failed)))
    assert response.error is not None
    assert ("x", "oops") == (response.text, response.error.message)


def test_a_cut_surrogate_pair_can_be_written(streamed: Any) -> None:
    """Half a character is no reason to fail."""
    events = CHAT.encode_stream(made(TextPart(content="x\ud83d"), RefusalPart(content="no")))
    response = CHAT.response(streamed(*events))
    assert ("x\ud83d", "no") == (response.text, response.refusal)


def test_what_has_no_words_is_told_in_one_delta(streamed: Any) -> None:
    """Lists of content, custom calls, logprobs and other keys survive a stream."""
    choice = {
        "index": 0,
        "message": {
            "role": "assistant",
            "content": [{"type": "text", "text": "a b"}, {"type": "ref"}],
            "annotations": [1],
            "tool_calls": [
                {"id": "a", "type": "custom", "custom": {"name": "f", "input": "x y"}},
                {"id": "b", "type": "odd"},
            ],
        },
        "logprobs": {"content": [1]},
        "native_finish_reason": "x",
        "finish_reason": "tool_calls",
    }
    plain = {"id": "c", "object": "chat.completion", "model": "m", "choices": [choice]}
    response = CHAT.response(streamed({}, DONE))
    assert response.error is not None
    events = CHAT.encode_stream(CHAT.response(_plain(streamed, plain)))
    assert plain == CHAT.assemble(events).body


def _plain(streamed: Any, body: dict[str, Any]) -> Any:
    """A plain body in the place of a stream: its bytes tell what it is."""
    return streamed(json.dumps(body).encode())
