"""Conversations that their provider keeps, put into the requests of a session."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pytest_llmreplay.cassette import Cassette
from pytest_llmreplay.replay.sessions.kept_conversations import session_events
from pytest_llmreplay.replay.unsent.unsendable import recorded_body

HOST = "https://api.openai.com/v1"
RULE: Any = {"role": "developer", "content": "Be brief."}
CREATED = ("POST", "/conversations", {"items": [RULE]}, {"object": "conversation", "id": "conv_1"})


def asks(words: str, said: str, kept: Any = "conv_1", **more: Any) -> tuple[Any, ...]:
    """A response to these words in a conversation."""
    text = {"type": "output_text", "text": said, "annotations": []}
    message = {"type": "message", "role": "assistant", "id": "msg_1", "content": [text]}
    answer = {"object": "response", "id": "resp_1", "output": [message]}
    body = {"model": "m", "input": words, "conversation": kept}
    return ("POST", "/responses", body, answer | more)


def inputs(path: Path, *calls: tuple[Any, ...], places: list[int] | None = None) -> list[Any]:
    """What the requests of a session tell as their input; none where they name a conversation."""
    documents = (
        f"--- # key r1:{number:016x}\nevent: {number}\nprovider: openai\n"
        f"api: {'responses' if where == '/responses' else 'other'}\n"
        f"request:\n  method: {method}\n  url: {HOST}{where}\n  headers: {{}}\n"
        f"  body: {json.dumps(body)}\nresponse:\n  status: {status[0] if status else 200}\n"
        "  headers: {content-type: application/json}\n"
        f"  body: {json.dumps(answer)}\n...\n"
        for number, (method, where, body, answer, *status) in enumerate(calls, 1)
    )
    file = path / "c.yaml"
    file.write_text("".join(["cassette: 1\n", *documents]))
    events = session_events(Cassette.load(file), places or [*range(len(calls))])
    bodies = [recorded_body(event) or {} for event in events if event.api == "responses"]
    return [None if "conversation" in body else body["input"] for body in bodies]


def user(words: str) -> Any:
    """What the user says."""
    return {"role": "user", "content": words}


def told(said: list[Any]) -> list[str]:
    """Each message as its words."""
    return [
        one["content"] if isinstance(one["content"], str) else one["content"][0]["text"]
        for one in said
    ]


def test_each_request_tells_what_was_said_before(tmp_path: Path) -> None:
    """From its first items on, with those added meanwhile; an object may hold the id."""
    added: tuple[Any, ...] = (
        "POST",
        "/conversations/conv_1/items",
        {"items": [user("By the way.")]},
        {},
    )
    noted: tuple[Any, ...] = ("POST", "/conversations/conv_1", {"metadata": {"a": "b"}}, {})
    looked: tuple[Any, ...] = ("GET", "/conversations/conv_1/items?limit=5", None, {"data": []})
    calls = [asks("Paris?", "Rain."), added, noted, looked, asks("Sure?", "Yes.", {"id": "conv_1"})]
    first, second = inputs(tmp_path, CREATED, *calls)
    assert [RULE, user("Paris?")] == first
    assert ["Be brief.", "Paris?", "Rain.", "By the way.", "Sure?"] == told(second)


def test_events_that_were_not_selected_were_said_all_the_same(tmp_path: Path) -> None:
    """The whole cassette tells what a conversation holds."""
    calls = [CREATED, asks("Paris?", "Rain."), asks("Rome?", "Sun.")]
    (only,) = inputs(tmp_path, *calls, places=[2])
    assert ["Be brief.", "Paris?", "Rain.", "Rome?"] == told(only)


@pytest.mark.parametrize(
    "between",
    [
        ("DELETE", "/conversations/conv_1/items/msg_1", None, {}),
        ("DELETE", "/conversations/conv_1", None, {}),
        ("POST", "/conversations/conv_1/items", {"items": [RULE]}, {"error": {}}, 500),
        (*asks("Rome?", "Sun."), 500),
        asks("Rome?", "Sun.", error={"message": "overloaded"}),
    ],
)
def test_what_nobody_knows_is_not_told(tmp_path: Path, between: tuple[Any, ...]) -> None:
    """Items that were taken away, and failures, which may have left something behind."""
    calls = [CREATED, asks("Paris?", "Rain."), between, asks("Sure?", "Yes.")]
    first, *_, last = inputs(tmp_path, *calls)
    assert ["Be brief.", "Paris?"] == told(first)
    assert last is None


def test_a_conversation_without_its_beginning_is_not_told(tmp_path: Path) -> None:
    """Nor one whose beginning failed, or is damaged."""
    other: tuple[Any, ...] = (
        "POST",
        "/conversations",
        {},
        {"object": "conversation", "id": "conv_2"},
    )
    failed = (*CREATED[:3], {"error": {"message": "no"}}, 400)
    for begin in (other, failed):
        assert [None] == inputs(tmp_path, begin, asks("Paris?", "Rain."))
    file = tmp_path / "c.yaml"
    inputs(tmp_path, CREATED, asks("Paris?", "Rain."))
    file.write_text(file.read_text().replace("method: POST", "method: {", 1))
    (event,) = session_events(Cassette.load(file), [1])
    assert "conversation" in (recorded_body(event) or {})
