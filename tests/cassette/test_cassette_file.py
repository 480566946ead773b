"""The file of a cassette: found, opened lazily, put together, read back."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cassette.made_events import answer, event, request, streamed

import pytest_llmreplay.cassette
from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.accepted import Accepted
from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.cassette.documents.header import Header, header_text
from pytest_llmreplay.cassette.documents.index import CassetteIndex
from pytest_llmreplay.cassette.writing.draft import Draft
from pytest_llmreplay.cassette.writing.readback import check_same
from pytest_llmreplay.errors import CassetteDamaged, CassetteError, CassetteTooNew
from pytest_llmreplay.event import (
    Attempt,
    BinaryBody,
    Event,
    Failure,
    HttpResponse,
    Json,
    JsonBody,
    Measured,
    Session,
    StreamBody,
    TextBody,
)

PATH = Path("cassettes/x.yaml")
SESSION = Session(id="7f0c", name="AI Debate", path="/debate")
KEY = "r1:0123456789abcdef"
LONG = "word " * 300


def draft(*events: Event, header: Header | None = None) -> Draft:
    """A cassette of some events."""
    made = Draft(header or Header(), path=PATH)
    for one in events:
        made.add(one, f"r1:{one.number:016x}")
    return made


def cassette(*events: Event, header: Header | None = None) -> Cassette:
    """The same, read back."""
    made = draft(*events, header=header)
    made.check(made.text.encode())
    return Cassette.of(made.text.encode(), path=PATH)


def test_package_gives_its_one_public_name_and_loads_no_parser_for_it() -> None:
    """An idle pytest run pays nothing for cassettes."""
    program = (
        "import sys, pytest_llmreplay.cassette as cassette; assert 'yaml' not in sys.modules\n"
        "assert 'Cassette' == cassette.Cassette.__name__; assert 'yaml' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    assert Cassette is pytest_llmreplay.cassette.Cassette
    with pytest.raises(AttributeError, match="has no attribute 'Casette'"):
        pytest_llmreplay.cassette.Casette  # noqa: B018  # reading it is what fails


def test_header_in_full() -> None:
    """All that holds for a file, one line each."""
    header = Header(
        test="tests/test_x.py::test_y[a: b]",
        session=SESSION,
        checks=("tool_calls", "tokens<=1.3x"),
        marks=("slow",),
    )
    assert (
        "cassette: 1\n"
        "test: 'tests/test_x.py::test_y[a: b]'\n"
        "session: {id: 7f0c, name: AI Debate, path: /debate}\n"
        "checks: [tool_calls, tokens<=1.3x]\n"
        "marks: [slow]\n"
    ) == header_text(header)
    assert header == cassette(event(), header=header).header


def test_session_of_the_header_is_not_repeated() -> None:
    """An event tells its session where it differs."""
    header = Header(session=SESSION)
    sessions = [SESSION, None, Session(id="other")]
    events = [replace(event(place), session=one) for place, one in enumerate(sessions, start=1)]
    text = draft(*events, header=header).text
    assert ["session: {id: 7f0c, name: AI Debate, path: /debate}", "session: null"] == [
        line for line in text.splitlines() if line.startswith("session")
    ][:2]
    assert sessions == [one.session for one in cassette(*events, header=header).events]


def test_everything_an_event_can_hold_comes_back() -> None:
    """Every field, and every kind of body."""
    one = replace(
        event(came=streamed("a", "b", headers={"content-type": "text/event-stream"})),
        name="first: prompt",
        session=SESSION,
        labels={"team": "blue", "no": "17"},
        checks=("text",),
        measured=Measured(
            at="2026-11-20T17:00:00.412Z",
            model="m-2",
            request_id="req_1",
            input_tokens=8,
            output_tokens=2,
            duration=1.2044,
            time_to_first_chunk=0.4,
            attempts=(Attempt(status=429, duration=0.25), Attempt(status=None, duration=1.0)),
        ),
    )
    values: list[Json] = [None, {}, [], 1, "a\nb", [1, {"a": []}], {"a": "b"}]
    bodies = [
        *[JsonBody(value=value) for value in values],
        TextBody(text=""),
        TextBody(text="line\nline\n"),
        BinaryBody(data=b"\xff"),
        StreamBody(chunks=()),
        None,
    ]
    rest = [
        event(number, came=HttpResponse(status=200 + number, body=body, ended="left"))
        for number, body in enumerate(bodies, start=2)
    ]
    failed = event(99, came=Failure(kind="cut", message="Connection: reset\n[by peer]"))
    silent = event(100, came=Failure(kind="timeout"))
    read = cassette(one, *rest, failed, silent)
    assert [event.exchange for event in (*rest, failed, silent)] == [
        event.exchange for event in read.events[1:]
    ]
    assert replace(one, measured=replace(one.measured, duration=1.204)) == read.events[0]


def test_key_line_is_a_cache() -> None:
    """Keys are found without parsing; a key line that somebody broke is none."""
    text = draft(event(1), event(2), event(3)).text.replace("r1:0000000000000002", "hello")
    read = Cassette.of(text.encode(), path=PATH)
    assert {"r1:0000000000000001": [0], "r1:0000000000000003": [2]} == read.by_key
    assert None is read.documents[1].key


def test_events_are_parsed_when_they_are_asked_for_and_not_kept() -> None:
    """A thousand events of a file do not live because one is used."""
    read = cassette(*[event(number) for number in range(1, 6)])
    assert ("<5 members, made when asked for>", 5) == (repr(read.events), len(read.events))
    document = read.document(2)
    assert document is read.documents[2]
    assert {"sections"}.isdisjoint(vars(document))
    assert [2, 3] == [one.number for one in read.events[1:3]]
    assert 5 == read.events[-1].number
    with pytest.raises(IndexError):
        read.events[5]
    del document
    gc.collect()
    assert 0 == len(read._alive)


def test_events_of_cassettes_add_up_to_a_list() -> None:
    """What is sent again in one batch may come from several cassettes, or several times."""
    one, other = cassette(event(number=1)), cassette(event(number=1), event(number=2))
    assert [1, 1, 2] == [found.number for found in one.events + other.events]
    assert [2, 1] == [found.number for found in other.events[1:] + one.events]
    assert [1, 1, 1] == [found.number for found in one.events * 3]


def test_cassette_that_is_let_go_is_gone_at_once_with_its_bytes() -> None:
    """A replay of a thousand files never holds more than those that are open."""
    gc.disable()
    try:
        read = cassette(event(1), event(2))
        assert [1, 2] == [document.event.number for document in read.documents]
        assert [1, 2] == [one.number for one in read.events]
        gone = weakref.ref(read)
        del read
        assert gone() is None
    finally:
        gc.enable()


def test_only_the_response_is_parsed_for_playback() -> None:
    """A broken request does not hinder playback; a check of the file finds it."""
    text = draft(event()).text.replace("method: POST", "method: [")
    document = Cassette.of(text.encode(), path=PATH).documents[0]
    assert answer() == document.response
    with pytest.raises(CassetteDamaged, match=r"x\.yaml:10: not valid YAML"):
        document.check()


def test_place_of_damage_is_counted_in_the_file() -> None:
    """The line is that of the file, far down as well."""
    text = draft(event(1), event(2)).text
    at = text.rindex("status: 200")
    broken = f"{text[:at]}status: x{text[at + 11 :]}"
    line = text[:at].count("\n") + 1
    with pytest.raises(CassetteDamaged) as damaged:
        Cassette.of(broken.encode(), path=PATH).documents[1].response  # noqa: B018  # reading it is what fails
    assert (PATH, line) == (damaged.value.path, line)
    assert line == damaged.value.line


def test_number_in_the_document_is_the_one_that_was_indexed() -> None:
    """A number that the index took from elsewhere is found by the strict check."""
    text = draft(event()).text.replace("event: 1\n", "labels: {a: 'x\nevent: 7\n'}\nevent: 1\n")
    with pytest.raises(CassetteDamaged, match="event: expected event 7, as the first line says"):
        Cassette.of(text.encode(), path=PATH).check()


CONFLICT = "<<<<<<< HEAD\n--- # key r1:a\n=======\n--- # key r1:b\n>>>>>>> branch\n"


def test_conflict_between_documents_is_named_first() -> None:
    """A conflict in key lines is no torn file."""
    text = draft(event(1), event(2)).text.replace("--- # key r1:0000000000000002\n", CONFLICT)
    with pytest.raises(CassetteDamaged, match="a merge conflict was left in the file") as damaged:
        Cassette.of(text.encode(), path=PATH)
    assert "<<<<<<< HEAD" == text.splitlines()[(damaged.value.line or 0) - 1]


def test_conflict_in_a_request_is_found_though_playback_reads_the_response_alone() -> None:
    """Nobody said which side counts, so nothing of the cassette is played."""
    text = draft(event(1)).text.replace("response:\n", "<<<<<<< HEAD\nresponse:\n", 1)
    line = text.split("\n").index("<<<<<<< HEAD") + 1
    with pytest.raises(CassetteDamaged, match="a merge conflict was left") as refused:
        CassetteIndex.of(text.encode())
    assert line == refused.value.line


def test_dashes_inside_text_begin_no_document() -> None:
    """Only column 0 counts, and only three dashes."""
    nasty = "---\n--- # key r1:0123456789abcdef\n...\nevent: 7\n"
    read = cassette(event(sent=request({"m": nasty}), came=answer(nasty)))
    assert [1] == [slot.number for slot in read.index.events]
    assert nasty == read.events[0].response.text
    index = CassetteIndex.of(b"cassette: 1\n----\n---x\n---\nevent: 1\n...\n")
    assert (1, 22) == (len(index.events), index.events[0].start)


def test_too_new_a_cassette_says_its_line_both_versions_and_what_to_do() -> None:
    """A later format is no damage, and is told with the line that names it."""
    with pytest.raises(CassetteTooNew, match=r"x\.yaml:3: format 2, but .* up to 1; upgrade"):
        Cassette.of(b"# mine\nnew: {}\ncassette: 2\n---\nevent: 1\n...\n", path=PATH)


def test_document_of_a_text() -> None:
    """A document can be read apart from its file, as a journal keeps it."""
    text = draft(event(4)).text.partition("\n")[2]
    document = replace(EventDocument.of(text), header=Header(session=SESSION))
    assert (4, "r1:0000000000000004", SESSION) == (
        document.number,
        document.key,
        document.event.session,
    )
    with pytest.raises(CassetteDamaged, match="expected the text of one event, found 2"):
        EventDocument.of(text + text.replace("event: 4", "event: 5"))


def test_file_is_loaded_from_its_path(tmp_path: Path) -> None:
    """Load takes a path or its text."""
    path = tmp_path / "c.yaml"
    path.write_text(draft(event()).text, encoding="utf-8")
    assert Cassette.load(path).events[0] == Cassette.load(str(path)).events[0]


def test_kept_documents_keep_their_comments() -> None:
    """What a person wrote beside an event stays, byte for byte."""
    text = (
        draft(event(1), event(2)).text.replace("name", "# why\nname").replace("...\n", "# x\n...\n")
    )
    old = Cassette.of(text.encode(), path=PATH)
    made = Draft(old.header, path=PATH)
    for document in old.documents:
        made.keep(document)
    assert text == made.text


def test_kept_document_takes_today_s_key() -> None:
    """The key line is written anew, the rest stays."""
    old = cassette(event())
    made = Draft(old.header, path=PATH)
    made.keep(old.documents[0], key=KEY)
    assert draft(event()).text.replace("r1:0000000000000001", KEY) == made.text


def test_kept_document_is_renumbered() -> None:
    """When an event before it is dropped, the others move up."""
    old = cassette(event(1), event(2, came=answer("two")))
    made = Draft(old.header, path=PATH)
    made.keep(old.documents[1], number=1)
    assert draft(event(1, came=answer("two"))).text == made.text.replace(
        "r1:0000000000000002", "r1:0000000000000001"
    )


def test_document_told_by_a_changed_one_is_written_anew() -> None:
    """`like` never points at another request than the one it was written for."""
    one = event(1, sent=request({"a": LONG}))
    two = event(2, sent=request({"a": LONG, "b": 1}))
    old = cassette(one, two)
    assert 1 == old.documents[1].likes
    made = Draft(old.header, path=PATH)
    made.add(event(1, sent=request({"a": "other"})))
    made.keep(old.documents[1])
    made.check(made.text.encode())
    read = Cassette.of(made.text.encode(), path=PATH)
    assert two.exchange == read.events[1].exchange


def test_document_without_a_session_is_of_its_header_s() -> None:
    """Also when the marker names another one, and the document is taken over as it stands."""
    old = cassette(replace(event(), session=SESSION), header=Header(session=SESSION))
    made = Draft(Header(session=Session(id="new")), path=PATH)
    made.keep(old.documents[0])
    assert Session(id="new") == Cassette.of(made.text.encode(), path=PATH).events[0].session


def test_section_that_is_not_in_our_style_is_read_by_the_strict_reader() -> None:
    """A comment inside a section costs speed and nothing else."""
    text = draft(event()).text.replace("  status: 200\n", "  # found\n  status: 200\n")
    assert answer() == Cassette.of(text.encode(), path=PATH).documents[0].response


def test_answer_that_a_person_deleted_is_written_again() -> None:
    """That is what the message about a disagreement promises."""
    whole = draft(event(came=streamed("a")))
    at = whole.text.index("answer:"), whole.text.index("response:")
    old = Cassette.of((whole.text[: at[0]] + whole.text[at[1] :]).encode(), path=PATH)
    made = Draft(old.header, path=PATH)
    made.keep(old.documents[0])
    assert whole.text == made.text


def test_last_document_without_a_line_end_gets_one() -> None:
    """An editor may have removed it."""
    old = Cassette.of(draft(event()).text.removesuffix("\n").encode(), path=PATH)
    made = Draft(old.header, path=PATH)
    made.keep(old.documents[0])
    assert draft(event()).text == made.text


ACCEPTED = Accepted(
    number=1,
    target="openai/gpt-5-mini",
    key=KEY,
    request="0123456789abcdef",
    provider="openai",
    api="chat_completions",
    model="gpt-5-mini",
    response=streamed("zwei"),
    measured=Measured(duration=0.5),
)


def test_accepted_answers_stand_beside_the_recording() -> None:
    """Playback does not see them, a replay of their target compares with them."""
    made = draft(event(1))
    made.accept(ACCEPTED)
    made.add(event(2))
    made.check(made.text.encode())
    read = Cassette.of(made.text.encode(), path=PATH)
    assert 2 == len(read.events)
    assert (
        "--- # accepted 1 openai/gpt-5-mini\naccepted: 1\ntarget: openai/gpt-5-mini\n" in made.text
    )
    document = read.accepted["openai/gpt-5-mini"][1]
    assert ACCEPTED == document.accepted
    baseline = document.accepted.baseline(read.events[0])
    assert ("zwei", "gpt-5-mini", "m") == (
        baseline.response.text,
        baseline.model,
        read.events[0].model,
    )
    again = Draft(read.header, path=PATH)
    again.keep(read.documents[0])
    again.accept(document)
    again.keep(read.documents[1])
    assert made.text == again.text
    moved = Draft(read.header, path=PATH)
    moved.accept(document, number=7)
    assert "--- # accepted 7 openai/gpt-5-mini\naccepted: 7\n" in moved.text


def test_accepted_answer_that_failed_can_be_told() -> None:
    """An accepted answer may leave out what it does not know."""
    bare = replace(ACCEPTED, request=None, model=None, api="other", response=Failure(kind="cut"))
    made = draft(event(1))
    made.accept(bare)
    made.check(made.text.encode())
    read = Cassette.of(made.text.encode(), path=PATH)
    assert bare.response == read.accepted["openai/gpt-5-mini"][1].accepted.response


def test_answer_of_an_accepted_stream_is_compared_too() -> None:
    """An accepted answer cannot lie about its stream."""
    made = draft(event(1))
    made.accept(ACCEPTED)
    text = made.text.replace("- text: zwei", "- text: drei")
    read = Cassette.of(text.encode(), path=PATH)
    with pytest.raises(CassetteDamaged, match=r"`answer` of event 1 tells \{'text': 'drei'\}"):
        read.check()


CHANGES = [
    ("name", lambda one: replace(one, name="x")),
    ("labels", lambda one: replace(one, labels={"a": "b"})),
    ("measured", lambda one: replace(one, measured=Measured(input_tokens=1))),
    ("measured", lambda one: replace(one, measured=Measured(duration=1.0))),
    ("request.url", lambda one: told(one, request=replace(one.exchange.request, url="u"))),
    ("request.headers", lambda one: told(one, request=replace(request(), headers={"a": "b"}))),
    ("request.body", lambda one: told(one, request=request({"m": 1.0}))),
    ("response.error", lambda one: told(one, response=Failure(kind="cut"))),
    ("response.status", lambda one: told(one, response=replace(answer(), status=201))),
    ("response.headers", lambda one: told(one, response=replace(answer(), headers={"a": "b"}))),
    ("response.body", lambda one: told(one, response=replace(answer(), body=None))),
    ("response.stream", lambda one: told(one, response=streamed("x"))),
]


def told(one: Event, **parts: object) -> Event:
    """The event with another request or response."""
    return replace(one, exchange=replace(one.exchange, **parts))  # type: ignore[arg-type]  # whatever a test wants


@pytest.mark.parametrize(("field", "change"), CHANGES)
def test_reading_back_names_the_field_that_differs(
    field: str, change: Callable[[Event], Event]
) -> None:
    """What would be read as something else is not written."""
    one = event(sent=request({"m": 1}))
    with pytest.raises(CassetteError, match=rf"event 1 .*: {field} differs"):
        check_same(one, change(one))


def test_streams_are_compared_by_bytes_and_milliseconds() -> None:
    """Reading back allows for the rounding of times, and for nothing else."""
    body = streamed("a").body
    assert isinstance(body, StreamBody)
    later = StreamBody(chunks=tuple([replace(one, at=one.at + 0.01) for one in body.chunks]))
    nearly = StreamBody(chunks=tuple([replace(one, at=one.at + 0.0004) for one in body.chunks]))
    one = event(came=streamed("a"))
    check_same(one, told(one, response=replace(streamed("a"), body=nearly)))
    with pytest.raises(CassetteError, match=r"response\.stream"):
        check_same(one, told(one, response=replace(streamed("a"), body=later)))


def test_draft_is_not_accepted_when_it_reads_differently() -> None:
    """The check of a draft compares every new event with what was meant."""
    made = draft(event())
    made.check(made.text.encode())
    with pytest.raises(CassetteError, match=r"response\.body differs"):
        made.check(made.text.replace("hello", "goodbye").encode())
