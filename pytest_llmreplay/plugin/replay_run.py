"""A replay between pytest and the stages: items in, failures and figures out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from pytest_llmreplay.plugin.calls.sampling import Sampling
from pytest_llmreplay.plugin.calls.sending import Sending
from pytest_llmreplay.plugin.fresh.freshness import Freshness
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.items.sampled import Sampled
from pytest_llmreplay.plugin.judging.judges import Judging
from pytest_llmreplay.plugin.judging.opponents import Opponents
from pytest_llmreplay.plugin.over_run.beyond_events import FOREGONE, BeyondEvents
from pytest_llmreplay.plugin.results.accepting import Accepting
from pytest_llmreplay.plugin.results.judgements import Judged, Judgements
from pytest_llmreplay.plugin.results.next_commands import ReplayCommands, StoredCommands
from pytest_llmreplay.plugin.results.tallies import Tallies
from pytest_llmreplay.plugin.results.telling import FailureTexts
from pytest_llmreplay.plugin.terms.run_terms import RunTerms
from pytest_llmreplay.plugin.users.clients import Clients
from pytest_llmreplay.replay.calls.result import NotReplayed, Stale
from pytest_llmreplay.replay.entry import Entry
from pytest_llmreplay.replay.preparation import Unsent
from pytest_llmreplay.replay.variants.used import UsedRules
from pytest_llmreplay.report.calls.place import command_lines
from pytest_llmreplay.report.text.layout import wrapped
from pytest_llmreplay.report.text.sanitise import safe_line
from pytest_llmreplay.runs.place import Runs

from .failures import LlmFailure
from .screen import Screen

if TYPE_CHECKING:
    from pytest_llmreplay.plugin.calls.free_running import FreeRunning
    from pytest_llmreplay.plugin.calls.free_sessions import FreeSessions

__all__ = ["ReplayRun"]


class ReplayRun:
    """All of a replay that outlives a single item.

    Args:
        config: Of pytest.
        terms: What is replayed, and by what it is judged.
    """

    def __init__(self, config: pytest.Config, terms: RunTerms) -> None:
        self.terms, settings = terms, terms.settings
        self._config, self._screen = config, Screen(config)
        self._judging = _judging(terms)
        self._free = _free_sessions(config, terms)
        self._freshness = Freshness(config, settings)
        self._sending = Sending(
            settings,
            self._screen,
            Clients(config),
            terms.keeping,
            self._judging,
            stops_early=bool(config.getoption("maxfail")),
            history=self._free,
            unsent=self._unsent,
        )
        sampling = Sampling(self._sending, terms.gating.plan, self._judging.duels.before)
        self._samples = sampling if self._free is None else _free_running(self._sending, self._free)
        self._commands = ReplayCommands(settings, config.invocation_params.dir)
        self._run_commands = StoredCommands(settings, terms.keeping, self._commands)
        self._telling = FailureTexts(settings, self._commands, self._run_commands)
        self._accepting = Accepting(settings, self._commands)
        self._tallies = Tallies(settings.fail_on)
        self.beyond = BeyondEvents(
            terms,
            self._sending,
            sampling,
            self._judging.duels,
            tallies=self._tallies,
            commands=self._commands,
            screen=self._screen,
        )
        """What is judged beyond single events."""
        self._judgements = Judgements(
            self._samples,
            terms.configured.in_force,
            self._tallies,
            self._commands,
            (self._accept, *self.beyond.takers),
        )
        self._stored: list[str] = []
        self._selected = 0
        self._rules = UsedRules()

    def ordered(self, items: Sequence[ReplayItem]) -> Sequence[ReplayItem]:
        """The items in the order in which they are to be judged."""
        return self._sending.ordered(items, self.terms.gating.plan)

    def estimate(self, items: Sequence[ReplayItem]) -> None:
        """Say what the items would cost; nothing is sent.

        Raises:
            ConfigError: A user's judge is none, or a variant contradicts itself.
        """
        from pytest_llmreplay.report.estimate import estimate_lines  # noqa: PLC0415 - few runs do

        self._look(items)
        self._screen.lines(self._freshness.look(items))
        self.beyond.announce(items)
        estimates = self._sending.estimates(items, self.terms.gating.plan)
        recorded = all(item.target.kind == "recorded" for item in items)
        shown = estimate_lines(estimates, self._screen.width, recorded=recorded)
        self._screen.lines([*shown, *self._idle_rules(self._screen.width)])

    def start(self, items: Sequence[ReplayItem]) -> None:
        """Begin to send what the items will judge.

        Raises:
            ConfigError: A key is missing, a host is not trusted, the gate is not clear, or a
                variant contradicts itself; nothing was sent.
        """
        self._look(items)
        self.beyond.refuse_two_gates(items)
        self._screen.lines(self._freshness.look(items))
        self._selected = len(items)
        self.beyond.announce(items)
        self._samples.start(items, stages=self.terms.gating.by_run)

    def replay(self, item: ReplayItem) -> None:
        """Wait for the answer of an item; raise its failure, or skip."""
        sampled = self._judgements.of(item).sampled
        comparison = sampled.shown.comparison
        if sampled.fails:
            raise LlmFailure(self._telling.failure(item, sampled, self._screen.width))
        if comparison.outcome not in {"ok", "changed", "diverged"}:
            reason = comparison.error or ", ".join(one.reason for one in comparison.not_measured)
            pytest.skip(f"{comparison.outcome.replace('_', ' ')}: {reason}")

    def judged(self, item: ReplayItem) -> Judged | None:
        """What came of an item, if it was the last to be judged."""
        return self._judgements.last(item)

    def stop(self) -> None:
        """End all calls, and write the accepted answers and the noise floor."""
        self._sending.stop()
        self._judgements.bill(self._sending.unclaimed())
        self.beyond.finish()
        self.terms.keeping.end(self._tallies.outcomes, selected=self._selected)
        self._stored = self._accepting.write()

    @property
    def complete(self) -> bool:
        """Whether every event was run, all is kept that was to be, and the money did for it."""
        spent = self._sending.spent
        if spent is not None and spent.passed:
            return False
        lost = self._accepting.failed or self.beyond.failed
        return not (lost or self._tallies.outcomes["not_run"])

    def summary_lines(self, width: int) -> list[str]:
        """What the run says at its end."""
        sums = self._sending.spent
        if not (self._tallies or (sums is not None and sums.charged)):
            return []
        again = self._commands.failed() if self._tallies.failed and self._remembers else None
        lines = self._tallies.lines(
            width,
            seconds=self._sending.took,
            again=again,
            sums=sums,
            judges=self._judging.views,
        )
        if self._free is not None and (free := self._free.lines(width)):
            lines += ["", *free]
        lines += self.beyond.lines(width)
        lines += self._idle_rules(width)
        for line in self.terms.keeping.lines():
            lines += wrapped(line, width, indent="  ")
        lines += command_lines("see all", self._run_commands.show_run, width)
        return [*lines, *([""] if self._stored else []), *self._stored]

    @property
    def _remembers(self) -> bool:
        """Whether what failed are events, on targets, and pytest knows them the next time."""
        gating = self.terms.gating
        if gating.by_run or self.terms.target_names == [gating.floor]:
            return False
        return self._config.pluginmanager.has_plugin("lfplugin")

    def _unsent(self, entry: Entry) -> Unsent | None:
        """Why an event that could be sent is not."""
        if (stale := self._freshness(entry)) is not None:
            return Stale(stale)
        return NotReplayed(FOREGONE) if self.beyond.is_foregone(entry.target.name) else None

    def _look(self, items: Sequence[ReplayItem]) -> None:
        """Note which rules of variants are for which events."""
        for item in items:
            if item.target.variant is not None:
                self._rules.look(item.target.variant, item.document)

    def _idle_rules(self, width: int) -> list[str]:
        """The rules of variants that were for no event."""
        shown = (safe_line(self._commands.text(line)) for line in self._rules.lines())
        return [part for line in shown for part in wrapped(line, width, indent="  ")]

    def _accept(self, item: ReplayItem, sampled: Sampled) -> None:
        if not self.terms.gating.calibrates(item.target):
            self._accepting.take(item, sampled.shown)


def _judging(terms: RunTerms) -> Judging:
    runs = Runs(terms.settings.rootdir, terms.settings.runs)
    opponents = Opponents(runs, lambda: terms.floor)
    return Judging(
        terms.settings, terms.judged, terms.gating, store=terms.keeping, opponents=opponents
    )


def _free_sessions(config: pytest.Config, terms: RunTerms) -> FreeSessions | None:
    """The sessions of the run; none where each request carries the recorded history."""
    if terms.settings.history != "replayed":
        return None
    from pytest_llmreplay.plugin.calls.free_sessions import FreeSessions  # noqa: PLC0415 - few runs have them
    from pytest_llmreplay.plugin.users.tool_answers import tool_answers  # noqa: PLC0415 - as above

    return FreeSessions(tool_answers(config), terms.keeping.session)


def _free_running(sending: Sending, sessions: FreeSessions) -> FreeRunning:
    from pytest_llmreplay.plugin.calls.free_running import FreeRunning  # noqa: PLC0415 - as above

    return FreeRunning(sending, sessions)
