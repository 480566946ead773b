"""Calls that ask no model: answers that are polled, token counts, files and batches."""

from __future__ import annotations

import json

import pytest
from projects import Project
from sdk_clients import needs
from servers.exchange import Behaviour
from servers.provider_server import raw

CLIENT = """
    def client():
        return openai.OpenAI(
            api_key="sk-test-0123456789abcdef0123", base_url=os.environ["CHAT_URL"], max_retries=0
        )
"""
POLLED = """
    @pytest.mark.llm_cassette
    def test_it():
        with client() as sdk:
            answer = sdk.responses.create(model="gpt-5", input="x", background=True)
            seen = [answer.status]
            while answer.status in ("queued", "in_progress"):
                answer = sdk.responses.retrieve(answer.id)
                seen.append(answer.status)
            sdk.responses.delete(answer.id)
        assert ["queued", "in_progress", "in_progress", "completed"] == seen
        assert "hello" == answer.output_text
"""
STORED = """
    @pytest.mark.llm_cassette
    def test_it():
        with client() as sdk:
            assert "hello" == sdk.chat.completions.retrieve("chatcmpl-1").choices[0].message.content
            assert "cancelled" == sdk.responses.cancel("resp_1").status
            assert ["i"] == [item.id for item in sdk.responses.input_items.list("resp_1")]
"""
COUNTED = """
    @pytest.mark.llm_cassette
    def test_it():
        with anthropic.Anthropic(
            api_key="sk-ant-test-0123456789abcdef", base_url=os.environ["MESSAGES_URL"]
        ) as sdk:
            counted = sdk.messages.count_tokens(
                model="claude-sonnet-4-6", messages=[{"role": "user", "content": "x"}]
            )
        assert 5 == counted.input_tokens
"""
BATCH = """
    @pytest.mark.llm_cassette
    def test_it():
        with client() as sdk:
            file = sdk.files.create(file=("b.jsonl", b'{"a": 1}'), purpose="batch")
            batch = sdk.batches.create(
                input_file_id=file.id,
                endpoint="/v1/chat/completions",
                completion_window="24h",
            )
            seen = [batch.status]
            while batch.status != "completed":
                batch = sdk.batches.retrieve(batch.id)
                seen.append(batch.status)
            lines = sdk.files.content(batch.output_file_id).content
        assert ["validating", "in_progress", "completed"] == seen
        assert b'{"x": 1}\\n{"x": 2}\\n' == lines
"""


def answers(**body: object) -> Behaviour:
    """An object."""
    return raw(json.dumps(body).encode())


def response(status: str, *output: object) -> Behaviour:
    """A kept answer of OpenAI's responses."""
    fixed = {"parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "created_at": 1}
    known = {"object": "response", "id": "resp_1", "model": "gpt-5", **fixed}
    return answers(**known, status=status, output=output)


def message(text: str) -> dict[str, object]:
    """Something said, as responses list it."""
    part = {"type": "output_text", "text": text, "annotations": []}
    known = {"type": "message", "id": "i", "role": "assistant", "status": "completed"}
    return {**known, "content": [part]}


def batch(status: str, **more: object) -> Behaviour:
    """A batch."""
    asked = {"endpoint": "/v1/chat/completions", "completion_window": "24h", "created_at": 1}
    known = {"id": "batch_1", "object": "batch", "input_file_id": "file-1", **asked}
    return answers(**known, status=status, **more)


def recorded_then_played(project: Project, test: str, *behaviours: Behaviour) -> str:
    """Record a test, and play it when the server is gone; the cassette's text."""
    project.tests(CLIENT + test)
    project.server.next(*behaviours)
    project.record().assert_outcomes(passed=1)
    assert len(behaviours) == len(project.server.seen)
    project.server.stop()
    project.run().assert_outcomes(passed=1)
    return project.cassette().read_text()


def skips(project: Project, *reasons: str, passed: int = 0) -> None:
    """A check of the cassettes against themselves says why each of the others is left out."""
    result = project.run("--llm-replay", "-rs")
    result.assert_outcomes(passed=passed, skipped=len(reasons))
    result.stdout.fnmatch_lines_random([f"SKIPPED*: not replayed: {why}" for why in reasons])
    assert pytest.ExitCode.OK == result.ret


@needs(openai="1.92")
def test_a_background_response_is_polled_in_the_order_of_its_recording(project: Project) -> None:
    """Equal questions get the answers one after the other, as they came."""
    waits = [response(status) for status in ("queued", "in_progress", "in_progress")]
    done = response("completed", message("hello"))
    text = recorded_then_played(project, POLLED, *waits, done, raw(b""))
    assert 1 == text.count("api: responses\n")
    assert 4 == text.count("api: other\n")
    polled = "GET: no model is asked"
    skips(project, polled, polled, polled, "DELETE: no model is asked", passed=1)


@needs(openai="1.92")
def test_stored_answers_are_read_from_the_cassette(project: Project) -> None:
    """Read, stopped and listed by their ids."""
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "a", "content": "hello"}}
    stored = {"id": "chatcmpl-1", "object": "chat.completion", "model": "m", "created": 1}
    page = answers(object="list", data=[message("x")], has_more=False, first_id="i", last_id="i")
    behaviours = (answers(**stored, choices=[choice]), response("cancelled"), page)
    text = recorded_then_played(project, STORED, *behaviours)
    assert 3 == text.count("api: other\n")
    kept = "files, batches and kept answers are those of the recorded account"
    skips(project, "GET: no model is asked", kept, "GET: no model is asked")


@needs(anthropic="0.47")
def test_tokens_are_counted_from_the_cassette(project: Project) -> None:
    """No model answers, yet nobody is asked."""
    text = recorded_then_played(project, COUNTED, answers(input_tokens=5))
    assert "api: other\n" in text
    skips(project, "token count: no model answers it")


def test_a_batch_and_its_files_play_where_the_host_is_named(project: Project) -> None:
    """Their paths say nothing of models: a private host is named, as one of a provider is known."""
    project.write("pyproject.toml", '[tool.pytest.ini_options]\nllm_hosts = ["127.0.0.1"]\n')
    file = {"object": "file", "bytes": 8, "created_at": 1, "filename": "b", "purpose": "batch"}
    behaviours = (
        answers(id="file-1", status="processed", **file),
        batch("validating"),
        batch("in_progress"),
        batch("completed", output_file_id="file-2"),
        raw(b'{"x": 1}\n{"x": 2}\n', content_type="application/octet-stream"),
    )
    text = recorded_then_played(project, BATCH, *behaviours)
    assert 5 == text.count("api: other\n")
    kept = "files, batches and kept answers are those of the recorded account"
    read = "GET: no model is asked"
    skips(project, kept, kept, read, read, read)
