"""One call under several configurations, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import IO

from pytest_llmreplay.event import Json
from pytest_llmreplay.report.calls.side_by_side import Side, side_lines

from .printing import print_lines
from .result import ReplayResult

__all__ = ["ReplayComparison"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayComparison:
    """Results in the order of their configurations; means and sums over those with an answer.

    A mean or a sum that lacks a figure of one of them is `None`, never a guess.
    """

    results: Sequence[ReplayResult]

    @property
    def total_configurations(self) -> int:
        """How many configurations were compared."""
        return len(self.results)

    @property
    def successful(self) -> int:
        """How many configurations gave an answer."""
        return len(self._answered)

    @property
    def failed(self) -> int:
        """How many configurations gave none."""
        return self.total_configurations - self.successful

    @property
    def average_latency_ms(self) -> float | None:
        """Mean of the latencies, in milliseconds."""
        found = _all_known(one.latency_ms_after for one in self._answered)
        return fmean(found) if found else None

    @property
    def total_tokens(self) -> int | None:
        """All tokens read and written."""
        found = _all_known(one.tokens_after for one in self._answered)
        return int(sum(found)) if found else None

    @property
    def total_cost(self) -> float | None:
        """USD."""
        found = _all_known(one.cost_after for one in self._answered)
        return sum(found) if found else None

    def pretty_print(self, file: IO[str] | None = None) -> None:
        """Print one row for each configuration, then means and sums.

        Args:
            file: Where to; by default the screen.
        """
        sides = [_side(one) for one in self.results]
        print_lines(lambda width: side_lines(sides, self._sum(), width), file)

    def as_dict(self) -> dict[str, Json]:
        """The comparison as plain data, for JSON."""
        return {
            "results": [one.as_dict() for one in self.results],
            "comparison": {
                "total_configurations": self.total_configurations,
                "successful": self.successful,
                "failed": self.failed,
                "average_latency_ms": self.average_latency_ms,
                "total_tokens": self.total_tokens,
                "total_cost": self.total_cost,
            },
        }

    @property
    def _answered(self) -> list[ReplayResult]:
        return [one for one in self.results if one.replayed is not None]

    def _sum(self) -> Side:
        return Side(
            name="mean and sums",
            said=f"{self.successful} of {self.total_configurations}",
            latency=self.average_latency_ms,
            tokens=self.total_tokens,
            cost=self.total_cost,
        )


def _side(one: ReplayResult) -> Side:
    same = one.text_identical and one.tool_calls_identical
    return Side(
        name=" ".join((one.target, *one.changed)),
        said="error" if one.error_message is not None else "same" if same else "differs",
        latency=one.latency_ms_after,
        tokens=one.tokens_after,
        cost=one.cost_after,
        problem=one.error_message,
    )


def _all_known(figures: Iterator[float | None]) -> list[float]:
    """The figures, where every one is known."""
    found = list(figures)
    known = [figure for figure in found if figure is not None]
    return known if len(known) == len(found) else []
