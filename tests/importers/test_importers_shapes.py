"""Conversations, answers and moments in the many shapes in which logs keep them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pytest_llmreplay.event import Event, Failure, Json, Measured, Request
from pytest_llmreplay.importers.neutral.answered import answered_of, words_of
from pytest_llmreplay.importers.neutral.asked import asked_of
from pytest_llmreplay.importers.neutral.call import LoggedCall, Shaped, Unimportable
from pytest_llmreplay.importers.neutral.decoding import decoded
from pytest_llmreplay.importers.neutral.facts import labels_of
from pytest_llmreplay.importers.neutral.names import owner_of
from pytest_llmreplay.importers.neutral.offered import with_tools
from pytest_llmreplay.importers.neutral.parameters import parameters_of
from pytest_llmreplay.importers.neutral.wire import rebuilt
from pytest_llmreplay.importers.records.moments import at_of, moment_of, seconds_between, seconds_of
from pytest_llmreplay.providers.registry import decoder_of

HI: Any = {"role": "user", "content": "Hi"}


def call(asked: Any = "Hi", answered: Any = "Hello.", **more: Any) -> LoggedCall:
    """A call of OpenAI that a log tells."""
    told = {"provider": "openai", "model": "gpt-4o", **more}
    return LoggedCall(asked=asked_of(asked, {}), answered=answered_of(answered), **told)


def event(told: LoggedCall) -> Event:
    """The event that a call becomes."""
    whole = rebuilt(told)
    return Event(
        number=1,
        provider=whole.provider,
        model=whole.model,
        api=whole.api,
        exchange=whole.exchange,
        decoder=decoder_of(whole.api),
    )


def roles(request: Request) -> list[str]:
    """Who speaks, turn by turn."""
    return [said.role for said in request.messages]


def langchain(kind: str, **held: Any) -> list[Any]:
    """A message in each of LangChain's forms."""
    names = {"human": "HumanMessage", "ai": "AIMessage", "system": "SystemMessage"}
    return [
        {"lc": 1, "type": "constructor", "id": ["langchain", names[kind]], "kwargs": held},
        {"type": kind, "data": {"type": kind, **held}},
        {"type": kind, **held},
    ]


@pytest.mark.parametrize("form", [0, 1, 2])
def test_every_form_of_a_langchain_message_is_read(form: int) -> None:
    """Its own class, `messages_to_dict`, and the flat one of its server."""
    asked = asked_of(
        [
            langchain("system", content="S", additional_kwargs={"__openai_role__": "developer"})[
                form
            ],
            langchain("human", content=[{"type": "text", "text": "Hi"}], name="Ada")[form],
            langchain("ai", content="Hello.")[form],
        ],
        {},
    )
    request = decoded(asked)
    assert ["developer", "user", "assistant"] == roles(request)
    assert "Ada" == request.messages[1].name
    answered = answered_of(langchain("ai", content="Hello.", response_metadata={"id": "x"})[form])
    assert "x" == getattr(answered, "id", None)


def test_blocks_of_two_formats_in_one_conversation_are_both_understood() -> None:
    """As frameworks write them that talk to several providers."""
    asked = asked_of(
        [
            HI,
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "f"}]},
            {"role": "tool", "tool_call_id": "t", "content": "42"},
        ],
        {"temperature": 0},
    )
    request = decoded(asked)
    assert ["user", "assistant", "tool"] == roles(request)
    assert ["TextPart", "ToolCallPart", "ToolCallResponsePart"] == [
        type(part).__name__ for said in request.messages for part in said.parts
    ]
    assert 0 == request.temperature


def test_instructions_that_were_folded_into_the_messages_stand_apart_again() -> None:
    """As tracers of Anthropic's client fold them."""
    block: Json = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    asked = asked_of(
        [{"role": "system", "content": "Be brief."}, HI, {"role": "assistant", "content": [block]}],
        {"max_tokens": 5},
    )
    assert (
        Shaped(
            api="messages",
            body={
                "messages": [HI, {"role": "assistant", "content": [block]}],
                "system": "Be brief.",
                "max_tokens": 5,
            },
        )
        == asked
    )


def test_instructions_that_stand_apart_survive_beside_messages_of_two_formats() -> None:
    """Anthropic's instructions over a history that another provider began."""
    asked = asked_of(
        {
            "system": "Be brief.",
            "messages": [
                HI,
                {"role": "assistant", "content": None, "tool_calls": []},
                {"role": "tool", "tool_call_id": "t", "content": "42"},
            ],
        },
        {},
    )
    request = decoded(asked)
    assert ["Be brief."] == [getattr(part, "content", "") for part in request.system_instructions]
    assert ["user", "assistant", "tool"] == roles(request)


