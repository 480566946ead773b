"""The answers of a stored run, each beside what it is compared with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import TypeAlias

from pytest_llmreplay.compare.check import Pair
from pytest_llmreplay.compare.figures.call_figures import Figures, figures_of_both
from pytest_llmreplay.compare.judged import Score
from pytest_llmreplay.compare.judging import compare
from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.replay.calls.call import Identity
from pytest_llmreplay.runs.opinions import Opinions
from pytest_llmreplay.runs.recordings import Recordings, answer_of
from pytest_llmreplay.runs.stored import StoredCall, StoredRun

__all__ = ["StoredAnswers"]

Judge: TypeAlias = Callable[[StoredCall, Pair], Mapping[str, Score] | None]


class StoredAnswers:
    """Finds them; each is decoded when it is asked for.

    Args:
        recordings: Knows the cassettes.
        run: Has the answers.
        judge: What a judge that is asked now says of both answers to an event; none where only
            what the run itself has of a judge counts.
    """

    def __init__(self, recordings: Recordings, run: StoredRun, judge: Judge) -> None:
        self._recordings, self._run, self._judge = recordings, run, judge

    def pair(self, stored: StoredCall) -> Pair:
        """An answer beside its recording, with the scores that a judge gives both.

        Raises:
            CallFailed: There was none.
            CassetteError: It, or its recording, cannot be read.
        """
        recorded = self._recordings.document(stored.call).event
        baseline, _ = self._recordings.baseline(stored.call)
        replayed = answer_of(self._run, stored, recorded)
        pair = Pair(baseline=baseline, replayed=replayed, live=True)
        found = self._judge(stored, pair)
        scores = self.opinions(stored).pair_scores() if found is None else found
        return replace(pair, scores=scores)

    def answered(self, stored: StoredCall) -> Pair | None:
        """An answer beside its recording; none where there was an error."""
        try:
            pair = self.pair(stored)
        except LlmReplayError:
            return None
        return None if compare(pair, ()).outcome == "error" else pair

    def opinions(self, stored: StoredCall) -> Opinions:
        """What the run thought of an answer."""
        return self._run.opinions(stored.call)

    @cached_property
    def floor(self) -> dict[Identity, tuple[Figures, ...]]:
        """What the recorded model's own answers to each event took, as far as the run has any."""
        found: dict[Identity, tuple[Figures, ...]] = {}
        for stored in self._run.calls:
            if stored.call.purpose == "calibration":
                with suppress(LlmReplayError):
                    _, figures = figures_of_both(self.pair(stored))
                    key = stored.call.identity
                    found[key] = (*found.get(key, ()), figures)
        return found
