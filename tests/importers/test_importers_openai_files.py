"""`import openai-batch` and `import openai-finetune`: files of OpenAI's own."""

from __future__ import annotations

from typing import Any

import pytest
from importing import ANSWER, QUESTION, Importing, lines

from pytest_llmreplay.event import Json, JsonBody

KEEP = ("--redact", "none")


def asked(name: str, url: str = "/v1/chat/completions") -> dict[str, Any]:
    """A line of an input file."""
    return {"custom_id": name, "method": "POST", "url": url, "body": QUESTION}


def answered(name: str, **more: Any) -> dict[str, Any]:
    """A line of an output file."""
    response = {"status_code": 200, "request_id": f"req-{name}", "body": ANSWER}
    return {
        "id": f"batch_req_{name}",
        "custom_id": name,
        "response": response,
        "error": None,
        **more,
    }


@pytest.mark.parametrize("order", [("in.jsonl", "out.jsonl"), ("out.jsonl", "in.jsonl")])
def test_a_request_and_its_answer_are_one_call(project: Importing, order: tuple[str, str]) -> None:
    """Joined by their id, in whichever order lines and files come."""
    project.file("in.jsonl", lines(asked("a"), asked("b")))
    project.file("out.jsonl", lines(answered("b"), answered("a")))
    told = project.good("openai-batch", *order, *KEEP)
    assert "imported 2 calls into 1 cassette in out\n" == told
    first, second = project.events("out/out.yaml")
    assert ["b", "a"] == [first.labels["custom_id"], second.labels["custom_id"]]
    assert ("openai", "chat_completions", "wire", "Hi.") == (
        first.provider,
        first.api,
        first.origin,
        first.response.text,
    )
    assert "https://api.openai.com/v1/chat/completions" == first.exchange.request.url
    assert (None, "req-b") == (first.measured.duration, first.measured.request_id)


def test_what_a_batch_left_open_is_told(project: Importing) -> None:
    """Expired and failed requests, files that do not fit, ids that stand twice."""
    expired = {"code": "batch_expired", "message": "This request could not be executed in time."}
    refused = {"status_code": 400, "request_id": "r", "body": {"error": {"message": "No."}}}
    project.file(
        "in.jsonl",
        lines(asked("a"), asked("b"), asked("c"), asked("a"), {"url": "/v1", "body": {}}),
    )
    project.file(
        "out.jsonl",
        lines(
            answered("a", response=None, error=expired),
            answered("b", response=refused),
            answered("nobody"),
            {"response": refused},
        ),
    )
    done = project.run("openai-batch", "in.jsonl", "out.jsonl", *KEEP)
    assert 1 == done.returncode
    assert [
        "in.jsonl:4: has the custom_id of in.jsonl:1; import each batch by itself",
        "in.jsonl:5: no custom_id",
        "out.jsonl:1: the request was not answered: This request could not be executed in time.",
        "out.jsonl:3: no input line has the custom_id 'nobody'; add the input file",
        "out.jsonl:4: no input line has the custom_id ''; no line of an output file is without",
        "in.jsonl:3: no line of the output answers this request",
    ] == done.stderr.splitlines()
    [event] = project.events("out/out.yaml")
    assert "No." == (event.response.error and event.response.error.message)


SYSTEM: Json = {"role": "system", "content": "Be short."}
TOOL: Any = {"type": "function", "function": {"name": "search", "parameters": {}}}


def say(role: str, content: str, **more: Any) -> dict[str, Any]:
    """A message."""
    return {"role": role, "content": content, **more}


def test_each_answer_of_a_training_line_is_a_call(project: Importing) -> None:
    """With all that was said before; what is not trained on is history only."""
    messages = [
        SYSTEM,
        say("user", "One?"),
        say("assistant", "1", weight=0),
        say("user", "Two?"),
        say("assistant", "2", weight=1),
        say("user", "Three?"),
        say("assistant", "3"),
    ]
    project.file("train.jsonl", lines({"messages": messages, "tools": [TOOL]}))
    told = project.good("openai-finetune", "train.jsonl", *KEEP)
    assert "imported 2 calls into 1 cassette in out (2 reconstructed)\n" == told
    first, second = project.events("out/train.jsonl-1.yaml")
    assert ["2", "3"] == [first.response.text, second.response.text]
    assert first.exchange.request.body == JsonBody(
        value={
            "messages": [
                SYSTEM,
                say("user", "One?"),
                say("assistant", "1"),
                say("user", "Two?"),
            ],
            "tools": [TOOL],
        }
    )
    assert ("reconstructed", None, "search") == (
        second.origin,
        second.model,
        second.request.tools[0].name,
    )


def test_a_tool_call_ends_a_turn_as_such(project: Importing) -> None:
    """A replay compares how answers end."""
    call = {"id": "c1", "type": "function", "function": {"name": "search", "arguments": "{}"}}
    answer: Any = {"role": "assistant", "tool_calls": [call]}
    project.file("train.jsonl", lines({"messages": [say("user", "Find it."), answer]}))
    project.good("openai-finetune", "train.jsonl", *KEEP)
    [event] = project.events("out/train.yaml")
    assert "tool_call" == event.response.choices[0].finish_reason
    assert ["search"] == [call.name for call in event.response.tool_calls]


def test_of_two_answers_the_preferred_one_counts(project: Importing) -> None:
    """Files for direct preference optimisation."""
    line: Any = {
        "input": {"messages": [say("user", "Hello?")], "tools": []},
        "preferred_output": [say("assistant", "Hi.")],
        "non_preferred_output": [say("assistant", "What?")],
    }
    project.file("prefer.jsonl", lines(line))
    project.good("openai-finetune", "prefer.jsonl", *KEEP)
    [event] = project.events("out/prefer.yaml")
    assert "Hi." == event.response.text


def test_lines_without_an_answer_are_told(project: Importing) -> None:
    """Also one whose turns, each with all before, would fill the disk."""
    turns = [say("user", "x" * 50_000), say("assistant", "y")] * 200
    project.file(
        "train.jsonl",
        lines(
            {"messages": [say("user", "Hello?")]},
            {"messages": "Hello?"},
            {"input": {}},
            {"messages": turns},
        ),
    )
    done = project.run("openai-finetune", "train.jsonl", *KEEP)
    assert 1 == done.returncode
    assert [
        *(f"train.jsonl:{n}: no message of the assistant to compare with" for n in (1, 2, 3)),
        "train.jsonl:4: its 200 turns, each with all before, would take more than 1 GB",
    ] == done.stderr.splitlines()