def test_tools_of_another_format_are_offered_too() -> None:
    """The three ways to write a function mean one thing."""
    schema = {"type": "object"}
    told: list[Any] = [
        {"type": "function", "function": {"name": "f", "parameters": schema}},
        {"name": "f", "input_schema": schema},
        {"type": "function", "name": "f", "parameters": schema},
        '{"name": "f", "input_schema": {"type": "object"}}',
    ]
    offered = [decoded(with_tools(asked_of("Hi", {}), [tool])).tools[0] for tool in told]
    assert [("f", schema)] * 4 == [(tool.name, tool.parameters) for tool in offered]


def test_a_call_of_googles_sdk_is_told_by_its_arguments() -> None:
    """Its config is taken apart into what the wire has; ADK keeps the candidate alone."""
    config = {
        "system_instruction": "Be brief.",
        "temperature": 0,
        "top_k": None,
        "tools": [{"function_declarations": [{"name": "f"}]}],
        "http_options": {"headers": {}},
    }
    candidate = {"content": {"parts": [{"text": "Yes."}], "role": "model"}, "finish_reason": "STOP"}
    usage = {"prompt_token_count": 3, "candidates_token_count": 1}
    told = event(
        call(
            {"contents": [{"parts": [{"text": "Hi"}]}], "config": config},
            {**candidate, "usage_metadata": usage},
            provider="gemini",
            model="gemini-2.0-flash",
        )
    )
    body = getattr(told.exchange.request.body, "value", {})
    assert {"contents", "generationConfig", "systemInstruction", "tools"} == body.keys()
    assert {"temperature": 0} == body["generationConfig"]
    assert ("Be brief.", ["f"]) == (
        getattr(told.request.system_instructions[0], "content", None),
        [tool.name for tool in told.request.tools],
    )
    assert ("Yes.", 3, 1) == (
        told.response.text,
        told.usage.input_tokens,
        told.usage.output_tokens,
    )


@pytest.mark.parametrize("contents", ["Hi", ["Hi"], {"text": "Hi"}, {"parts": [{"text": "Hi"}]}])
def test_what_googles_sdk_takes_for_contents_is_read(contents: Json) -> None:
    """Words, a part and a turn, alone or in a list."""
    told = event(call({"contents": contents}, model="gemini-2.5-flash", provider="gemini"))
    assert "Hi" == getattr(told.request.messages[0].parts[0], "content", None)


def test_calls_and_results_beside_blocks_of_converse_become_such_blocks() -> None:
    """Instrumentations tell some messages of Bedrock as chat completions tell them."""
    function = {"name": "f", "arguments": '{"a": 1}'}
    told: Any = [
        {"role": "user", "content": [{"text": "Hi"}]},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "t1", "function": function}]},
        {"role": "tool", "tool_call_id": "t1", "content": "2"},
    ]
    asked = asked_of({"messages": told, "toolConfig": {"tools": []}}, {})
    assert isinstance(asked, Shaped)
    used = {"toolUse": {"toolUseId": "t1", "name": "f", "input": {"a": 1}}}
    result = {"toolResult": {"toolUseId": "t1", "content": [{"text": "2"}]}}
    assert {
        "messages": [
            {"role": "user", "content": [{"text": "Hi"}]},
            {"role": "assistant", "content": [used]},
            {"role": "user", "content": [result]},
        ],
        "toolConfig": {"tools": []},
    } == asked.body


