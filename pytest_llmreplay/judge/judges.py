"""What every judge can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from pytest_llmreplay.compare.judged import Score
from pytest_llmreplay.event import Event

if TYPE_CHECKING:
    from pytest_llmreplay.judge.asking.calls import Asking

__all__ = ["Judge"]


class Judge(Protocol):
    """Scores a recorded answer and the replayed one; called by several threads.

    A verdict over the run takes more from many answers than from many judgings of one, so that a
    judge may ask less often for it.
    """

    @property
    def name(self) -> str:
        """The judge's name in messages and reports."""
        ...

    @property
    def asking(self) -> Asking | None:
        """Makes its calls; none where it asks no model."""
        ...

    @property
    def distrusted(self) -> str | None:
        """Why no score of this judge counts; none where it withstood its trial, or had none."""
        ...

    def most_calls(self, *, answers: int, baselines: int, over_run: bool) -> int:
        """How many calls are needed for so many replayed and recorded answers, with the trial."""
        ...

    def begin(
        self, baseline: Event, replayed: Event, *, over_run: bool, opponent: str | None = None
    ) -> None:
        """Begin to judge; returns at once, and never raises."""
        ...

    def scores(
        self, baseline: Event, replayed: Event, *, over_run: bool, opponent: str | None = None
    ) -> Mapping[str, Score]:
        """Wait for the scores of both, as `baseline` and `replayed`; never raises.

        Args:
            baseline: The recording.
            replayed: The answer that is judged.
            over_run: Whether it is for a verdict over the run.
            opponent: The words that a judge which compares pairs gets to read in the place of the
                recorded answer.
        """
        ...
