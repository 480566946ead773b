"""JSON Schema, as far as tools and structured answers use it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for
from referencing.exceptions import Unresolvable

from pytest_llmreplay.compare.schemas.certain import pass_of
from pytest_llmreplay.compare.schemas.places import at
from pytest_llmreplay.compare.schemas.validity import Unchecked, violation
from pytest_llmreplay.event import Json

ORDER: dict[str, Any] = {
    "$defs": {"size": {"enum": ["S", "M"]}},
    "type": "object",
    "properties": {
        "id": {"type": "string", "pattern": "^FJ-[0-9]{6}$"},
        "count": {"type": "integer", "minimum": 1, "maximum": 9},
        "size": {"anyOf": [{"$ref": "#/$defs/size"}, {"type": "null"}]},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 3}, "uniqueItems": True},
        "kind": {"const": "order"},
        "price": {"type": ["number", "null"], "exclusiveMinimum": 0},
    },
    "required": ["id"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("value", "path", "problem"),
    [
        ({}, ("id",), "is missing, it is required"),
        ({"id": "x"}, ("id",), "does not match '^FJ-[0-9]{6}$'"),
        ({"id": "FJ-204113", "count": 0}, ("count",), "is less than 1"),
        ({"id": "FJ-204113", "count": 1.5}, ("count",), "is no integer"),
        ({"id": "FJ-204113", "count": True}, ("count",), "is no integer"),
        ({"id": "FJ-204113", "size": "L"}, ("size",), "fits none of 2 alternatives"),
        ({"id": "FJ-204113", "tags": ["a", "long"]}, ("tags", 1), "is longer than 3"),
        ({"id": "FJ-204113", "tags": ["a", "a"]}, ("tags",), "has an item twice"),
        ({"id": "FJ-204113", "kind": "x"}, ("kind",), "is not 'order'"),
        ({"id": "FJ-204113", "price": "1"}, ("price",), "is no number or null"),
        ({"id": "FJ-204113", "price": 0}, ("price",), "is not more than 0"),
        ({"id": "FJ-204113", "more": 1}, ("more",), "is not allowed"),
        ([], (), "is no object"),
    ],
)
def test_the_first_problem_is_told_by_its_place(value: Any, path: Any, problem: str) -> None:
    """In the order of the schema."""
    found = violation(value, ORDER)
    assert found is not None
    assert (path, problem) == (found.path, found.problem)


@pytest.mark.parametrize(
    "value",
    [
        {"id": "FJ-204113"},
        {"id": "FJ-204113", "count": 2.0, "size": None, "tags": ["a", "b"], "kind": "order"},
        {"id": "FJ-204113", "size": "M", "price": None},
    ],
)
def test_what_is_valid_has_no_problem(value: Any) -> None:
    """A whole number written as a float is an integer, as JSON Schema has it."""
    assert None is violation(value, ORDER)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"oneOf": [{"type": "integer"}, {"minimum": 2}]}, 3),
        ({"not": {"type": "string"}}, "x"),
        ({"allOf": [{"type": "string"}, {"minLength": 2}]}, "x"),
        ({"minItems": 1}, []),
        ({"maxProperties": 0}, {"a": 1}),
        ({"enum": [1]}, True),
        (False, 1),
    ],
)
def test_every_keyword_can_fail(schema: Any, value: Any) -> None:
    """Those that combine schemas too."""
    assert violation(value, schema) is not None


@pytest.mark.parametrize(
    ("schema", "value", "path", "problem"),
    [
        ({"prefixItems": [{}, {"type": "string"}]}, [1, 2], (1,), "is no string"),
        ({"patternProperties": {"^x": {"type": "string"}}}, {"xy": 1}, ("xy",), "is no string"),
        ({"if": {"minimum": 1}, "then": {"maximum": 5}}, 9, (), "is more than 5"),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, (), "breaks 'dependentRequired'"),
        ({"type": "string", "nullable": True}, 1, (), "is no string"),
        (
            {"oneOf": [{"minimum": 1}, {"minimum": 2}]},
            3,
            (),
            "fits more than one of 2 alternatives",
        ),
    ],
)
def test_the_whole_of_json_schema_is_judged(
    schema: Any, value: Any, path: Any, problem: str
) -> None:
    """Also what few tools use."""
    found = violation(value, schema)
    assert found is not None
    assert path == found.path
    assert found.problem.startswith(problem)


LEAVES: list[Any] = [
    *(True, False, {}, {"title": "no rule"}, {"format": "date"}),
    *({"type": name} for name in ("string", "integer", "number", "boolean", "null")),
    *({"type": ["array", "object"]}, {"enum": [1, "a", None, [True]]}, {"enum": []}),
    *({"const": 1}, {"const": True}, {"const": {"a": 1}}, {"required": ["a"]}),
    *({"pattern": "^a"}, {"minLength": 1}, {"maxLength": 1}, {"minItems": 1}, {"maxItems": 1}),
    *({"minimum": 1}, {"maximum": 1}, {"exclusiveMinimum": 1}, {"exclusiveMaximum": 1}),
    *({"minProperties": 1}, {"maxProperties": 1}),
]
OTHERS: list[Any] = [
    *({"uniqueItems": True}, {"not": {"type": "string"}}, {"if": True, "then": False}),
    *({"$ref": "#"}, {"$ref": "#/properties/a"}),
]
SCHEMAS = st.recursive(
    st.sampled_from([*LEAVES, *OTHERS]),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(st.sampled_from(["a", "b"]), inner, min_size=1),
            "additionalProperties": inner,
            "items": inner,
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "oneOf": st.lists(inner, min_size=1, max_size=2),
            "$ref": st.sampled_from(["#/properties/b", "#/items"]),
            "$schema": st.sampled_from(
                [
                    "http://json-schema.org/draft-04/schema#",
                    "http://json-schema.org/draft-07/schema#",
                ]
            ),
        },
    ),
    max_leaves=5,
)
PLAIN: list[Any] = [None, True, False, 0, 1, 1.0, 1.5, 2, "", "a", "ab", [], [1], [True], [1, 1]]
OBJECTS: list[Any] = [{}, {"a": 1}, {"a": True}, {"b": 1, "a": "a"}, {"a": {"b": 0}}]


def judges(schema: Any, value: Any) -> tuple[bool, bool]:
    """Whether a value is plainly valid, and whether jsonschema calls it valid."""
    known = validator_for(schema, default=Draft202012Validator)
    return pass_of(schema, known.VALIDATORS)(value), known(schema).is_valid(value)


@pytest.mark.parametrize("schema", LEAVES, ids=str)
def test_a_plain_rule_is_judged_as_by_jsonschema(schema: Any) -> None:
    """But for a whole number that is written as a float, which the library has to look at."""
    for value in (*PLAIN, *OBJECTS):
        passes, valid = judges(schema, value)
        assert passes == valid or (schema == {"type": "integer"} and value == 1.0), value


@given(SCHEMAS, st.sampled_from([*PLAIN, *OBJECTS]))
def test_what_is_plainly_valid_is_valid_by_jsonschema(schema: Any, value: Any) -> None:
    """The quick judge never calls valid what the library would not."""
    try:
        passes, valid = judges(schema, value)
    except (RecursionError, Unresolvable):
        return
    assert valid or not passes


@pytest.mark.parametrize(
    "schema", [ORDER, {"$schema": "http://json-schema.org/draft-07/schema#"} | ORDER]
)
def test_what_models_are_asked_for_needs_no_library_to_be_valid(schema: Any) -> None:
    """Unless something in it has a rule that few use, as `uniqueItems`."""
    passes = pass_of(schema, Draft202012Validator.VALIDATORS)
    assert passes({"id": "FJ-204113", "count": 2, "size": None, "kind": "order", "price": 1.5})
    assert not passes({"id": "FJ-204113", "tags": ["a"]})
    assert not passes({"id": "FJ-20411"})


def test_a_schema_that_multiplies_itself_comes_to_an_end() -> None:
    """Neither judge follows 2^60 references: seconds, not years."""
    doubled: dict[str, Json] = {
        f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2, "minimum": 0} for n in range(60)
    }
    start = time.perf_counter()
    with pytest.raises(Unchecked, match="more to check than is reasonable"):
        violation(1, {"$ref": "#/$defs/a0", "$defs": doubled | {"a60": {}}})
    assert time.perf_counter() - start < 60


def test_a_reference_into_a_part_of_another_name_is_left_to_jsonschema() -> None:
    """There `#` is that part."""
    inner: Json = {"$id": "x", "$defs": {"b": {"type": "null"}}, "$ref": "#/$defs/b"}
    schema: Json = {"$defs": {"a": inner, "b": {}}, "$ref": "#/$defs/a"}
    assert "is no null" == violation(1, schema).problem


def test_google_says_nullable() -> None:
    """Where JSON Schema would list the type `null`."""
    assert None is violation(None, {"type": "string", "nullable": True})


@pytest.mark.parametrize(
    ("schema", "value", "part"),
    [
        ({"$ref": "https://x/y"}, 1, "the reference 'https://x/y'"),
        ({"$ref": "file:///etc/passwd"}, 1, "the reference 'file:///etc/passwd'"),
        ({"$ref": "#/$defs/none"}, 1, "the reference '/$defs/none'"),
        ({"$ref": "#"}, 1, "refers to itself"),
        ({"anyOf": [{"$ref": "#"}, {"$ref": "#"}]}, 1, "refers to itself"),
        ({"pattern": "(a+)+$"}, "a" * 40, "the pattern '(a+)+$'"),
        ({"pattern": "("}, "a", "a mistake at pattern: '(' is not a 'regex'"),
        ({"pattern": ".*.*.*x"}, "a", "the pattern"),
        ({"patternProperties": {"(a+)+$": {}}}, {"a" * 40: 1}, "the pattern '(a+)+$'"),
        (
            {"patternProperties": {"(a+)+$": {}}, "additionalProperties": False},
            {"a" * 40: 1},
            "the pattern '(a+)+$'",
        ),
        ({"minimum": "1"}, 1, "a mistake at minimum: '1' is not of type 'number'"),
        ({"type": "text"}, 1, "a mistake at type: 'text' is not"),
        ({"properties": []}, {}, "a mistake at properties"),
        (7, {}, "a mistake at its top"),
    ],
)
def test_what_is_not_understood_is_said(schema: Any, value: Any, part: str) -> None:
    """A schema that cannot be judged gives no verdict, and takes no time over it."""
    start = time.perf_counter()
    with pytest.raises(Unchecked) as caught:
        violation(value, schema)
    assert part in str(caught.value)
    assert time.perf_counter() - start < 5


def test_the_schema_of_a_place_is_found_through_references() -> None:
    """Also where a value may be null."""
    assert {"enum": ["S", "M"]} == at(ORDER, ("size",))
    assert {"type": "string", "maxLength": 3} == at(ORDER, ("tags", 4))
    assert None is at({"$ref": "#/none"}, ("x",))
    assert {} == at(ORDER, ("nothing", "there"))
    assert None is at({"anyOf": [{"$ref": "#"}]}, ("x",))
    assert None is at({"$ref": "#name", "properties": {"x": {}}}, ("x",))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "enum", "items", "anyOf", "$ref", "properties", "pattern", "x"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(JSON, JSON)
def test_no_schema_breaks_the_reader(schema: Any, value: Any) -> None:
    """A schema stands in a cassette, so it may be anything."""
    try:
        found = violation(value, schema)
    except Unchecked:
        return
    assert found is None or found.problem
    at(schema, ("a", 1))
