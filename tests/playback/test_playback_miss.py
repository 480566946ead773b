"""A miss says which event was meant, what differs, and whose line asked."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.cassette.matching.keys import MatchRules
from pytest_llmreplay.event import BinaryBody, HttpRequest, Json, JsonBody, TextBody
from pytest_llmreplay.playback.misses.differences import Difference, differences, equal_parts
from pytest_llmreplay.playback.misses.frames import UserFrame, user_frame
from pytest_llmreplay.playback.misses.miss import Candidate, Miss, explain

BODY: dict[str, Json] = {
    "model": "claude-sonnet-4-6",
    "max_tokens": 1024,
    "system": "You are the support agent.\nAnswer in at most three sentences.\nBe kind.",
    "tools": [{"name": "get_order"}, {"name": "refund_order"}],
    "messages": [{"role": "user", "content": "My tent is torn."}],
}


def body(**changes: Json) -> dict[str, Json]:
    """A request body with changes."""
    return {**copy.deepcopy(BODY), **changes}


def request(value: Json, path: str = "/v1/messages") -> HttpRequest:
    """A redacted request."""
    return HttpRequest(method="POST", url=f"https://h{path}", body=JsonBody(value=value))


def candidate(
    number: int, value: Json, *, played: bool = False, path: str = "/v1/messages"
) -> Candidate:
    """A recorded event."""
    return Candidate(
        number=number, name="agent", played=played, request=lambda: request(value, path)
    )


def missed(
    value: Json, *recorded: Candidate, rules: MatchRules | None = None, call: int = 1
) -> Miss:
    """The explanation of a call."""
    return explain(request(value), recorded, call=call, rules=rules)


def test_a_changed_line_of_the_prompt_is_shown_alone() -> None:
    """The smallest path, the line, what is equal, and how to ignore it."""
    now = body(system=str(BODY["system"]).replace("three", "two"))
    miss = missed(now, candidate(1, BODY), candidate(2, body(messages=[])))
    assert (
        Difference(
            path="system",
            recorded=("Answer in at most three sentences.",),
            now=("Answer in at most two sentences.",),
            line=2,
        ),
    ) == miss.differences
    assert "body.system differs in line 2" == miss.differences[0].words
    assert ("model", "max_tokens", "2 tools", "1 message") == miss.equal
    assert ("system",) == miss.ignore
    assert miss.nearest is not None
    assert (1, "agent", False) == (miss.nearest.number, miss.nearest.name, miss.nearest.played)
    assert (1, 2, "POST", "/v1/messages") == (miss.call, miss.total, miss.method, miss.path)


def test_the_line_of_the_user_is_named() -> None:
    """Not that of the plugin, of an SDK or of Python."""
    miss = missed(BODY)
    assert miss.frame is not None
    assert (__file__, "missed") == (miss.frame.file, miss.frame.function)


def test_installed_code_is_nobodys_line(tmp_path: Path) -> None:
    """A library between the plugin and the user is skipped."""

    def compiled(file: Path) -> Callable[..., UserFrame | None]:
        space: dict[str, Callable[..., UserFrame | None]] = {}
        exec(compile("def call(f, *more):\n    return f(*more)\n", str(file), "exec"), space)
        return space["call"]

    library = compiled(tmp_path / "venv/lib/python3.11/site-packages/sdk.py")
    app = compiled(tmp_path / "src/app.py")
    generated = compiled(Path("<string>"))
    expected = UserFrame(file=str(tmp_path / "src/app.py"), line=2, function="call")
    assert expected == app(library, generated, user_frame)


def test_a_thread_without_user_code_has_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only libraries are on the stack, no line is claimed."""
    found: list[UserFrame | None] = []
    thread = threading.Thread(target=lambda call: found.append(call()), args=(user_frame,))
    monkeypatch.setattr("pytest_llmreplay.playback.misses.frames._is_users", lambda _: False)
    thread.start()
    thread.join()
    assert [None] == found


