"""Requests told by earlier ones, and back to the order of the wire."""

from __future__ import annotations

from pathlib import Path

import pytest
from cassette.json_values import same
from cassette.made_events import event, request
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.abridger import Abridger
from pytest_llmreplay.cassette.documents.header import Header
from pytest_llmreplay.cassette.documents.like import Abridged, resolve
from pytest_llmreplay.cassette.writing.draft import Draft
from pytest_llmreplay.errors import CassetteDamaged
from pytest_llmreplay.event import HttpRequest, Json, JsonBody, TextBody

LONG = "word " * 300
PATH = Path("x.yaml")


def turn(number: int) -> dict[str, Json]:
    """One message of a session."""
    return {"role": "user", "content": f"{number} {LONG}"}


def body_of(sent: HttpRequest) -> Json:
    """The JSON that is sent."""
    assert isinstance(sent.body, JsonBody)
    return sent.body.value


def abridged(*bodies: Json) -> Abridged | None:
    """How the last of some requests is told."""
    abridger = Abridger()
    told = [abridger.abridge(place, request(body)) for place, body in enumerate(bodies, start=1)]
    return told[-1]


def test_next_turn_tells_only_what_is_new() -> None:
    """A history is not quoted again."""
    told = abridged(
        {"model": "m", "messages": [turn(1)]}, {"model": "m", "messages": [turn(1), turn(2)]}
    )
    assert told == Abridged(like=1, body={"messages": [{"like": 1, "messages": 1}, turn(2)]})


@pytest.mark.parametrize(
    ("mine", "told"),
    [
        ([turn(8), turn(2), turn(3), turn(9)], [turn(8), {"like": 1, "messages": "2-3"}, turn(9)]),
        ([turn(1), turn(3), turn(4)], [{"like": 1, "messages": 1}, {"like": 1, "messages": "3-4"}]),
        ([turn(8), turn(1), turn(2)], [turn(8), {"like": 1, "messages": 2}]),
        ([turn(3), turn(1), turn(2)], [{"like": 1, "messages": "3-3"}, turn(1), turn(2)]),
        ([turn(8), turn(2), turn(2)], [turn(8), {"like": 1, "messages": "2-2"}, turn(2)]),
    ],
    ids=["another head", "a beginning that was dropped", "a new head", "another order", "repeated"],
)
def test_equal_elements_are_told_by_their_places(mine: list[Json], told: list[Json]) -> None:
    """A system message that changes, a history that is cut: the rest is not quoted again."""
    earlier: list[Json] = [turn(1), turn(2), turn(3), turn(4)]
    assert abridged({"messages": earlier}, {"messages": mine}) == Abridged(
        like=1, body={"messages": told}
    )


def test_elements_that_save_little_are_quoted() -> None:
    """A reader looks up a long history, and not three words."""
    earlier: list[Json] = [turn(1), "short", turn(2)]
    mine: list[Json] = [turn(1), turn(8), "short", turn(9)]
    assert abridged({"messages": earlier}, {"messages": mine}) == Abridged(
        like=1, body={"messages": [{"like": 1, "messages": 1}, *mine[1:]]}
    )


def test_session_with_a_changing_head_grows_by_what_is_new() -> None:
    """A system message that tells the time does not make each turn quote the whole session."""
    draft = Draft(Header(), path=PATH)
    history: list[Json] = []
    for number in range(1, 101):
        history.append(turn(number))
        head: Json = {"role": "system", "content": f"It is {number} o'clock."}
        draft.add(event(number, sent=request({"model": "m", "messages": [head, *history]})))
    draft.check(draft.text.encode())
    assert len(draft.text) < 8 * len(LONG) * 100


def test_nothing_is_abridged_for_a_kilobyte_or_less() -> None:
    """A short request stands for itself."""
    messages: list[Json] = [{"role": "user", "content": "x" * 900}]
    assert abridged({"messages": messages}, {"messages": messages}) is None


def test_what_differs_at_the_top_is_told() -> None:
    """Keys that are missing, that are new, and their order."""
    told = abridged({"a": LONG, "b": 1, "c": 2, "d": 3}, {"new": 0, "a": LONG, "c": True, "d": 3})
    assert told == Abridged(
        like=1, body={"new": 0, "c": True}, without=("b",), order=("new", "a", "c", "d")
    )


def test_order_is_not_told_where_it_follows() -> None:
    """New keys come after those of the earlier event."""
    told = abridged({"a": LONG, "b": 1}, {"a": LONG, "b": 2, "c": 3})
    assert told == Abridged(like=1, body={"b": 2, "c": 3})


def test_values_that_are_equal_only_in_python_are_told() -> None:
    """1, 1.0 and true are three values, and keys have an order."""
    told = abridged(
        {"a": LONG, "x": 1, "y": 0.0, "z": {"p": 1, "q": 2}},
        {"a": LONG, "x": 1.0, "y": -0.0, "z": {"q": 2, "p": 1}},
    )
    assert told is not None
    assert same({"x": 1.0, "y": -0.0, "z": {"q": 2, "p": 1}}, told.body)


def test_nearest_relative_is_chosen() -> None:
    """The event that saves most, among agents that take turns."""
    mine: list[Json] = [turn(1), turn(2)]
    other: list[Json] = [turn(8), turn(9)]
    told = abridged({"messages": mine}, {"messages": other}, {"messages": [*mine, turn(3)]})
    assert told is not None
    assert 1 == told.like