def test_messages_of_the_ai_sdk_are_read() -> None:
    """Calls, results and pictures; thoughts of others are not told again."""
    one = {"toolCallId": "c1", "toolName": "look"}
    picture = {"type": "image", "image": "aGk=", "mediaType": "image/png"}
    paper = {"type": "file", "data": "aGk=", "mediaType": "application/pdf", "filename": "a.pdf"}
    messages = [
        {"role": "user", "content": [{"type": "text", "text": "Hi"}, picture, paper]},
        {
            "role": "assistant",
            "content": [
                {"type": "reasoning", "text": "Hm."},
                {"type": "tool-call", **one, "args": {"city": "Rome"}},
            ],
        },
        {"role": "tool", "content": [{"type": "tool-result", **one, "result": {"sky": "blue"}}]},
        {"role": "tool", "content": [{"type": "tool-error", **one, "error": "No."}]},
        HI,
    ]
    answer = [{**one, "toolCallId": "c2", "input": '{"city": "Oslo"}'}]
    told = event(call(messages, answer))
    body = getattr(told.exchange.request.body, "value", {})
    assert ["user", "assistant", "tool", "tool", "user"] == [m["role"] for m in body["messages"]]
    shown, read = body["messages"][0]["content"][1:]
    assert "data:image/png;base64,aGk=" == shown["image_url"]["url"]
    assert {"filename": "a.pdf", "file_data": "data:application/pdf;base64,aGk="} == read["file"]
    (asked,) = body["messages"][1]["tool_calls"]
    assert ("c1", "look", '{"city": "Rome"}') == (asked["id"], *asked["function"].values())
    assert ['{"sky": "blue"}', "No."] == [m["content"] for m in body["messages"][2:4]]
    (now,) = told.response.tool_calls
    assert ("c2", "look", {"city": "Oslo"}) == (now.id, now.name, now.arguments)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ([[HI], [HI]], "a batch of several conversations under one call"),
        ("", 'no conversation: ""'),
        ({"prompts": ["a", "b"]}, 'no conversation: {"prompts": ["a", "b"]}'),
        ([HI, "x"], "no conversation: "),
        (7, "no conversation: 7"),
    ],
)
def test_what_is_no_conversation_is_told(told: Json, reason: str) -> None:
    """With the beginning of what stands there."""
    with pytest.raises(Unimportable) as raised:
        asked_of(told, {})
    assert str(raised.value).startswith(reason)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"messages": [HI, {"role": "assistant", "content": "Yes."}]}, "Yes."),
        ({"candidates": [{"content": {"role": "model", "parts": [{"text": "Yes."}]}}]}, "Yes."),
        (
            {
                "object": "response",
                "output": [
                    {"type": "message", "content": [{"type": "output_text", "text": "Yes."}]}
                ],
            },
            "Yes.",
        ),
        ({"generations": [{"text": "Yes."}]}, "Yes."),
        (
            {"generations": [[{"text": "Yes.", "generation_info": {"finish_reason": "length"}}]]},
            "Yes.",
        ),
        (["No.", "Yes."], "Yes."),
        ({"answer": {"text": "Yes."}}, "Yes."),
        ('{"role": "assistant", "content": "Yes."}', "Yes."),
    ],
)
def test_answers_are_found_where_they_stand(told: Any, expected: str) -> None:
    """Bodies of providers, generations of LangChain, and names that people give."""
    assert expected == event(call(answered=told)).response.text


@pytest.mark.parametrize("told", [None, {}, [], [7], {"generations": [[]]}, {"x": 1}])
def test_what_is_no_answer_is_told(told: Any) -> None:
    """An event without an answer could not be compared."""
    with pytest.raises(Unimportable, match="no answer"):
        answered_of(told)


def test_a_part_whose_type_is_no_word_is_no_part_of_the_ai_sdk() -> None:
    """Nor is it a fault of the import."""
    asked = asked_of([{"role": "user", "content": [{"type": ["text"], "text": "Hi"}]}], {})
    assert ["user"] == roles(decoded(asked))


def test_an_answer_of_another_format_than_it_looks_is_told() -> None:
    """A damaged body is no answer."""
    damaged = LoggedCall(
        asked=asked_of("Hi", {}), answered=Shaped(api="messages", body={}), model="gpt-4o"
    )
    with pytest.raises(Unimportable, match="the answer is none of messages"):
        rebuilt(damaged)


@pytest.mark.parametrize(
    ("provider", "model", "expected"),
    [
        ("OPENAI", "gpt-4o", ("openai", "gpt-4o")),
        ("azure_openai", "my-deployment", ("azure", "my-deployment")),
        ("vertex_ai", "gemini-2.5-flash", ("vertex", "gemini-2.5-flash")),
        ("aws.bedrock", "anthropic.claude-v2", ("bedrock", "anthropic.claude-v2")),
        ("together_ai", "meta-llama/Llama-3", ("together", "meta-llama/Llama-3")),
        ("openrouter", "openrouter/openai/gpt-4o", ("openrouter", "openai/gpt-4o")),
        ("openrouter", "openai/gpt-4o", ("openrouter", "openai/gpt-4o")),
        (None, "groq/llama-3.3-70b", ("groq", "llama-3.3-70b")),
        (None, "claude-sonnet-4-5", ("anthropic", "claude-sonnet-4-5")),
        ("unknown", "my-model", ("gateway", "my-model")),
        (None, None, ("gateway", None)),
    ],
)
def test_owners_are_told_by_name_prefix_or_family(
    provider: str | None, model: str | None, expected: tuple[str, str | None]
) -> None:
    """In the spellings of LiteLLM, LangChain, Helicone and OpenTelemetry."""
    owner = owner_of(provider, model)
    assert expected == (owner.name, owner.model)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"provider": "azure"}, "https://azure.invalid/v1/chat/completions"),
        (
            {"provider": "azure", "host": "me.openai.azure.com"},
            "https://me.openai.azure.com/v1/chat/completions",
        ),
        ({"provider": "unknown", "model": "m"}, "https://gateway.invalid/v1/chat/completions"),
        ({"api": "responses"}, "https://api.openai.com/v1/responses"),
        (
            {"provider": "cohere", "model": "command"},
            "https://api.cohere.ai/compatibility/v1/chat/completions",
        ),
    ],
)
def test_calls_go_to_the_address_of_their_provider(more: dict[str, Any], expected: str) -> None:
    """Where customers have hosts of their own, it is one that nobody can own."""
    assert expected == event(call(**more)).exchange.request.url


