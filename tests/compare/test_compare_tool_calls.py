"""`tool_calls` and `tool_calls:names`."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from compare.one_check import judged
from compared_events import MakeEvent
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.compare.answers.arguments import canonical, changes, differing, same
from pytest_llmreplay.compare.check import Diverged, Held
from pytest_llmreplay.event import Json, Tool, ToolCallPart

SCHEMA: Json = {
    "type": "object",
    "properties": {
        "order": {"type": "string"},
        "reason": {"type": "string", "enum": ["damaged", "late"]},
        "items": {
            "type": "array",
            "items": {"type": "object", "properties": {"size": {"enum": ["S", "M"]}}},
        },
    },
}
TOOLS = {"tools": (Tool(kind="function", name="refund", parameters=SCHEMA),)}


def test_the_order_of_parallel_calls_does_not_count(event: MakeEvent) -> None:
    """Calls are compared as a multiset, by name and arguments."""
    one, two = ("get", {"id": 1}), ("get", {"id": 2})
    assert isinstance(judged("tool_calls", event(calls=[one, two]), event(calls=[two, one])), Held)


def test_the_same_call_twice_is_not_once(event: MakeEvent) -> None:
    """A multiset counts."""
    one = ("get", {"id": 1})
    found = judged("tool_calls", event(calls=[one]), event(calls=[one, one]))
    assert "also calls get" == found.headline


def test_nothing_and_an_empty_object_are_the_same_arguments(event: MakeEvent) -> None:
    """Providers write a call without arguments in three ways."""
    empties: list[Json] = [None, "", {}]
    for empty in empties:
        calls = [("ping", empty)]
        assert isinstance(
            judged("tool_calls", event(calls=[("ping", {})]), event(calls=calls)), Held
        )


@pytest.mark.parametrize(
    ("then", "now", "headline"),
    [
        ([("a", {})], [("b", {})], "calls b, recorded a"),
        ([("a", {})], [], "no call, recorded a"),
        ([], [("a", {}), ("a", {})], "calls 2 x a, recorded without a call"),
        ([("a", {}), ("b", {})], [("a", {})], "does not call b"),
    ],
)
def test_other_names_are_told_by_name(
    event: MakeEvent, then: list[Any], now: list[Any], headline: str
) -> None:
    """What is called now, and what was recorded."""
    assert headline == judged("tool_calls", event(calls=then), event(calls=now)).headline
    assert headline == judged("tool_calls:names", event(calls=then), event(calls=now)).headline


@pytest.mark.parametrize(
    ("then", "now", "headline", "cause"),
    [
        (
            {"order": "A", "reason": "damaged"},
            {"order": "A", "reason": "late"},
            "refund.reason is 'late', recorded 'damaged'",
            "refund.reason differs (enum)",
        ),
        (
            {"order": "A"},
            {"order": "B"},
            "refund.order is 'B', recorded 'A'",
            "refund.order differs",
        ),
        ({"order": "A"}, {}, "refund.order is missing, recorded 'A'", "refund.order is missing"),
        ({}, {"note": "x"}, "refund.note is new: 'x'", "refund.note is new"),
        (
            {"items": [{"size": "S"}, {"size": "S"}]},
            {"items": [{"size": "S"}, {"size": "M"}]},
            "refund.items[1].size is 'M', recorded 'S'",
            "refund.items[].size differs (enum)",
        ),
        ({"n": 1}, {"n": True}, "refund.n is True, recorded 1", "refund.n differs"),
        (
            {"order": "A"},
            '{"order": "A',
            "refund is '{\"order\": \"A', recorded {'order': 'A'}",
            "refund differs",
        ),
        (
            {"order": "A", "n": 1},
            {"order": "B", "n": 2},
            "refund.order is 'B', recorded 'A' (and 1 more)",
            "refund.order differs",
        ),
    ],
)
def test_other_arguments_are_told_by_their_path(
    event: MakeEvent, then: Any, now: Any, headline: str, cause: str
) -> None:
    """The headline names the argument; the cause is the same for all elements of a list."""
    found = judged(
        "tool_calls",
        event(calls=[("refund", then)], request=TOOLS),
        event(calls=[("refund", now)]),
    )
    assert (headline, cause) == (found.headline, found.cause)


def test_a_value_outside_the_enum_is_said(event: MakeEvent) -> None:
    """The note gives the values that the tool's schema lists."""
    found = judged(
        "tool_calls",
        event(calls=[("refund", {"reason": "late"})], request=TOOLS),
        event(calls=[("refund", {"reason": "broken"})]),
    )
    assert "'broken' is no value of the tool's schema: damaged, late." == found.note


def test_names_alone_leave_the_arguments_out(event: MakeEvent) -> None:
    """`tool_calls:names` compares nothing but names."""
    found = judged("tool_calls:names", event(calls=[("a", {"x": 1})]), event(calls=[("a", {})]))
    assert isinstance(found, Held)


def test_long_calls_show_only_the_values_that_differ(event: MakeEvent) -> None:
    """Nobody reads 300 characters to find one."""
    then, now = {"body": "x" * 300, "to": "Ann"}, {"body": "x" * 300, "to": "Bob"}
    found = judged("tool_calls", event(calls=[("send", then)]), event(calls=[("send", now)]))
    assert (("send.to = 'Ann'",), ("send.to = 'Bob'",)) == (found.recorded, found.replayed)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(JSON, JSON)
