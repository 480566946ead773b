"""Whether a value is valid for certain by a JSON Schema, told without a library.

Nearly every answer is valid, and jsonschema takes most of a millisecond to say so. Here a schema
becomes a tree of plain functions, once. What they do not call valid may still be: then jsonschema
has the word, as it has wherever a schema says something that is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sized
from json import dumps
from operator import ge, gt, le, lt
from typing import Any, TypeAlias

from pytest_llmreplay.compare.answers.arguments import same
from pytest_llmreplay.event import Json

from .patterns import is_quick
from .places import referred

__all__ = ["Pass", "pass_of"]

_STEPS = 100_000
"""Subschemas that one value is held against."""

Pass: TypeAlias = Callable[[Json], bool]
"""True where a value is valid for certain."""

_Left: TypeAlias = list[int]
"""Steps that are left, alone in a list."""
_Test: TypeAlias = Callable[[Json, _Left], bool]
_Rule: TypeAlias = Callable[["_Schema", Any, dict[str, Json]], _Test]

_KINDS: dict[str, set[type]] = {
    "object": {dict},
    "array": {list},
    "string": {str},
    "boolean": {bool},
    "null": {type(None)},
    "integer": {int},
    "number": {int, float},
}


def pass_of(schema: Json, rules: Collection[str]) -> Pass:
    """The pass of a schema that is valid itself.

    Args:
        schema: The schema.
        rules: Keywords that its dialect judges by; every other says nothing.
    """
    # The dialects before `const` write bounds in another way; `$id` moves what references mean.
    known = "const" in rules and '"$id"' not in dumps(schema)
    test = _Schema(schema, rules).test(schema) if known else _never
    return lambda value: test(value, [_STEPS])


class _Schema:
    """The tests of all parts of a schema, each made once."""

    def __init__(self, root: Json, rules: Collection[str]) -> None:
        self._root, self._rules = root, rules
        self._made: dict[int, _Test] = {}

    def test(self, part: Json) -> _Test:
        """The test of a part."""
        if not isinstance(part, dict):
            return _always if part is True else _never
        made = self._made.get(id(part))
        if made is None:
            made = self._made[id(part)] = self._test(part)
        return made

    def at(self, reference: str) -> _Test:
        """The test of the part that is referred to."""
        try:
            return self.test(referred(reference, self._root))
        except LookupError:
            return _never

    def _test(self, part: dict[str, Json]) -> _Test:
        keywords = [keyword for keyword in part if keyword in self._rules]
        if not _RULES.keys() >= set(keywords):
            return _never
        return _all([_RULES[keyword](self, part[keyword], part) for keyword in keywords])


def _always(_value: Json, _left: _Left) -> bool:
    return True


def _never(_value: Json, _left: _Left) -> bool:
    return False


def _all(tests: list[_Test]) -> _Test:
    if len(tests) == 1:
        return _counted(tests[0])

    def test(value: Json, left: _Left) -> bool:
        left[0] -= 1
        return left[0] >= 0 and all(one(value, left) for one in tests)

    return test


def _counted(one: _Test) -> _Test:
    def test(value: Json, left: _Left) -> bool:
        left[0] -= 1
        return left[0] >= 0 and one(value, left)

    return test


def _type(_schema: _Schema, wanted: Any, part: dict[str, Json]) -> _Test:
    names = [wanted] if isinstance(wanted, str) else wanted
    kinds = frozenset[type]().union(*(_KINDS.get(name, ()) for name in names))
    if part.get("nullable") is True:
        kinds |= {type(None)}
    return lambda value, _: type(value) in kinds


def _enum(_schema: _Schema, wanted: Any, _part: dict[str, Json]) -> _Test:
    return lambda value, _: any(same(one, value) for one in wanted)


def _const(_schema: _Schema, wanted: Any, _part: dict[str, Json]) -> _Test:
    return lambda value, _: same(wanted, value)


def _properties(schema: _Schema, wanted: Any, _part: dict[str, Json]) -> _Test:
    tests = [(name, schema.test(part)) for name, part in wanted.items()]

    def test(value: Json, left: _Left) -> bool:
        return not isinstance(value, dict) or all(
            one(value[name], left) for name, one in tests if name in value
        )

    return test


def _additional(schema: _Schema, wanted: Any, part: dict[str, Json]) -> _Test:
    named, other = part.get("properties"), schema.test(wanted)
    known: Collection[str] = named if isinstance(named, dict) else ()

    def test(value: Json, left: _Left) -> bool:
        return not isinstance(value, dict) or all(
            other(inner, left) for name, inner in value.items() if name not in known
        )

    return test


def _required(_schema: _Schema, wanted: Any, _part: dict[str, Json]) -> _Test:
    names = frozenset(wanted)
    return lambda value, _: not isinstance(value, dict) or value.keys() >= names


def _items(schema: _Schema, wanted: Any, _part: dict[str, Json]) -> _Test:
    one = schema.test(wanted)

    def test(value: Json, left: _Left) -> bool:
        return not isinstance(value, list) or all(one(item, left) for item in value)

    return test


def _any_of(schema: _Schema, wanted: Any, _part: dict[str, Json]) -> _Test:
    tests = [schema.test(part) for part in wanted]
    return lambda value, left: any(one(value, left) for one in tests)


def _all_of(schema: _Schema, wanted: Any, _part: dict[str, Json]) -> _Test:
    return _all([schema.test(part) for part in wanted])


def _reference(schema: _Schema, wanted: Any, _part: dict[str, Json]) -> _Test:
    def test(value: Json, left: _Left) -> bool:
        # Looked up when it is met: a part may refer to one that it stands in.
        return schema.at(wanted)(value, left)

    return test


def _pattern(_schema: _Schema, wanted: Any, _part: dict[str, Json]) -> _Test:
    return lambda value, _: (
        not isinstance(value, str)
        or (is_quick(wanted, value) and re.search(wanted, value) is not None)
    )


def _bound(holds: Callable[[Any, Any], bool]) -> _Rule:
    def rule(_schema: _Schema, wanted: Any, _part: dict[str, Json]) -> _Test:
        return lambda value, _: (
            not isinstance(value, int | float) or isinstance(value, bool) or holds(value, wanted)
        )

    return rule


def _length(kind: type[Sized], holds: Callable[[Any, Any], bool]) -> _Rule:
    def rule(_schema: _Schema, wanted: Any, _part: dict[str, Json]) -> _Test:
        return lambda value, _: not isinstance(value, kind) or holds(len(value), wanted)

    return rule


_RULES: Mapping[str, _Rule] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "properties": _properties,
    "additionalProperties": _additional,
    "required": _required,
    "items": _items,
    "anyOf": _any_of,
    "allOf": _all_of,
    "$ref": _reference,
    "pattern": _pattern,
    "format": lambda _schema, _wanted, _part: _always,  # jsonschema checks none unasked
    "minimum": _bound(ge),
    "maximum": _bound(le),
    "exclusiveMinimum": _bound(gt),
    "exclusiveMaximum": _bound(lt),
    "minLength": _length(str, ge),
    "maxLength": _length(str, le),
    "minItems": _length(list, ge),
    "maxItems": _length(list, le),
    "minProperties": _length(dict, ge),
    "maxProperties": _length(dict, le),
}
"""What judges by each keyword; a part with any other one is left to jsonschema."""
