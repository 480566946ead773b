"""One event on its way to one target, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.compare.check import Check, Pair
from pytest_llmreplay.compare.outcome import Comparison
from pytest_llmreplay.event import Event
from pytest_llmreplay.replay.calls.call import Identity, Purpose
from pytest_llmreplay.replay.calls.result import CallFailed, Reply
from pytest_llmreplay.replay.targets.target import Target

__all__ = ["Entry", "Result"]


class Entry(Protocol):
    """One event on its way to one target; whatever can tell these, as a run may have many.

    Hashed and compared by identity.
    """

    @property
    def target(self) -> Target:
        """Where the event goes."""
        ...

    @property
    def sample(self) -> int:
        """Which answer to the event it is, of several; counted from 0."""
        ...

    @property
    def purpose(self) -> Purpose:
        """What its call is made for."""
        ...

    @property
    def document(self) -> EventDocument:
        """The recording."""
        ...

    @property
    def accepted(self) -> Event | None:
        """What the answer is compared with in place of the recording, where there is such."""
        ...

    @property
    def checks(self) -> Sequence[Check]:
        """What the answer is judged by."""
        ...

    @property
    def identity(self) -> Identity:
        """What its calls are kept under; asked only where calls are kept."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of an entry."""

    entry: Entry
    comparison: Comparison
    baseline: Event | None = None
    replayed: Event | None = None
    pair: Pair | None = None
    """What was compared, where there was anything to compare."""
    reply: Reply | None = None
    failure: CallFailed | None = None
    """Why a call that was made gave nothing to compare."""
    lost: tuple[str, ...] = ()
    """Codes of what was lost in a conversion and is to be told."""
    spared: Event | None = None
    """The recording, where a target that ran freely had no need of the call."""
    beyond: tuple[Result, ...] = ()
    """What came of further calls that a target that ran freely took for the event."""