def test_equality_has_one_meaning(one: Any, other: Any) -> None:
    """Two arguments are the same exactly when their canonical texts are."""
    assert same(one, other) == (canonical(one) == canonical(other))
    assert same(one, one)


@given(st.dictionaries(st.text(max_size=3), JSON, max_size=3), JSON)
def test_unequal_arguments_always_have_a_change_to_show(one: Any, other: Any) -> None:
    """No pair of calls differs without a place that says so."""
    if not same(one or {}, other or {}):
        found = changes(
            ToolCallPart(name="f", arguments=one), ToolCallPart(name="f", arguments=other)
        )
        assert found
        assert all(change.sentence for change in found)


def test_changes_stand_in_the_order_of_the_recording() -> None:
    """In every process: what differs, is missing or is new at the place where it stands."""
    then: dict[str, Any] = {"b": {"x": 1, "y": [1, 2, 3]}, "a": [{"k": 1}, 2], "c": 1}
    now: dict[str, Any] = {"new": 0, "c": 2, "a": [{"k": "1"}], "b": {"y": [2, 3, 4], "z": 0}}
    assert [
        "b.x is missing",
        "b.y[0] is missing",
        "b.y[2] is new",
        "b.z is new",
        "a[0].k differs",
        "a[1] is missing",
        "c differs",
        "new is new",
    ] == [f"{change.place} {change.kind}" for change in differing("", then, now)]


def test_large_arguments_are_compared_in_place() -> None:
    """Ten thousand numbers take no seconds."""
    then: dict[str, Any] = {"a": [*range(10_000)], "b": {"c": 1}, "d": [1]}
    now: dict[str, Any] = {"a": [*range(9_999), 0], "b": {"e": 1}, "d": [1, 2]}
    found = changes(ToolCallPart(name="f", arguments=then), ToolCallPart(name="f", arguments=now))
    assert ["f.a[9999] differs", "f.b.c is missing", "f.b.e is new", "f.d differs"] == [
        f"{change.place} {change.kind}" for change in found
    ]


def test_equal_calls_load_no_library() -> None:
    """The heavy libraries are imported when something differs or a price is asked for."""
    code = (
        "import sys, pytest_llmreplay.compare.specs.parsing as s, pytest_llmreplay.compare.outcome;"
        "import pytest_llmreplay.report.summary.summary, pytest_llmreplay.report.calls.divergence;"
        "s.parse_checks(['exact', 'cost<=2x']);"
        "print(sorted({'deepdiff', 'genai_prices', 'pytest', 'httpx2'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]\n" == shown.stdout


def test_arguments_that_are_left_out_do_not_count(event: MakeEvent) -> None:
    """An argument, one deeper, one of every item of a list; of a tool whose name has dots, too."""
    then = {"order": "1", "note": "a", "items": [{"size": "S", "hint": 1}], "by": {"who": "x"}}
    now = {"order": "1", "note": "b", "items": [{"size": "S", "hint": 2}], "by": {"who": "y"}}
    besides = "tool_calls:except=refund.note,refund.items.hint,refund.by.who"
    one, two = event(calls=[("refund", then)]), event(calls=[("refund", now)])
    assert isinstance(judged(besides, one, two), Held)
    found = judged("tool_calls:except=refund.note", one, two)
    assert found.headline.startswith("refund.items[0].hint is 2, recorded 1")
    dotted = [event(calls=[("shop.refund", {"note": note})]) for note in "ab"]
    assert isinstance(judged("tool_calls:except=shop.refund.note", *dotted), Held)


def test_an_argument_that_is_left_out_may_be_missing_or_of_any_kind(event: MakeEvent) -> None:
    """What has no such place is compared as it is."""
    there, gone = event(calls=[("f", {"a": 1, "b": 2})]), event(calls=[("f", {"a": 1})])
    assert isinstance(judged("tool_calls:except=f.b", there, gone), Held)
    odd = event(calls=[("f", "no object")])
    assert isinstance(judged("tool_calls:except=f.b.c", odd, odd), Held)
    assert isinstance(judged("tool_calls:except=g.a", there, gone), Diverged)


def test_of_a_stream_that_its_reader_left_whole_calls_count(event: MakeEvent) -> None:
    """The call that was under way is not compared, nor what comes behind it."""
    order: dict[str, Any] = {"order": "A-1", "reason": "late"}
    under_way = [("refund", order), ("refund", '{"order": "A-2", "rea')]
    left = event(None, calls=under_way, finish=None, response={"truncated": True})
    whole = event(None, calls=[("refund", order), ("refund", {"order": "A-2"})])
    other = event(None, calls=[("cancel", order), ("refund", {"order": "A-2"})])
    for spec in ("tool_calls", "tool_calls:names", "tool_calls:contract"):
        assert isinstance(judged(spec, left, whole), Held)
        assert isinstance(judged(spec, left, other), Diverged)


@pytest.mark.parametrize("spec", ["text", "text>=0.9", "tool_calls", "tool_calls:contract"])
def test_of_a_stream_that_was_left_at_once_nothing_is_compared(spec: str, event: MakeEvent) -> None:
    """That is no pass."""
    left = event(None, finish=None, response={"truncated": True})
    found = judged(spec, left, event("Yes."))
    assert "the recorded stream was left before anything came" == found.reason
