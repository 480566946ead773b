"""JSON Schema, as far as tools and structured answers use it.

What is not understood is said, never passed over: a schema with a keyword that is not checked here
gives no verdict.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pytest_llmreplay.event import Json

from .arguments import canonical, same

__all__ = ["Unchecked", "Violation", "at", "violation"]

_DEPTH = 60
_STEPS = 100_000
_LONGEST = 1000
_NOTES = frozenset(
    (
        *("$schema", "$id", "$defs", "$comment", "$anchor", "definitions", "title", "description"),
        *("default", "examples", "example", "format", "deprecated", "readOnly", "writeOnly"),
        *("contentEncoding", "contentMediaType", "strict", "nullable", "name", "cache_control"),
    )
)
"""Keywords that forbid nothing, or only by agreement."""
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "null": (type(None),),
    "number": (int, float),
    "integer": (int, float),
}


class Unchecked(ValueError):
    """The schema asks for something that is not checked here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """The first place where a value is not as its schema wants it."""

    path: tuple[str | int, ...]
    problem: str


def violation(value: Json, schema: Json) -> Violation | None:
    """What is wrong with a value; nothing where it is valid.

    Raises:
        Unchecked: The schema has a part that cannot be judged here.
    """
    try:
        return next(_Reader(schema).problems(value, schema, ()), None)
    except RecursionError:
        raise Unchecked("a part that refers to itself") from None


def at(schema: Json, path: tuple[str | int, ...]) -> Json:
    """The schema of a place inside a value; none where it is not plain to find."""
    reader = _Reader(schema)
    try:
        for step in path:
            here = reader.plain(schema)
            inner = here.get("items") if isinstance(step, int) else here.get("properties")
            schema = inner.get(step) if isinstance(step, str) and isinstance(inner, dict) else inner
        return reader.plain(schema)
    except Unchecked:
        return None


class _Reader:
    """Applies a schema that may refer to parts of itself."""

    def __init__(self, root: Json) -> None:
        self._root = root
        self._steps = 0

    def resolved(self, schema: Json) -> Json:
        """The schema that a reference stands for."""
        for _ in range(_DEPTH):
            if not isinstance(schema, dict) or not isinstance(schema.get("$ref"), str):
                return schema
            schema = self._referred(str(schema["$ref"]))
        raise Unchecked("a reference that refers to itself")

    def plain(self, schema: Json) -> dict[str, Json]:
        """The only alternative to null, where a schema has no other."""
        schema = self.resolved(schema)
        if not isinstance(schema, dict):
            return {}
        for keyword in ("anyOf", "oneOf", "allOf"):
            options = schema.get(keyword)
            if isinstance(options, list):
                some = [one for one in options if one != {"type": "null"}]
                return self.plain(some[0]) if len(some) == 1 and some != [schema] else schema
        return schema

    def problems(
        self, value: Json, schema: Json, path: tuple[str | int, ...]
    ) -> Iterator[Violation]:
        """Everything that is wrong, in the order of the schema."""
        self._steps += 1
        if len(path) > _DEPTH or self._steps > _STEPS:
            raise Unchecked("more to check than is reasonable")
        schema = self.resolved(schema)
        if schema is False:
            yield Violation(path=path, problem="is not allowed")
        if not isinstance(schema, dict):
            return
        for keyword, wanted in schema.items():
            if keyword in _NOTES:
                continue
            rule = _RULES.get(keyword)
            if rule is None:
                raise Unchecked(f"the keyword {keyword!r}")
            yield from rule(self, value, wanted, schema, path)

    def fits(self, value: Json, schema: Json, path: tuple[str | int, ...]) -> bool:
        """Whether nothing is wrong."""
        return next(self.problems(value, schema, path), None) is None

    def _referred(self, reference: str) -> Json:
        if not reference.startswith("#"):
            raise Unchecked(f"the reference {reference!r}")
        here = self._root
        for step in reference.removeprefix("#").split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(here, dict) or name not in here:
                raise Unchecked(f"the reference {reference!r}")
            here = here[name]
        return here


_Path = tuple[str | int, ...]
_Rule = Callable[["_Reader", Json, Json, dict[str, Json], _Path], Iterator[Violation]]


def _type(
    _r: _Reader, value: Json, wanted: Json, schema: dict[str, Json], path: _Path
) -> Iterator[Violation]:
    names = [str(name) for name in wanted] if isinstance(wanted, list) else [str(wanted)]
    if schema.get("nullable") is True:
        names.append("null")
    if not any(_is(value, name) for name in names):
        yield Violation(path=path, problem=f"is no {' or '.join(names)}")


def _is(value: Json, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES.get(name, ()))


def _enum(
    _r: _Reader, value: Json, wanted: Json, _s: dict[str, Json], path: _Path
) -> Iterator[Violation]:
    listed = wanted if isinstance(wanted, list) else []
    if not any(same(value, one) for one in listed):
        yield Violation(path=path, problem=f"is none of {', '.join(map(repr, listed))[:120]}")


def _const(
    _r: _Reader, value: Json, wanted: Json, _s: dict[str, Json], path: _Path
) -> Iterator[Violation]:
    if not same(value, wanted):
        yield Violation(path=path, problem=f"is not {wanted!r}")


def _properties(
    r: _Reader, value: Json, wanted: Json, _s: dict[str, Json], path: _Path
) -> Iterator[Violation]:
    if isinstance(value, dict) and isinstance(wanted, dict):
        for name, schema in wanted.items():
            if name in value:
                yield from r.problems(value[name], schema, (*path, name))


