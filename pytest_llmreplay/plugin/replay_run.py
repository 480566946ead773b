"""A replay between pytest and the stages: items in, failures and figures out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from pytest_llmreplay.compare.check import Check
from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.replay.calls import Identity
from pytest_llmreplay.replay.run import Result
from pytest_llmreplay.replay.targets import Target
from pytest_llmreplay.report.result import EventResult

from .accepting import Accepting
from .clients import Clients
from .collection import ReplayItem
from .configured import Configured
from .failures import LlmFailure
from .replay_commands import ReplayCommands
from .run_keeping import RunKeeping
from .screen import Screen
from .sending import Sending
from .settings import Settings
from .shelf import Shelf
from .tallies import Tallies
from .telling import Telling, result_of
from .user_checks import user_checks

__all__ = ["Judged", "ReplayRun"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What came of an item."""

    item: ReplayItem
    result: Result
    told: EventResult

    @property
    def duration(self) -> float | None:
        """Seconds that the call took; none where no answer came."""
        return None if self.result.reply is None else self.result.reply.duration


class ReplayRun:
    """All of a replay that outlives a single item.

    Args:
        config: Of pytest.
        settings: The options of the run.
        folders: Where the cassettes are; their config files are read at once.

    Raises:
        ConfigError: A target, a check, an override or a config file is wrong.
    """

    def __init__(self, config: pytest.Config, settings: Settings, folders: Iterable[Path]) -> None:
        here = config.invocation_params.dir
        self._config, self._screen = config, Screen(config)
        stops_early = bool(config.getoption("maxfail"))
        self._keeping = RunKeeping(config, settings)
        self._sending = Sending(
            settings, self._screen, Clients(config), self._keeping, stops_early=stops_early
        )
        self._configured = Configured(
            settings, here, user_checks(config), self._keeping.stored_targets
        )
        self._commands = ReplayCommands(settings, here)
        self._telling = Telling(settings, self._commands)
        self._accepting = Accepting(settings, self._commands)
        self._tallies = Tallies(settings.fail_on)
        self._last: Judged | None = None
        self._stored: list[str] = []
        self._selected = 0
        self.shelf = Shelf()
        self.target_names = self._configured.target_names(folders)

    def targets(self, cassette: Path) -> tuple[Target, ...]:
        """Where the events of a cassette go."""
        return self._configured.targets(cassette.parent)

    def checks(self, item: ReplayItem) -> Sequence[Check]:
        """What the answer of an item is judged by."""
        return self._configured.in_force(item).checks

    def shown(self, error: LlmReplayError) -> str:
        """An error in words, with paths as people type them."""
        return self._commands.text(error)

    def ordered(self, items: Sequence[ReplayItem]) -> Sequence[ReplayItem]:
        """The items in the order in which they are to be judged."""
        return self._sending.ordered(items)

    def estimate(self, items: Sequence[ReplayItem]) -> None:
        """Say what the items would cost; nothing is sent."""
        self._sending.estimate(items)

    def identity(self, item: ReplayItem) -> Identity:
        """What the calls of an item are kept under."""
        return self._keeping.identity(item)

    def start(self, items: Sequence[ReplayItem]) -> None:
        """Begin to send what the items will judge.

        Raises:
            ConfigError: A key is missing, or a host is not trusted; nothing was sent.
        """
        self._selected = len(items)
        self._sending.start(items)

    def replay(self, item: ReplayItem) -> None:
        """Wait for the answer of an item; raise its failure, or skip."""
        result = self._once(item).result
        comparison = result.comparison
        if comparison.fails:
            raise LlmFailure(self._telling.failure(item, result, self._screen.width))
        if comparison.outcome not in {"ok", "changed", "diverged"}:
            reason = comparison.error or ", ".join(one.reason for one in comparison.not_measured)
            pytest.skip(f"{comparison.outcome.replace('_', ' ')}: {reason}")

    def judged(self, item: ReplayItem) -> Judged | None:
        """What came of an item, if it was the last to be judged."""
        return self._last if self._last is not None and self._last.item is item else None

    def stop(self) -> None:
        """End all calls, and write the accepted answers."""
        self._sending.stop()
        outcomes = self._tallies.outcomes
        self._keeping.end(outcomes, whole=outcomes.total() == self._selected)
        self._stored = self._accepting.write()

    @property
    def complete(self) -> bool:
        """Whether every event was run, and every answer that was to be accepted is."""
        return not (self._accepting.failed or self._tallies.outcomes["not_run"])

    def summary_lines(self, width: int) -> list[str]:
        """What the run says at its end."""
        if not self._tallies:
            return []
        remembers = self._config.pluginmanager.has_plugin("lfplugin")
        again = self._commands.failed() if self._tallies.failed and remembers else None
        lines = self._tallies.lines(
            width, seconds=self._sending.took, again=again, sums=self._sending.spent
        )
        lines += self._keeping.lines()
        return [*lines, *([""] if self._stored else []), *self._stored]

    def _once(self, item: ReplayItem) -> Judged:
        """What came of an item; the same for a rerun, which pays nothing."""
        if self._last is None or self._last.item is not item:
            self._last = self._judge(item)
        return self._last

    def _judge(self, item: ReplayItem) -> Judged:
        if self._last is not None:
            self._sending.release(self._last.item)
        document = item.document  # as long as it is held, the cassette does not parse it again
        result = self._readable(self._sending.result(item))
        told = result_of(item, result)
        self._tallies.add(told, None if result.pair is None else self._configured.in_force(item))
        self._accepting.take(item, result)
        del document
        return Judged(item=item, result=result, told=told)

    def _readable(self, result: Result) -> Result:
        """With paths as they are typed."""
        comparison = result.comparison
        if comparison.error is None:
            return result
        error = self._commands.text(comparison.error)
        return replace(result, comparison=replace(comparison, error=error))
