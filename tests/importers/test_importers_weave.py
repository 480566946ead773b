"""Calls of W&B Weave, in the shapes that its SDK for Python 0.54 sent to a loopback server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from importers.told_logs import WEATHER, calls_in, found_in, one_call, problems_in, written

from pytest_llmreplay.event import HttpResponse, JsonBody, StreamBody
from pytest_llmreplay.importers.source import PassedOver
from pytest_llmreplay.importers.weave import WEAVE

TOOL_CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'},
}
OMIT = "<anthropic.Omit object at 0x7fb79981a290>"


def call(**more: Any) -> dict[str, Any]:
    """A chat completion."""
    message = {"role": "assistant", "tool_calls": [TOOL_CALL]}
    return {
        "project_id": "e/p",
        "id": "01a22ca5-1edd-785e-a5dc-06c49b71b2b0",
        "trace_id": "01a22ca5-1e92-7072-825a-bab5636e900e",
        "op_name": "weave:///e/p/op/openai.chat.completions.create:d1",
        "started_at": "2026-11-30T13:29:08.573901Z",
        "ended_at": "2026-11-30T13:29:08.687247Z",
        "thread_id": "t-1",
        "attributes": {
            "weave": {"kind": "llm", "client_version": "0.54.0"},
            "integration": {"name": "openai"},
            "team": "support",
        },
        "inputs": {
            "self": {"client": {"base_url": "https://api.openai.com/v1/"}},
            "model": "gpt-5-mini",
            "messages": [{"role": "user", "content": "Paris?"}],
            "temperature": 0,
            "tools": [WEATHER],
            "timeout": "NOT_GIVEN",
        },
        "output": {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "gpt-5-mini-2026",
            "choices": [{"finish_reason": "tool_calls", "index": 0, "message": message}],
            "usage": {"completion_tokens": 3, "prompt_tokens": 9, "total_tokens": 12},
            "request_id": None,
        },
        "summary": {"usage": {"gpt-5-mini-2026": {"requests": 1, "prompt_tokens": 9}}},
        "exception": None,
        **more,
    }


@pytest.mark.parametrize("holder", [None, "batch", "calls"])
def test_a_chat_completion(tmp_path: Path, holder: str | None) -> None:
    """Its body holds what was sent, and nothing of the SDK or of Weave."""
    told: Any = [call()] if holder is None else {holder: [call()]}
    imported, event = one_call(WEAVE, written(tmp_path / "calls.jsonl", told))
    assert ("openai", "chat_completions", "gpt-5-mini") == (
        imported.provider,
        imported.api,
        imported.model,
    )
    body = imported.exchange.request.body
    assert isinstance(body, JsonBody)
    assert {"model", "messages", "temperature", "tools"} == set(body.value or ())  # type: ignore[arg-type]  # an object, or it fails
    answer = imported.exchange.response
    assert isinstance(answer, HttpResponse)
    assert isinstance(answer.body, JsonBody)
    assert "request_id" not in (answer.body.value or ())  # type: ignore[operator]  # an object, or it fails
    assert {"city": "Paris"} == event.response.tool_calls[0].arguments
    assert (9, 3) == (event.usage.input_tokens, event.usage.output_tokens)
    assert ("t-1", call()["id"]) == (imported.session and imported.session.id, imported.id)
    assert {"op": "openai.chat.completions.create", "team": "support"} == imported.labels
    assert ("2026-11-30T13:29:08.573Z", 0.113346) == (
        imported.measured.at,
        imported.measured.duration,
    )


def test_a_stream_and_a_trace_of_no_thread(tmp_path: Path) -> None:
    """The first piece came when the answer says it; counts may stand in the summary alone."""
    inputs = {**call()["inputs"], "stream": True, "_weave_stream_start_time": 1796045348.7}
    answer = {**call()["output"], "time_to_first_token": 0.0697}
    del answer["usage"]
    told = call(inputs=inputs, output=answer, thread_id=None)
    imported, event = one_call(WEAVE, written(tmp_path / "calls.jsonl", [told]))
    assert isinstance(imported.exchange.response, HttpResponse)
    assert isinstance(imported.exchange.response.body, StreamBody)
    assert (0.0697, 9) == (imported.measured.time_to_first_chunk, event.usage.input_tokens)
    assert call()["trace_id"] == (imported.session and imported.session.id)


def test_a_message_of_anthropic(tmp_path: Path) -> None:
    """Arguments that nobody gave, and names of classes, are left out."""
    classes = {"_class_name": "TextBlock", "_bases": ["BaseModel"], "_type": "TextBlock"}
    told = call(
        op_name="weave:///e/p/op/anthropic.Messages.create:d1",
        inputs={
            "self": "<anthropic.resources.messages.messages.Messages object at 0x7fb789719f90>",
            "model": "claude-sonnet-4-6",
            "max_tokens": 100,
            "system": "Be brief.",
            "messages": [{"role": "user", "content": "Paris?"}],
            "stream": OMIT,
            "container": OMIT,
        },
        output={
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "content": [{"type": "text", "text": "Rain.", **classes}],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": 9, "output_tokens": 3},
            **classes,
        },
    )
    imported, event = one_call(WEAVE, written(tmp_path / "calls.jsonl", [told]))
    assert ("anthropic", "messages", "Rain.") == (
        imported.provider,
        imported.api,
        event.response.text,
    )
    assert "_class_name" not in str(imported.exchange.response)
    assert "Omit" not in str(imported.exchange.request)


def test_what_failed_and_what_is_no_call_of_a_model(tmp_path: Path) -> None:
    """An exception is told as JSON, or as a text; functions of the application are counted."""
    failure = {"type": "BadRequestError", "message": "Error code: 400 - bad", "traceback": []}
    for exception, words in ((json.dumps(failure), "Error code: 400 - bad"), ("Boom", "Boom")):
        told = call(output=None, exception=exception)
        _, event = one_call(WEAVE, written(tmp_path / "calls.jsonl", [told]))
        assert event.response.error is not None
        assert words == event.response.error.message
    others = [
        call(op_name="weave:///e/p/op/agent:d1", attributes={"weave": {}}, inputs={"q": "Paris?"}),
        call(attributes={"weave": {"kind": "tool"}}),
        call(output=None),
        {"id": "a"},
    ]
    file = written(tmp_path / "calls.jsonl", others)
    assert 2 == sum(isinstance(one, PassedOver) for one in found_in(WEAVE, file))
    assert [
        "calls.jsonl:3: no output",
        "calls.jsonl:4: neither op_name nor inputs, which every call of Weave has",
    ] == problems_in(WEAVE, file)
    assert one_call(WEAVE, written(file, [call(op_name=None, attributes=None)]))


ENDING = ("ended_at", "output", "summary", "exception")


def halves(**more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A call as older SDKs send it: once when it begins, and again when it ends."""
    begun = call(**more)
    ended = {key: begun.pop(key) for key in ENDING}
    return {"start": begun}, {"end": {"project_id": "e/p", "id": begun["id"], **ended}}


