"""Editing the tools that a request offers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.event import Json, Tool
from pytest_llmreplay.providers.fields import as_list, as_object

from .layout import Layout, layout_of

__all__ = ["ToolsEdit", "edit_tools", "offered"]

_DECLARATIONS = ("functionDeclarations", "function_declarations")
"""Keys under which Gemini groups functions."""
_HOLDERS = ("function", "custom", "toolSpec")
"""Keys of the object in which formats name a tool, where they do not name it outside."""
_WITH_TOOLS = frozenset(
    {"tools", "tool_choice", "parallel_tool_calls", "toolConfig", "tool_config"}
)
"""Keys that providers refuse where no tool is offered."""
_CONFIG = "generation_config"
"""Where interactions have them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolsEdit:
    """What becomes of the tools that are offered."""

    remove: tuple[str, ...] = ()
    """Globs of names; a hosted tool goes by its type."""
    describe: Mapping[str, str] = field(default_factory=dict)
    """New descriptions by name."""
    add: tuple[Tool, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names and globs of tools that have to be there, or nothing is changed."""
        return (*self.remove, *self.describe)

    def keeps(self, name: str) -> bool:
        """Whether a tool of this name is left in the request."""
        return not any(fnmatchcase(name, glob) for glob in self.remove)


def edit_tools(api: str, body: dict[str, Json], edit: ToolsEdit) -> dict[str, Json]:
    """A copy of a body with its tools edited; with the last one goes what speaks of them.

    Raises:
        ReplayError: The format has no tools.
    """
    layout = layout_of(api, body)
    if layout is None or layout.tool is None:
        raise ReplayError(f"{api} has no tools that could be edited")
    holder = _holder_of_tools(layout, body)
    tools = _with_added(list(_edited(_groups(holder), edit)), edit.add, api, layout)
    if not tools:
        return _without_tools(body)
    changed: dict[str, Json] = holder | {"tools": tools}
    return body | {layout.tools_in: changed} if layout.tools_in else changed


def offered(api: str, body: Json) -> Iterator[str]:
    """The names of the tools that a body offers, as an edit calls them."""
    layout = layout_of(api, body)
    if layout is not None and layout.tool is not None and isinstance(body, dict):
        for tool in _groups(_holder_of_tools(layout, body)):
            group = _group(tool)
            declared = as_list(tool[group]) if isinstance(tool, dict) and group else [tool]
            yield from map(_name, declared)


def _holder_of_tools(layout: Layout, body: dict[str, Json]) -> dict[str, Json]:
    return as_object(body.get(layout.tools_in) if layout.tools_in else body)


def _groups(holder: Mapping[str, Json]) -> list[Json]:
    groups = holder.get("tools")
    return groups if isinstance(groups, list) else [] if groups is None else [groups]


def _without_tools(body: dict[str, Json]) -> dict[str, Json]:
    rest = {key: value for key, value in body.items() if key not in _WITH_TOOLS}
    config = rest.get(_CONFIG)
    if not isinstance(config, dict) or _WITH_TOOLS.isdisjoint(config):
        return rest
    left = {key: value for key, value in config.items() if key not in _WITH_TOOLS}
    return rest | {_CONFIG: left}


def _edited(tools: Iterable[Json], edit: ToolsEdit) -> Iterator[Json]:
    for tool in tools:
        group = _group(tool)
        if isinstance(tool, dict) and group is not None:
            declared = list(_edited(as_list(tool[group]), edit))
            if declared or len(tool) > 1:
                yield tool | {group: declared}
        elif edit.keeps(name := _name(tool)):
            yield _described(tool, edit.describe.get(name))


def _described(tool: Json, description: str | None) -> Json:
    if description is None or not isinstance(tool, dict):
        return tool
    key = _holder(tool)
    described = as_object(tool[key] if key else tool) | {"description": description}
    return tool | {key: described} if key else described


def _with_added(tools: list[Json], added: tuple[Tool, ...], api: str, layout: Layout) -> list[Json]:
    assert layout.tool is not None  # asked before
    written = [layout.tool(tool) for tool in added]
    if not written or api != "generate_content":
        return [*tools, *written]
    for place, group in enumerate(tools):
        key = _group(group)
        if isinstance(group, dict) and key is not None:
            joined = [*as_list(group[key]), *written]
            return [*tools[:place], group | {key: joined}, *tools[place + 1 :]]
    return [*tools, {_DECLARATIONS[0]: written}]


def _name(tool: Json) -> str:
    """The name of a function, the type of a hosted tool, or the key that Gemini gives it."""
    if not isinstance(tool, dict):
        return ""
    key = _holder(tool)
    name = as_object(tool[key] if key else tool).get("name")
    return str(name or tool.get("type") or next(iter(tool), ""))


def _holder(tool: dict[str, Json]) -> str | None:
    return next((key for key in _HOLDERS if isinstance(tool.get(key), dict)), None)


def _group(tool: Json) -> str | None:
    found = (key for key in _DECLARATIONS if isinstance(tool, dict) and key in tool)
    return next(found, None)
