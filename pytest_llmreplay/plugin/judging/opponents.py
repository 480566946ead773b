"""Whose answers a judge that compares pairs holds a target's against, in a verdict over the run.

They are the recorded model's own: those that it gives in this run, else those of its calibration,
which the run file of that has. The recording is none of them: it was kept for passing its test.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias

from pytest_llmreplay.compare.check import Pair
from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.event import Event
from pytest_llmreplay.judge.asking.transcript import answer_text
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.items.sampled import Further, Samples, item_of
from pytest_llmreplay.runs.calibrated import CalibrationAnswers
from pytest_llmreplay.runs.place import Runs

if TYPE_CHECKING:
    from pytest_llmreplay.plugin.terms.floor import Floor
    from pytest_llmreplay.replay.baselines.calibration import CalibratedEvent

__all__ = ["Opponent", "Opponents"]

Waiting: TypeAlias = tuple[ReplayItem | Further, Pair]
"""An answer of a target that is not judged yet."""

_Place: TypeAlias = tuple[Path, int]
"""An event: its cassette, and where it stands there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opponent:
    """An answer of the recorded model itself."""

    words: str
    """As a judge reads them."""
    explanation: str
    """Which one it is, for people."""


@dataclass(slots=True, kw_only=True)
class _Asked:
    """What the recorded model answers to an event in this run."""

    item: ReplayItem
    answers: int
    """That are asked for."""
    came: dict[int, str] = field(default_factory=dict)
    """Their words, by number of the sample."""
    waiting: list[Waiting] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether all of them came; one that failed never does."""
        return len(self.came) == self.answers


class Opponents:
    """Finds them, by event; called by several threads.

    Args:
        runs: Have the answers of earlier runs.
        floor: Knows which of them has the calibration of an event.
    """

    def __init__(self, runs: Runs, floor: Callable[[], Floor]) -> None:
        self._runs, self._floor = runs, floor
        self._asked: dict[_Place, _Asked] = {}
        self._kept: dict[tuple[_Place, int], Opponent | None] = {}
        """Of earlier runs, by number of the sample; none where it cannot be read."""
        self._files = cache(self._opened)
        self._lock = Lock()

    def expect(self, calibrated: Iterable[ReplayItem], samples: Samples) -> None:
        """Note what the recorded model is asked in this run."""
        for item in calibrated:
            self._asked[_place(item)] = _Asked(item=item, answers=samples(item).most)

    def before(self, item: ReplayItem) -> ReplayItem | None:
        """What has to be answered before an answer to an item can be judged, if anything."""
        asked = self._asked.get(_place(item))
        return None if asked is None or asked.item is item else asked.item

    def take(self, item: ReplayItem, sample: int, answer: Event) -> Sequence[Waiting]:
        """Note an answer of the recorded model; the answers of targets that waited for it."""
        words = answer_text(answer)
        with self._lock:
            asked = self._asked[_place(item)]
            asked.came[sample] = words
            if not asked.is_whole:
                return ()
            waiting, asked.waiting = asked.waiting, []
            return waiting

    def hold(self, entry: ReplayItem | Further, pair: Pair) -> bool:
        """Whether an answer of a target has to wait; then it is kept until its time has come."""
        with self._lock:
            asked = self._asked.get(_place(item_of(entry)))
            if asked is None or asked.is_whole:
                return False
            asked.waiting.append((entry, pair))
            return True

    def settle(self, item: ReplayItem) -> Sequence[Waiting]:
        """Note that nothing more will come for an event; the answers that waited for it."""
        with self._lock:
            asked = self._asked.get(_place(item))
            if asked is None:
                return ()
            asked.answers = len(asked.came)
            waiting, asked.waiting = asked.waiting, []
            return waiting

    def of(self, item: ReplayItem, sample: int) -> Opponent | None:
        """With which one a sample of a target is compared; none where there is none.

        Each sample meets another one, as far as they go round.
        """
        numbers, start = self._numbers(item), self.first(item) + sample
        turns = (numbers[(start + turn) % len(numbers)] for turn in range(len(numbers)))
        found = (self._opponent(item, number) for number in turns)
        return next((one for one in found if one is not None), None)

    def first(self, item: ReplayItem) -> int:
        """The place from which on opponents are taken, in their order and round and round.

        It is the same in every run, and differs from event to event and from target to target, so
        that the luck of one answer is not that of all verdicts.
        """
        one = item.identity
        name = "\n".join([item.target.name, one.cassette, one.key, str(one.occurrence)])
        return int.from_bytes(sha256(name.encode("utf-8", "surrogatepass")).digest()[:4])

    def missing(self, items: Iterable[ReplayItem]) -> Counter[str]:
        """Why events have no opponent, with their number."""
        return Counter(self.why(item) for item in items if not self._numbers(item))

    def why(self, item: ReplayItem) -> str:
        """Why an event has no answer of the recorded model to be compared with."""
        if _place(item) in self._asked:
            return "without an answer of the recorded model in this run"
        if (unfit := self._floor().unfit(item)) is not None:
            return unfit
        found = self._floor().fitting(item)
        if found is None or found.run is None:
            return "calibrated in a run that does not keep every answer"
        if self._files(found.run) is None:
            return f"calibrated in {found.run}, whose file is gone or damaged"
        return f"calibrated without an answer in {found.run}"

    def _numbers(self, item: ReplayItem) -> Sequence[int]:
        """The samples of the recorded model that can be compared with."""
        with self._lock:
            if (asked := self._asked.get(_place(item))) is not None:
                return sorted(asked.came)
        if (found := self._answers(item)) is None:
            return ()
        answers, calibrated = found
        return answers.samples(item.identity, calibrated.by)

    def _opponent(self, item: ReplayItem, number: int) -> Opponent | None:
        with self._lock:
            if (asked := self._asked.get(_place(item))) is not None:
                return _opponent(number, asked.came[number], "this run")
            key = _place(item), number
            if key not in self._kept:
                self._kept[key] = self._read(item, number)
            return self._kept[key]

    def _read(self, item: ReplayItem, number: int) -> Opponent | None:
        """An answer of the calibration, from the run file that has it."""
        if (found := self._answers(item)) is None:
            return None
        answers, calibrated = found
        event, target = item.document.event, calibrated.by
        answer = answers.answer(event, item.identity, target, number)
        return (
            None if answer is None else _opponent(number, answer_text(answer), calibrated.run or "")
        )

    def _answers(self, item: ReplayItem) -> tuple[CalibrationAnswers, CalibratedEvent] | None:
        """The calibration of an event, and all answers of its run."""
        found = self._floor().fitting(item)
        if found is None or found.run is None or (answers := self._files(found.run)) is None:
            return None
        return answers, found

    def _opened(self, run: str) -> CalibrationAnswers | None:
        """The answers of a run; none where its file is gone, or cannot be read."""
        if not self._runs.has(run):
            return None
        try:
            return CalibrationAnswers(self._runs.named(run, Path()))
        except LlmReplayError:
            return None


def _place(item: ReplayItem) -> _Place:
    return item.path, item.place


def _opponent(sample: int, words: str, run: str) -> Opponent:
    explanation = f"in its place answer {sample + 1} of the recorded model itself, {run}"
    return Opponent(words=words, explanation=explanation)
