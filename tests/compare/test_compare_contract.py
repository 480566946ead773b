"""The checks for another model: `tool_calls:contract`, `schema:request`, `json`, `json:shape`."""

from __future__ import annotations

from typing import Any

import pytest
from compare.one_check import judged
from compared_events import MakeEvent

from pytest_llmreplay.compare.check import Diverged, Held, NotMeasured, Pair
from pytest_llmreplay.compare.judging import compare
from pytest_llmreplay.compare.specs.parsing import parse_checks
from pytest_llmreplay.event import (
    Event,
    Json,
    Message,
    OutputFormat,
    TextPart,
    Tool,
    ToolCallResponsePart,
)

SCHEMA: Json = {
    "type": "object",
    "properties": {
        "order": {"type": "string"},
        "sku": {"type": "string", "pattern": "^[A-Z]{2}$"},
        "reason": {"type": "string", "enum": ["damaged", "late"]},
        "note": {"type": "string"},
        "full": {"type": "boolean"},
        "count": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["order"],
}
REQUEST = {
    "tools": (Tool(kind="function", name="refund", parameters=SCHEMA),),
    "messages": (
        Message(role="user", parts=(TextPart(content="My order FJ-1 is torn."),)),
        Message(
            role="tool",
            parts=(ToolCallResponsePart(response=(TextPart(content="shelf Q7"),)),),
        ),
    ),
}
THEN = {"order": "FJ-1", "reason": "damaged", "note": "torn tent", "full": True, "count": 1}


def refund(event: MakeEvent, then: Any, now: Any) -> Any:
    """What the contract says about the arguments of a refund."""
    baseline = event(None, calls=[("refund", then)], request=REQUEST)
    return judged("tool_calls:contract", baseline, event(None, calls=[("refund", now)]))


@pytest.mark.parametrize(
    "now",
    [
        THEN,
        {**THEN, "note": "The tent came with a tear."},
        {**THEN, "count": 1.0},
        {**THEN, "tags": ["new"]},
    ],
)
def test_free_text_and_further_arguments_may_differ(event: MakeEvent, now: Any) -> None:
    """The application takes them as well."""
    assert isinstance(refund(event, THEN, now), Held)


@pytest.mark.parametrize(
    ("change", "headline", "cause"),
    [
        (
            {"reason": "late"},
            "refund.reason is 'late', recorded 'damaged'",
            "refund.reason differs (enum)",
        ),
        (
            {"order": "FJ-2"},
            "refund.order is 'FJ-2', recorded 'FJ-1'",
            "refund.order differs (quoted)",
        ),
        ({"full": False}, "refund.full is False, recorded True", "refund.full differs"),
        ({"count": 2}, "refund.count is 2, recorded 1", "refund.count differs"),
        ({"note": " "}, "refund.note is ' ', recorded 'torn tent'", "refund.note differs"),
        (
            {"reason": "broken"},
            "refund.reason is none of 'damaged', 'late'",
            "refund.reason is none of 'damaged', 'late'",
        ),
        ({"order": 5}, "refund.order is no string", "refund.order is no string"),
    ],
)
def test_what_the_application_depends_on_must_be_equal(
    event: MakeEvent, change: Any, headline: str, cause: str
) -> None:
    """Enums, booleans, numbers, quoted values; free text must be there."""
    found = refund(event, THEN, {**THEN, **change})
    assert (headline, cause) == (found.headline, found.cause)


def test_patterns_tool_results_and_missing_arguments_count(event: MakeEvent) -> None:
    """A value may be quoted from what a tool said."""
    then = {"order": "FJ-1", "sku": "AB", "note": "Q7"}
    assert "refund.sku differs (pattern)" == refund(event, then, {**then, "sku": "CD"}).cause
    assert "refund.note is missing, recorded 'Q7'" == (
        refund(event, then, {"order": "FJ-1", "sku": "AB"}).headline
    )
    shelf = {"order": "FJ-1", "note": "shelf Q7"}
    assert "refund.note differs (quoted)" == refund(event, shelf, {**shelf, "note": "Q8"}).cause


def test_names_count_and_broken_arguments_are_broken(event: MakeEvent) -> None:
    """As in `tool_calls`."""
    baseline = event(None, calls=[("refund", THEN)], request=REQUEST)
    other = judged("tool_calls:contract", baseline, event(None, calls=[("get", {})]))
    assert ("tool_calls:contract", "calls get, recorded refund") == (other.check, other.headline)
    assert "refund: the arguments are no JSON object" == refund(event, THEN, '{"order').headline


def test_parallel_calls_are_paired_whatever_their_order(event: MakeEvent) -> None:
    """Equal ones first."""
    one, two, three = ({"order": "FJ-1", "count": n} for n in (1, 2, 3))
    baseline = event(None, calls=[("refund", one), ("refund", two)], request=REQUEST)
    replayed = event(None, calls=[("refund", three), ("refund", one)])
    found = judged("tool_calls:contract", baseline, replayed)
    assert "refund.count is 3, recorded 2" == found.headline


def test_a_recording_that_was_invalid_itself_blames_nobody(event: MakeEvent) -> None:
    """The schema counts where the recorded call kept to it."""
    assert isinstance(refund(event, {"note": "a"}, {"note": "b"}), Held)


def test_a_schema_that_is_not_understood_is_not_measured(event: MakeEvent) -> None:
    """And never a pass."""
    strange = {"tools": (Tool(kind="function", name="f", parameters={"$ref": "https://x/y"}),)}
    baseline = event(None, calls=[("f", {"a": "x"})], request=strange)
    found = judged("tool_calls:contract", baseline, event(None, calls=[("f", {"a": "y"})]))
    assert isinstance(found, NotMeasured)
    assert "the schema of f has the reference 'https://x/y', which is not checked" == found.reason


TICKET: Json = {
    "type": "object",
    "properties": {"priority": {"type": "string"}},
    "required": ["priority"],
}
WANTED = OutputFormat(type="json_schema", schema=TICKET)


@pytest.mark.parametrize(
    ("answer", "headline"),
    [
        ("{}", "'priority' is missing, it is required"),
        ('{"priority": 1}', "'priority' is no string"),
        ("[]", "'the answer' is no object"),
        ('```json\n{"priority": "x"}\n```', "the answer is no JSON: it stands in a code fence"),
        ("Sure! {}", "the answer is no JSON: Expecting value: line 1 column 1 (char 0)"),
    ],
)
def test_an_answer_must_keep_to_the_schema_that_was_asked_for(
    event: MakeEvent, answer: str, headline: str
) -> None:
    """Strictly: an application parses it as it is."""
    then = event('{"priority": "high"}', request={"output": WANTED})
    assert headline == judged("schema:request", then, event(answer)).headline
    assert isinstance(judged("schema:request", then, event('{"priority": "low"}')), Held)


def test_no_schema_and_no_words_hold(event: MakeEvent) -> None:
    """A tool call is no structured answer."""
    then = event("{}", request={"output": WANTED})
    assert isinstance(judged("schema:request", event("x"), event("y")), Held)
    assert isinstance(judged("schema:request", then, event(None, calls=[("f", {})])), Held)


@pytest.mark.parametrize(
    ("then", "now", "headline"),
    [
        ('{"a": 1}', '{"a": "1"}', "'a' is string, recorded number"),
        ('{"a": {"b": true}}', '{"a": {}}', "'a.b' is missing"),
        ('{"a": 1}', "[]", "the answer is list, recorded object"),
        ('[{"a": 1}, {"a": 2, "b": 3}]', '[{"b": 1}]', "'[0].a' is missing"),
        ('{"a": 1}', "none", "the answer is no JSON: Expecting value: line 1 column 1 (char 0)"),
        ('{"a": 1}', '```\n{"a": 1}\n```', "the answer is no JSON: it stands in a code fence"),
        ('{"a": 1}', '{"a": NaN}', "the answer is no JSON: NaN is no JSON number"),
    ],
)
def test_the_keys_of_the_recorded_json_must_be_there(
    event: MakeEvent, then: str, now: str, headline: str
) -> None:
    """With their types."""
    assert headline == judged("json:shape", event(then), event(now)).headline


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ('{"a": 1}', '{"a": 2.5, "b": 1}'),
        ('{"a": null}', '{"a": []}'),
        ("[]", '["x"]'),
        ('[{"a": 1}, {"b": 3}]', '[{"c": 1}]'),
        ("words", "{}"),
        ("42", "words"),
        ('```json\n{"a": 1}\n```', '{"a": 3}'),
    ],
)
def test_more_keys_and_other_values_are_the_same_shape(
    event: MakeEvent, then: str, now: str
) -> None:
    """And words that are no JSON have none."""
    assert isinstance(judged("json:shape", event(then), event(now)), Held)


