"""A replay between pytest and the stages: items in, failures and figures out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.compare.check import Check
from pytest_llmreplay.compare.scoped import ScopedCheck
from pytest_llmreplay.errors import CassetteError, CheckSyntaxError, LlmReplayError
from pytest_llmreplay.replay.calls import Identity, Purpose
from pytest_llmreplay.replay.entry import Result
from pytest_llmreplay.replay.targets import Target
from pytest_llmreplay.report.estimate import estimate_lines
from pytest_llmreplay.report.result import EventResult
from pytest_llmreplay.report.sanitise import safe_line

from .accepting import Accepting
from .clients import Clients
from .collection import ReplayItem
from .configured import Configured
from .failures import LlmFailure
from .filtering import Filtering
from .freshness import Freshness
from .gating import CALIBRATION, Gating
from .judging import Judging
from .one_gate import refuse_two_gates
from .replay_commands import ReplayCommands
from .run_figures import RunFigures
from .run_keeping import RunKeeping
from .sampled import Sampled
from .sampling import Sampling
from .scope_items import ScopeItem
from .scopes import ScopeResults
from .screen import Screen
from .sending import Sending
from .settings import Settings
from .shelf import Shelf
from .stored_commands import StoredCommands
from .tallies import Tallies
from .telling import Telling, result_of, told_of
from .user_checks import user_checks
from .user_variants import user_variants
from .variant_rules import VariantRules
from .verdict_items import VerdictItem

if TYPE_CHECKING:
    from .floor import Floor
    from .free_running import FreeRunning, Sessions
    from .over_run import OverRun

__all__ = ["Judged", "ReplayRun"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What came of an item."""

    item: ReplayItem
    sampled: Sampled
    told: EventResult


