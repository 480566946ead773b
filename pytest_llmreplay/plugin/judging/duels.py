"""Answers of targets, compared with the recorded model's own for a verdict over the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pytest_llmreplay.compare.check import Pair
from pytest_llmreplay.compare.judged import TIE, Score
from pytest_llmreplay.judge.asking.transcript import answer_text
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.items.sampled import Further, item_of
from pytest_llmreplay.replay.baselines.calibration import Score as Share
from pytest_llmreplay.replay.entry import Result

from .opponents import Opponents

if TYPE_CHECKING:
    from pytest_llmreplay.judge.judges import Judge

__all__ = ["Duels", "Rematch"]


@dataclass(slots=True, kw_only=True)
class Rematch:
    """The answers of both models to an event, kept to compare them once more."""

    pairs: list[Pair | None] = field(default_factory=list)
    """The samples of the target; none where no answer came."""
    fresh: list[str] = field(default_factory=list)
    """What the recorded model answered now, as a judge reads it."""

    def hear(self, result: Result) -> None:
        """Note a fresh answer of the recorded model, if one came."""
        if result.replayed is not None:
            self.fresh.append(answer_text(result.replayed))


class Duels:
    """Lets judges that compare pairs do so.

    Args:
        opponents: Knows what a target's answers are compared with.
        judge: The judge of an event; none where nobody judges.
        compares: Whether the judge of an event compares pairs.
        by_run: Whether verdicts are over the run.
    """

    def __init__(
        self,
        opponents: Opponents,
        *,
        judge: Callable[[ReplayItem], Judge | None],
        compares: Callable[[ReplayItem], bool],
        by_run: bool,
    ) -> None:
        self._opponents, self._judge = opponents, judge
        self._compares, self._by_run = compares, by_run

    def __contains__(self, item: ReplayItem) -> bool:
        """Whether the answers to an item are compared so, or are what others are compared with."""
        return self._by_run and self._compares(item)

    def decide(self, item: ReplayItem, spec: str) -> bool:
        """Whether a check of an event is about what was preferred."""
        return item in self and any(one.spec == spec and one.asks_judge for one in item.checks)

    def before(self, item: ReplayItem) -> ReplayItem | None:
        """What has to be answered before an answer to an item can be judged, if anything."""
        return self._opponents.before(item)

    def missing(self, items: Iterable[ReplayItem]) -> Counter[str]:
        """Why events have nothing to be compared with, with their number."""
        return self._opponents.missing(items)

    def begin(self, entry: ReplayItem | Further, pair: Pair) -> None:
        """Begin to compare an answer, once all that it may be compared with is there."""
        if entry.purpose == "calibration":
            self._take(entry, pair)
        elif not self._opponents.hold(entry, pair):
            self._begin(entry, pair)

    def scores(self, entry: ReplayItem | Further, pair: Pair) -> Mapping[str, Score]:
        """Wait for what was preferred; nothing of an answer of the recorded model itself."""
        if entry.purpose == "calibration":
            self._take(entry, pair)
            return {}
        item = item_of(entry)
        for waiting in self._opponents.settle(item):
            self._begin(*waiting)
        judge, opponent = self._judge(item), self._opponents.of(item, entry.sample)
        if judge is None:
            return {}
        if opponent is None:
            why = f"nothing to compare with ({self._opponents.why(item)}): run --llm-calibrate"
            none = Score(value=None, target=judge.name, problem=why)
            return {"baseline": none, "replayed": none}
        found = _preferred(judge, pair, opponent.words)
        return {**found, "baseline": replace(found["baseline"], explanation=opponent.explanation)}

    def again(self, rematches: Mapping[ReplayItem, Rematch]) -> dict[ReplayItem, list[Share]]:
        """Compare the same answers with fresh ones of the recorded model; a share for each."""
        asked = {item: list(self._again(item, one)) for item, one in rematches.items()}
        for item, cases in asked.items():
            for pair, words in cases:
                self._ask(item, pair, words)
        return {item: [self._share(item, *case) for case in cases] for item, cases in asked.items()}

    def _again(self, item: ReplayItem, one: Rematch) -> Iterable[tuple[Pair | None, str]]:
        first = self._opponents.first(item)
        for sample, pair in enumerate(one.pairs if one.fresh else ()):
            yield pair, one.fresh[(first + sample) % len(one.fresh)]

    def _share(self, item: ReplayItem, pair: Pair | None, words: str) -> Share:
        judge = self._judge(item)
        if judge is None or pair is None:
            return None
        return _preferred(judge, pair, words)["replayed"].value

    def _take(self, entry: ReplayItem | Further, pair: Pair) -> None:
        for waiting in self._opponents.take(item_of(entry), entry.sample, pair.replayed):
            self._begin(*waiting)

    def _begin(self, entry: ReplayItem | Further, pair: Pair) -> None:
        item = item_of(entry)
        if (opponent := self._opponents.of(item, entry.sample)) is not None:
            self._ask(item, pair, opponent.words)

    def _ask(self, item: ReplayItem, pair: Pair | None, words: str) -> None:
        judge = self._judge(item)
        if judge is not None and pair is not None and answer_text(pair.replayed) != words:
            judge.begin(pair.baseline, pair.replayed, over_run=True, opponent=words)


def _preferred(judge: Judge, pair: Pair, words: str) -> Mapping[str, Score]:
    """What a judge says of both; of the same words nobody has to."""
    if answer_text(pair.replayed) == words:
        tie = Score(value=TIE, target=judge.name, explanation="both say the same")
        return {"baseline": tie, "replayed": tie}
    return judge.scores(pair.baseline, pair.replayed, over_run=True, opponent=words)
