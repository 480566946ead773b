"""What checks over a session and over the run find, from results as they come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import pytest

from pytest_llmreplay.compare.check import Finding, NotMeasured, Pair
from pytest_llmreplay.compare.judging import concluded
from pytest_llmreplay.compare.ladder import FailOn
from pytest_llmreplay.compare.outcome import Judged
from pytest_llmreplay.compare.specs.scoped import SessionCheck
from pytest_llmreplay.event import Event
from pytest_llmreplay.plugin.failures import LlmFailure
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.items.sampled import Sampled
from pytest_llmreplay.plugin.items.scope_items import ScopeItem
from pytest_llmreplay.plugin.results.next_commands import ReplayCommands
from pytest_llmreplay.replay.entry import Result
from pytest_llmreplay.replay.unsent.wordless import asks_no_words
from pytest_llmreplay.report.scoped import ScopeView, partial_lines, scope_lines, scope_text

from .run_figures import RunFigures

__all__ = ["ScopeResults"]


@dataclass(slots=True)
class _Waiting:
    """A session that is not over."""

    item: ScopeItem
    pairs: dict[ReplayItem, Pair] = field(default_factory=dict)
    problems: dict[ReplayItem, str] = field(default_factory=dict)
    spared: dict[ReplayItem, Event] = field(default_factory=dict)
    """Recordings that a target which ran freely had no need of."""
    wordless: set[ReplayItem] = field(default_factory=set)
    """Calls that were not sent, as embeddings; the session is what the others come to."""

    @property
    def is_wordless(self) -> bool:
        """Whether none of its calls says anything of a model."""
        return len(self.wordless) == len(self.item.members)


class ScopeResults:
    """Collects what the events of sessions and of the run came to, and judges them.

    Args:
        run: Collects what is judged over the run.
        commands: Knows how paths are shown.
        fail_on: From which rung of the ladder on a divergence fails.
    """

    def __init__(self, run: RunFigures, commands: ReplayCommands, fail_on: FailOn) -> None:
        self._run, self._commands, self._fail_on = run, commands, fail_on
        self._waiting: dict[ScopeItem, _Waiting] = {}
        self._session: dict[ReplayItem, _Waiting] = {}
        self._views: dict[ScopeItem, ScopeView] = {}
        self._left_out: Sequence[ScopeItem] = ()

    def expect(self, items: Sequence[ScopeItem]) -> None:
        """Note what will be judged.

        Raises:
            ConfigError: The noise floor that was kept cannot be read.
        """
        for item in items:
            if not item.place:
                self._run.expect(item.target)
                continue
            waiting = self._waiting[item] = _Waiting(item)
            self._session |= dict.fromkeys(item.members, waiting)

    def leave_out(self, items: Sequence[ScopeItem]) -> None:
        """Note which sessions are not judged, as only a part of each was selected."""
        self._left_out = items

    def take(self, item: ReplayItem, sampled: Sampled) -> None:
        """Note what came of an event: for its session its first answer, for the run all."""
        if (waiting := self._session.pop(item, None)) is not None:
            _note(waiting, item, sampled.results[0])
        for result in sampled.results:
            self._run.add(item, result)

    def judge(self, item: ScopeItem, width: int) -> None:
        """Judge a session or the run; raise the failure, or skip."""
        if item in self._waiting and self._waiting[item].is_wordless:
            pytest.skip("not replayed: none of its calls asks for words")
        view = self._views.get(item)
        if view is None:
            view = self._views[item] = self._view(item)
        if view.comparison.fails:
            raise LlmFailure(scope_text(view, width))
        if view.comparison.outcome == "not_measured":
            found = view.comparison.not_measured
            pytest.skip(f"not measured: {', '.join(one.reason for one in found)}")

    def word(self, item: ScopeItem) -> str | None:
        """The outcome of what was judged."""
        view = self._views.get(item)
        return None if view is None else view.comparison.outcome

    def lines(self, width: int) -> list[str]:
        """What was only reported, and what was not judged, for the summary."""
        lines = scope_lines(tuple(self._views.values()), width)
        if self._left_out:
            checks = dict.fromkeys(one.spec for item in self._left_out for one in item.checks)
            lines += partial_lines(len(self._left_out), tuple(checks), width)
        return lines

    def _view(self, item: ScopeItem) -> ScopeView:
        findings = list(self._over_session(item) if item.place else self._run.judge(item))
        judged = tuple(
            Judged(finding=finding, gated=check.gated, asked=check.asked)
            for check, finding in zip(item.checks, findings, strict=True)
        )
        live = item.target.kind != "recorded"
        return ScopeView(
            comparison=concluded(judged, live=live, fail_on=self._fail_on),
            target=item.target.name,
            cassette=self._commands.path(item.path) if item.place else None,
            place=item.place or "the run",
            events=len(item.members),
        )

    def _over_session(self, item: ScopeItem) -> Iterator[Finding]:
        waiting = self._waiting.pop(item)
        missing = _missing(waiting)
        pairs = [] if missing is not None else _pairs(waiting)
        for check in item.checks:
            if missing is not None:
                yield NotMeasured(check=check.spec, reason=missing)
            else:
                yield cast("SessionCheck", check).judge(pairs)


def _note(waiting: _Waiting, item: ReplayItem, result: Result) -> None:
    comparison = result.comparison
    if result.spared is not None:
        waiting.spared[item] = result.spared
    elif comparison.outcome == "not_replayed" and asks_no_words(item.document.question):
        waiting.wordless.add(item)
    elif result.pair is None or comparison.outcome == "error":
        word = "no answer" if comparison.outcome == "error" else comparison.outcome
        waiting.problems[item] = f"{word.replace('_', ' ')}: {comparison.error}"
    else:
        waiting.pairs[item] = result.pair


def _pairs(waiting: _Waiting) -> list[Pair]:
    """The answered calls in their order, each with those behind it that were not needed."""
    pairs: list[Pair] = []
    for item in waiting.item.members:
        if item in waiting.pairs:
            pairs.append(waiting.pairs[item])
        elif item in waiting.spared and pairs:
            pairs[-1] = replace(pairs[-1], spared=(*pairs[-1].spared, waiting.spared[item]))
    return pairs


def _missing(waiting: _Waiting) -> str | None:
    """Why a session has not all of its answers."""
    members = waiting.item.members
    known = waiting.pairs.keys() | waiting.spared.keys() | waiting.wordless
    for number, item in enumerate(members, 1):
        if item not in known:
            problem = " ".join(waiting.problems.get(item, "no answer").split())
            return f"call {number} of {len(members)}: {problem}"
    return None
