"""`json:shape`: the keys of the recorded JSON are there, with their types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_llmreplay.compare.answers.answer_view import JsonAnswer, json_answer
from pytest_llmreplay.compare.answers.arguments import dotted
from pytest_llmreplay.compare.check import Finding, Pair
from pytest_llmreplay.event import Json

from .base import Rule, choice_named

__all__ = ["JsonShape"]

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonShape(Rule):
    """Where the recorded answer is a JSON object or list; more keys are fine.

    Items of a list must have the keys that all recorded items have. Where the request asked for a
    schema, `schema:request` is the judge.
    """

    def judge(self, pair: Pair) -> Finding:
        """Compare the shapes of each choice that was recorded as JSON."""
        if pair.baseline.request.output_schema is not None:
            return self.idle("a schema was asked for")
        choices = [(place, then) for place, then in enumerate(pair.then.json) if _has_shape(then)]
        if not choices:
            return self.idle("the recorded answer is no JSON object")
        found = (self._compare_choice(pair, place, then) for place, then in choices)
        return next((one for one in found if one is not None), self.held())

    def _compare_choice(self, pair: Pair, place: int, then: JsonAnswer) -> Finding | None:
        which = choice_named(place, len(pair.then.json))
        now = pair.now.json[place] if place < len(pair.now.json) else json_answer("")
        if now.problem or now.fenced > then.fenced:
            problem = now.problem or "no JSON: it stands in a code fence"
            return self.diverged(
                f"{which} is {problem}", "structure", cause=problem.partition(":")[0]
            )
        first = next(_missing([then.value], now.value, ()), None)
        return None if first is None else self.diverged(first, "structure")


def _has_shape(answer: JsonAnswer) -> bool:
    return isinstance(answer.value, dict | list)


def _missing(recorded: Sequence[Json], now: Json, path: Path) -> Iterator[str]:
    """What all recorded values have in common and the new one lacks."""
    kinds = {_kind(value) for value in recorded} - {"null"}
    if len(kinds) != 1 or None in recorded:
        return
    (kind,) = kinds
    if _kind(now) != kind:
        yield f"{_place(path)} is {_kind(now)}, recorded {kind}"
    elif isinstance(now, dict):
        yield from _missing_keys([one for one in recorded if isinstance(one, dict)], now, path)
    elif isinstance(now, list):
        items = [item for value in recorded if isinstance(value, list) for item in value]
        for place, item in enumerate(now if items else []):
            yield from _missing(items, item, (*path, place))


def _missing_keys(
    recorded: Sequence[dict[str, Json]], now: dict[str, Json], path: Path
) -> Iterator[str]:
    for key in recorded[0]:
        if not all(key in value for value in recorded):
            continue
        if key in now:
            yield from _missing([value[key] for value in recorded], now[key], (*path, key))
        else:
            yield f"{_place((*path, key))} is missing"


def _kind(value: Json) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return {str: "string", list: "list", dict: "object"}[type(value)]


def _place(path: Path) -> str:
    return repr(dotted(path).removeprefix(".")) if path else "the answer"
