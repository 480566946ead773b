"""What is judged beyond single events: sessions, the run as a whole, and targets over it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pytest_llmreplay.plugin.calls.sampling import Sampling
from pytest_llmreplay.plugin.calls.sending import Sending
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.items.scope_items import ScopeItem
from pytest_llmreplay.plugin.items.verdict_items import VerdictItem
from pytest_llmreplay.plugin.judging.duels import Duels
from pytest_llmreplay.plugin.results.judgements import Taker
from pytest_llmreplay.plugin.results.next_commands import ReplayCommands
from pytest_llmreplay.plugin.results.tallies import Tallies
from pytest_llmreplay.plugin.screen import Screen
from pytest_llmreplay.plugin.terms.run_terms import RunTerms

from .one_gate import refuse_two_gates
from .run_figures import RunFigures
from .scopes import ScopeResults

if TYPE_CHECKING:
    from pytest_llmreplay.report.verdict.run_verdict import TargetVerdictView

    from .whole_run import OverRun

__all__ = ["FOREGONE", "BeyondEvents"]

FOREGONE = "its verdict is inconclusive, whatever is answered"
"""Why the events of a target are not sent."""


class BeyondEvents:
    """Gathers what events came to, and judges the rest by it.

    Args:
        terms: What is judged, and how.
        sending: Makes further calls for verdicts.
        sampling: Asks for further samples.
        duels: What is compared in pairs.
        tallies: Count what further samples took.
        commands: Know how paths are shown.
        screen: Where it is told beforehand what can be decided.
    """

    def __init__(
        self,
        terms: RunTerms,
        sending: Sending,
        sampling: Sampling,
        duels: Duels,
        *,
        tallies: Tallies,
        commands: ReplayCommands,
        screen: Screen,
    ) -> None:
        self._terms, self._screen = terms, screen
        self._figures = RunFigures(terms.gating, lambda: terms.floor)
        self._scopes = ScopeResults(self._figures, commands, terms.settings.fail_on.rung)
        self._over: OverRun | None = None
        """None where no target is judged over the run."""
        if terms.gating.by_run or terms.settings.gate.calibrate:
            from .whole_run import OverRun  # noqa: PLC0415 - only such a run needs statistics

            self._over = OverRun(
                terms,
                sending,
                sampling,
                duels,
                tallies=tallies,
                commands=commands,
                screen=screen,
                figures=self._figures,
            )

    def leave_out(self, items: Sequence[ScopeItem]) -> None:
        """Note which sessions were selected in part, and are not judged."""
        self._scopes.leave_out(items)

    def expect(self, items: Sequence[ScopeItem]) -> None:
        """Note which sessions and targets are judged as a whole.

        Raises:
            ConfigError: The noise floor that was kept cannot be read.
        """
        self._scopes.expect(items)

    def refuse_two_gates(self, items: Sequence[ReplayItem]) -> None:
        """Stop where one verdict would be by two config files that disagree.

        Raises:
            ConfigError: It would.
        """
        folders = {
            item.parent.folder
            for item in items
            if self._terms.has_verdict(item.target) or self._figures.judges(item.target)
        }
        if len(folders) > 1:
            refuse_two_gates(map(self._terms.configured.config, sorted(folders)))

    def announce(self, items: Sequence[ReplayItem]) -> None:
        """Say what verdicts can come to, before anything is paid for."""
        if self._over is not None:
            self._over.announce(items)

    def is_foregone(self, target: str) -> bool:
        """Whether nobody needs answers of a target: what is judged by them was known before."""
        return self._over is not None and target in self._over.foregone

    @property
    def takers(self) -> tuple[Taker, ...]:
        """Who is to be told what the samples of an item came to."""
        return (self._scopes.take, *(() if self._over is None else (self._over.take,)))

    def judge_scope(self, item: ScopeItem) -> None:
        """Judge a session or the run by their own checks; raise the failure, or skip."""
        self._scopes.judge(item, self._screen.width)

    def judge_run(self, item: VerdictItem) -> None:
        """Judge a target over the run; raise its failure."""
        assert self._over is not None
        self._over.judge(item)

    def scope_word(self, item: ScopeItem) -> str | None:
        """The outcome of a session or a run that was judged by their own checks."""
        return self._scopes.word(item)

    def verdict(self, item: VerdictItem) -> TargetVerdictView | None:
        """What was said of a target, once it was judged over the run."""
        return None if self._over is None else self._over.verdict(item.target)

    def finish(self) -> None:
        """Keep the noise floor that was measured, where that was asked for."""
        if self._over is not None:
            self._over.finish()

    @property
    def failed(self) -> bool:
        """Whether the noise floor could not be kept."""
        return self._over is not None and self._over.failed

    def lines(self, width: int) -> Iterator[str]:
        """What the summary says of it."""
        if scopes := self._scopes.lines(width):
            yield from ["", *scopes]
        if self._over is not None:
            yield from self._over.lines(width)
