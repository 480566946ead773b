"""Results of one target, added up as they come in."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field

from pytest_llmreplay.compare.figures.call_figures import Figures, comparable
from pytest_llmreplay.compare.ladder import LADDER, told_before
from pytest_llmreplay.compare.outcome import Outcome
from pytest_llmreplay.compare.specs.known import subject

from .alike import problem_alike
from .result import EventResult

__all__ = ["Cause", "Compared", "Tally"]

FIGURES = ("input_tokens", "output_tokens", "cost", "duration", "time_to_first_chunk", "judge")


@dataclass(slots=True, kw_only=True)
class Cause:
    """What several events have in common that failed."""

    words: str
    rank: int
    """The lower, the worse."""
    example: str
    """Node id of the first of them."""
    count: int = 0


@dataclass(slots=True)
class Compared:
    """A figure of the events where both the recorded and the replayed one are known."""

    recorded: array[float] = field(default_factory=lambda: array("d"))
    replayed: array[float] = field(default_factory=lambda: array("d"))


class Tally:
    """All results of one target.

    Args:
        target: Name of the target, as node ids have it.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self.outcomes: Counter[Outcome] = Counter()
        self.checks: Counter[str] = Counter()
        """Events that diverged, by each check that did."""
        self.reasons: dict[Outcome, Counter[str]] = {}
        """Why events have no result, by outcome."""
        self.causes: dict[str, Cause] = {}
        """By words that are the same for events alike."""
        self.lost: Counter[str] = Counter()
        """Events by each code that a conversion lost."""
        self.with_losses = 0
        self.figures = {name: Compared() for name in FIGURES}
        self.sessions: set[str] = set()
        self.wording_alone = 0
        """Diverged events in which nothing but `text` does."""
        self.let_go = 0
        """Events that diverged, or had no answer, and did not fail."""
        self.calls = self.retries = self.throttled = 0
        self.taken_over = 0
        """Answers that an earlier run asked for."""
        self.spent = 0.0
        self.own_prices: set[bool] = set()
        """Whether a person wrote the price down, of the calls that have one."""
        self.unpriced = self.without_usage = 0
        self.counted_locally = 0
        """Answers whose tokens were counted on this machine, for a check."""
        self.first = self.last = ""
        """First and last day of the recordings."""

    @property
    def costs_money(self) -> bool:
        """Whether anybody is paid; a simulated server reports the recorded costs."""
        return not self.target.startswith("simulated/")

    @property
    def measured(self) -> bool:
        """Whether any answer came from a server, now or in an earlier run."""
        return self.calls + self.taken_over > 0

    @property
    def events(self) -> int:
        """Results so far."""
        return sum(self.outcomes.values())

    def add(self, result: EventResult) -> None:
        """Count one more result."""
        self.outcomes[result.outcome] += 1
        if result.session is not None:
            self.sessions.add(result.session)
        self._date((result.recorded_at or "")[:10])
        self.add_sample(result)
        self._blame(result)
        self.lost.update(result.lost)
        self.with_losses += bool(result.lost)

    def add_sample(self, result: EventResult) -> None:
        """Count what one more answer to an event took that is counted already."""
        self.spend(result)
        self._measure(result.recorded, result.replayed)
        comparison = result.comparison
        self.counted_locally += comparison is not None and comparison.counted_locally

    def _date(self, day: str) -> None:
        if day:
            self.first = min(self.first or day, day)
            self.last = max(self.last, day)

    def spend(self, result: EventResult) -> None:
        """Count the call and its cost, and nothing else."""
        self.taken_over += result.taken_from is not None
        if not result.live:
            return
        self.calls += 1
        self.retries += result.retries
        self.throttled += result.throttled
        self.without_usage += result.answered and result.replayed.output_tokens is None
        if self.costs_money:
            self.spent += result.paid or 0.0
            self.unpriced += result.answered and result.paid is None and not result.free
            if result.paid is not None:
                self.own_prices.add(result.own_price)

    def _measure(self, recorded: Figures, replayed: Figures) -> None:
        for name, compared in self.figures.items():
            then, now = comparable(getattr(recorded, name)), comparable(getattr(replayed, name))
            if then is not None and now is not None:
                compared.recorded.append(then)
                compared.replayed.append(now)

    def _blame(self, result: EventResult) -> None:
        self.let_go += result.outcome in {"diverged", "error"} and not result.fails
        comparison = result.comparison
        reason = result.reason or (comparison.error if comparison is not None else None)
        if comparison is not None and comparison.diverged:
            broken = comparison.diverged
            self.checks.update(finding.check for finding in broken)
            self.wording_alone += all(
                subject(finding.check) == "text" and finding.severity in {"equivalent", "wording"}
                for finding in broken
            )
            worst = broken[0]
            rank = 1 + told_before(worst.severity)
            self._cause(f"{worst.check}: {worst.cause}", rank, result)
        elif result.outcome == "error":
            self._problem("error: ", reason or "no answer", 0, result)
        elif comparison is not None and comparison.outcome == "not_measured":
            blind = comparison.not_measured[0]
            what, rank = f"{blind.check}: not measured, ", 2 + len(LADDER)
            self._problem(what, blind.reason, rank, result)
        elif reason is not None:
            self.reasons.setdefault(result.outcome, Counter())[reason] += 1

    def _problem(self, what: str, problem: str, rank: int, result: EventResult) -> None:
        words = " ".join(f"{what}{problem}".split())
        self._cause(words, rank, result, alike=f"{what}{problem_alike(problem)}")

    def _cause(
        self, words: str, rank: int, result: EventResult, *, alike: str | None = None
    ) -> None:
        fresh = Cause(words=words, rank=rank, example=result.node_id)
        self.causes.setdefault(alike or words, fresh).count += 1