def test_no_cassette_is_no_nearest_event() -> None:
    """An empty recording is said as such."""
    miss = missed(BODY)
    assert (None, 0, (), ()) == (miss.nearest, miss.total, miss.differences, miss.equal)


def test_an_equal_event_that_was_played_already_is_the_nearest() -> None:
    """One call more than was recorded: nothing differs."""
    miss = missed(BODY, candidate(1, BODY, played=True), candidate(2, body(system="x")))
    assert miss.nearest is not None
    assert (1, True, ()) == (miss.nearest.number, miss.nearest.played, miss.differences)


def test_of_equal_candidates_one_that_was_not_played_is_nearer() -> None:
    """That is the one the call should have had."""
    now = body(system="changed")
    miss = missed(now, candidate(1, BODY, played=True), candidate(2, BODY))
    assert miss.nearest is not None
    assert 2 == miss.nearest.number


def test_similar_words_are_nearer_than_other_words() -> None:
    """Where the same fields differ, their texts decide."""
    events = [
        candidate(n, body(messages=[{"role": "user", "content": text}]))
        for n, text in enumerate(["Where is order 1?", "My tent is broken.", "Hello"], start=1)
    ]
    miss = missed(body(messages=[{"role": "user", "content": "My tent is torn."}]), *events)
    assert miss.nearest is not None
    assert 2 == miss.nearest.number
    assert ["messages[0].content"] == [each.path for each in miss.differences]


def test_ignored_parts_are_not_shown() -> None:
    """What does not count in a match does not count in its explanation."""
    rules = MatchRules(ignore=("metadata",))
    now = body(metadata={"user_id": 2}, system="x")
    miss = missed(now, candidate(1, body(metadata={"user_id": 1})), rules=rules)
    assert ["system"] == [each.path for each in miss.differences]


def test_what_is_ignored_and_stands_nowhere_is_told() -> None:
    """A misspelt path is named; one that either of the two has is not."""
    rules = MatchRules(ignore=("mesages[*].content", "metadata", "*.user_id", "tools[2]"))
    miss = missed(body(system="x"), candidate(1, body(metadata={"user_id": 1})), rules=rules)
    assert ("mesages[*].content", "tools[2]") == miss.idle


def test_another_endpoint_is_told_by_its_path() -> None:
    """The nearest event may be of another path altogether."""
    miss = missed(BODY, candidate(1, BODY, path="/v1/chat/completions"))
    assert miss.nearest is not None
    assert "/v1/chat/completions" == miss.nearest.path
    assert () == miss.differences


@pytest.mark.parametrize(
    ("recorded", "now", "said"),
    [
        ("GET /v1/files?purpose=batch", "GET /v1/files?purpose=vision", "?purpose=batch"),
        ("GET /v1/files?beta=true&after=f1", "GET /v1/files", "?after=f1"),
        ("GET /v1/files", "DELETE /v1/files", ""),
    ],
)
def test_a_call_without_a_body_is_told_by_its_query_and_method(
    recorded: str, now: str, said: str
) -> None:
    """An event that differs in nothing else is not equal; what does not count is not shown."""

    def bare(asked: str) -> HttpRequest:
        method, path = asked.split()
        return HttpRequest(method=method, url=f"https://h{path}")

    one = Candidate(number=1, name=None, played=False, request=lambda: bare(recorded))
    miss = explain(bare(now), [one], call=1)
    assert miss.nearest is not None
    assert f"/v1/files{said}" == miss.nearest.path
    assert (miss.method, miss.path) != (miss.nearest.method, miss.nearest.path)


def test_one_suggestion_for_the_same_field_of_several_messages() -> None:
    """`messages[*].id` rather than each; none where much differs."""

    def messages(first: int) -> Json:
        return [{"id": first + n, "content": "x"} for n in range(3)]

    miss = missed(body(messages=messages(10)), candidate(1, body(messages=messages(20))))
    assert ("messages[*].id",) == miss.ignore
    other: Json = dict.fromkeys(BODY, "new")
    assert () == missed(other, candidate(1, BODY)).ignore


