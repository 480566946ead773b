"""What a run says of calls that cost more than was set aside for them."""

from __future__ import annotations

from pytest_llmreplay.compare.figures.numbers import money
from pytest_llmreplay.replay.money.ledger import Sums
from pytest_llmreplay.report.text.layout import wrapped

__all__ = ["limit_lines"]


def limit_lines(sums: Sums | None, width: int) -> list[str]:
    """By how much calls passed what was set aside, and the limit; nothing where none did.

    Args:
        sums: Where the money is, where it is limited.
        width: Columns of a line.
    """
    if sums is None or not sums.dearer:
        return []
    calls = f"{sums.dearer:,} {'call' if sums.dearer == 1 else 'calls'}"
    them = "it" if sums.dearer == 1 else "them"
    excess = f"{calls} cost {money(sums.excess)} more than was set aside for {them}"
    if not sums.passed:
        return wrapped(excess, width)
    over = f"the limit was passed by {money(sums.passed)}: {excess}"
    way = "A request with a limit cannot do that: --llm-set max_tokens=N"
    return [*wrapped(over, width), *wrapped(way, width)]