def test_words_of_the_application_that_look_like_ours_are_left_alone() -> None:
    """A body may hold `like` itself."""
    look_alike: Json = {"like": 1, "messages": 1}
    assert abridged({"a": LONG, "messages": [1]}, {"a": LONG, "messages": [look_alike]}) is None
    told = abridged({"a": LONG, "like": [LONG]}, {"a": LONG, "like": [LONG, 1]})
    assert told == Abridged(like=1, body={"like": [LONG, 1]})


@pytest.mark.parametrize("sent", [HttpRequest(method="GET", url="u"), request([1, LONG])])
def test_requests_without_keys_are_told_whole(sent: HttpRequest) -> None:
    """Only JSON objects have parts to compare."""
    abridger = Abridger()
    assert [None] * 3 == [abridger.abridge(number, sent) for number in (1, 2, 3)]


def test_what_is_equal_beside_the_body_is_not_repeated() -> None:
    """Method, URL and headers are told where they differ."""
    body = JsonBody(value={"a": LONG})
    one = HttpRequest(method="POST", url="https://a", headers={"x": "1"}, body=body)
    two = HttpRequest(method="PUT", url="https://b", headers={}, body=body)
    abridger = Abridger()
    abridger.abridge(1, one)
    told = abridger.abridge(2, two)
    assert told == Abridged(like=1, method="PUT", url="https://b", headers={}, body={})
    assert two == resolve(told, one)
    assert Abridged(like=1, body={}) == abridger.abridge(3, one)


def test_differences_beside_the_body_are_written() -> None:
    """What `like` does not cover stands in the document."""
    other = HttpRequest(
        method="PUT", url="https://b/c", headers={"x": "1"}, body=request({"a": LONG}).body
    )
    draft = Draft(Header(), path=PATH)
    draft.add(event(1, sent=request({"a": LONG})))
    draft.add(event(2, sent=other))
    draft.check(draft.text.encode())
    told = "  like: 1\n  method: PUT\n  url: https://b/c\n  headers: {x: '1'}\n"
    assert f"request:\n{told}response:" in draft.text


def test_session_of_a_hundred_turns_comes_back() -> None:
    """Chains are cut after 40 events, and every request is whole again."""
    draft = Draft(Header(), path=PATH)
    history: list[Json] = []
    events = []
    for number in range(1, 101):
        history = [*history, turn(number)]
        events.append(event(number, sent=request({"model": "m", "messages": history})))
        draft.add(events[-1])
    cassette = Cassette.of(draft.text.encode(), path=PATH)
    read = list(reversed(cassette.events))[::-1]
    assert [one.exchange for one in events] == [one.exchange for one in read]
    assert [1, 42, 83] == [one.number for one in cassette.documents if one.likes is None]
    assert len(draft.text) < 8 * len(LONG) * 100


def chain(length: int) -> str:
    """A cassette in which each event is told by the one before it."""
    first = Draft(Header(), path=PATH)
    first.add(event(1))
    rest = "".join(
        f"---\nevent: {number}\nprovider: p\napi: other\nrequest: {{like: {number - 1}}}\n"
        "response: {status: 200}\n...\n"
        for number in range(2, length + 1)
    )
    return first.text + rest


def test_longer_chains_are_refused() -> None:
    """No file makes a reader follow thousands of references."""
    longest = Cassette.of(chain(41).encode(), path=PATH).events[40]
    assert JsonBody(value={"model": "m"}) == longest.exchange.request.body
    cassette = Cassette.of(chain(3000).encode(), path=PATH)
    with pytest.raises(CassetteDamaged, match="a chain of more than 40 events"):
        cassette.documents[2999].request  # noqa: B018  # reading it is what fails


def test_whole_size_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """The documents that tell a request are no larger together than one may be alone."""
    monkeypatch.setattr("pytest_llmreplay.cassette.documents.whole_requests.MAX_LENGTH", 400)
    cassette = Cassette.of(chain(10).encode(), path=PATH)
    with pytest.raises(CassetteDamaged, match="larger than 64 MiB"):
        cassette.documents[9].request  # noqa: B018  # reading it is what fails


def test_text_has_no_parts_to_share() -> None:
    """A request told by one without keys is damaged."""
    told = Abridged(like=1, body={})
    earlier = HttpRequest(method="POST", url="u", body=TextBody(text="x"))
    with pytest.raises(Exception, match="the body of event 1 has no keys"):
        resolve(told, earlier)


MEMBERS = st.one_of(
    st.sampled_from([1, 1.0, True, None, LONG, "x"]),
    st.lists(st.sampled_from([1, LONG, "x", True]), max_size=4),
    st.lists(st.sampled_from([1, *(f"{number} {LONG}" for number in range(4))]), max_size=6),
    st.lists(st.dictionaries(st.sampled_from(["like", "k0", "k1"]), st.integers(1, 2)), max_size=3),
)
BODIES = st.lists(st.tuples(st.sampled_from(["k0", "k1", "k2", "like"]), MEMBERS)).map(dict)


@given(st.lists(BODIES.map(lambda body: {**body, "long": LONG}), min_size=2, max_size=6))
def test_every_request_comes_back_in_the_order_of_the_wire(bodies: list[Json]) -> None:
    """Abridging and resolving is identity, through the text as well."""
    draft = Draft(Header(), path=PATH)
    for number, body in enumerate(bodies, start=1):
        draft.add(event(number, sent=request(body)))
    draft.check(draft.text.encode())
    cassette = Cassette.of(draft.text.encode(), path=PATH)
    assert same(bodies, [body_of(document.request) for document in cassette.documents])