def test_nothing_is_to_be_ignored_of_a_call_to_another_place() -> None:
    """However little differs in the body, its path would still be another."""
    elsewhere = candidate(1, body(model="gpt-5"), path="/v1/chat/completions")
    assert () == missed(BODY, elsewhere).ignore


@pytest.mark.parametrize(
    ("recorded", "now", "expected"),
    [
        ({"a": 1}, {"a": 2}, [("a", ("1",), ("2",), "body.a differs")]),
        ({"a": 1}, {"a": True}, [("a", ("1",), ("true",), "body.a differs")]),
        ({}, {"a": [1]}, [("a", (), ("[1]",), "body.a is new")]),
        ({"a.b": None}, {}, [("['a.b']", ("null",), (), "body['a.b'] is missing")]),
        ([1, 2, 3], [1, 3], [("[1]", ("2",), (), "body[1] is missing")]),
        ([1, 3], [1, 2, 3], [("[1]", (), ("2",), "body[1] is new")]),
        ({"a": "x\ny"}, {"a": "x\nz\ny"}, [("a", (), ("z",), "body.a is new")]),
        ("a", {"a": 1}, [("", ("a",), ('{"a": 1}',), "body differs")]),
        ({"a": ""}, {"a": "x"}, [("a", ("",), ("x",), "body.a differs")]),
    ],
)
def test_differences_are_told_by_the_smallest_path(
    recorded: Json, now: Json, expected: list[tuple[object, ...]]
) -> None:
    """Changed, new and missing parts."""
    found = [(d.path, d.recorded, d.now, d.words) for d in differences(recorded, now)]
    assert expected == found


def test_long_lines_are_shown_around_their_first_difference() -> None:
    """A megabyte on one line stays readable."""
    (found,) = differences("a" * 500_000 + "b", "a" * 500_000 + "c")
    assert found.recorded[0].startswith("…aaa")
    assert found.recorded[0].endswith("ab")
    assert len(found.now[0]) < 500


def test_long_lists_and_texts_are_compared_from_both_ends() -> None:
    """A thousand messages do not take quadratic time."""
    long: list[Json] = list(range(1000))
    changed: list[Json] = [*range(500), "x", *range(501, 1000)]
    assert ["[500]"] == [each.path for each in differences(long, changed)]
    assert ["[3]"] == [each.path for each in differences(long, [*long[:3], *long[4:]])]


def test_equal_parts_are_counted_in_words() -> None:
    """One message, two messages; unequal parts are left out."""
    recorded: Json = {"messages": [1, 2, 3], "input": [1], "t": 0, "m": "x"}
    now: Json = {"messages": [1, 2, 9], "input": [1], "t": 0, "m": "y"}
    assert ("2 messages", "1 input item", "t") == equal_parts(recorded, now)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4)
        ),
    )
)
def test_a_body_does_not_differ_from_itself(value: Json) -> None:
    """No difference where there is none."""
    assert [] == list(differences(value, copy.deepcopy(value)))


def test_bodies_that_are_no_json_are_explained_too() -> None:
    """A form or an upload has a miss as any other call."""
    stored = HttpRequest(method="POST", url="https://h/f", body=TextBody(text="a=1"))
    upload = HttpRequest(method="POST", url="https://h/f", body=BinaryBody(data=b"\xff\xfe"))
    miss = explain(
        upload,
        [Candidate(number=1, name=None, played=False, request=lambda: stored)],
        call=1,
    )
    assert (("a=1",), ("2 bytes, not text",)) == (
        miss.differences[0].recorded,
        miss.differences[0].now,
    )


def test_five_thousand_candidates_are_cheap() -> None:
    """The nearest of many is found without comparing every text."""
    events = [
        candidate(n, body(messages=[{"role": "user", "content": f"question {n} " + "word " * 200}]))
        for n in range(1, 5001)
    ]
    now = body(messages=[{"role": "user", "content": "question 77 " + "word " * 199 + "end"}])
    start = time.perf_counter()
    miss = missed(now, *events, call=77)
    assert miss.nearest is not None
    assert 77 == miss.nearest.number
    assert time.perf_counter() - start < 5
