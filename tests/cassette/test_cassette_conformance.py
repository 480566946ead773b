"""Valid cassettes and what they say; invalid ones and what their readers are told.

A golden file is written anew when LLMREPLAY_GOLDEN is set. Read the difference before you keep it.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
from pathlib import Path

import pytest

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.answer import answer_of
from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.cassette.side_files.files import folder_of
from pytest_llmreplay.cassette.writing.draft import Draft
from pytest_llmreplay.errors import CassetteDamaged, CassetteTooNew
from pytest_llmreplay.event import Event

CONFORMANCE = Path(__file__).parent / "conformance"
VALID = sorted((CONFORMANCE / "valid").glob("*.yaml"))
INVALID = sorted((CONFORMANCE / "invalid").glob("*.yaml"))
MESSAGES = CONFORMANCE / "invalid" / "messages.txt"

cassettes = pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
damaged = pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)


def plain(value: object) -> object:
    """What JSON cannot say, as text; dataclasses by their fields, with their kind."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {
            field.name: plain(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if field.name != "decoder"
        }
        return {"is": type(value).__name__, **fields}
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def told(cassette: Cassette) -> str:
    """Everything a cassette says, as JSON."""
    answers = [document.accepted for document in cassette.accepted_documents()]
    everything = {
        "header": plain(cassette.header),
        "keys": dict(cassette.by_key),
        "events": [event_told(document) for document in cassette.documents],
        "accepted": [plain(answer) for answer in answers],
    }
    return json.dumps(everything, indent=1) + "\n"


def event_told(document: EventDocument) -> object:
    """An event; an answer that a person wrote in words, as its wire form is made when it plays."""
    told = document.sections["response"]
    assert isinstance(told, dict)
    if "answer" in document.sections and "stream" not in told:
        return answer_of(document.event.response)
    return plain(document.event)


def beside(path: Path, directory: Path) -> Path:
    """Where a changed copy of a cassette goes; the files that it refers to are there already."""
    if (folder := folder_of(path)).is_dir():
        shutil.copytree(folder, directory / folder.name)
    return directory / path.name


def golden(path: Path, text: str) -> str:
    """What the golden file holds; written first, where that is asked for."""
    if "LLMREPLAY_GOLDEN" in os.environ:
        path.write_text(text, encoding="utf-8")
    return path.read_text(encoding="utf-8")


def problem_of(path: Path) -> str:
    """What the reader of a damaged cassette is told, without the folder."""
    with pytest.raises((CassetteDamaged, CassetteTooNew)) as problem:
        Cassette.load(path).check()
    return str(problem.value).replace(f"{path.parent}{os.sep}", "")


@cassettes
def test_valid_cassette_says_what_its_golden_file_says(path: Path) -> None:
    """Each valid cassette has one meaning."""
    text = told(Cassette.load(path))
    assert golden(path.with_suffix(".json"), text) == text


@cassettes
def test_both_readers_say_the_same(path: Path) -> None:
    """Fast reading and strict reading of a cassette agree."""
    cassette = Cassette.load(path)
    cassette.check()
    for document in cassette.documents:
        strict = dataclasses.replace(document)
        strict.sections.read_whole()
        assert strict.event == document.event


@cassettes
def test_line_ends_of_a_windows_checkout_change_nothing(path: Path, tmp_path: Path) -> None:
    """CR LF reads as LF."""
    windows = beside(path, tmp_path)
    windows.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    cassette = Cassette.load(windows)
    cassette.check()
    assert told(Cassette.load(path)) == told(cassette)


@cassettes
def test_byte_order_mark_changes_nothing(path: Path, tmp_path: Path) -> None:
    """Some editors put a mark before the text."""
    marked = beside(path, tmp_path)
    marked.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert told(Cassette.load(path)) == told(Cassette.load(marked))


@cassettes
def test_rewriting_keeps_every_byte_of_the_documents(path: Path, tmp_path: Path) -> None:
    """What did not change is not touched."""
    cassette = Cassette.load(path)
    draft = Draft(cassette.header, path=tmp_path / path.name)
    for document in cassette.documents:
        draft.keep(document)
        assert draft.text.endswith(document.text)


@cassettes
def test_written_anew_a_cassette_says_the_same(path: Path, tmp_path: Path) -> None:
    """Events that are written and read back are equal."""
    cassette = Cassette.load(path)
    draft = Draft(cassette.header, path=tmp_path / path.name)
    for document in cassette.documents:
        draft.add(document.event, document.key)
    draft.check(draft.text.encode())
    again = Cassette.of(draft.text.encode(), path=path)
    assert events_of(cassette) == events_of(again)


def events_of(cassette: Cassette) -> list[Event]:
    """All events; equality leaves out their decoders."""
    return list(cassette.events)


def test_messages_name_place_problem_and_way_out() -> None:
    """Every damage ends in the one message that its golden line says."""
    text = "".join(f"{path.stem}\n    {problem_of(path)}\n" for path in INVALID)
    assert golden(MESSAGES, text) == text


@damaged
def test_message_names_file_and_line(path: Path) -> None:
    """A problem is found without searching."""
    assert re.match(rf"{re.escape(path.name)}:\d+: ", problem_of(path))


@damaged
def test_damage_is_found_with_the_line_ends_of_windows(path: Path, tmp_path: Path) -> None:
    """The messages do not depend on line ends."""
    windows = beside(path, tmp_path)
    windows.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert problem_of(path) == problem_of(windows)