class ReplayRun:
    """All of a replay that outlives a single item.

    Args:
        config: Of pytest.
        settings: The options of the run.
        folders: Where the cassettes are; their config files are read at once.

    Raises:
        ConfigError: A target, a filter, a check, an override or a config file is wrong.
    """

    def __init__(
        self,
        config: pytest.Config,
        settings: Settings,
        folders: Sequence[Path],
    ) -> None:
        here = config.invocation_params.dir
        self._filtering = Filtering(settings)
        settings = self._filtering.settings
        self._config, self._screen = config, Screen(config)
        stops_early = bool(config.getoption("maxfail"))
        self._keeping = RunKeeping(config, settings)
        settings = self._settings = self._keeping.settings
        self._configured = Configured(
            settings,
            here,
            user_checks(config),
            user_variants(config),
            self._keeping.stored_targets,
        )
        self.target_names = self._configured.target_names(folders)
        self._gating = Gating(
            settings.gate, settings.models, self._configured.gate, self._keeping.stored_floor
        )
        self._judging = Judging(
            config, settings, self._configured, self._gating, folders, store=self._keeping
        )
        self._free = (
            _free_sessions(config, self._keeping) if settings.history == "replayed" else None
        )
        self._freshness = Freshness(config, settings)
        self._sending = Sending(
            settings,
            self._screen,
            Clients(config),
            self._keeping,
            self._judging,
            stops_early=stops_early,
            history=self._free,
            stale=self._freshness,
        )
        self._sampling = Sampling(self._sending, self._gating.plan)
        self._samples: Sampling | FreeRunning = (
            self._sampling if self._free is None else self._free.through(self._sending)
        )
        self._commands = ReplayCommands(settings, here)
        stored = StoredCommands(settings, self._keeping, self._commands)
        self._telling = Telling(settings, self._commands, stored)
        self._accepting = Accepting(settings, self._commands)
        self._tallies = Tallies(settings.fail_on)
        self._run_figures = RunFigures(self._gating, lambda: self._floor)
        self._scopes = ScopeResults(self._run_figures, self._commands, settings.fail_on.rung)
        self._over = self._over_run()
        self._last: Judged | None = None
        self._stored: list[str] = []
        self._own_prices = False
        self._selected = 0
        self._rules = VariantRules()
        self.shelf = Shelf()

    def targets(self, cassette: Path) -> tuple[Target, ...]:
        """Where the events of a cassette go."""
        return self._configured.targets(cassette.parent)

    def means(self, cassette: Cassette, place: int) -> bool:
        """Whether the event at a place of a cassette is to be replayed."""
        return self._filtering.means(cassette, place)

    def filter_lines(self) -> list[str]:
        """How many of the events that were collected are meant, where not all are."""
        return self._filtering.lines()

    def checks(self, item: ReplayItem) -> Sequence[Check]:
        """What the answer of an item is judged by."""
        return self._configured.in_force(item).checks

    def purpose(self, target: Target) -> Purpose:
        """What a target is asked for."""
        return "calibration" if self._gating.calibrates(target) else "answer"

    def takes_accepted(self, target: Target) -> bool:
        """Whether an answer accepted for a target stands in for the recording."""
        return not self._gating.only_reports(target)

    def shown(self, error: LlmReplayError) -> str:
        """An error in words, with paths as people type them."""
        return self._commands.text(error)

    def ordered(self, items: Sequence[ReplayItem]) -> Sequence[ReplayItem]:
        """The items in the order in which they are to be judged."""
        return self._sending.ordered(items, self._gating.plan)

    def estimate(self, items: Sequence[ReplayItem]) -> None:
        """Say what the items would cost; nothing is sent.

        Raises:
            ConfigError: A user's judge is none, or a variant contradicts itself.
        """
        self._rules.look(items)
        self._screen.lines(self._freshness.look(items))
        estimates = self._sending.estimates(items, self._gating.plan)
        confirmed = self._gating.confirmed(items)
        events = sum(one.events for one in estimates if one.target in confirmed)
        told = estimate_lines(estimates, self._screen.width, confirming=CALIBRATION * events)
        self._screen.lines([*told, *self._idle_rules()])

    def identity(self, item: ReplayItem) -> Identity:
        """What the calls of an item are kept under."""
        return self._keeping.identity(item)

    def start(self, items: Sequence[ReplayItem]) -> None:
        """Begin to send what the items will judge.

        Raises:
            ConfigError: A key is missing, a host is not trusted, the gate is not clear, or a
                variant contradicts itself; nothing was sent.
        """
        self._rules.look(items)
        self._refuse_two_gates(items)
        self._screen.lines(self._freshness.look(items))
        self._selected = len(items)
        self._own_prices = any(item.target.price is not None for item in items)
        if self._over is not None:
            self._over.announce(items, self.checks)
        self._samples.start(items, stages=self._gating.by_run)

    def replay(self, item: ReplayItem) -> None:
        """Wait for the answer of an item; raise its failure, or skip."""
        sampled = self._once(item).sampled
        comparison = sampled.shown.comparison
        if sampled.fails:
            raise LlmFailure(self._telling.failure(item, sampled, self._screen.width))
        if comparison.outcome not in {"ok", "changed", "diverged"}:
            reason = comparison.error or ", ".join(one.reason for one in comparison.not_measured)
            pytest.skip(f"{comparison.outcome.replace('_', ' ')}: {reason}")

    def has_verdict(self, target: Target) -> bool:
        """Whether a target is judged over the run."""
        return self._gating.has_verdict(target)

    def judge_run(self, item: VerdictItem) -> None:
        """Judge a target over the run; raise its failure."""
        assert self._over is not None
        self._over.judge(item)

    def scoped(self, item: ReplayItem) -> Sequence[ScopedCheck]:
        """What an event asks for beyond itself; none where it cannot be read, which it tells."""
        if self._gating.calibrates(item.target):
            return ()
        try:
            return self._configured.scoped(item)
        except (CassetteError, CheckSyntaxError):
            return ()

    def leave_out(self, items: Sequence[ScopeItem]) -> None:
        """Note which sessions were selected in part, and are not judged."""
        self._scopes.leave_out(items)

    def expect(self, items: Sequence[ScopeItem]) -> None:
        """Note which sessions and targets are judged as a whole."""
        self._scopes.expect(items)

    def judge_scope(self, item: ScopeItem) -> None:
        """Judge a session or the run by their own checks; raise the failure, or skip."""
        self._scopes.judge(item, self._screen.width)

    def scope_word(self, item: ScopeItem) -> str | None:
        """The outcome of a session or a run that was judged by their own checks."""
        return self._scopes.word(item)

    def verdict(self, item: VerdictItem) -> str | None:
        """The outcome of a target that was judged over the run."""
        return None if self._over is None else self._over.word(item)

    def judged(self, item: ReplayItem) -> Judged | None:
        """What came of an item, if it was the last to be judged."""
        return self._last if self._last is not None and self._last.item is item else None

    def stop(self) -> None:
        """End all calls, and write the accepted answers and the noise floor."""
        self._sending.stop()
        if self._over is not None:
            self._over.finish()
        outcomes = self._tallies.outcomes
        self._keeping.end(outcomes, whole=outcomes.total() == self._selected)
        self._stored = self._accepting.write()

    @property
    def complete(self) -> bool:
        """Whether every event was run, and all is kept that was to be."""
        lost = self._accepting.failed or (self._over is not None and self._over.failed)
        return not (lost or self._tallies.outcomes["not_run"])

    def summary_lines(self, width: int) -> list[str]:
        """What the run says at its end."""
        if not self._tallies:
            return []
        remembers = self._config.pluginmanager.has_plugin("lfplugin") and not self._gating.by_run
        remembers = remembers and self.target_names != [self._gating.floor]
        again = self._commands.failed() if self._tallies.failed and remembers else None
        lines = self._tallies.lines(
            width,
            seconds=self._sending.took,
            again=again,
            sums=self._sending.spent,
            judges=self._judging.views,
            own_prices=self._own_prices,
        )
        for block in (self._free_lines(width), self._scopes.lines(width)):
            lines += ["", *block] if block else []
        lines += self._over.lines(width) if self._over is not None else ()
        lines += self._idle_rules()
        lines += self._keeping.lines()
        return [*lines, *([""] if self._stored else []), *self._stored]

    def _idle_rules(self) -> list[str]:
        """The rules of variants that were for no event."""
        return [safe_line(self._commands.text(line)) for line in self._rules.lines()]

    def _free_lines(self, width: int) -> list[str]:
        return [] if self._free is None else self._free.lines(width)

    def _refuse_two_gates(self, items: Sequence[ReplayItem]) -> None:
        folders = {
            item.path.parent
            for item in items
            if self.has_verdict(item.target) or self._run_figures.judges(item.target)
        }
        if len(folders) > 1:
            refuse_two_gates(map(self._configured.config, sorted(folders)))

    def _over_run(self) -> OverRun | None:
        if not (self._gating.by_run or self._settings.gate.calibrate):
            return None
        from .over_run import OverRun  # noqa: PLC0415 - only such a run needs statistics

        return OverRun(
            self._settings,
            self._gating,
            self._sending,
            self._sampling,
            tallies=self._tallies,
            commands=self._commands,
            screen=self._screen,
            figures=self._run_figures,
            floor=self._floor,
        )

    @cached_property
    def _floor(self) -> Floor:
        """What is known of the recorded model.

        Raises:
            ConfigError: What was kept of it cannot be read.
        """
        from .check_settings import CheckSettings  # noqa: PLC0415 - as above
        from .floor import Floor  # noqa: PLC0415 - as above

        settings = CheckSettings(self._judging.settings)
        return Floor(self._settings.rootdir, settings, self._keeping)

    def _once(self, item: ReplayItem) -> Judged:
        """What came of an item; the same for a rerun, which pays nothing."""
        if self._last is None or self._last.item is not item:
            self._last = self._judge(item)
        return self._last

    def _judge(self, item: ReplayItem) -> Judged:
        if self._last is not None:
            self._samples.release(self._last.item)
        document = item.document  # as long as it is held, the cassette does not parse it again
        sampled = self._readable(self._samples.of(item))
        told = self._tell(item, sampled)
        if not self._gating.calibrates(item.target):
            self._accepting.take(item, sampled.shown)
        self._scopes.take(item, sampled)
        if self._over is not None:
            self._over.take(item, sampled)
        del document
        return Judged(item=item, sampled=sampled, told=told)

    def _tell(self, item: ReplayItem, sampled: Sampled) -> EventResult:
        """Count an event once, and what all of its samples took."""
        shown = sampled.shown
        told = told_of(item, sampled)
        self._tallies.add(told, None if shown.pair is None else self._configured.in_force(item))
        for other in sampled.results:
            if other is not shown:
                self._tallies.add_sample(result_of(item, other))
            for further in other.beyond:
                self._tallies.add_cost(result_of(item, further), told.target)
        return told

    def _readable(self, sampled: Sampled) -> Sampled:
        """With paths as they are typed."""
        if all(result.comparison.error is None for result in sampled.results):
            return sampled
        return replace(sampled, results=tuple(map(self._with_paths, sampled.results)))

    def _with_paths(self, result: Result) -> Result:
        comparison = result.comparison
        if comparison.error is None:
            return result
        error = self._commands.text(comparison.error)
        return replace(result, comparison=replace(comparison, error=error))


def _free_sessions(config: pytest.Config, keeping: RunKeeping) -> Sessions:
    from .free_running import Sessions  # noqa: PLC0415 - few runs have them
    from .tool_answers import tool_answers  # noqa: PLC0415 - as above

    return Sessions(tool_answers(config), keeping.session)
