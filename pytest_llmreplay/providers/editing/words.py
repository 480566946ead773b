"""A change to a text, and to the blocks of text that stand for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pytest_llmreplay.event import Json

from .layout import Layout

__all__ = ["WordsEdit", "edit_content", "edit_some"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsEdit:
    """What becomes of a text: it may be replaced first, and then added to at both ends."""

    replace: str | None = None
    prepend: str = ""
    append: str = ""

    def of(self, text: str) -> str:
        """The text as it is wanted."""
        words = text if self.replace is None else self.replace
        return f"{self.prepend}{words}{self.append}"

    def shares(self, places: Sequence[int]) -> Mapping[int, WordsEdit | None]:
        """The edit of each text at these places, which are one together; none where a text goes."""
        if self.replace is not None or len(places) == 1:
            return {**dict.fromkeys(places[:-1]), places[-1]: self}
        before, behind = WordsEdit(prepend=self.prepend), WordsEdit(append=self.append)
        return {places[0]: before, places[-1]: behind}


def edit_content(content: Json, edit: WordsEdit, layout: Layout) -> Json:
    """The content of a turn or of a system prompt, edited; marks of its blocks stay."""
    if isinstance(content, str):
        return edit.of(content)
    if not isinstance(content, list):
        return layout.words(edit.of(""))
    places = [place for place, block in enumerate(content) if _is_text(block)]
    if not places:
        return [layout.block(edit.of("")), *content]
    return edit_some(content, edit.shares(places), _edited_block)


def edit_some(
    items: Sequence[Json],
    shares: Mapping[int, WordsEdit | None],
    edited: Callable[[dict[str, Json], WordsEdit], Json],
) -> list[Json]:
    """Items with those edited that have a share in an edit."""
    changed: list[Json] = []
    for place, item in enumerate(items):
        share = shares.get(place)
        if share is not None and isinstance(item, dict):
            changed.append(edited(item, share))
        elif place not in shares:
            changed.append(item)
    return changed


def _is_text(block: Json) -> bool:
    return isinstance(block, dict) and isinstance(block.get("text"), str)


def _edited_block(block: dict[str, Json], edit: WordsEdit) -> Json:
    return block | {"text": edit.of(str(block["text"]))}
