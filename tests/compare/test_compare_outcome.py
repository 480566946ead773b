"""The one word for all that was found."""

from __future__ import annotations

from typing import Any

import pytest
from compared_events import MakeEvent

from pytest_llmreplay.compare.check import Pair
from pytest_llmreplay.compare.judging import compare
from pytest_llmreplay.compare.outcome import Comparison
from pytest_llmreplay.compare.specs.parsing import parse_checks
from pytest_llmreplay.event import BlobPart, Event, ResponseError, UriPart


def compared(
    baseline: Event, replayed: Event, *specs: str, live: bool = True, **pair: Any
) -> Comparison:
    """The comparison by some checks."""
    both = Pair(baseline=baseline, replayed=replayed, live=live, **pair)
    return compare(both, parse_checks(specs))


def test_an_event_compared_with_itself_is_ok(event: MakeEvent) -> None:
    """Every set holds for the recording itself."""
    one = event("Yes.", calls=[("f", {"a": [1]})])
    found = compared(one, one, "exact", "answered", "refusal", "model", "cost<=1x")
    assert ("ok", False) == (found.outcome, found.fails)
    assert 9 == len(found.held)


def test_a_gated_divergence_fails_and_a_warning_does_not(event: MakeEvent) -> None:
    """`warn:` only reports."""
    found = compared(event("a"), event("b"), "exact")
    assert ("diverged", True) == (found.outcome, found.fails)
    warned = compared(event("a"), event("b"), "exact", "warn:text")
    assert ("changed", False) == (warned.outcome, warned.fails)
    assert ["text"] == [finding.check for finding in warned.reported]


def test_what_differs_and_nobody_judged_is_changed(event: MakeEvent) -> None:
    """Words, calls and media each need a check that looks at them."""
    sound = BlobPart(modality="audio", content="AAAA")
    found = compared(event("a"), event("b", calls=[("f", {})], parts=[sound]), "answered")
    assert ("changed", ("text", "tool_calls", "media")) == (found.outcome, found.unjudged)
    judged = compared(event("a b"), event("a  b"), "text:normalized", "tool_calls:names")
    assert "ok" == judged.outcome


def test_media_are_told_apart_by_their_bytes(event: MakeEvent) -> None:
    """A URL or a file of the provider has another name on every call."""
    sounds = [BlobPart(modality="audio", content=content) for content in ("AAAA", "BBBB", "?")]
    links = [UriPart(modality="image", uri=f"https://x/{n}") for n in (1, 2)]
    one, two, three = (event(parts=[sound]) for sound in sounds)
    assert ["changed", "changed", "ok"] == [
        compared(one, two, "text").outcome,
        compared(one, three, "text").outcome,
        compared(event(parts=links[:1]), event(parts=links[1:]), "text").outcome,
    ]


def test_a_refusal_is_told_before_the_ending_that_comes_with_it(event: MakeEvent) -> None:
    """Some providers end a refused answer as filtered."""
    found = compared(event(), event(None, finish="content_filter"), "finish_reason", "refusal")
    assert "refusal" == found.diverged[0].check


def test_the_worst_divergence_comes_first(event: MakeEvent) -> None:
    """The higher rung of the ladder first, a budget last."""
    then = event("x", calls=[("f", {})], finish="tool_call", tokens=(1, 1))
    now = event("y", finish="length", tokens=(1, 900))
    assert ["finish_reason", "tool_calls", "text", "tokens<=2x"] == [
        finding.check for finding in compared(then, now, "exact").diverged
    ]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            {"error": ResponseError(status=400, type="bad", message="no such model")},
            "400 bad: no such model",
        ),
        ({"error": ResponseError(status=None, type=None, message="overloaded")}, "overloaded"),
        ({"truncated": True}, "the stream stopped before its protocol's end"),
    ],
)
def test_an_error_is_an_error_whatever_the_checks_say(
    event: MakeEvent, answer: dict[str, Any], words: str
) -> None:
    """The server's own words are kept."""
    found = compared(event(), event(response=answer), "warn:text")
    assert ("error", words, True) == (found.outcome, found.error, found.fails)


def test_a_check_asked_for_by_name_that_has_no_figure_fails_a_live_event(event: MakeEvent) -> None:
    """Not so as a member of a set, nor offline."""
    no_usage = event(tokens=(None, None))
    named = compared(event(), no_usage, "text", "tokens<=2x")
    assert ("not_measured", True) == (named.outcome, named.fails)
    member = compared(event(), no_usage, "exact")
    assert ("ok", ["tokens<=2x"]) == (member.outcome, [f.check for f in member.not_measured])
    assert "ok" == compared(event(), no_usage, "text", "tokens<=2x", live=False).outcome


def test_nothing_measured_at_all_is_no_pass(event: MakeEvent) -> None:
    """Offline, an event with a latency check alone was not measured."""
    found = compared(event(), event(), "latency<=2x", live=False)
    assert ("not_measured", False) == (found.outcome, found.fails)


def test_an_answer_of_endless_depth_is_an_error(event: MakeEvent) -> None:
    """Nobody can compare it, so it never passes."""
    deep: Any = 1
    for _ in range(100_000):
        deep = {"a": deep}
    found = compared(event(calls=[("f", {})]), event(calls=[("f", deep)]), "tool_calls")
    assert ("error", "too deeply nested to be compared") == (found.outcome, found.error)
    assert found.fails


def test_what_nobody_read_has_not_changed(event: MakeEvent) -> None:
    """Of a stream that its reader left, the part that he read is compared, with any check."""
    left = event("one two", finish=None, response={"truncated": True})
    assert "ok" == compared(left, event("one two three"), "exact").outcome
    assert "ok" == compared(left, event("one two three"), "answered", "text>=1").outcome
    assert "changed" == compared(left, event("one for all"), "answered").outcome


@pytest.mark.parametrize(
    ("figure", "limit"),
    [("tokens", "900"), ("output_tokens", "900"), ("latency", "9s"), ("cost", "$1")],
)
def test_what_a_stream_tells_at_its_end_has_no_ratio_where_its_reader_left(
    event: MakeEvent, figure: str, limit: str
) -> None:
    """The whole answer is longer than the part that was read, whoever gives it."""
    usage = {"tokens": (100, 1), "cost": 0.001, "duration": 0.01, "first": 0.01}
    left = event("one", finish=None, response={"truncated": True}, **usage)
    whole = event("one two", tokens=(100, 500), cost=0.2, duration=9.0, first=0.01)
    (missing,) = compared(left, whole, f"{figure}<=2x").not_measured
    assert "the recorded stream was left early" == missing.reason
    assert (
        "ok" == compared(left, whole, "input_tokens<=2x", "ttft<=2x", f"{figure}<={limit}").outcome
    )
