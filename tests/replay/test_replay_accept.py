"""Answers that become baselines: what their cassette is read for."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from cassette.made_events import answer, event, request

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.accepted import Accepted
from pytest_llmreplay.cassette.documents.header import Header
from pytest_llmreplay.cassette.documents.index import CassetteIndex
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.cassette.writing.draft import Draft
from pytest_llmreplay.event import Event, Json
from pytest_llmreplay.replay.baselines.accept import accept_answers
from pytest_llmreplay.replay.baselines.baseline import join_key

EVENTS = 12


def accepted(number: int, text: str) -> Accepted:
    """An answer of another model to an event."""
    return Accepted(
        number=number,
        target="openai/gpt-5-mini",
        key=join_key(asked(number)),
        provider="openai",
        api="chat_completions",
        model="gpt-5-mini",
        response=answer(text),
    )


def asked(number: int) -> Event:
    """An event with a request of its own."""
    body: Json = {"model": "m", "messages": [{"role": "user", "content": f"Question {number}"}]}
    return event(number, sent=request(body))


def test_accepting_again_reads_each_document_as_often_as_in_a_small_cassette(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time to accept thousands of answers anew grows with their number, not its square."""
    path = tmp_path / "a.yaml"
    draft = Draft(Header(), path=path)
    for number in range(1, EVENTS + 1):
        draft.add(asked(number))
        draft.accept(accepted(number, "as before"))
    path.write_text(draft.text, encoding="utf-8")
    read: Counter[int] = Counter()
    decoded = CassetteIndex.decoded

    def counted(index: CassetteIndex, start: int, end: int) -> str:
        read[start] += 1
        return decoded(index, start, end)

    monkeypatch.setattr(CassetteIndex, "decoded", counted)
    answers = [accepted(number, "as now") for number in range(1, EVENTS + 1)]
    assert accept_answers(path, answers, root=tmp_path, redactor=Redactor()).changed
    assert max(read.values()) < EVENTS / 2
    known = Cassette.load(path).accepted["openai/gpt-5-mini"]
    assert {"as now"} == {one.accepted.baseline(asked(1)).response.text for one in known.values()}
