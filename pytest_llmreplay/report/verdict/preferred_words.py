"""The sentences about answers that were compared in pairs."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llmreplay.compare.statistics.reach import Preflight

from .figures import listed
from .words import VerdictWords

__all__ = ["PreferredWords"]


class PreferredWords(VerdictWords):
    """The sentences of a verdict on answers that were compared in pairs."""

    _fresh = "comparisons with fresh answers"

    def ok(self) -> Iterator[str]:
        """How often it was preferred, and what is ruled out."""
        yield f"No regression {self._where()}."
        yield f"{self._found()}."
        margin = self._points(self._verdict.margin)
        ruled_out = f"losing by {margin} points or more is ruled out."
        yield f"{self._change('Wins less losses')} ({self._confidence()} interval); {ruled_out}"

    def _found(self, own: str = "") -> str:  # noqa: ARG002 - its own answers are in the comparison
        every, count = self._verdict.answers, self._verdict.preferred
        assert count is not None  # only such verdicts are told so
        comparisons = f"{every:,} comparisons" if every != 1 else "1 comparison"
        return (
            f"{self._metric} preferred it in {count.won:,} of {comparisons} with the recorded "
            f"model's own answers, those in {count.lost:,}, neither in {count.tied:,}"
        )

    def _change(self, start: str = "wins less losses") -> str:
        return f"{start} are truly {self._interval()}"

    def _drop(self) -> str:
        lost = self._lost()
        if lost is None:
            return self._change("Wins less losses")
        return f"Losses less wins are truly {lost}"

    def _not_confirmed(self) -> Iterator[str]:
        """What a second look could not see is no evidence that nothing is there."""
        gaps, without = self._verdict.not_measured, len(self._verdict.left_out)
        if not (gaps or without):
            yield from super()._not_confirmed()
            return
        yield "A drop was seen, and could not be confirmed:"
        if gaps:
            every = f"{self._verdict.answers + gaps:,} comparisons"
            yield f"{gaps:,} of {every} with fresh answers of the recorded model were not measured."
        if without:
            events = f"{without:,} events" if without > 1 else "1 event"
            yield f"{events} had no such answer ({listed(self._verdict.left_out)})."

    def _too_few(self, found: Preflight | None) -> Iterator[str]:
        yield f"Not enough to decide: {self._found()}."
        yield f"{self._change('Wins less losses')}."
        yield from self._too_few_groups(found)

    def _no_noise_floor(self, cost: float | None) -> Iterator[str]:
        gone = self._verdict.left_out
        every = self._verdict.events + len(gone)
        yield (
            f"{len(gone):,} of {every:,} events ({listed(gone)}) have no answer of the recorded "
            f"model itself to compare with."
        )
        yield self._advice_to_calibrate(every, cost)
