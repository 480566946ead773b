"""Reading the tools of a request, and which of them the model may use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from pytest_llmreplay.event import Json, Tool, ToolChoice
from pytest_llmreplay.providers.fields import Fields, as_text

__all__ = ["read_choice", "read_tools"]

_MODES: dict[str, Literal["auto", "none", "required"]] = {
    "auto": "auto",
    "validated": "auto",
    "any": "required",
    "none": "none",
}


def read_tools(values: Iterable[Json]) -> Iterator[Tool]:
    """Functions of the application, and tools that Google runs, whose keys stay in `extra`."""
    for value in values:
        fields = Fields(value)
        kind = as_text(fields.rest.get("type")) or "unknown"
        name = as_text(fields.rest.get("name"))
        if kind != "function" or name is None:
            rest = fields.rest if isinstance(value, dict) else {"raw": value}
            yield Tool(kind=kind, name=name or kind, extra=rest)
            continue
        del fields.rest["type"], fields.rest["name"]
        yield Tool(
            kind="function",
            name=name,
            description=fields.text("description"),
            parameters=fields.rest.pop("parameters", None),
            extra=fields.rest,
        )


def read_choice(config: Fields) -> ToolChoice | None:
    """`tool_choice`: a mode, or a mode for the tools that are named."""
    value = config.rest.get("tool_choice")
    choice = _mode(value) if isinstance(value, str) else _allowed(value)
    if choice is not None:
        del config.rest["tool_choice"]
    return choice


def _mode(word: str) -> ToolChoice | None:
    mode = _MODES.get(word.lower())
    if mode is None:
        return None
    # Arguments that are held to their schema have no neutral name.
    raw: Json = {"mode": "VALIDATED"} if word.lower() == "validated" else None
    return ToolChoice(mode=mode, raw=raw)


def _allowed(value: Json) -> ToolChoice | None:
    allowed = Fields(value).object("allowed_tools")
    choice = _mode(as_text(allowed.get("mode")) or "auto") if allowed else None
    names = Fields(allowed).words("tools")
    if choice is None or not names or choice.mode == "none":
        return choice
    one = choice.mode == "required" and len(names) == 1
    raw: Json = {"mode": "ANY" if choice.mode == "required" else "AUTO"}
    return ToolChoice(mode="tool" if one else "allowed", names=names, raw=choice.raw or raw)