def test_every_choice_that_was_recorded_as_json_has_its_shape(event: MakeEvent) -> None:
    """A request may ask for several."""

    def both(*texts: str) -> Event:
        return event(response={"choices": [event(text).response.choices[0] for text in texts]})

    then = both('{"a": 1}', '{"a": 2}')
    assert "'a' is missing" == judged("json:shape", then, both('{"a": 1}', "{}")).headline
    lost = judged("json:shape", then, both('{"a": 1}'))
    assert "choice 2 of 2 is no words" == lost.headline
    assert isinstance(judged("json:shape", both("x", "[]"), both("y", "[]")), Held)


def test_equal_json_may_be_written_in_any_way(event: MakeEvent) -> None:
    """White space and the order of keys do not count, values do."""
    then = event('{"a": 1, "b": [1, 2]}')
    assert isinstance(judged("json", then, event('{\n "b": [1, 2.0],\n "a": 1}')), Held)
    found = judged("json", then, event('{"a": 1, "b": [1, 3]}'))
    assert ("b[1] is 3, recorded 2", "b[] differs") == (found.headline, found.cause)
    assert isinstance(judged("json", event("words"), then), NotMeasured)
    assert isinstance(judged("json", then, event("words")), Diverged)


def test_the_contract_lets_another_wording_pass_as_changed(event: MakeEvent) -> None:
    """Its own outcome, not hidden among the passed."""
    found = compare(
        Pair(baseline=event("Yes."), replayed=event("Yes, it is."), live=True),
        parse_checks(["contract"]),
    )
    assert ("changed", False) == (found.outcome, found.fails)
    assert ["text"] == [finding.check for finding in found.reported]
