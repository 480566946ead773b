"""What looks at the run as a whole: the gate, its noise floor, and what is said of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.plugin.calls.sampling import Sampling
from pytest_llmreplay.plugin.calls.sending import Sending
from pytest_llmreplay.plugin.failures import LlmFailure
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.items.sampled import Sampled
from pytest_llmreplay.plugin.items.verdict_items import VerdictItem
from pytest_llmreplay.plugin.judging.duels import Duels
from pytest_llmreplay.plugin.results.next_commands import ReplayCommands
from pytest_llmreplay.plugin.results.tallies import Tallies
from pytest_llmreplay.plugin.results.telling import result_of
from pytest_llmreplay.plugin.screen import Screen
from pytest_llmreplay.plugin.terms.run_terms import RunTerms
from pytest_llmreplay.replay.entry import Result
from pytest_llmreplay.replay.gate_plan import SAME
from pytest_llmreplay.replay.targets.target import Target
from pytest_llmreplay.report.verdict.noise_floor import calibrated_lines
from pytest_llmreplay.report.verdict.preflight import preflight_lines
from pytest_llmreplay.report.verdict.run_verdict import (
    TargetVerdictView,
    verdict_text,
    verdicts_lines,
)

from .metrics import Metrics
from .preflight import gated_checks, preflights
from .run_figures import RunFigures
from .run_gate import RunGate

__all__ = ["OverRun"]


class OverRun:
    """Made where the run is gated as a whole, or the recorded model is calibrated.

    Args:
        terms: What is judged, and how.
        sending: Makes the calls.
        sampling: Asks for further samples.
        duels: What is compared in pairs.
        tallies: Counts them.
        commands: Knows how paths are shown.
        screen: Where it is told beforehand what can be decided.
        figures: Adds up what further samples take.
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
        figures: RunFigures,
    ) -> None:
        self._checks, self._scoped = terms.checks, terms.scoped
        self._sending, self._figures = sending, figures
        self._settings, self._gating, self._floor = terms.settings, terms.gating, terms.floor
        self._tallies, self._commands, self._screen = tallies, commands, screen
        self._metrics = Metrics(self._floor, duels)
        self._asks = terms.settings.rejudge is None
        self._gate = RunGate(
            self._gating,
            self._floor,
            sampling,
            duels,
            metrics=self._metrics,
            count=self._count,
            recorded=self._recorded,
            asks=self._asks,
        )
        self.foregone: set[str] = set()
        """Targets that nothing is sent to, as no answer could change their verdicts."""
        self._calibrated: list[str] = []
        self.failed = False
        """Whether the noise floor could not be kept."""

    def announce(self, items: Sequence[ReplayItem]) -> None:
        """Say what verdicts can come to, before anything is paid for."""
        sent = [item for item in items if self._sending.sends(item)]
        plans = preflights(
            sent,
            self._gating,
            self._floor,
            self._metrics,
            checks=self._checks,
            can_confirm=self._can_confirm,
        )
        for view in plans:
            of_target = [item for item in sent if item.target.name == view.target]
            foregone = not view.decidable and not self._answers_matter(of_target)
            if foregone:
                self.foregone.add(view.target)
                self._gate.expect(gated_checks(of_target, self._checks))
            shown = replace(view, foregone=foregone)
            self._screen.lines(preflight_lines(shown, self._screen.width))

    def take(self, item: ReplayItem, sampled: Sampled) -> None:
        """Note what the samples of an item are worth."""
        self._gate.take(item, sampled)

    def judge(self, item: VerdictItem) -> None:
        """Judge a target; raise its failure."""
        family = item.family if self._gating.judges_together(item.folder) else (item.target,)
        view = self._gate.verdict(item.target, family, item.folder)
        if view.fails:
            raise LlmFailure(verdict_text(view, self._screen.width))

    def verdict(self, target: str) -> TargetVerdictView | None:
        """What was said of a target, once it was judged."""
        return next((view for view in self._gate.verdicts if view.target == target), None)

    def finish(self) -> None:
        """Keep the noise floor that was measured, where that was asked for."""
        if not self._settings.gate.calibrate:
            return
        events = self._gate.note_floor()
        try:
            place = self._floor.save()
        except LlmReplayError as error:
            self.failed = True
            self._calibrated = [f"no noise floor kept: {self._commands.text(error)}"]
            return
        if place is not None:
            shown = self._commands.path(place)
            held = self._floor.noted
            self._calibrated = calibrated_lines(events, held, shown, self._screen.width)

    def lines(self, width: int) -> Iterator[str]:
        """The verdicts, and where the noise floor is, for the summary."""
        told = verdicts_lines(self._gate.verdicts, width, figures=self._screen.is_verbose)
        for part in (told, self._calibrated):
            yield from ["", *part] if part else []

    def _count(self, item: ReplayItem, result: Result, recorded: bool) -> None:  # noqa: FBT001 - the type of a callback
        event_result = result_of(item, result)
        if recorded:
            self._tallies.add_cost(replace(event_result, target=SAME), item.target.name)
        else:
            self._tallies.add_sample(event_result)
            self._figures.add(item, result)

    def _answers_matter(self, items: Sequence[ReplayItem]) -> bool:
        """Whether answers are wanted for more than a verdict, or are there already."""
        settings, folder = self._settings, items[0].parent.folder
        if not self._asks or settings.accept or settings.record:
            return True
        # Where it does not fail, such a run is for what it reports of the events.
        return not self._gating.fails_undecided(folder) or any(map(self._scoped, items))

    def _can_confirm(self, items: Sequence[ReplayItem]) -> bool:
        return (
            self._asks
            and self._gating.confirms(items[0].parent.folder)
            and self._recorded(items) is not None
        )

    def _recorded(self, items: Sequence[ReplayItem]) -> Target | None:
        """The recorded model, if these events can be sent to it."""
        same = Target(name=SAME, kind="same")
        live = all(item.target.live for item in items)
        if not self._asks:
            return same  # what it said is stored, or nothing is
        if not items or not live:
            return None
        return same if self._sending.can_ask(same, items) else None
