"""What docs/importing.md promises of each source."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from importing import Importing

from pytest_llmreplay.importers.registry import SOURCES

TEXT = (Path(__file__).parents[2] / "docs/importing.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_is_told_with_a_command(name: str) -> None:
    """And whether it demands a decision about personal data."""
    row = re.search(rf"^\| `{name}` \|.*\| (.*) \|$", TEXT, re.MULTILINE)
    assert row is not None
    assert ("demanded" if SOURCES[name].personal else "–") == row[1]  # noqa: RUF001  # as it stands
    [command] = re.findall(rf"^\$ pytest-llmreplay import {name} .*$", TEXT, re.MULTILINE)[-1:]
    assert SOURCES[name].personal == ("--redact" in command)


def test_the_line_that_is_enough_is_enough(project: Importing) -> None:
    """Copied from the page."""
    project.file("calls.jsonl", TEXT.partition("```json\n")[2].partition("```")[0])
    project.good("jsonl", "calls.jsonl", "--redact", "none")
    assert 1 == len(project.events("out/calls.yaml"))


SAID = {"role": "user", "content": "Hi"}
MESSAGE = {
    "type": "message",
    "role": "assistant",
    "content": [{"type": "text", "text": "Yes."}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 3, "output_tokens": 2},
}
CHAT = {
    "object": "chat.completion",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Yes."}}],
}
CLAUDE = {"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": [SAID]}
ON_BEDROCK = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": [SAID]}
CONVERSED = {
    "output": {"message": {"role": "assistant", "content": [{"text": "Yes."}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 3, "outputTokens": 2, "totalTokens": 5},
}


def invocation(operation: str, model: str, asked: Any, answered: Any) -> dict[str, Any]:
    """A line of Bedrock's log."""
    told = {"schemaType": "ModelInvocationLog", "region": "eu-west-1", "requestId": operation}
    bodies = {"input": {"inputBodyJson": asked}, "output": {"outputBodyJson": answered}}
    return {**told, **bodies, "operation": operation, "modelId": model}


RECIPES: dict[str, tuple[list[Any], list[str]]] = {
    "litellm.jsonl": (
        [
            {
                "status": "success",
                "litellm_call_id": "1",
                "startTime": 1796079536.6,
                "response_time": 1.2,
                "custom_llm_provider": "openai",
                "model": "gpt-5-mini",
                "messages": [SAID],
                "model_parameters": {"stream": True, "temperature": 0},
                "response": CHAT,
            },
            {"status": "failure"},
        ],
        ["openai chat_completions gpt-5-mini"],
    ),
    "bedrock.jsonl": (
        [
            invocation(
                "ConverseStream",
                "amazon.nova-lite-v1:0",
                {"messages": [{"role": "user", "content": [{"text": "Hi"}]}]},
                CONVERSED,
            ),
            invocation("InvokeModel", "anthropic.claude-x", ON_BEDROCK, MESSAGE),
            invocation("InvokeModelWithResponseStream", "anthropic.claude-x", ON_BEDROCK, [{}]),
        ],
        ["bedrock converse amazon.nova-lite-v1:0", "bedrock messages anthropic.claude-x"],
    ),
    "input.jsonl": (
        [
            {"custom_id": "a", "params": CLAUDE},
            {"custom_id": "b", "params": CLAUDE},
            {"custom_id": "a", "result": {"type": "succeeded", "message": MESSAGE}},
            {"custom_id": "b", "result": {"type": "expired"}},
        ],
        ["anthropic messages claude-sonnet-4-5"],
    ),
    "output.jsonl.out": (
        [{"recordId": "1", "modelInput": ON_BEDROCK, "modelOutput": MESSAGE}],
        ["bedrock messages anthropic.claude-3-haiku-20240307-v1:0"],
    ),
    "inspect.json": (
        [
            {
                "samples": [
                    {
                        "id": 1,
                        "events": [
                            {"event": "sample_init"},
                            {
                                "event": "model",
                                "timestamp": "2026-11-30T10:00:00+00:00",
                                "call": {"request": CLAUDE, "response": MESSAGE},
                            },
                        ],
                    }
                ]
            }
        ],
        ["anthropic messages claude-sonnet-4-5"],
    ),
}


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
@pytest.mark.parametrize("file", RECIPES)
def test_the_recipes_for_other_logs_make_lines_that_are_imported(
    project: Importing, file: str
) -> None:
    """Each as it stands on the page, for a log of the shape that it is for."""
    lines, expected = RECIPES[file]
    project.file(file, "".join(f"{json.dumps(line)}\n" for line in lines))
    project.file("results.jsonl", "")
    shell = re.findall(r"^\$ ((?:.*\n    )*.*)$", TEXT, re.MULTILINE)
    [recipe] = [one for one in shell if one.startswith("jq") and f" {file} " in one]
    subprocess.run(["bash", "-c", recipe], cwd=project.path, check=True)
    project.good("jsonl", "calls.jsonl", "--redact", "none")
    assert expected == [
        f"{event.provider} {event.api} {event.model}"
        for name in project.written()
        for event in project.events(f"out/{name}")
    ]
    assert {"Yes."} == {
        event.response.text for name in project.written() for event in project.events(f"out/{name}")
    }
