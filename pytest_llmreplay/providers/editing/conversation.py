"""Editing the system prompt and the messages of a request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_list, as_object

from .layout import Layout, layout_of
from .words import WordsEdit, edit_content, edit_some

__all__ = ["AddedTurn", "TurnsEdit", "edit_system", "edit_turns"]

_ROLES = frozenset({"system", "developer"})


def edit_system(api: str, body: dict[str, Json], edit: WordsEdit) -> dict[str, Json]:
    """A copy of a body with its system prompt edited; it gets one where it had none.

    Raises:
        ReplayError: The format has no system prompt.
    """
    layout = layout_of(api, body)
    if layout is None:
        raise ReplayError(f"{api} has no system prompt that could be edited")
    turns = as_list(body.get(layout.turns) if layout.turns else None)
    if layout.turns and _is_in_turns(body, turns, layout):
        return body | {layout.turns: _in_turns(turns, edit, layout)}
    key = next((key for key in layout.system if key in body), layout.system[0])
    changed = body | {key: _beside(body.get(key), edit, layout)}
    if layout.turns and turns and edit.replace is not None:
        changed[layout.turns] = turns[leading(turns) :]
    return changed


def leading(turns: Sequence[Json]) -> int:
    """How many turns of the system stand before all others."""
    return next((place for place, turn in enumerate(turns) if not _is_system(turn)), len(turns))


def _is_in_turns(body: dict[str, Json], turns: Sequence[Json], layout: Layout) -> bool:
    """Whether the system prompt is a turn, as in chats, or as it may be in responses."""
    beside = any(body.get(key) for key in layout.system)
    return not layout.system or (not beside and leading(turns) > 0)


def _in_turns(turns: Sequence[Json], edit: WordsEdit, layout: Layout) -> list[Json]:
    """The turns of the system that begin a conversation; later ones are part of it."""
    places = range(leading(turns))
    if not places:
        return [layout.said("system", edit.of("")), *turns]

    def edited(turn: dict[str, Json], share: WordsEdit) -> Json:
        return turn | {layout.content: edit_content(turn.get(layout.content), share, layout)}

    return edit_some(turns, edit.shares(places), edited)


def _beside(value: Json, edit: WordsEdit, layout: Layout) -> Json:
    inner = layout.system_in
    if inner is None or isinstance(value, str):
        return edit_content(value, edit, layout)
    turn = as_object(value)
    return turn | {inner: edit_content(turn.get(inner), edit, layout)}


def _is_system(turn: Json) -> bool:
    return isinstance(turn, dict) and turn.get("role") in _ROLES


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
