"""Runs of LangSmith, in the shapes in which its SDK's wrappers and LangChain's tracer send them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from importers.told_logs import (
    WEATHER,
    calls_in,
    event_of,
    found_in,
    one_call,
    problems_in,
    written,
)

from pytest_llmreplay.importers.langsmith.source import LANGSMITH
from pytest_llmreplay.importers.source import PassedOver

CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'},
}


def run(**more: Any) -> dict[str, Any]:
    """A run of OpenAI's client, as `wrap_openai` traces it."""
    return {
        "id": "01a22933-aad2-7bba-99d8-bf69e0b0c948",
        "name": "ChatOpenAI",
        "run_type": "llm",
        "start_time": "2026-11-29T21:26:21.650199+00:00",
        "end_time": "2026-11-29T21:26:22.900199+00:00",
        "trace_id": "01a22933-aad2-7bba-99d8-bf69e0b0c948",
        "extra": {
            "metadata": {
                "thread_id": "t-1",
                "team": "support",
                "ls_provider": "openai",
                "ls_model_name": "gpt-4o-mini",
                "ls_temperature": 0,
                "ls_max_tokens": 50,
                "ls_invocation_params": {},
            }
        },
        "inputs": {
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Weather?"},
            ],
            "model": "gpt-4o-mini",
            "max_tokens": 50,
            "temperature": 0,
            "tools": [WEATHER],
        },
        "outputs": {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "gpt-4o-mini-2024-07-18",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "tool_calls",
                    "logprobs": None,
                    "message": {"role": "assistant", "content": None, "tool_calls": [CALL]},
                }
            ],
            "usage_metadata": {"input_tokens": 11, "output_tokens": 7, "total_tokens": 18},
        },
        "error": None,
        "tags": ["prod"],
        **more,
    }


def message(kind: str, content: Any, **more: Any) -> dict[str, Any]:
    """A message as LangChain serialises it."""
    return {
        "lc": 1,
        "type": "constructor",
        "id": ["langchain", "schema", "messages", kind],
        "kwargs": {"content": content, **more},
    }


def langchain_run(**more: Any) -> dict[str, Any]:
    """A run of a chat model, as LangChain's tracer writes it."""
    history = [
        message("SystemMessage", "Be brief.", type="system"),
        message("HumanMessage", "Weather?", type="human"),
        message(
            "AIMessage",
            "",
            type="ai",
            tool_calls=[{"name": "get_weather", "args": {"city": "Rome"}, "id": "c0"}],
        ),
        message("ToolMessage", "sunny", type="tool", tool_call_id="c0", status="success"),
    ]
    answer = message(
        "AIMessage",
        "It is sunny.",
        response_metadata={
            "model_name": "gpt-4o-mini-2024-07-18",
            "finish_reason": "length",
            "id": "chatcmpl-2",
        },
        usage_metadata={
            "input_tokens": 20,
            "output_tokens": 9,
            "input_token_details": {"cache_read": 8},
            "output_token_details": {"reasoning": 4},
        },
    )
    told = {
        "extra": {
            "invocation_params": {
                "model": "gpt-4o-mini",
                "_type": "openai-chat",
                "stop": None,
                "temperature": 0.0,
                "max_completion_tokens": 90,
                "tools": [WEATHER],
                "tool_choice": "auto",
            },
            "metadata": {
                "session_id": "s-9",
                "ls_provider": "openai",
                "ls_model_name": "gpt-4o-mini",
                "ls_temperature": 0.0,
                "ls_max_tokens": 90,
                "usage_metadata": {
                    "input_tokens": 20,
                    "output_tokens": 9,
                    "input_token_details": {"cache_read": 8},
                    "output_token_details": {"reasoning": 4},
                },
            },
        },
        "inputs": {"messages": [history]},
        "outputs": {
            "generations": [
                [
                    {
                        "text": "It is sunny.",
                        "generation_info": {"finish_reason": "length", "logprobs": None},
                        "type": "ChatGeneration",
                        "message": answer,
                    }
                ]
            ],
            "llm_output": {"model_name": "gpt-4o-mini-2024-07-18", "id": "chatcmpl-2"},
            "type": "LLMResult",
        },
    }
    return run(**told, **more)


def test_a_body_that_the_wrapper_kept_is_imported_as_it_was_sent(tmp_path: Path) -> None:
    """The request of OpenAI's client is the one that the run holds."""
    call, event = one_call(LANGSMITH, written(tmp_path / "runs.jsonl", [run()]))
    body = event.exchange.request.body
    assert ("openai", "chat_completions", "reconstructed") == (call.provider, call.api, call.origin)
    assert "https://api.openai.com/v1/chat/completions" == event.exchange.request.url
    assert run()["inputs"] == getattr(body, "value", None)


