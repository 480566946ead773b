"""Logs of OpenLLM-Monitor, in the shape of its collection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from importers.told_logs import calls_in, one_call, problems_in, written

from pytest_llmreplay.importers.openllm_monitor import OPENLLM_MONITOR


def log(**more: Any) -> dict[str, Any]:
    """A document, as mongoexport writes it."""
    return {
        "_id": {"$oid": "64a1230000000000000000aa"},
        "requestId": "0d8b7c5e-1b9c-4f7e-8d65-111111111111",
        "provider": "mistral",
        "model": "mistral-small-latest",
        "prompt": "Name a river.",
        "completion": "The Rhine.",
        "systemMessage": "Be brief.",
        "parameters": {
            "temperature": 0,
            "maxTokens": {"$numberInt": "40"},
            "topP": 1,
            "frequencyPenalty": 0,
            "presencePenalty": 0.5,
            "stop": [],
        },
        "latency": 1200,
        "tokenUsage": {"promptTokens": 12, "completionTokens": 4, "totalTokens": 16},
        "cost": {"totalCost": 0.0002, "currency": "USD"},
        "status": "success",
        "retryAttempts": 0,
        "isStreaming": False,
        "streamChunks": [],
        "createdAt": {"$date": "2025-06-22T10:30:00.000Z"},
        **more,
    }


def test_a_log_becomes_a_call_of_its_provider(tmp_path: Path) -> None:
    """Prompt, system message, parameters, counts and latency; a temperature of 0 stays 0."""
    call, event = one_call(OPENLLM_MONITOR, written(tmp_path / "logs.jsonl", [log()]))
    assert ("mistral", "64a1230000000000000000aa") == (call.provider, call.id)
    assert "https://api.mistral.ai/v1/chat/completions" == event.exchange.request.url
    assert {
        "model": "mistral-small-latest",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Name a river."},
        ],
        "temperature": 0,
        "max_tokens": 40,
        "presence_penalty": 0.5,
    } == getattr(event.exchange.request.body, "value", None)
    assert ("The Rhine.", 12, 4) == (
        event.response.text,
        event.usage.input_tokens,
        event.usage.output_tokens,
    )
    assert ("2025-06-22T10:30:00.000Z", 1.2) == (call.measured.at, call.measured.duration)


def test_its_own_ids_of_a_request_are_kept(tmp_path: Path) -> None:
    """By which its users find a log, and that of which it is a replay."""
    told = log(isReplay=True, originalLogId="64a123")
    plain, replayed = calls_in(OPENLLM_MONITOR, written(tmp_path / "logs.jsonl", [log(), told]))
    assert {"request_id": "0d8b7c5e-1b9c-4f7e-8d65-111111111111"} == plain.labels
    assert {**plain.labels, "is_replay": "true", "original_log_id": "64a123"} == replayed.labels


def test_the_answer_of_the_api_holds_logs_too(tmp_path: Path) -> None:
    """`GET /api/logs` wraps them twice."""
    path = written(tmp_path / "logs.json", {"success": True, "data": {"logs": [log(), log()]}})
    assert 2 == len(calls_in(OPENLLM_MONITOR, path))


@pytest.mark.parametrize(
    ("status", "expected"), [("error", 500), ("timeout", 504), ("rate_limited", 429)]
)
def test_a_failed_request_is_a_recorded_error(tmp_path: Path, status: str, expected: int) -> None:
    """With the status that OpenLLM-Monitor made its word of."""
    told = log(status=status, completion="", error={"message": "It broke.", "code": "E1"})
    _, event = one_call(OPENLLM_MONITOR, written(tmp_path / "logs.jsonl", [told]))
    error = event.response.error
    assert error is not None
    assert (expected, "It broke.") == (error.status, error.message)


def test_a_streamed_log_becomes_a_stream(tmp_path: Path) -> None:
    """The request asks for a stream, and the answer is one."""
    told = log(isStreaming=True)
    _, event = one_call(OPENLLM_MONITOR, written(tmp_path / "logs.jsonl", [told]))
    assert (True, "The Rhine.", 4) == (
        event.request.stream,
        event.response.text,
        event.usage.output_tokens,
    )


def test_counts_of_zero_are_unknown(tmp_path: Path) -> None:
    """Its schema writes zero where nothing was counted."""
    told = log(tokenUsage={"promptTokens": 0, "completionTokens": 0})
    _, event = one_call(OPENLLM_MONITOR, written(tmp_path / "logs.jsonl", [told]))
    assert (None, None) == (event.usage.input_tokens, event.usage.output_tokens)


def test_what_the_log_did_not_keep_whole_is_told(tmp_path: Path) -> None:
    """A prompt that was cut is another prompt."""
    path = written(
        tmp_path / "logs.jsonl",
        [
            log(prompt=""),
            log(prompt="Once upon" + "... [TRUNCATED]"),
            log(completion="[REDACTED]"),
            log(completion=""),
            log(model=None),
        ],
    )
    assert [
        "logs.jsonl:1: no prompt",
        "logs.jsonl:2: the log cut its text at a length, so it is not what was said",
        "logs.jsonl:3: its text is redacted: there is nothing to replay",
        "logs.jsonl:4: no completion",
        "logs.jsonl:5: no model",
    ] == problems_in(OPENLLM_MONITOR, path)
