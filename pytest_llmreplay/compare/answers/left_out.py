"""Arguments of tool calls that do not count."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pytest_llmreplay.event import Json, ToolCallPart

__all__ = ["without"]


def without(calls: Iterable[ToolCallPart], places: Sequence[str]) -> Sequence[ToolCallPart]:
    """The calls, without the arguments at some places.

    Args:
        calls: They stay as they are.
        places: `refund_order.reason`, `order.items.size` for all items of a list.
    """
    return [_without(call, places) for call in calls]


def _without(call: ToolCallPart, places: Sequence[str]) -> ToolCallPart:
    arguments = call.arguments
    for place in places:
        # The name of a tool may have dots itself.
        path = place.removeprefix(f"{call.name}.")
        if path != place:
            arguments = _dropped(arguments, path.split("."))
    return replace(call, arguments=arguments)


def _dropped(value: Json, path: Sequence[str]) -> Json:
    if isinstance(value, list):
        return [_dropped(item, path) for item in value]
    if not isinstance(value, dict) or path[0] not in value:
        return value
    if len(path) == 1:
        return {key: inner for key, inner in value.items() if key != path[0]}
    return value | {path[0]: _dropped(value[path[0]], path[1:])}
