"""Cassettes as pytest files, events as pytest items."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from pytest_llmreplay.cassette.labels import labels
from pytest_llmreplay.cassette.naming import recorded_by
from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.replay.targets import Target

from .failures import own_failure
from .shelf import open_cassette

if TYPE_CHECKING:
    from _typeshed import StrPath

__all__ = ["CassetteFile", "ReplayItem", "is_cassette"]


class Replayer(Protocol):
    """Who knows the targets of a cassette and replays an item."""

    def targets(self, cassette: Path) -> tuple[Target, ...]:
        """Where the events of a cassette go."""
        ...

    def replay(self, item: ReplayItem) -> None:
        """Wait for the item's answer; raise its failure, or skip."""
        ...


class CassetteFile(pytest.File):
    """A cassette; its events times the targets are its items."""

    replayer: Replayer

    def collect(self) -> Iterator[ReplayItem]:
        """One item per event and target, without parsing a single event."""
        try:
            yield from self._items()
        except LlmReplayError as error:
            raise self.CollectError(str(error)) from None

    def _items(self) -> Iterator[ReplayItem]:
        cassette = open_cassette(self.path)
        targets = [(target, _label(target)) for target in self.replayer.targets(self.path)]
        for mark in cassette.header.marks:
            self.add_marker(mark)
        for place, label in enumerate(labels(cassette)):
            for target, name in targets:
                yield ReplayItem.from_parent(
                    self,
                    name=f"{label}[{name}]",
                    nodeid=f"{self.nodeid}::{label}[{name}]",
                    place=place,
                    target=target,
                )


class ReplayItem(pytest.Item):
    """One event on its way to one target."""

    parent: CassetteFile

    def __init__(self, *, place: int, target: Target, **rest: Any) -> None:
        super().__init__(**rest)
        self.place = place
        """Place of the event in its cassette, counted from 0."""
        self.target = target

    def setup(self) -> None:
        """Begin anew, as a rerun does."""
        self.user_properties.clear()

    def runtest(self) -> None:
        """Judge the answer of the target."""
        self.parent.replayer.replay(self)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Our failures are their text alone."""
        ours = own_failure(excinfo.value)
        return str(ours) if ours else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[StrPath, int | None, str]:
        """Where the event stands."""
        return self.path, None, self.name


def _label(target: Target) -> str:
    return target.name.replace("::", "-").replace("[", "(").replace("]", ")")


def is_cassette(path: Path) -> bool:
    """Whether a file below a cassette root is ours; cassettes of vcrpy may lie beside them."""
    if path.suffix not in {".yaml", ".yml"}:
        return False
    if recorded_by(path) is not None:
        return True
    with path.open("rb") as file:
        head = file.read(64)
    return not head.startswith((b"interactions:", b"version:"))
