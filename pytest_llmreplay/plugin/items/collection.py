"""Cassettes as pytest files, events as pytest items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.cassette.labels import labels
from pytest_llmreplay.compare.check import Check
from pytest_llmreplay.compare.specs.layers import Layer
from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.event import Event
from pytest_llmreplay.plugin.as_typed import shown
from pytest_llmreplay.replay.baselines.baseline import accepted_baseline
from pytest_llmreplay.replay.calls.call import Identity, Purpose
from pytest_llmreplay.replay.own_checks import shared_checks
from pytest_llmreplay.replay.targets.target import Target

from .own_words_item import CollectionText, OwnWordsItem
from .shelf import Shelf

if TYPE_CHECKING:
    from _typeshed import StrPath

_ASKING = frozenset({"freeze_time", "time_machine"})
"""Marks by which pytest-freezer and time-machine give a fixture to the items that they collect."""

__all__ = ["CassetteFile", "ReplayItem", "label"]


class Terms(Protocol):
    """Who knows what of a cassette goes where, and by what it is judged."""

    def targets(self, cassette: Path) -> tuple[Target, ...]:
        """Where the events of a cassette go."""
        ...

    def means(self, cassette: Cassette, place: int) -> bool:
        """Whether the event at a place of a cassette is to be replayed."""
        ...

    def checks(self, item: ReplayItem) -> Sequence[Check]:
        """What the answer of an item is judged by."""
        ...

    def identity(self, item: ReplayItem) -> Identity:
        """What the calls of an item are kept under."""
        ...

    def purpose(self, target: Target) -> Purpose:
        """What a target is asked for."""
        ...

    def takes_accepted(self, target: Target) -> bool:
        """Whether an answer accepted for a target stands in for the recording."""
        ...


class Replayer(Protocol):
    """Who has the cassettes, and replays an item."""

    shelf: Shelf

    def replay(self, item: ReplayItem) -> None:
        """Wait for the item's answer; raise its failure, or skip."""
        ...


class CassetteFile(pytest.File):
    """A cassette; its events times the targets are its items."""

    terms: Terms
    replayer: Replayer
    chosen: frozenset[str]
    """Names of the events that are meant, with or without their target; none for all."""
    shared_checks: tuple[Layer, ...] | None = None
    """What every event brings along; none where each has to be read for it."""

    @cached_property
    def folder(self) -> Path:
        """Where the cassette is."""
        return self.path.parent

    @property
    def cassette(self) -> Cassette:
        """The cassette, opened."""
        return self.replayer.shelf.open(self.path)

    def collect(self) -> Iterator[ReplayItem]:
        """One item per event and target, without parsing a single event."""
        try:
            yield from self._items()
        except LlmReplayError as error:
            raise self.CollectError(shown(error, self.config.invocation_params.dir)) from None

    def forget_marks(self) -> None:
        """Let nobody act by a mark, without the arguments that the test gave, once it selected."""
        self.own_markers.clear()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:  # type: ignore[override]  # as pytest's own collectors
        """What is wrong with the cassette, which the short summary tells too."""
        is_ours = isinstance(excinfo.value, self.CollectError)
        return CollectionText(str(excinfo.value)) if is_ours else super().repr_failure(excinfo)

    def _items(self) -> Iterator[ReplayItem]:
        cassette = self.cassette
        self.shared_checks = shared_checks(cassette)
        targets = [(target, label(target)) for target in self.terms.targets(self.path)]
        for mark in cassette.header.marks:
            if mark in _ASKING:
                continue
            # Those that a conftest.py of the tests registers are unknown in a replay.
            self.config.addinivalue_line("markers", f"{mark}: a mark of recorded tests")
            self.add_marker(mark)
        self.extra_keyword_matches.update(_words(cassette.header.test))
        for place, event in enumerate(labels(cassette)):
            if not self.terms.means(cassette, place):
                continue
            for target, name in targets:
                if self.chosen and self.chosen.isdisjoint((event, f"{event}[{name}]")):
                    continue
                yield ReplayItem.below(
                    self, self.nodeid, f"{event}[{name}]", place=place, target=target
                )


class ReplayItem(OwnWordsItem):
    """One event on its way to one target."""

    parent: CassetteFile
    sample = 0
    """An item is its own first answer; it may have several."""

    def __init__(self, *, place: int, target: Target, **rest: Any) -> None:
        super().__init__(**rest)
        self.place = place
        """Place of the event in its cassette, counted from 0."""
        self.target = target

    @property
    def document(self) -> EventDocument:
        """The event as its cassette has it; parsed as far as it is asked."""
        return self.parent.cassette.document(self.place)

    @property
    def accepted(self) -> Event | None:
        """The event as the target answered it when that was accepted; none where that is no matter.

        A noise floor compares with the recording, and so does what is held against it.
        """
        if not self.parent.terms.takes_accepted(self.target):
            return None
        return accepted_baseline(self.parent.cassette, self.document, self.target.name)

    @property
    def purpose(self) -> Purpose:
        """What its call is made for."""
        return self.parent.terms.purpose(self.target)

    @property
    def checks(self) -> Sequence[Check]:
        """What the answer is judged by."""
        return self.parent.terms.checks(self)

    @property
    def label(self) -> str:
        """Number and prompt name of the event: `0002-assistant-argument`."""
        return self.name.removesuffix(f"[{label(self.target)}]")

    @property
    def identity(self) -> Identity:
        """What its calls are kept under."""
        return self.parent.terms.identity(self)

    @property
    def line(self) -> int:
        """Line of the event in its cassette, counted from 1."""
        index = self.parent.cassette.index
        return index.line(index.events[self.place].start)

    def setup(self) -> None:
        """Begin anew, as a rerun does; the reports of the run before keep what they say."""
        self.user_properties = []

    def runtest(self) -> None:
        """Judge the answer of the target."""
        self.parent.replayer.replay(self)

    def reportinfo(self) -> tuple[StrPath, int | None, str]:
        """Where the event stands."""
        return self.path, None, self.name


def label(target: Target) -> str:
    """A target as node ids have it."""
    return target.name.replace("::", "-").replace("[", "(").replace("]", ")")


def _words(test: str | None) -> list[str]:
    """What `-k` finds the events of a test by: its classes, its function, its parameters."""
    return (test or "").split("::")[1:]
