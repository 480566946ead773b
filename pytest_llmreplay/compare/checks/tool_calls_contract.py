"""`tool_calls:contract`: the same calls, as far as the application depends on them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from pytest_llmreplay.compare.answers.arguments import Change, dotted, same
from pytest_llmreplay.compare.check import Aspect, Diverged, Finding, Held, Pair
from pytest_llmreplay.compare.schemas.places import at
from pytest_llmreplay.compare.schemas.validity import Unchecked, violation
from pytest_llmreplay.event import Event, Json, Part, TextPart, ToolCallPart, ToolCallResponsePart
from pytest_llmreplay.providers.fields import as_object

from .base import Rule
from .tool_calls import ToolCalls, call_lines

__all__ = ["ContractCalls"]

_SHORTEST_QUOTE = 3

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractCalls(Rule):
    """Holds where the same tools are called as their schemas allow, equal where words are not free.

    Booleans, numbers, values that the schema lists or gives a pattern, and values quoted from the
    request must be equal. Free text must be there. The order of calls does not count.
    """

    judges: ClassVar[tuple[Aspect, ...]] = ("tool_calls",)

    def judge(self, pair: Pair) -> Finding:
        """Compare names, then each pair of calls."""
        names = ToolCalls(spec=self.spec, gated=self.gated, names_only=True).judge(pair)
        if not isinstance(names, Held):
            return names
        schemas = {tool.name: tool.parameters for tool in pair.baseline.request.tools}
        then, now = pair.then.calls, pair.heard.calls
        for one, other in _paired(then, now):
            try:
                found = self._call(one, other, schemas.get(one.name), pair.baseline)
            except Unchecked as part:
                return self.not_measured(
                    f"the schema of {one.name} has {part}, which is not checked"
                )
            if found is not None:
                return found
        return self.held()

    def _call(
        self, then: ToolCallPart, now: ToolCallPart, schema: Json, baseline: Event
    ) -> Finding | None:
        if same(then.arguments or {}, now.arguments or {}):
            return None
        if invalid := self._invalid(then, now, schema):
            return invalid
        change = next(_changes(then, now, schema, _quotable(baseline)), None)
        if change is None:
            return None
        found, why = change
        return self.diverged(
            found.sentence,
            "tool_calls",
            cause=f"{found.cause} ({why})" if why else found.cause,
            recorded=call_lines([then]),
            replayed=call_lines([now]),
            note=_NOTES.get(why),
        )

    def _invalid(self, then: ToolCallPart, now: ToolCallPart, schema: Json) -> Diverged | None:
        """Arguments that the tool would not take, where the recorded ones it would."""
        if not isinstance(now.arguments or {}, dict):
            return self.diverged(
                f"{now.name}: the arguments are no JSON object",
                "tool_calls",
                replayed=call_lines([now]),
            )
        found = violation(now.arguments or {}, schema) if schema is not None else None
        if found is None or violation(then.arguments or {}, schema) is not None:
            return None
        return self.diverged(
            f"{now.name}{dotted(found.path)} {found.problem}",
            "tool_calls",
            recorded=call_lines([then]),
            replayed=call_lines([now]),
            note="The arguments are not valid for the tool's schema.",
        )


_NOTES = {
    "enum": "The tool's schema lists the values, so it must be equal.",
    "pattern": "The tool's schema gives a pattern, so it must be equal.",
    "quoted": "The recorded value is quoted from the request, so it must be equal.",
}


def _paired(
    then: Sequence[ToolCallPart], now: Sequence[ToolCallPart]
) -> Iterator[tuple[ToolCallPart, ToolCallPart]]:
    """Calls of one name side by side, equal ones first."""
    left = list(now)
    waiting: list[ToolCallPart] = []
    for call in then:
        twin = next(
            (o for o in left if o.name == call.name and same(o.arguments, call.arguments)), None
        )
        if twin is None:
            waiting.append(call)
        else:
            left.remove(twin)
    for call in waiting:
        other = next(o for o in left if o.name == call.name)
        left.remove(other)
        yield call, other


def _changes(
    then: ToolCallPart, now: ToolCallPart, schema: Json, quoted: str
) -> Iterator[tuple[Change, str]]:
    def differ(one: Json, other: Json, path: Path) -> Iterator[tuple[Change, str]]:
        if isinstance(one, dict) and isinstance(other, dict):
            for key, value in one.items():
                if key not in other:
                    yield (
                        Change(
                            tool=then.name, path=(*path, key), kind="is missing", recorded=value
                        ),
                        "",
                    )
                else:
                    yield from differ(value, other[key], (*path, key))
        elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
            for place, (value, new) in enumerate(zip(one, other, strict=True)):
                yield from differ(value, new, (*path, place))
        elif (
            not same(one, other)
            and (why := _bound(one, other, at(schema, path), quoted)) is not None
        ):
            yield (
                Change(tool=then.name, path=path, kind="differs", recorded=one, replayed=other),
                why,
            )

    yield from differ(then.arguments or {}, now.arguments or {}, ())


def _bound(then: Json, now: Json, schema: Json, quoted: str) -> str | None:
    """Why a value must be equal; none where its words are free."""
    rules = as_object(schema)
    if "enum" in rules or "const" in rules:
        return "enum"
    if "pattern" in rules:
        return "pattern"
    if not isinstance(then, str) or not isinstance(now, str) or (then.strip() and not now.strip()):
        return ""
    return "quoted" if _is_quoted(then, quoted) else None


def _is_quoted(value: str, quoted: str) -> bool:
    if len(value) < _SHORTEST_QUOTE:
        return False
    at_edges = rf"(?<!\w){re.escape(value)}(?!\w)"
    return value in quoted and re.search(at_edges, quoted) is not None


def _quotable(event: Event) -> str:
    """All that users and tools said in the request."""
    texts: list[str] = []
    for message in event.request.messages:
        if message.role in {"user", "tool"}:
            texts += _texts(message.parts)
    return "\n".join(texts)


def _texts(parts: Sequence[Part]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, TextPart):
            yield part.content
        elif isinstance(part, ToolCallResponsePart):
            yield from _texts(part.response)