def test_a_tool_call_and_its_counts_survive(tmp_path: Path) -> None:
    """The wrapper takes the usage out of the answer; it stands there again."""
    _, event = one_call(LANGSMITH, written(tmp_path / "runs.jsonl", [run()]))
    (asked,) = event.response.tool_calls
    assert ("get_weather", {"city": "Paris"}, "call_1") == (asked.name, asked.arguments, asked.id)
    assert (11, 7) == (event.usage.input_tokens, event.usage.output_tokens)
    assert "gpt-4o-mini-2024-07-18" == event.response.model
    assert ("2026-11-29T21:26:21.650Z", 1.25) == (event.measured.at, event.measured.duration)


def test_a_thread_is_the_session_and_metadata_are_labels(tmp_path: Path) -> None:
    """What users group and filter by in LangSmith, they filter by here."""
    call, _ = one_call(LANGSMITH, written(tmp_path / "runs.jsonl", [run()]))
    assert "t-1" == (call.session and call.session.id)
    assert {"name": "ChatOpenAI", "tags": "prod", "team": "support"} == call.labels


def test_messages_of_langchain_become_those_of_the_wire(tmp_path: Path) -> None:
    """Classes and keyword arguments turn into roles, tool calls and tool results."""
    call, event = one_call(LANGSMITH, written(tmp_path / "runs.jsonl", [langchain_run()]))
    request = event.request
    assert ["system", "user", "assistant", "tool"] == [said.role for said in request.messages]
    assert ("s-9", 0.0, 90) == (
        call.session and call.session.id,
        request.temperature,
        request.max_tokens,
    )
    assert ["get_weather"] == [tool.name for tool in request.tools]
    assert "It is sunny." == event.response.text
    assert "length" == event.response.finish_reason
    assert (20, 9, 8, 4) == (
        event.usage.input_tokens,
        event.usage.output_tokens,
        event.usage.cache_read_input_tokens,
        event.usage.reasoning_output_tokens,
    )