def test_a_format_into_which_nothing_is_written_is_told() -> None:
    """Rather than a body that its provider would not understand."""
    with pytest.raises(Unimportable, match="requests cannot be written as generate_content"):
        rebuilt(call(api="generate_content"))


def test_a_streamed_body_of_gemini_goes_to_its_own_address() -> None:
    """There the address says that pieces are asked for, not the body."""
    contents: Any = {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}
    told = call(contents, provider="google", model="gemini-2.5-flash", streamed=True)
    made = event(told)
    assert "/models/gemini-2.5-flash:streamGenerateContent?alt=sse" in made.exchange.request.url
    assert contents == getattr(made.exchange.request.body, "value", None)
    assert "Hello." == made.response.text


def test_a_stream_without_measures_comes_at_once() -> None:
    """Nothing is made up about when its pieces came."""
    chunks = getattr(event(call(streamed=True)).exchange.response, "body", None)
    assert {0.0} == {piece.at for piece in getattr(chunks, "chunks", ())}


def test_a_failure_stays_one() -> None:
    """A call without any answer."""
    told = LoggedCall(
        asked=asked_of("Hi", {}),
        answered=Failure(kind="timeout"),
        model="gpt-4o",
        provider="openai",
    )
    assert Failure(kind="timeout") == event(told).exchange.response


def test_the_model_that_answered_is_told_where_the_log_knows() -> None:
    """Else it is the one that was asked."""
    told = LoggedCall(
        asked=asked_of("Hi", {}),
        answered=words_of("Hello.", "length"),
        model="gpt-4o",
        measured=Measured(model="gpt-4o-2024-08-06"),
    )
    made = event(told)
    assert ("gpt-4o-2024-08-06", "length") == (made.response.model, made.response.finish_reason)
    assert "gpt-4o" == event(call()).response.model


def test_parameters_are_taken_by_their_names() -> None:
    """Whatever their spelling; what no request holds is left out."""
    told: dict[str, Json] = {
        "temperature": "0",
        "maxTokens": "50",
        "topP": "much",
        "seed": True,
        "max_completion_tokens": "Infinity",
        "stop": '["END"]',
        "response_format": '{"type": "json_object"',
        "_type": "openai-chat",
        "user": "",
        "n": None,
    }
    assert {
        "temperature": 0,
        "max_tokens": 50,
        "stop": ["END"],
        "response_format": '{"type": "json_object"',
    } == parameters_of(told)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("2026-08-17T12:00:00+02:00", "2026-08-17T10:00:00.000Z"),
        ("2026-08-17 10:00:00.250000", "2026-08-17T10:00:00.250Z"),
        (1_786_960_800, "2026-08-17T10:00:00.000Z"),
        (1_786_960_800_250, "2026-08-17T10:00:00.250Z"),
        ("soon", None),
        (True, None),
        (None, None),
        (1e300, None),
        ([], None),
    ],
)
def test_moments_are_read_in_many_spellings(told: Json, expected: str | None) -> None:
    """ISO 8601, with or without a zone, and counts since 1970."""
    assert expected == at_of(moment_of(told))


def test_durations_that_make_no_sense_are_unknown() -> None:
    """An end before the beginning, a negative count, a text."""
    now, before = datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    assert (86400, None, None) == (
        seconds_between(before, now),
        seconds_between(now, before),
        seconds_between(None, now),
    )
    assert (1.5, None, None) == (
        seconds_of(1500),
        seconds_of(-1),
        seconds_of("x"),
    )


def test_labels_are_what_says_something() -> None:
    """Texts, numbers, flags and lists of texts."""
    told: dict[str, Json] = {"a": "x", "b": 1, "c": True, "d": ["p", "q"], "e": {}, "f": None}
    assert {"a": "x", "b": "1", "c": "true", "d": "p, q"} == labels_of(told)


@pytest.mark.parametrize(
    "url",
    [
        "@@@langfuseMedia:type=image/png|id=m-1|source=base64_data_uri@@@",
        {"type": "braintrust_attachment", "filename": "a.png", "key": "k"},
        {"_type": "CustomWeaveType", "weave_type": {"type": "PIL.Image.Image"}},
        "__REDACTED__",
    ],
    ids=["langfuse", "braintrust", "weave", "openinference"],
)
def test_a_picture_that_a_product_keeps_by_itself_is_told_as_lost(url: Any) -> None:
    """What stands in its place is nothing that a model could look at."""
    content = [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": url}},
    ]
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": content}]}
    assert ("media",) == rebuilt(call(asked)).losses
    content.pop()
    assert () == rebuilt(call(asked)).losses
