"""The answers of a stored run, each beside what it is compared with."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property

from pytest_llmreplay.compare.call_figures import Figures, figures_of_both
from pytest_llmreplay.compare.check import Pair
from pytest_llmreplay.compare.outcome import compare
from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.replay.calls import Identity
from pytest_llmreplay.runs.opinions import Opinions
from pytest_llmreplay.runs.recordings import Recordings, answer_of
from pytest_llmreplay.runs.stored import StoredCall, StoredRun

__all__ = ["StoredAnswers"]


class StoredAnswers:
    """Finds them; each is decoded when it is asked for.

    Args:
        recordings: Knows the cassettes.
        run: Has the answers.
    """

    def __init__(self, recordings: Recordings, run: StoredRun) -> None:
        self._recordings, self._run = recordings, run

    def pair(self, stored: StoredCall) -> Pair:
        """An answer beside its recording, with the scores that a judge gave both.

        Raises:
            CallFailed: There was none.
            CassetteError: It, or its recording, cannot be read.
        """
        recorded = self._recordings.document(stored.call).event
        baseline, _ = self._recordings.baseline(stored.call)
        replayed = answer_of(self._run, stored, recorded)
        scores = self.opinions(stored).pair_scores()
        return Pair(baseline=baseline, replayed=replayed, live=True, scores=scores)

    def answered(self, stored: StoredCall) -> Pair | None:
        """The same; none where there was an error."""
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
