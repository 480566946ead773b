"""What a judge took, and whether it can be trusted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pytest_llmreplay.compare.figures.numbers import many, money, tokens
from pytest_llmreplay.judge.asking.bill import Bill
from pytest_llmreplay.report.text.layout import joined, wrapped
from pytest_llmreplay.report.text.sanitise import safe_line

__all__ = ["JudgeView", "judge_lines"]

_DOT = " \u00b7 "


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeView:
    """A judge at the end of a run."""

    name: str
    bill: Bill
    distrusted: str | None = None
    """Why none of its scores counts."""
    own_price: bool = False
    """Whether a person wrote down what its calls cost."""


def judge_lines(view: JudgeView, width: int) -> Iterator[str]:
    """What the judge took, and why its checks are not measured where they are not."""
    if view.bill.calls or view.bill.kept:
        yield from joined(_bill(view), _DOT, width)
    if view.distrusted is not None:
        yield from wrapped(safe_line(f"judge checks not measured: {view.distrusted}"), width)


def _bill(view: JudgeView) -> Iterator[str]:
    bill = view.bill
    yield safe_line(view.name)
    if bill.cost:
        yield money(bill.cost)
    if bill.calls:
        yield many(bill.calls, "call")
        yield f"{tokens(bill.input_tokens)} + {tokens(bill.output_tokens)} tokens"
    if bill.kept:
        yield f"{bill.kept:,} kept from before"
    if bill.retries:
        yield many(bill.retries, "retry", "retries")
    if bill.unpriced:
        yield f"{bill.unpriced:,} unpriced"
