"""Streams of JSON lines, as Ollama sends them: recorded line by line, without secrets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pytest_llmreplay.capture.tape import Playback, RawRequest
from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.header import Header
from pytest_llmreplay.cassette.matching.keys import MatchRules
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.event import HttpResponse, StreamBody
from pytest_llmreplay.playback.live.recorder import CallRecorder
from pytest_llmreplay.playback.open_cassette import OpenCassette
from pytest_llmreplay.playback.place import Place

KEY = "sk-a8Kd93LmQ0zX7vB2nT5yRw1ca8Kd93"
REQUEST = RawRequest(
    method="POST",
    url="http://127.0.0.1:11434/api/chat",
    headers={"content-type": "application/json"},
    content=json.dumps(
        {"model": "qwen3", "messages": [{"role": "user", "content": "hi"}]}
    ).encode(),
    library="httpx",
)


def line(text: str, number: int, **more: Any) -> bytes:
    """One line of an answer."""
    told = {
        "model": "qwen3",
        "created_at": f"2026-11-20T17:00:00.{number:06d}Z",
        "message": {"role": "assistant", "content": text},
        "done": False,
    }
    return json.dumps(told | more, separators=(",", ":")).encode() + b"\n"


def stream(*words: str) -> list[bytes]:
    """The lines of an answer."""
    last = line("", 99, done=True, done_reason="stop", prompt_eval_count=3, eval_count=len(words))
    return [*(line(word, place) for place, word in enumerate(words)), last]


def opened(folder: Path, mode: Any) -> OpenCassette:
    """A cassette of a test."""
    return OpenCassette(
        place=Place(path=folder / "a.yaml", root=folder, shown="a.yaml", record="pytest"),
        header=Header(test="tests/test_a.py::test_a"),
        mode=mode,
        rules=MatchRules(),
        redactor=Redactor(()),
        explain=lambda _cassette, _request, number: AssertionError(number),
    )


def recorded(folder: Path, pieces: list[bytes], content_type: str) -> str:
    """The text of the cassette that a call leaves."""
    cassette = opened(folder, "all")
    recorder = cassette.tape.route(REQUEST)
    assert isinstance(recorder, CallRecorder)
    recorder.head(200, [("Content-Type", content_type)])
    for piece in pieces:
        recorder.chunk(piece)
    recorder.finish()
    cassette.close()
    cassette.commit()
    return (folder / "a.yaml").read_text()


def chunks_of(folder: Path) -> list[bytes]:
    """The pieces of the recorded answer."""
    (event,) = Cassette.load(folder / "a.yaml").events
    response = event.exchange.response
    assert isinstance(response, HttpResponse)
    assert isinstance(response.body, StreamBody)
    return [chunk.data for chunk in response.body.chunks]


@pytest.mark.parametrize("content_type", ["application/x-ndjson", "application/json"])
def test_lines_are_recorded_as_they_came(tmp_path: Path, content_type: str) -> None:
    """One chunk per line, however the connection cut them, and only the words are shown."""
    lines = stream("The ", "council ", "will ", "turn.")
    data = b"".join(lines)
    text = recorded(tmp_path, [data[:50], data[50:200], data[200:]], content_type)
    assert lines == chunks_of(tmp_path)
    assert "- text: The council will turn." in text
    assert '"2026-11-20T17:00:00.000001Z" "council "' in text
    assert 2 == text.count('"created_at"')
    assert "input_tokens: 3, output_tokens: 4" in text


def test_lines_are_played_one_by_one(tmp_path: Path) -> None:
    """The client gets a stream again."""
    lines = stream("The ", "council.")
    recorded(tmp_path, lines, "application/x-ndjson")
    played = opened(tmp_path, "none").tape.route(REQUEST)
    assert isinstance(played, Playback)
    assert lines == list(played.chunks)
    assert "application/x-ndjson" == dict(played.headers)["content-type"]


def test_lines_are_taken_the_quick_way(tmp_path: Path) -> None:
    """As server-sent events are: without a look at the rest of the document."""
    lines = stream("The ", "council.")
    recorded(tmp_path, lines, "application/x-ndjson")
    plain = Cassette.load(tmp_path / "a.yaml").plain_answer(0)
    assert plain is not None
    assert lines == list(plain.pieces)


def test_a_secret_cut_into_lines_is_taken_out(tmp_path: Path) -> None:
    """It shows in no line, but in all of them read as one."""
    cut = [KEY[at : at + 4] for at in range(0, len(KEY), 4)]
    text = recorded(tmp_path, stream("Use ", *cut, " now."), "application/x-ndjson")
    assert KEY not in text
    assert cut[3] not in text
    (event,) = Cassette.load(tmp_path / "a.yaml").events
    assert "Use [REDACTED" in event.response.text
    assert event.response.text.endswith(" now.")
    assert [] == list((tmp_path / ".llmreplay/partial").iterdir())


def test_an_answer_edited_by_hand_is_played_in_lines(tmp_path: Path) -> None:
    """Without its stream, the words of the cassette make a new one."""
    text = recorded(tmp_path, stream("The ", "council."), "application/x-ndjson")
    start, end = text.index("  framing:"), text.index("measured:")
    edited = text[:start] + text[end:]
    (tmp_path / "a.yaml").write_text(edited.replace("- text: The council.", "- text: The mayor."))
    played = opened(tmp_path, "none").tape.route(REQUEST)
    assert isinstance(played, Playback)
    told = [json.loads(piece) for piece in played.chunks]
    assert ["The ", "mayor.", ""] == [piece["message"]["content"] for piece in told]
    assert [False, False, True] == [piece["done"] for piece in told]
    assert 2 == told[-1]["eval_count"]