def batch(*halves: dict[str, Any]) -> dict[str, Any]:
    """The body of `POST /call/upsert_batch`."""
    return {"batch": [{"mode": next(iter(half)), "req": half} for half in halves]}


def test_a_call_that_was_sent_in_two(tmp_path: Path) -> None:
    """In one batch, in two lines or two files, the end first or the beginning."""
    start, end = halves()
    for told in ([batch(start, end)], [batch(end), batch(start)], [start, end], [end, start]):
        imported, event = one_call(WEAVE, written(tmp_path / "calls.jsonl", told))
        assert (call()["id"], "t-1", 0.113346) == (
            imported.id,
            imported.session and imported.session.id,
            imported.measured.duration,
        )
        assert "get_weather" == event.response.tool_calls[0].name
    beside = written(tmp_path / "b.json", batch(end))
    assert 1 == len(calls_in(WEAVE, written(tmp_path / "a.json", start), beside))


def test_what_is_missing_of_calls_that_were_sent_in_two(tmp_path: Path) -> None:
    """Halves alone are told; functions of the application are counted, however they were sent."""
    start, _ = halves()
    _, end = halves(id="c-2")
    function = halves(id="c-3", op_name="agent", attributes={}, inputs={"q": "Paris?"})
    file = written(tmp_path / "calls.jsonl", [start, end, *function, {"end": {"output": 1}}])
    missing = "stands in none of the files: import both together"
    assert [
        "calls.jsonl:5: a half of a call, without an id",
        f"calls.jsonl:1: a call whose end {missing}",
        f"calls.jsonl:2: a call whose beginning {missing}",
    ] == problems_in(WEAVE, file)
    assert ["a call of something else than a model"] == [
        one.reason for one in found_in(WEAVE, file) if isinstance(one, PassedOver)
    ]
    again = written(tmp_path / "calls.jsonl", [call(), start])
    assert ["what was told of a call that is whole without it"] == [
        one.reason for one in found_in(WEAVE, again) if isinstance(one, PassedOver)
    ]
