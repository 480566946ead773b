"""Plain answers of chat completions, with the surprises of those who speak the format."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from providers.conftest import Make
from providers.made_answers import made

from pytest_llmreplay.event import (
    BinaryBody,
    BlobPart,
    Exchange,
    Failure,
    HttpResponse,
    JsonBody,
    ReasoningPart,
    RefusalPart,
    Response,
    ResponseError,
    ServerToolCallPart,
    TextPart,
    ToolCallPart,
    UnknownPart,
    Usage,
)
from pytest_llmreplay.event import TextBody as Text
from pytest_llmreplay.providers.chat_completions import CHAT_COMPLETIONS as CHAT


def body(message: dict[str, Any], finish: str | None = "stop", **more: Any) -> dict[str, Any]:
    """A plain answer with one choice."""
    said = {"role": "assistant", **message}
    choice = {"index": 0, "message": said, "logprobs": None, "finish_reason": finish}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "m-1",
        "choices": [choice],
        **more,
    }


def call(name: str, arguments: str, call_id: str = "call_1") -> dict[str, Any]:
    """A tool call."""
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


SHAPES = {
    "openai": body({"content": "4", "refusal": None, "annotations": []}, system_fingerprint="f"),
    "tools": body({"content": None, "tool_calls": [call("f", '{"a":1}'), call("g", "{ }")]}),
    "mistral call": body(
        {"tool_calls": [{"id": "a", "function": {"name": "f", "arguments": "{}"}}]}
    ),
    "no arguments": body(
        {"tool_calls": [{"id": "a", "type": "function", "function": {"name": "f"}}]}
    ),
    "object arguments": body({"tool_calls": [{"function": {"name": "f", "arguments": {"a": 1}}}]}),
    "no content": body(
        {"tool_calls": [call("f", "{}", "")], "extra_content": {"google": {"s": "x"}}}
    ),
    "not a call": body({"content": "x", "tool_calls": [{"type": "odd", "n": 1}, None]}),
    "custom call": body(
        {"tool_calls": [{"id": "c", "type": "custom", "custom": {"name": "f", "input": "a b"}}]}
    ),
    "old call": body({"content": None, "function_call": {"name": "f", "arguments": "{}"}}),
    "blank arguments": body({"tool_calls": [call("f", "")]}),
    "list and thoughts": body(
        {"content": [{"type": "text", "text": "4"}], "reasoning": "hm", "annotations": [1]}
    ),
    "thinking nothing": body({"content": [{"type": "thinking"}]}),
    "zero values": body(
        {
            "content": "",
            "refusal": "",
            "audio": {"id": "", "data": "", "expires_at": 0, "transcript": ""},
            "function_call": {"name": "", "arguments": ""},
        },
        "",
        id="",
    ),
    "list": body(
        {
            "content": [
                {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}], "closed": True},
                {"type": "thinking", "thinking": [{"type": "ref"}, {"type": "text", "text": "!"}]},
                {"type": "text", "text": "4"},
                {"type": "refusal", "refusal": "no"},
                {"type": "reference", "reference_ids": [1]},
                "odd",
                None,
            ],
            "tool_calls": None,
        }
    ),
    "reasoning": body({"content": "4", "reasoning": "hm"}),
    "reasoning_content": body({"content": "4", "reasoning_content": "hm", "reasoning": None}),
    "details": body(
        {
            "content": "4",
            "reasoning": "hm",
            "reasoning_details": [
                {"type": "reasoning.text", "text": "hm", "signature": None, "index": 0},
                {"type": "reasoning.summary", "summary": "short", "index": 1},
                {"type": "reasoning.encrypted", "data": "AA==", "id": "rs_1", "format": "o"},
                "odd",
            ],
        }
    ),
    "no details": body({"content": "4", "reasoning": "hm", "reasoning_details": []}),
    "annotated": body({"content": "4", "annotations": [{"type": "url_citation"}]}),
    "executed": body({"content": "4", "executed_tools": [{"type": "search", "output": "o"}]}),
    "audio": body({"content": None, "audio": {"id": "a", "data": "AA==", "transcript": "hi"}}),
    "no message": {"choices": [{"index": 0, "finish_reason": "stop"}, "odd", {"message": 1}]},
    "no choice": body({})["choices"][0] | {"choices": [], "usage": None},
    "odd word": body({"content": "x"}, "model_went_home"),
    "empty usage": body({"content": "x"}, usage={}),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_encoding_gives_the_decoded_body_back(answered: Any, shape: dict[str, Any]) -> None:
    """No key is dropped, none is added."""
    assert shape == CHAT.encode_response(CHAT.response(answered(shape)))


def decoded(answered: Any, name: str) -> Response:
    """One of the shapes, decoded."""
    response: Response = CHAT.response(answered(SHAPES[name]))
    return response


def test_text_and_identity(answered: Any) -> None:
    """The common case."""
    response = decoded(answered, "openai")
    assert ("chatcmpl-1", "m-1", "4") == (response.id, response.model, response.text)
    assert ("stop", "stop") == (response.finish_reason, response.choices[0].finish_raw)
    assert response.error is None
    assert not response.truncated
    assert Usage() == response.usage


def test_arguments_are_parsed_and_their_text_kept_where_it_differs(answered: Any) -> None:
    """Arguments are objects; other spellings are kept as they were sent."""
    first, second = decoded(answered, "tools").tool_calls
    assert ({"a": 1}, None) == (first.arguments, first.arguments_raw)
    assert ({}, "{ }") == (second.arguments, second.arguments_raw)


@pytest.mark.parametrize("raw", ['{"a":', "[1]", "7", '{"a":1}x', "[" * 100_000])
def test_arguments_that_are_no_object_stay_text(answered: Any, raw: str) -> None:
    """Broken JSON is what the application gets, so it is what the event holds."""
    response = CHAT.response(answered(body({"tool_calls": [call("f", raw)]})))
    assert (raw, raw) == (response.tool_calls[0].arguments, response.tool_calls[0].arguments_raw)


@pytest.mark.parametrize(
    "shape", ["mistral call", "no arguments", "blank arguments", "no content", "old call"]
)
def test_calls_without_type_arguments_or_id_are_calls(answered: Any, shape: str) -> None:
    """What a server leaves out is no reason to miss a call."""
    response = decoded(answered, shape)
    assert [("f", {})] == [(asked.name, asked.arguments) for asked in response.tool_calls]
    assert "tool_call" == response.finish_reason


def test_an_object_as_arguments_is_understood(answered: Any) -> None:
    """Some servers forget to write arguments as text."""
    assert {"a": 1} == decoded(answered, "object arguments").tool_calls[0].arguments


def test_a_custom_call_has_text_for_arguments(answered: Any) -> None:
    """Custom tools take free text."""
    assert "a b" == decoded(answered, "custom call").tool_calls[0].arguments


def test_what_is_no_call_is_kept(answered: Any) -> None:
    """An unknown kind of call stays where it was."""
    assert [TextPart(content="x"), UnknownPart, UnknownPart] == [
        part if isinstance(part, TextPart) else type(part)
        for part in decoded(answered, "not a call").parts
    ]


def test_empty_values_mean_absent(answered: Any) -> None:
    """Zero values are no refusal, no call, no sound, no id."""
    response = decoded(answered, "zero values")
    assert () == response.parts
    assert response.refusal is None
    assert response.id is None
    assert ("stop", "") == (response.finish_reason, response.choices[0].finish_raw)


def test_content_may_be_a_list(answered: Any) -> None:
    """Mistral's thinking and text, and parts nobody knows."""
    response = decoded(answered, "list")
    thought = [part.content for part in response.parts if isinstance(part, ReasoningPart)]
    assert (["hm", "!"], "4", "no") == (thought, response.text, response.refusal)
    unknown = [part.type for part in response.parts if isinstance(part, UnknownPart)]
    assert ["reference", "content", "content"] == unknown


