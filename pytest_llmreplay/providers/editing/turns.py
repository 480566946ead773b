"""Editing the messages of a request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_list

from .layout import layout_of
from .system import leading

__all__ = ["AddedTurn", "TurnsEdit", "edit_turns"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedTurn:
    """A turn that a variant adds to a conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnsEdit:
    """What becomes of a conversation; the system prompt is none of its turns."""

    replace: tuple[AddedTurn, ...] | None = None
    prepend: tuple[AddedTurn, ...] = ()
    append: tuple[AddedTurn, ...] = ()


def edit_turns(api: str, body: dict[str, Json], edit: TurnsEdit) -> dict[str, Json]:
    """A copy of a body with its messages edited.

    Raises:
        ReplayError: The format has no messages.
    """
    layout = layout_of(api, body)
    if layout is None or layout.turns is None:
        raise ReplayError(f"{api} has no messages that could be edited")

    def written(turns: Iterable[AddedTurn]) -> list[Json]:
        return [layout.said(turn.role, turn.text) for turn in turns]

    told = body.get(layout.turns)
    if layout.turns_of is not None:
        told = layout.turns_of(told)
    elif isinstance(told, str):
        told = [layout.said("user", told)]
    turns = as_list(told)
    first = leading(turns)
    kept = turns[first:] if edit.replace is None else written(edit.replace)
    edited = [*turns[:first], *written(edit.prepend), *kept, *written(edit.append)]
    return body | {layout.turns: edited}
