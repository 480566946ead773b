"""JSON Schema of tools and structured answers, judged by the jsonschema library.

A schema stands in a cassette, so it may be anything: what is no schema, refers to another place,
or would take for ever gives no verdict, and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from json import dumps, loads
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_llmreplay.compare.answers.arguments import canonical
from pytest_llmreplay.event import Json

from .certain import Pass, pass_of
from .patterns import is_quick, patterns_in
from .words import place_of, problem_of

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

__all__ = ["Unchecked", "Violation", "violation"]

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
    try:
        judges = _judges(dumps(schema))
        error = None if judges.passes(value) else _first_error(judges.validator, value)
    except RecursionError:
        raise Unchecked("a part that refers to itself") from None
    return None if error is None else Violation(path=place_of(error), problem=problem_of(error))


def _first_error(validator: Validator, value: Json) -> ValidationError | None:
    import referencing.exceptions  # noqa: PLC0415  # slow to import

    _steps.set(0)
    try:
        return next(validator.iter_errors(value), None)
    except referencing.exceptions.Unresolvable as wrong:
        raise Unchecked(f"the reference {wrong.ref!r}") from None


class _Judges(NamedTuple):
    """Two judges of one schema: who may only say that a value is valid, and who knows."""

    passes: Pass
    validator: Validator


@lru_cache(maxsize=256)
def _judges(written: str) -> _Judges:
    """The judges of a schema that is valid itself; none reads another document."""
    from jsonschema import SchemaError, validators  # noqa: PLC0415  # slow to import
    from referencing import Registry  # noqa: PLC0415 - as above

    schema = loads(canonical(loads(written)))
    known: Any = validators.Draft202012Validator
    if isinstance(schema, dict):
        known = validators.validator_for(schema, default=known)
    try:
        known.check_schema(schema)
    except SchemaError as wrong:
        place = "/".join(map(str, wrong.absolute_path)) or "its top"
        raise Unchecked(f"a mistake at {place}: {wrong.message[:_SHOWN]}") from None
    rules: dict[str, Any] = known.VALIDATORS
    limited = {keyword: _limited(keyword, rule) for keyword, rule in rules.items()}
    extended: Any = validators.extend(known, limited)  # type: ignore[no-untyped-call]  # jsonschema's
    return _Judges(pass_of(schema, rules), extended(schema, registry=Registry()))


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