@pytest.mark.parametrize(
    ("shape", "form"),
    [("reasoning", "reasoning"), ("reasoning_content", "deepseek"), ("no details", "reasoning")],
)
def test_reasoning_is_found_under_its_keys(answered: Any, shape: str, form: str) -> None:
    """Reasoning comes before the words, and says who may get it back."""
    first, second = decoded(answered, shape).parts
    assert ReasoningPart(content="hm", format=form) == first
    assert TextPart(content="4") == second


def test_details_of_reasoning_are_read_once(answered: Any) -> None:
    """What stands under two keys is one thought."""
    parts = decoded(answered, "details").parts
    text, summary, encrypted = (part for part in parts if isinstance(part, ReasoningPart))
    assert ("hm", False) == (text.content, text.summary)
    assert ("short", True) == (summary.content, summary.summary)
    assert ("AA==", "rs_1", "o") == (encrypted.encrypted, encrypted.id, encrypted.format)


def test_thoughts_in_tags_stay_text(answered: Any) -> None:
    """What the application saw as text is text."""
    response = CHAT.response(answered(body({"content": "<think>hm</think>4"})))
    assert "<think>hm</think>4" == response.text


def test_other_things_said(answered: Any) -> None:
    """Citations, tools of the provider, sound."""
    assert (
        TextPart(content="4", annotations=({"type": "url_citation"},))
        == (decoded(answered, "annotated").parts[0])
    )
    executed = decoded(answered, "executed").parts[0]
    assert isinstance(executed, ServerToolCallPart)
    assert "search" == executed.name
    sound = decoded(answered, "audio").parts[0]
    assert isinstance(sound, BlobPart)
    assert ("audio", "AA==") == (sound.modality, sound.content)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("stop", "stop"),
        ("tool_calls", "tool_call"),
        ("function_call", "tool_call"),
        ("length", "length"),
        ("content_filter", "content_filter"),
        ("error", "error"),
        ("", "stop"),
        (None, None),
        ("model_went_home", None),
    ],
)
def test_finish_reasons_have_classes(answered: Any, word: str | None, expected: str | None) -> None:
    """Words of providers become classes; unknown words have none."""
    assert expected == CHAT.response(answered(body({"content": "x"}, word))).finish_reason


