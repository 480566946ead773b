"""The answers of several configurations to one call, a row for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_llmreplay.compare.figures.numbers import DASH, money, seconds, tokens
from pytest_llmreplay.report.text.layout import Column, grid, wrapped
from pytest_llmreplay.report.text.sanitise import finished, safe_line

__all__ = ["Side", "side_lines"]

_COLUMNS = (
    Column(head="", words=True),
    Column(head="answer", words=True),
    Column(head="tokens"),
    Column(head="latency"),
    Column(head="cost"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one configuration answered, and what it took."""

    name: str
    said: str
    """`same`, `differs`, `error`."""
    latency: float | None
    """Milliseconds."""
    tokens: int | None
    cost: float | None
    """USD."""
    problem: str | None = None


def side_lines(sides: Sequence[Side], total: Side, width: int) -> list[str]:
    """The rows, their sum, then the problems in whole."""
    lines = grid(_COLUMNS, [_cells(one) for one in (*sides, total)], width)
    for one in sides:
        if one.problem is not None:
            problem = safe_line(" ".join(one.problem.split()))
            lines += wrapped(f"{one.name}: {problem}", width, indent="  ")
    return finished(lines)


def _cells(one: Side) -> tuple[str, ...]:
    return (
        one.name,
        one.said,
        DASH if one.tokens is None else tokens(one.tokens),
        DASH if one.latency is None else seconds(one.latency / 1000),
        DASH if one.cost is None else money(one.cost),
    )
