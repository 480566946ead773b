"""Verdicts over the run as pytest items, behind all others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from .collection import ReplayItem, label
from .own_words_item import OwnWordsItem

if TYPE_CHECKING:
    from _typeshed import StrPath

__all__ = ["RUN", "Judge", "VerdictItem", "verdict_items"]

RUN = "llm-run"
"""Stands for a file in the node ids of what is about the whole run."""


class Judge(Protocol):
    """Who judges targets over the run."""

    def judge_run(self, item: VerdictItem) -> None:
        """Judge a target; raise its failure, or skip."""
        ...


class VerdictItem(OwnWordsItem):
    """The verdict on one target, over all events that were replayed."""

    def __init__(
        self, *, judge: Judge, target: str, family: Sequence[str], folder: Path, **rest: Any
    ) -> None:
        super().__init__(**rest)
        self._judge = judge
        self.target = target
        """Name of the target."""
        self.family = family
        """All targets that are judged over the run."""
        self.folder = folder
        """Of the cassettes, below the config file that says how."""

    def runtest(self) -> None:
        """Ask for what is still needed, and judge."""
        self._judge.judge_run(self)

    def reportinfo(self) -> tuple[StrPath, int | None, str]:
        """Nowhere in a file."""
        return RUN, None, self.name


def verdict_items(
    session: pytest.Session, judge: Judge, items: Iterable[ReplayItem]
) -> Iterator[VerdictItem]:
    """One item for each target of these items, in the order of the targets."""
    judged = {item.target.name: item for item in items}
    for name, item in judged.items():
        yield VerdictItem.below(
            session,
            RUN,
            f"verdict[{label(item.target)}]",
            judge=judge,
            target=name,
            family=tuple(judged),
            folder=item.parent.folder,
        )