def test_a_run_of_anthropic_becomes_one_of_its_own_format(tmp_path: Path) -> None:
    """The wrapper folds the instructions into the messages; on the wire they stand apart."""
    told = run(
        inputs={
            "messages": [
                {"role": "system", "content": "Be kind."},
                {"role": "user", "content": "Hi"},
            ],
            "model": "claude-sonnet-4-5",
            "max_tokens": 20,
            "temperature": 0.5,
        },
        outputs={
            "id": "msg_1",
            "role": "assistant",
            "model": "claude-sonnet-4-5",
            "content": [{"citations": None, "text": "hello", "type": "text"}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage_metadata": {"input_tokens": 5, "output_tokens": 2, "total_tokens": 7},
        },
        extra={"metadata": {"ls_provider": "anthropic", "ls_model_name": "claude-sonnet-4-5"}},
    )
    call, event = one_call(LANGSMITH, written(tmp_path / "runs.jsonl", [told]))
    assert ("messages", "https://api.anthropic.com/v1/messages") == (
        call.api,
        event.exchange.request.url,
    )
    assert "2023-06-01" == event.exchange.request.headers["anthropic-version"]
    assert ("Be kind.", 0.5, 20) == (
        "".join(getattr(part, "content", "") for part in event.request.system_instructions),
        event.request.temperature,
        event.request.max_tokens,
    )
    assert ("hello", "stop", 5, 2) == (
        event.response.text,
        event.response.finish_reason,
        event.usage.input_tokens,
        event.usage.output_tokens,
    )


def test_blocks_of_anthropic_in_langchain_messages_keep_their_calls(tmp_path: Path) -> None:
    """ChatAnthropic writes a call twice, as a block and apart; it is one call."""
    block = {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {}}
    history = [
        message("HumanMessage", "Weather?"),
        message(
            "AIMessage",
            [{"type": "text", "text": "Let me look."}, block],
            tool_calls=[{"name": "get_weather", "args": {"city": "Rome"}, "id": "toolu_1"}],
        ),
        message("ToolMessage", "sunny", tool_call_id="toolu_1"),
    ]
    told = langchain_run()
    told["inputs"] = {"messages": [history]}
    told["extra"]["metadata"] |= {"ls_provider": "anthropic"}
    told["extra"]["invocation_params"] = {
        "model": "claude-sonnet-4-5",
        "max_tokens": 64,
        "tools": [{"name": "get_weather", "input_schema": {"type": "object"}}],
        "tool_choice": {"type": "any"},
    }
    _, event = one_call(LANGSMITH, written(tmp_path / "runs.jsonl", [told]))
    parts = [type(part).__name__ for said in event.request.messages for part in said.parts]
    assert ["TextPart", "TextPart", "ToolCallPart", "ToolCallResponsePart"] == parts
    assert "required" == (event.request.tool_choice and event.request.tool_choice.mode)
    assert ["get_weather"] == [tool.name for tool in event.request.tools]


def test_a_streamed_run_becomes_a_stream_that_begins_when_the_first_token_came(
    tmp_path: Path,
) -> None:
    """Time to first chunk of a replay is compared with a measured one."""
    told = langchain_run(first_token_time="2026-11-29T21:26:22.150199+00:00")
    call, event = one_call(LANGSMITH, written(tmp_path / "runs.jsonl", [told]))
    chunks = event.exchange.response.body.chunks
    assert event.request.stream
    assert "It is sunny." == event.response.text
    assert (0.5, 1.25) == (chunks[0].at, chunks[-1].at)
    assert 0.5 == call.measured.time_to_first_chunk
    assert not event.response.truncated


def test_the_first_token_of_a_run_that_the_sdk_sent_stands_among_its_events(
    tmp_path: Path,
) -> None:
    """Its server makes `first_token_time` of it."""
    events = [
        {"name": "start", "time": "2026-11-29T21:26:21.650199+00:00"},
        {"name": "new_token", "time": "2026-11-29T21:26:22.150199+00:00", "kwargs": {"token": "I"}},
    ]
    call, event = one_call(LANGSMITH, written(tmp_path / "r.jsonl", [langchain_run(events=events)]))
    assert (True, 0.5) == (event.request.stream, call.measured.time_to_first_chunk)


def test_a_call_of_responses_through_langchain_becomes_one(tmp_path: Path) -> None:
    """Its id tells; calls among the content of the history are not said twice."""
    told = langchain_run()
    answer = told["outputs"]["generations"][0][0]["message"]
    answer["kwargs"]["response_metadata"] = {"id": "resp_1", "model_name": "gpt-5-mini"}
    item = {"type": "function_call", "call_id": "c0", "name": "get_weather", "arguments": "{}"}
    told["inputs"]["messages"][0][2]["kwargs"]["content"] = [item]
    call, event = one_call(LANGSMITH, written(tmp_path / "r.jsonl", [told]))
    kinds = [type(part).__name__ for said in event.request.messages for part in said.parts]
    assert "responses" == call.api
    assert ["TextPart", "TextPart", "ToolCallPart", "ToolCallResponsePart"] == kinds


def test_what_the_sdk_adds_to_the_metadata_is_no_label(tmp_path: Path) -> None:
    """It writes down its environment with each run."""
    told = run()
    told["extra"]["metadata"] |= {"LANGSMITH_PROJECT": "p", "max_retries": 2, "revision_id": "a1"}
    call, _ = one_call(LANGSMITH, written(tmp_path / "r.jsonl", [told]))
    assert ["name", "tags", "team"] == sorted(call.labels)


def test_a_failed_run_is_a_recorded_error(tmp_path: Path) -> None:
    """The error is what the event answers."""
    told = run(error="RateLimitError('slow down')", outputs=None)
    _, event = one_call(LANGSMITH, written(tmp_path / "runs.jsonl", [told]))
    assert "RateLimitError('slow down')" == (event.response.error and event.response.error.message)


def test_other_runs_are_counted_and_empty_ones_told(tmp_path: Path) -> None:
    """A trace is mostly chains and tools, which are no fault; a call without content is one."""
    path = written(
        tmp_path / "runs.jsonl",
        [
            run(run_type="chain"),
            run(inputs={}),
            run(outputs={}),
            run(inputs={"x": 1}),
            run(inputs={}, inputs_s3_urls={"ROOT": {"presigned_url": "https://example.com/1"}}),
        ],
    )
    passed = [one for one in found_in(LANGSMITH, path) if isinstance(one, PassedOver)]
    assert ["a run that is no call of a model"] == [one.reason for one in passed]
    assert [
        "runs.jsonl:2: no inputs",
        "runs.jsonl:3: no outputs",
        'runs.jsonl:4: no conversation: {"x": 1}',
        "runs.jsonl:5: no inputs: put what is behind inputs_s3_urls there",
    ] == problems_in(LANGSMITH, path)


@pytest.mark.parametrize("holder", ["runs", "data"])
def test_runs_may_stand_in_an_object(tmp_path: Path, holder: str) -> None:
    """As the API answers them."""
    path = written(tmp_path / "runs.json", {holder: [run(), langchain_run()]})
    found = calls_in(LANGSMITH, path)
    places = [str(one.place.at).partition(", ")[2] for one in found]
    assert ["record 1", "record 2"] == places
    assert [True, False] == [bool(event_of(one).response.tool_calls) for one in found]