def test_an_answer_with_calls_ended_to_call(answered: Any) -> None:
    """Forced calls end with `stop` on the wire."""
    response = CHAT.response(answered(body({"tool_calls": [call("f", "{}")]}, "stop")))
    assert ("tool_call", "stop") == (response.finish_reason, response.choices[0].finish_raw)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (
            {
                "prompt_tokens": 9,
                "completion_tokens": 5,
                "total_tokens": 14,
                "prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 2},
                "completion_tokens_details": {"reasoning_tokens": 3},
                "cost": 0.5,
            },
            (9, 5, 4, 2, 3, 0.5),
        ),
        ({"prompt_tokens": 9, "completion_tokens": 0}, (9, 0, None, None, None, None)),
        # Gemini's layer: thinking is in the total alone
        (
            {"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 20},
            (9, 11, None, None, None, None),
        ),
        ({"prompt_tokens": 9.0, "num_cached_tokens": 2}, (9, None, 2, None, None, None)),
        ({"prompt_tokens": 9, "cached_tokens": 3}, (9, None, 3, None, None, None)),
        (
            {"prompt_cache_hit_tokens": 1, "prompt_tokens_details": None},
            (None, None, 1, None, None, None),
        ),
        ({"cost": {"total_cost": 2}}, (None, None, None, None, None, 2.0)),
        ({"prompt_tokens": True, "cost": "x"}, (None, None, None, None, None, None)),
    ],
)
def test_usage_in_all_spellings(answered: Any, raw: Any, expected: tuple[Any, ...]) -> None:
    """Totals are inclusive, and what is not told is unknown."""
    shape = body({"content": "x"}, usage=raw)
    response = CHAT.response(answered(shape))
    usage = response.usage
    assert expected == (
        usage.input_tokens,
        usage.output_tokens,
        usage.cache_read_input_tokens,
        usage.cache_write_input_tokens,
        usage.reasoning_output_tokens,
        usage.cost,
    )
    assert shape == CHAT.encode_response(response)


@pytest.mark.parametrize(
    ("status", "told", "expected"),
    [
        (400, {"error": {"message": "bad", "type": "t", "code": None}}, (400, "t", "bad")),
        (429, {"error": {"code": 429, "message": "slow"}, "user_id": "u"}, (429, None, "slow")),
        (400, {"error": "words"}, (400, None, "words")),
        (400, {"object": "error", "message": "m", "type": "T"}, (400, "T", "m")),
        (404, {"detail": "gone"}, (404, None, "gone")),
        (500, {"errors": [1]}, (500, None, '{"errors": [1]}')),
        (500, None, (500, None, "HTTP status 500")),
        (400, [], (400, None, "HTTP status 400")),
        (200, {"error": {"code": 502, "message": "up"}}, (502, None, "up")),
        (200, {"choices": [{"error": {"message": "in"}}]}, (None, None, "in")),
        (
            200,
            {"hello": 1},
            (None, "unexpected_body", 'the body is no answer of this API: {"hello": 1}'),
        ),
        (200, "text", (None, "unexpected_body", 'the body is no answer of this API: "text"')),
    ],
)
def test_errors_of_all_shapes(
    answered: Any, status: int, told: Any, expected: tuple[Any, ...]
) -> None:
    """Whatever a provider says instead of an answer is an error with words, and kept."""
    error = CHAT.response(answered(told, status)).error
    assert error is not None
    assert expected == (error.status, error.type, error.message)
    assert told == error.raw


def test_an_error_body_is_given_back(answered: Any) -> None:
    """What was refused is written as it was refused."""
    refusal = {"error": {"message": "bad", "type": "t", "code": None}}
    assert refusal == CHAT.encode_response(CHAT.response(answered(refusal, 400)))


def test_text_where_json_belongs(answered: Any) -> None:
    """A gateway's page is an error, with its first words."""
    exchange = answered(None)
    page = replace(exchange, response=HttpResponse(status=200, body=Text(text="<html>")))
    error = CHAT.response(page).error
    assert error is not None
    assert ("not_json", "the answer is not JSON: '<html>'") == (error.type, error.message)
    refused = replace(exchange, response=HttpResponse(status=502, body=Text(text="Bad Gateway")))
    error = CHAT.response(refused).error
    assert error is not None
    assert (502, "Bad Gateway") == (error.status, error.message)


