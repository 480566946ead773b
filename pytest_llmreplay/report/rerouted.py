"""What calls of tests that went to a target came to, for the end of the run."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from pytest_llmreplay.compare.figures.numbers import money
from pytest_llmreplay.replay.money.ledger import Sums
from pytest_llmreplay.report.summary.limit import limit_lines
from pytest_llmreplay.report.text.layout import fit, joined
from pytest_llmreplay.report.text.sanitise import safe_line

__all__ = ["ReroutedTally", "rerouted_lines"]

_MOST = 5
"""Problems that are told one by one."""


@dataclass(slots=True, kw_only=True)
class ReroutedTally:
    """The sums of a run, or of one of its workers."""

    calls: int = 0
    played: int = 0
    """Calls that ask for no words, answered from cassettes; none of `calls`."""
    errors: int = 0
    """Calls to which no whole answer came; the client may have tried them again."""
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    """USD, of the calls that have a price."""
    unpriced: int = 0
    """Calls that cost something nobody knows."""
    left: int = 0
    """Calls whose client did not wait for the end of the answer."""
    problems: dict[str, int] = field(default_factory=dict)
    """Calls by what the target did instead of answering."""
    losses: dict[str, int] = field(default_factory=dict)
    """Calls by what could not be carried over into the format of the target."""

    def add(self, other: ReroutedTally) -> None:
        """Take the sums of a call or of a worker in."""
        for one in fields(self):
            mine, more = getattr(self, one.name), getattr(other, one.name)
            if isinstance(mine, dict):
                _add_counts(mine, more)
            else:
                setattr(self, one.name, mine + more)


def _add_counts(counts: dict[str, int], more: dict[str, int]) -> None:
    for name, count in more.items():
        counts[name] = counts.get(name, 0) + count


def rerouted_lines(
    tally: ReroutedTally, target: str, width: int, sums: Sums | None = None
) -> list[str]:
    """The calls, their tokens and cost, and what went wrong; nothing where there was no call.

    Args:
        tally: The sums of the run.
        target: Its name.
        width: Columns of a line.
        sums: Where the money is, where it is limited.
    """
    if not (tally.calls or tally.played) and sums is None:
        return []
    words = [f"{_calls(tally.calls)} to {safe_line(target)}"]
    if tally.played:
        words.append(f"{tally.played:,} played from cassettes")
    if tally.errors:
        words.append(f"{tally.errors:,} without an answer")
    if tally.left:
        words.append(f"{tally.left:,} left early")
    words.append(f"{tally.input_tokens:,} input tokens")
    words.append(f"{tally.output_tokens:,} output tokens")
    if sums is not None:
        words.append(f"spent {money(sums.charged)} of {money(sums.cap)}")
    elif tally.cost:
        words.append(money(tally.cost))
    if tally.unpriced:
        words.append(f"{tally.unpriced:,} calls unpriced")
    lines = [*joined(words, " · ", width), *limit_lines(sums, width)]
    if sums is not None and (unknown := sums.unknown + sums.reserved):
        lines.append(f"{money(unknown)} set aside for calls whose cost is not known")
    lines += _problem_lines(tally.problems, width)
    if tally.losses:
        lost = (f"{safe_line(code)} ({count})" for code, count in sorted(tally.losses.items()))
        lines += joined(["lost in conversion: " + next(lost), *lost], ", ", width)
    return lines


def _problem_lines(problems: dict[str, int], width: int) -> list[str]:
    """What the target did instead of answering, the most frequent first."""
    by_count = sorted(problems.items(), key=lambda item: -item[1])
    lines = [fit(f"{_calls(count)}: {safe_line(text)}", width) for text, count in by_count[:_MOST]]
    left = sum(count for _, count in by_count[_MOST:])
    return [*lines, f"{_calls(left)}: something else"] if left else lines


def _calls(count: int) -> str:
    return f"{count:,} {'call' if count == 1 else 'calls'}"
