"""JSON Schema of tools and structured answers, judged by the jsonschema library.

A schema stands in a cassette, so it may be anything: what is no schema, refers to another place,
or would take for ever gives no verdict, and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from json import loads
from typing import TYPE_CHECKING, Any

from pytest_llmreplay.event import Json

from .arguments import canonical
from .schema_patterns import is_quick, patterns_in
from .schema_words import place_of, problem_of

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

__all__ = ["Unchecked", "Violation", "at", "violation"]

_DEPTH = 60
_STEPS = 100_000
_SHOWN = 120

_steps: ContextVar[int] = ContextVar("_steps")


class Unchecked(ValueError):
    """The schema has a part that cannot be judged here."""


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
    import referencing.exceptions  # noqa: PLC0415  # slow to import

    _steps.set(0)
    try:
        error = next(_validator(canonical(schema)).iter_errors(value), None)
    except RecursionError:
        raise Unchecked("a part that refers to itself") from None
    except referencing.exceptions.Unresolvable as wrong:
        raise Unchecked(f"the reference {wrong.ref!r}") from None
    return None if error is None else Violation(path=place_of(error), problem=problem_of(error))


def at(schema: Json, path: tuple[str | int, ...]) -> Json:
    """The schema of a place inside a value; none where it is not plain to find."""
    root = schema
    try:
        for step in path:
            here = _plain(schema, root)
            inner = here.get("items") if isinstance(step, int) else here.get("properties")
            schema = inner.get(step) if isinstance(step, str) and isinstance(inner, dict) else inner
        return _plain(schema, root)
    except LookupError:
        return None


@lru_cache(maxsize=256)
def _validator(schema: str) -> Validator:
    """The validator of a schema that is valid itself; it never reads another document."""
    from jsonschema import SchemaError, validators  # noqa: PLC0415  # slow to import
    from referencing import Registry  # noqa: PLC0415

    parsed = loads(schema)
    known: Any = validators.Draft202012Validator
    if isinstance(parsed, dict):
        known = validators.validator_for(parsed, default=known)
    try:
        known.check_schema(parsed)
    except SchemaError as wrong:
        place = "/".join(map(str, wrong.absolute_path)) or "its top"
        raise Unchecked(f"a mistake at {place}: {wrong.message[:_SHOWN]}") from None
    limited = {keyword: _limited(keyword, rule) for keyword, rule in known.VALIDATORS.items()}
    extended: Any = validators.extend(known, limited)  # type: ignore[no-untyped-call]
    validator: Validator = extended(parsed, registry=Registry())
    return validator


_Rule = Callable[["Validator", Json, Json, dict[str, Json]], "Iterator[Any] | None"]


def _limited(keyword: str, rule: _Rule) -> _Rule:
    """A rule that gives up before it takes for ever."""

    def judge(
        validator: Validator, wanted: Json, value: Json, schema: dict[str, Json]
    ) -> Iterator[Any]:
        _steps.set(_steps.get() + 1)
        if _steps.get() > _STEPS:
            raise Unchecked("more to check than is reasonable")
        for pattern in patterns_in(keyword, wanted, schema):
            if not is_quick(pattern, value):
                raise Unchecked(f"the pattern {pattern!r}")
        # OpenAPI 3.0, and with it Google, says `nullable` where JSON Schema lists the type `null`.
        if keyword != "type" or value is not None or schema.get("nullable") is not True:
            yield from rule(validator, wanted, value, schema) or ()

    return judge


def _plain(schema: Json, root: Json) -> dict[str, Json]:
    """The only alternative to null, where a schema has no other.

    Raises:
        LookupError: A reference leads nowhere.
    """
    schema = _resolved(schema, root)
    if not isinstance(schema, dict):
        return {}
    for keyword in ("anyOf", "oneOf", "allOf"):
        options = schema.get(keyword)
        if isinstance(options, list):
            some = [one for one in options if one != {"type": "null"}]
            return _plain(some[0], root) if len(some) == 1 and some != [schema] else schema
    return schema


def _resolved(schema: Json, root: Json) -> Json:
    for _ in range(_DEPTH):
        if not isinstance(schema, dict) or not isinstance(schema.get("$ref"), str):
            return schema
        schema = _referred(str(schema["$ref"]), root)
    raise LookupError("a reference that refers to itself")


def _referred(reference: str, root: Json) -> Json:
    if not reference.startswith("#"):
        raise LookupError(reference)
    here = root
    for step in reference.removeprefix("#").split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(here, dict) or name not in here:
            raise LookupError(reference)
        here = here[name]
    return here
