"""What calls of tests that went to a target came to, for the end of the run."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from pytest_llmreplay.compare.figures import money

from .layout import joined
from .sanitise import safe_line

__all__ = ["ReroutedTally", "rerouted_lines"]


@dataclass(slots=True, kw_only=True)
class ReroutedTally:
    """The sums of a run, or of one of its workers."""

    calls: int = 0
    errors: int = 0
    """Calls to which no whole answer came; the client may have tried them again."""
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    """USD, of the calls that have a price."""
    unpriced: int = 0
    """Calls that cost something nobody knows."""
    losses: dict[str, int] = field(default_factory=dict)
    """Calls by what could not be carried over into the format of the target."""

    def add(self, other: ReroutedTally) -> None:
        """Take the sums of a worker in."""
        for one in fields(self):
            if one.name != "losses":
                setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))
        for code, count in other.losses.items():
            self.losses[code] = self.losses.get(code, 0) + count


def rerouted_lines(tally: ReroutedTally, target: str, width: int) -> list[str]:
    """The calls, their tokens and their cost; nothing where there was no call."""
    if not tally.calls:
        return []
    said = [f"{tally.calls:,} {'call' if tally.calls == 1 else 'calls'} to {safe_line(target)}"]
    if tally.errors:
        said.append(f"{tally.errors:,} without an answer")
    said.append(f"{tally.input_tokens:,} input tokens")
    said.append(f"{tally.output_tokens:,} output tokens")
    if tally.cost:
        said.append(money(tally.cost))
    if tally.unpriced:
        said.append(f"{tally.unpriced:,} calls unpriced")
    lines = joined(said, " · ", width)
    if tally.losses:
        lost = (f"{safe_line(code)} ({count})" for code, count in sorted(tally.losses.items()))
        lines += joined(["lost in conversion: " + next(lost), *lost], ", ", width)
    return lines
