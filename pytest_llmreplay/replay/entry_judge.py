"""Judges an entry of a run: its answer against its baseline, or a recording by itself."""

from __future__ import annotations

from pytest_llmreplay.compare.check import Pair
from pytest_llmreplay.compare.judging import compare
from pytest_llmreplay.compare.ladder import FailOn, fails
from pytest_llmreplay.compare.outcome import Comparison, Outcome
from pytest_llmreplay.event import Event
from pytest_llmreplay.replay.calls.decode import replayed_event
from pytest_llmreplay.replay.calls.result import CallFailed, NotReplayed, Reply
from pytest_llmreplay.replay.unsent.unsendable import RECORDED_ERRORS, is_recorded_error

from .entry import Entry, Result
from .preparation import Preparation

__all__ = ["EntryJudge"]

_LATE = "our own event loop was late while the call was under way"


class EntryJudge:
    """Judges entries by their checks.

    Args:
        preparation: Knows their recordings.
        fail_on: From which rung of the ladder on a divergence fails its event.
    """

    def __init__(self, preparation: Preparation, fail_on: FailOn) -> None:
        self._preparation, self._fail_on = preparation, fail_on

    def pair(self, entry: Entry, reply: Reply) -> Pair:
        """What an answer is compared with, and the answer."""
        event, history = self._preparation.event(entry), self._preparation.history
        asked = event if history is None else history.told(entry, event)
        return Pair(
            baseline=entry.accepted or event,
            replayed=replayed_event(
                asked, reply, target=entry.target.name, errors=self._answers_with_errors(event)
            ),
            live=True,
            unmeasured=_LATE if reply.lagged else None,
        )

    def recorded(self, entry: Entry) -> Result:
        """Judge a recording by itself.

        Raises:
            NotReplayed: It is left out.
            Stale: It is too old.
        """
        self._preparation.refuse_unsent(entry)
        event = entry.document.event
        reason = self._preparation.left_out(entry, event)
        if reason is not None:
            raise NotReplayed(reason)
        return self.judged(entry, Pair(baseline=event, replayed=event, live=False), None)

    def judged(self, entry: Entry, pair: Pair, reply: Reply | None) -> Result:
        """What the checks of an entry find."""
        return Result(
            entry=entry,
            comparison=compare(pair, entry.checks, fail_on=self._fail_on),
            baseline=pair.baseline,
            replayed=pair.replayed,
            pair=pair,
            reply=reply,
        )

    def unjudged(self, entry: Entry, reply: Reply) -> Result:
        """The result of an entry whose answer came when nobody was to judge it any more."""
        try:
            pair = self.pair(entry, reply)
        except CallFailed as failure:
            return self.without_answer(entry, "error", str(failure), failure)
        comparison = Comparison(outcome="not_run")
        return Result(
            entry=entry, comparison=comparison, replayed=pair.replayed, pair=pair, reply=reply
        )

    def without_answer(
        self, entry: Entry, outcome: Outcome, problem: str, failure: CallFailed | None = None
    ) -> Result:
        """The result of an entry that has no answer to judge."""
        failed = outcome == "error" and fails("error", self._fail_on)
        comparison = Comparison(outcome=outcome, error=problem, fails=failed)
        return Result(entry=entry, comparison=comparison, failure=failure)

    def _answers_with_errors(self, event: Event) -> bool:
        """Whether a refusal is an answer: one was recorded, and is asked for again."""
        return RECORDED_ERRORS in self._preparation.rules.allow and is_recorded_error(event)
