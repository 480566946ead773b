"""A replay between pytest and the stages: items in, failures and figures out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.compare.check import Check
from pytest_llmreplay.compare.scoped import ScopedCheck
from pytest_llmreplay.errors import CassetteError, CheckSyntaxError, LlmReplayError
from pytest_llmreplay.replay.calls import Identity, Purpose
from pytest_llmreplay.replay.targets import Target
from pytest_llmreplay.replay.variants import UsedRules
from pytest_llmreplay.report.sanitise import safe_line
from pytest_llmreplay.runs.place import Runs

from .accepting import Accepting
from .clients import Clients
from .collection import ReplayItem
from .configured import Configured
from .failures import LlmFailure
from .filtering import Filtering
from .freshness import Freshness
from .gating import Gating
from .judgements import Judged, Judgements, Taker
from .judging import Judging
from .one_gate import refuse_two_gates
from .opponents import Opponents
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
from .telling import Telling
from .user_checks import user_checks
from .user_variants import user_variants
from .verdict_items import VerdictItem

if TYPE_CHECKING:
    from .floor import Floor
    from .free_running import Sessions
    from .over_run import OverRun

__all__ = ["ReplayRun"]


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
            config,
            settings,
            self._configured,
            self._gating,
            folders,
            store=self._keeping,
            opponents=Opponents(Runs(settings.rootdir, settings.runs), lambda: self._floor),
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
        self._sampling = Sampling(self._sending, self._gating.plan, self._judging.duels.before)
        self._samples = self._sampling if self._free is None else self._free.through(self._sending)
        self._commands = ReplayCommands(settings, here)
        stored = StoredCommands(settings, self._keeping, self._commands)
        self._telling = Telling(settings, self._commands, stored)
        self._accepting = Accepting(settings, self._commands)
        self._tallies = Tallies(settings.fail_on)
        self._run_figures = RunFigures(self._gating, lambda: self._floor)
        self._scopes = ScopeResults(self._run_figures, self._commands, settings.fail_on.rung)
        self._over = self._over_run()
        self._judgements = Judgements(
            self._samples, self._configured.in_force, self._tallies, self._commands, self._takers()
        )
        self._stored: list[str] = []
        self._selected = 0
        self._rules = UsedRules()
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
        """What the answer of an item is judged by.

        Of the recorded model's own answers nobody says which is preferred: they are alike.
        """
        checks = self._configured.in_force(item).checks
        if self._gating.calibrates(item.target) and self._judging.compares(item):
            return [check for check in checks if not check.asks_judge]
        return checks

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
        from pytest_llmreplay.report.estimate import estimate_lines  # noqa: PLC0415 - few runs do

        self._look(items)
        self._screen.lines(self._freshness.look(items))
        estimates = self._sending.estimates(items, self._gating.plan)
        told = estimate_lines(estimates, self._screen.width)
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
        self._look(items)
        self._refuse_two_gates(items)
        self._screen.lines(self._freshness.look(items))
        self._selected = len(items)
        if self._over is not None:
            self._over.announce(items, self.checks)
        self._samples.start(items, stages=self._gating.by_run)

    def replay(self, item: ReplayItem) -> None:
        """Wait for the answer of an item; raise its failure, or skip."""
        sampled = self._judgements.of(item).sampled
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
        return self._judgements.last(item)

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
        """Whether every event was run, all is kept that was to be, and the money did for it."""
        spent = self._sending.spent
        if spent is not None and spent.passed:
            return False
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
        )
        for block in (self._free_lines(width), self._scopes.lines(width)):
            lines += ["", *block] if block else []
        lines += self._over.lines(width) if self._over is not None else ()
        lines += self._idle_rules()
        lines += self._keeping.lines()
        return [*lines, *([""] if self._stored else []), *self._stored]

    def _look(self, items: Sequence[ReplayItem]) -> None:
        """Note which rules of variants are for which events."""
        for item in items:
            if item.target.variant is not None:
                self._rules.look(item.target.variant, item.document)

    def _idle_rules(self) -> list[str]:
        """The rules of variants that were for no event."""
        return [safe_line(self._commands.text(line)) for line in self._rules.lines()]

    def _free_lines(self, width: int) -> list[str]:
        return [] if self._free is None else self._free.lines(width)

    def _refuse_two_gates(self, items: Sequence[ReplayItem]) -> None:
        folders = {
            item.parent.folder
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
            duels=self._judging.duels,
        )

    def _takers(self) -> tuple[Taker, ...]:
        """Who gathers results."""
        over = () if self._over is None else (self._over.take,)
        return (self._accept, self._scopes.take, *over)

    def _accept(self, item: ReplayItem, sampled: Sampled) -> None:
        if not self._gating.calibrates(item.target):
            self._accepting.take(item, sampled.shown)

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


def _free_sessions(config: pytest.Config, keeping: RunKeeping) -> Sessions:
    from .free_running import Sessions  # noqa: PLC0415 - few runs have them
    from .tool_answers import tool_answers  # noqa: PLC0415 - as above

    return Sessions(tool_answers(config), keeping.session)