def test_a_cut_plain_answer_is_truncated(answered: Any) -> None:
    """Half of a JSON text is no answer."""
    half = HttpResponse(status=200, body=Text(text='{"choices": ['), ended="cut")
    response = CHAT.response(replace(answered(None), response=half))
    assert response.truncated
    assert response.error is not None


def test_what_is_too_deep_is_an_error(answered: Any) -> None:
    """Nesting that no parser follows is told, not raised."""
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    exchange = answered(None)
    for body_of in (Text(text="[" * 100_000), JsonBody(value={"nested": deep})):
        answer = HttpResponse(status=200, body=body_of)
        assert CHAT.response(replace(exchange, response=answer)).error is not None


@pytest.mark.parametrize(
    "body_of", [BinaryBody(data=b'{"choices": []}'), Text(text='{"choices": []}'), None]
)
def test_json_is_told_by_itself(answered: Any, body_of: Text | None) -> None:
    """A wrong content type does not matter; an empty body is an error."""
    answer = HttpResponse(status=200, body=body_of)
    response = CHAT.response(replace(answered(None), response=answer))
    assert (body_of is None) == (response.error is not None)


def test_a_call_without_answer_is_an_error(answered: Any) -> None:
    """What the network did stands in the place of the answer."""
    lost = Exchange(request=answered(None).request, response=Failure(kind="timeout"))
    error = CHAT.response(lost).error
    assert error is not None
    assert (None, "timeout", "no answer: timeout") == (error.status, error.type, error.message)


def test_an_answer_made_by_hand_is_complete() -> None:
    """Everything that clients rely on is filled in, the same each time."""
    written: Any = CHAT.encode_response(made(TextPart(content="hi")))
    assert {
        "object": "chat.completion",
        "created": 0,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "hi", "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
    } == {key: value for key, value in written.items() if key != "id"}
    assert written == CHAT.encode_response(made(TextPart(content="hi")))
    assert written["id"].startswith("chatcmpl-")


def test_parts_of_other_formats_find_their_place() -> None:
    """Thoughts become `reasoning_content`, calls get ids; what has no place is left out."""
    answer = made(
        ReasoningPart(content="hm", format="anthropic", signature="s"),
        RefusalPart(content="no"),
        ToolCallPart(name="f", arguments={"a": "é"}),
        ServerToolCallPart(name="web_search", raw={"type": "server_tool_use"}),
        UnknownPart(type="container_upload", raw={}),
        usage=Usage(input_tokens=3, output_tokens=4, cache_read_input_tokens=1, raw={"x": 1}),
    )
    written: Any = CHAT.encode_response(answer)
    message = written["choices"][0]["message"]
    assert ("hm", "no") == (message["reasoning_content"], message["refusal"])
    assert '{"a":"é"}' == message["tool_calls"][0]["function"]["arguments"]
    assert message["tool_calls"][0]["id"].startswith("call_")
    assert {
        "prompt_tokens": 3,
        "completion_tokens": 4,
        "total_tokens": 7,
        "prompt_tokens_details": {"cached_tokens": 1},
    } == written["usage"]


def test_changed_counts_and_words_are_written(answered: Any) -> None:
    """A decoded answer that was changed is written as changed."""
    shape = body({"content": "x"}, usage={"prompt_tokens": 1, "completion_tokens": 2})
    response = CHAT.response(answered(shape))
    cut = replace(response.choices[0], finish_reason="length")
    usage = replace(response.usage, output_tokens=9)
    written: Any = CHAT.encode_response(replace(response, choices=(cut,), usage=usage))
    assert "length" == written["choices"][0]["finish_reason"]
    assert 9 == written["usage"]["completion_tokens"]


def test_errors_are_written_in_the_formats_own_shape() -> None:
    """A type follows from the status where none is given."""
    assert {
        "error": {"message": "slow", "type": "rate_limit_error", "param": None, "code": None}
    } == CHAT.encode_error(429, None, "slow")
    error = ResponseError(status=529, type="overloaded_error", message="m")
    written: Any = CHAT.encode_response(Response(error=error))
    assert "overloaded_error" == written["error"]["type"]


def test_every_choice_has_a_class_of_ending(answered: Make) -> None:
    """`finish_reasons` has one for each, in the words of the OpenTelemetry conventions."""
    endings = ["length", None, "tool_calls"]
    choices = [body({"content": "a"}, ending)["choices"][0] for ending in endings]
    response: Response = CHAT.response(answered(body({}, choices=choices)))
    assert ("length", "error", "tool_call") == response.finish_reasons
    assert () == Response().finish_reasons
