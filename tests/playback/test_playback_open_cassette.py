"""What a recording makes of its calls when the test has passed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_llmreplay.capture.tape import RawRequest
from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.header import Header
from pytest_llmreplay.cassette.matching.keys import MatchRules
from pytest_llmreplay.cassette.record_mode import RecordMode
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.playback.live.recorder import CallRecorder
from pytest_llmreplay.playback.open_cassette import OpenCassette
from pytest_llmreplay.playback.place import Place


def opened(folder: Path, *rules: str, mode: RecordMode = "all") -> OpenCassette:
    """A cassette that records."""
    redactor = Redactor(rules)
    return OpenCassette(
        place=Place(path=folder / "a.yaml", root=folder, shown="a.yaml", record="pytest"),
        header=Header(test="tests/test_a.py::test_a"),
        mode=mode,
        rules=MatchRules(redaction=redactor.fingerprint),
        redactor=redactor,
        explain=lambda _cassette, _request, number: AssertionError(number),
    )


def sent(cassette: OpenCassette, text: str) -> CallRecorder:
    """A call whose answer is still to come."""
    body = {"model": "m", "messages": [{"role": "user", "content": text}]}
    recorder = cassette.tape.route(
        RawRequest(
            method="POST",
            url="http://localhost/v1/chat/completions",
            headers={"content-type": "application/json"},
            content=json.dumps(body).encode(),
            library="httpx2",
        )
    )
    assert isinstance(recorder, CallRecorder)
    return recorder


def answer(recorder: CallRecorder, text: str) -> None:
    """The answer comes."""
    recorder.head(200, [("Content-Type", "application/json")])
    recorder.chunk(json.dumps({"choices": [{"message": {"content": text}}]}).encode())
    recorder.finish()


@pytest.mark.parametrize("mode", ["all", "update", "new"])
def test_events_and_people_are_numbered_in_the_order_of_sending(
    tmp_path: Path, mode: RecordMode
) -> None:
    """Answers come in another order."""
    cassette = opened(tmp_path, "email", mode=mode)
    calls = [sent(cassette, f"Write to {name}@example.org") for name in ("ada", "bob")]
    for call in reversed(calls):
        answer(call, "Done.")
    cassette.close()
    committed = cassette.commit()
    assert committed is not None
    assert "a.yaml: 2 recorded" == committed.text
    text = (tmp_path / "a.yaml").read_text()
    events = Cassette.load(tmp_path / "a.yaml").events
    assert [1, 2] == [event.number for event in events]
    assert -1 < text.index("Write to [EMAIL_1]") < text.index("Write to [EMAIL_2]")
    assert [] == list((tmp_path / ".llmreplay/partial").iterdir())


def test_events_can_be_read_while_the_test_runs(tmp_path: Path) -> None:
    """In the order of sending, and each only once."""
    cassette = opened(tmp_path)
    calls = [sent(cassette, text) for text in ("one", "two", "three")]
    answer(calls[1], "2")
    assert ["2"] == [event.response.text for event in cassette.events_so_far()]
    answer(calls[0], "1")
    assert ["1", "2"] == [event.response.text for event in cassette.events_so_far()]
    answer(calls[2], "3")
    assert ["1", "2", "3"] == [event.response.text for event in cassette.events_so_far()]
    cassette.close()


def test_a_partial_file_that_was_taken_away_fails_the_commit(tmp_path: Path) -> None:
    """With one message; no half of a cassette is written."""
    cassette = opened(tmp_path)
    answer(sent(cassette, "one"), "1")
    cassette.close()
    cassette.partial.unlink()
    with pytest.raises(CassetteError, match=r"a\.jsonl: cannot be read: No such file"):
        cassette.commit()
    assert not (tmp_path / "a.yaml").exists()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8"])
def test_what_plays_as_no_llm_call_is_recorded_as_none(tmp_path: Path, encoding: str) -> None:
    """A recording and a playback have one mind about bodies that are no JSON in UTF-8."""
    body = '{"model": "m", "messages": [{"role": "user", "content": "\ud800"}]}'
    request = RawRequest(
        method="POST",
        url="http://localhost/v1/chat/completions",
        headers={"content-type": "application/json"},
        content=body.encode(encoding, "surrogatepass"),
        library="httpx2",
    )
    modes: tuple[RecordMode, ...] = ("all", "update", "none")
    assert [None] * 3 == [opened(tmp_path, mode=mode).tape.route(request) for mode in modes]