def _required(
    _r: _Reader, value: Json, wanted: Json, _s: dict[str, Json], path: _Path
) -> Iterator[Violation]:
    if isinstance(value, dict) and isinstance(wanted, list):
        for name in wanted:
            if name not in value:
                yield Violation(path=(*path, str(name)), problem="is missing, it is required")


def _additional(
    r: _Reader, value: Json, wanted: Json, schema: dict[str, Json], path: _Path
) -> Iterator[Violation]:
    known = schema.get("properties")
    if "patternProperties" in schema:
        raise Unchecked("the keyword 'patternProperties'")
    if isinstance(value, dict):
        for name in value:
            if not isinstance(known, dict) or name not in known:
                yield from r.problems(value[name], wanted, (*path, name))


def _items(
    r: _Reader, value: Json, wanted: Json, schema: dict[str, Json], path: _Path
) -> Iterator[Violation]:
    if isinstance(wanted, list) or "prefixItems" in schema:
        raise Unchecked("lists with a schema for each place")
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from r.problems(item, wanted, (*path, place))


def _any(
    r: _Reader, value: Json, wanted: Json, _s: dict[str, Json], path: _Path
) -> Iterator[Violation]:
    options = wanted if isinstance(wanted, list) else []
    if not any(r.fits(value, option, path) for option in options):
        yield Violation(path=path, problem=f"fits none of {len(options)} alternatives")


def _one(
    r: _Reader, value: Json, wanted: Json, _s: dict[str, Json], path: _Path
) -> Iterator[Violation]:
    options = wanted if isinstance(wanted, list) else []
    count = sum(r.fits(value, option, path) for option in options)
    if count != 1:
        yield Violation(path=path, problem=f"fits {count} of {len(options)} alternatives, not one")


def _all(
    r: _Reader, value: Json, wanted: Json, _s: dict[str, Json], path: _Path
) -> Iterator[Violation]:
    for part in wanted if isinstance(wanted, list) else []:
        yield from r.problems(value, part, path)


def _not(
    r: _Reader, value: Json, wanted: Json, _s: dict[str, Json], path: _Path
) -> Iterator[Violation]:
    if r.fits(value, wanted, path):
        yield Violation(path=path, problem="is what it must not be")


def _ref(_r: _Reader, _v: Json, _w: Json, _s: dict[str, Json], _p: _Path) -> Iterator[Violation]:
    return iter(())


def _unique(
    _r: _Reader, value: Json, wanted: Json, _s: dict[str, Json], path: _Path
) -> Iterator[Violation]:
    if wanted is True and isinstance(value, list) and len({*map(canonical, value)}) < len(value):
        yield Violation(path=path, problem="has an item twice")


def _pattern(
    _r: _Reader, value: Json, wanted: Json, _s: dict[str, Json], path: _Path
) -> Iterator[Violation]:
    if not isinstance(value, str):
        return
    if not isinstance(wanted, str) or len(value) > _LONGEST or not _is_quick(wanted):
        raise Unchecked(f"the pattern {wanted!r}")
    if re.search(wanted, value) is None:
        yield Violation(path=path, problem=f"does not match {wanted!r}")


def _is_quick(pattern: str) -> bool:
    """Whether matching cannot take for ever: no repeated group, few open repetitions."""
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    plain = re.sub(r"\\.", "x", pattern)
    return (
        len(plain) <= _LONGEST
        and ")" not in re.sub(r"\)(?![*+?{])", "", plain)
        and (
            len(re.findall(r"[*+]|\{\d*,\}", re.sub(r"\[[^\]]*\]", "x", plain))) <= 2  # noqa: PLR2004 - quadratic at worst
        )
    )


def _bound(
    size: Callable[[Json], float | None], holds: Callable[[float, float], bool], words: str
) -> _Rule:
    def rule(
        _r: _Reader, value: Json, wanted: Json, _s: dict[str, Json], path: _Path
    ) -> Iterator[Violation]:
        found = size(value)
        if isinstance(wanted, bool) or not isinstance(wanted, int | float):
            raise Unchecked("a bound that is no number")
        if found is not None and not holds(found, wanted):
            yield Violation(path=path, problem=f"{words} {wanted:g}")

    return rule


def _number(value: Json) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _sized(kind: type) -> Callable[[Json], float | None]:
    return lambda value: len(value) if isinstance(value, kind) else None  # type: ignore[arg-type]  # it is one


_RULES: dict[str, _Rule] = {
    "$ref": _ref,
    "type": _type,
    "enum": _enum,
    "const": _const,
    "properties": _properties,
    "required": _required,
    "additionalProperties": _additional,
    "items": _items,
    "anyOf": _any,
    "oneOf": _one,
    "allOf": _all,
    "not": _not,
    "uniqueItems": _unique,
    "pattern": _pattern,
    "minimum": _bound(_number, lambda found, least: found >= least, "is less than"),
    "maximum": _bound(_number, lambda found, most: found <= most, "is more than"),
    "exclusiveMinimum": _bound(_number, lambda found, least: found > least, "is not more than"),
    "exclusiveMaximum": _bound(_number, lambda found, most: found < most, "is not less than"),
    "minLength": _bound(_sized(str), lambda found, least: found >= least, "is shorter than"),
    "maxLength": _bound(_sized(str), lambda found, most: found <= most, "is longer than"),
    "minItems": _bound(_sized(list), lambda found, least: found >= least, "has fewer items than"),
    "maxItems": _bound(_sized(list), lambda found, most: found <= most, "has more items than"),
    "minProperties": _bound(
        _sized(dict), lambda found, least: found >= least, "has fewer keys than"
    ),
    "maxProperties": _bound(_sized(dict), lambda found, most: found <= most, "has more keys than"),
}
