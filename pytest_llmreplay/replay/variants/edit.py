"""What a variant changes in a request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.editing import (
    ToolsEdit,
    TurnsEdit,
    WordsEdit,
    edit_system,
    edit_tools,
    edit_turns,
)
from pytest_llmreplay.replay.overrides import Overrides

__all__ = ["Edit", "clash", "merged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Changes to one request; what it does not name stays."""

    model: str | None = None
    set: Mapping[str, Json] = field(default_factory=dict)
    """Values by dotted key, as `--llm-set` takes them."""
    system: WordsEdit | None = None
    messages: TurnsEdit | None = None
    tools: ToolsEdit | None = None

    def apply(self, api: str, body: dict[str, Json]) -> dict[str, Json]:
        """A copy of a body with everything changed but its model.

        Raises:
            ReplayError: The format has nothing like it.
        """
        body = Overrides(set=self.set).apply(body)
        if self.system is not None:
            body = edit_system(api, body, self.system)
        if self.messages is not None:
            body = edit_turns(api, body, self.messages)
        if self.tools is not None:
            body = edit_tools(api, body, self.tools)
        return body


_NO_EDIT = Edit()


def merged(edits: Sequence[Edit]) -> Edit:
    """Several edits as one; what one of them replaces, the others add to."""
    if len(edits) < 2:  # noqa: PLR2004 - nothing to merge
        return edits[0] if edits else _NO_EDIT
    return Edit(
        model=next((edit.model for edit in edits if edit.model is not None), None),
        set={key: value for edit in edits for key, value in edit.set.items()},
        system=_system([edit.system for edit in edits if edit.system is not None]),
        messages=_messages([edit.messages for edit in edits if edit.messages is not None]),
        tools=_tools([edit.tools for edit in edits if edit.tools is not None]),
    )


def clash(one: Edit, other: Edit) -> str | None:
    """What two edits want differently; none where both can be had."""
    wants, also = dict(_wants(one)), dict(_wants(other))
    for name, value in also.items():
        if name in wants and wants[name] != value:
            return name
    for name in one.set:
        for further in other.set:
            if name.startswith(f"{further}.") or further.startswith(f"{name}."):
                return min(name, further)
    return _removed(one.tools, other.tools) or _removed(other.tools, one.tools)


def _removed(described: ToolsEdit | None, other: ToolsEdit | None) -> str | None:
    """A description that one edit gives to a tool, and the other takes away."""
    if described is None or other is None:
        return None
    gone = (name for name in described.describe if not other.keeps(name))
    return next((f"the description of {name!r}" for name in gone), None)


def _wants(edit: Edit) -> Iterator[tuple[str, object]]:
    """What an edit decides, for which there is but one value."""
    if edit.model is not None:
        yield "model", edit.model
    yield from edit.set.items()
    if edit.system is not None and edit.system.replace is not None:
        yield "the system prompt", edit.system.replace
    if edit.messages is not None and edit.messages.replace is not None:
        yield "the messages", edit.messages.replace
    if edit.tools is not None:
        yield from ((f"tool {tool.name!r}", tool) for tool in edit.tools.add)
        described = edit.tools.describe.items()
        yield from ((f"the description of {name!r}", text) for name, text in described)


def _system(edits: Sequence[WordsEdit]) -> WordsEdit | None:
    if not edits:
        return None
    return WordsEdit(
        replace=next((edit.replace for edit in edits if edit.replace is not None), None),
        prepend="".join(edit.prepend for edit in edits),
        append="".join(edit.append for edit in edits),
    )


def _messages(edits: Sequence[TurnsEdit]) -> TurnsEdit | None:
    if not edits:
        return None
    return TurnsEdit(
        replace=next((edit.replace for edit in edits if edit.replace is not None), None),
        prepend=tuple(turn for edit in edits for turn in edit.prepend),
        append=tuple(turn for edit in edits for turn in edit.append),
    )


def _tools(edits: Sequence[ToolsEdit]) -> ToolsEdit | None:
    if not edits:
        return None
    return ToolsEdit(
        remove=tuple(glob for edit in edits for glob in edit.remove),
        describe={name: text for edit in edits for name, text in edit.describe.items()},
        add=tuple({tool.name: tool for edit in edits for tool in edit.add}.values()),
    )
