"""A replay between pytest and the stages: items in, failures and figures out."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from pytest_llmreplay.compare.layers import InForce
from pytest_llmreplay.errors import CassetteError, ConfigError, LlmReplayError
from pytest_llmreplay.replay.endpoints import Endpoints
from pytest_llmreplay.replay.engine import Engine
from pytest_llmreplay.replay.overrides import parse_overrides
from pytest_llmreplay.replay.retry import RetryRules
from pytest_llmreplay.replay.run import Entry, Result, Run
from pytest_llmreplay.replay.targets import Target
from pytest_llmreplay.report.result import EventResult
from pytest_llmreplay.report.summary import header_lines

from .accepting import Accepting
from .collection import ReplayItem
from .configured import Configured
from .failures import LlmFailure
from .plan import plan_of
from .replay_commands import ReplayCommands
from .screen import Screen
from .settings import Settings
from .shelf import Shelf
from .tallies import Tallies
from .telling import Telling, result_of

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
        self._config, self._settings = config, settings
        self._screen = Screen(config)
        self._overrides = parse_overrides(settings.overrides)
        self._configured = Configured(settings, here)
        self._commands = ReplayCommands(settings, here)
        self._telling = Telling(settings, self._commands)
        self._accepting = Accepting(settings, self._commands)
        self._tallies = Tallies()
        self._entries: dict[ReplayItem, Entry] = {}
        self._last: Judged | None = None
        self._run: Run | None = None
        self._began = self._took = 0.0
        self._stored: list[str] = []
        self.shelf = Shelf()
        self.target_names = self._validated(folders)

    def targets(self, cassette: Path) -> tuple[Target, ...]:
        """Where the events of a cassette go."""
        return self._configured.targets(cassette.parent)

    def shown(self, error: LlmReplayError) -> str:
        """An error in words, with paths as people type them."""
        return self._commands.text(error)

    def start(self, items: Sequence[ReplayItem]) -> None:
        """Begin to send what the items will judge.

        Raises:
            ConfigError: A key is missing, or a host is not trusted; nothing was sent.
        """
        endpoints = Endpoints(os.environ)
        self._run = Run(
            engine=self._engine(),
            endpoints=endpoints,
            overrides=self._overrides,
            allow=self._settings.allow,
        )
        self._entries = {item: self._entry(item, str(number)) for number, item in enumerate(items)}
        plan = plan_of(items, endpoints, self._overrides, allow=self._settings.allow)
        if plan is not None:
            self._screen.lines(header_lines(plan, self._screen.width))
        self._began = time.perf_counter()
        self._run.start((entry, _api(item)) for item, entry in self._entries.items())

    def replay(self, item: ReplayItem) -> None:
        """Wait for the answer of an item; raise its failure, or skip."""
        result = self._once(item).result
        comparison = result.comparison
        if comparison.fails:
            raise LlmFailure(self._telling.failure(item, result, self._screen.width))
        if comparison.outcome not in {"ok", "changed"}:
            reason = comparison.error or ", ".join(one.reason for one in comparison.not_measured)
            pytest.skip(f"{comparison.outcome.replace('_', ' ')}: {reason}")

    def judged(self, item: ReplayItem) -> Judged | None:
        """What came of an item, if it was the last to be judged."""
        return self._last if self._last is not None and self._last.item is item else None

    def stop(self) -> None:
        """End all calls, and write the accepted answers."""
        self._took = time.perf_counter() - self._began
        if self._run is not None:
            self._run.stop()
        self._stored = self._accepting.write()

    @property
    def stored_all(self) -> bool:
        """Whether every answer that was to be accepted is."""
        return not self._accepting.failed

    def summary_lines(self, width: int) -> list[str]:
        """What the run says at its end."""
        if not self._tallies:
            return []
        remembers = self._config.pluginmanager.has_plugin("lfplugin")
        again = self._commands.failed() if self._tallies.failed and remembers else None
        lines = self._tallies.lines(width, seconds=self._took, again=again)
        return [*lines, *([""] if self._stored else []), *self._stored]

    def _once(self, item: ReplayItem) -> Judged:
        """What came of an item; the same for a rerun, which pays nothing."""
        if self._last is None or self._last.item is not item:
            self._last = self._judge(item)
        return self._last

    def _judge(self, item: ReplayItem) -> Judged:
        assert self._run is not None
        if self._last is not None:
            self._run.release(self._entries[self._last.item])
        document = item.document  # as long as it is held, the cassette does not parse it again
        result = self._readable(self._run.result(self._entries[item]))
        told = result_of(item, result)
        self._tallies.add(told, self._force(item) if result.pair is not None else None)
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

    def _entry(self, item: ReplayItem, reference: str) -> Entry:
        return Entry(
            reference=reference,
            target=item.target,
            document=lambda: item.document,
            accepted=lambda: item.accepted,
            checks=lambda: self._force(item).checks,
        )

    def _force(self, item: ReplayItem) -> InForce:
        return self._configured.checks(item.path.parent).of(item.document)

    def _engine(self) -> Engine:
        settings = self._settings
        stops_early = bool(self._config.getoption("maxfail"))
        return Engine(
            concurrency=settings.concurrency,
            timeout=settings.timeout,
            rules=RetryRules(retries=settings.retries),
            window=2 * settings.concurrency if stops_early else None,
        )

    def _validated(self, folders: Iterable[Path]) -> list[str]:
        """Names of the targets, after all options were found to make sense."""
        targets: dict[str, Target] = {}
        for folder in folders:
            self._configured.checks(folder)
            targets |= {target.name: target for target in self._configured.targets(folder)}
        if all(target.kind == "recorded" for target in targets.values()):
            _refuse_what_needs_a_target(self._settings)
        return list(targets)


def _api(item: ReplayItem) -> str:
    """The API format of an event; one that cannot be read is not sent, whatever its format."""
    try:
        return item.document.head.api
    except CassetteError:
        return "other"


def _refuse_what_needs_a_target(settings: Settings) -> None:
    asked = {
        "--llm-accept": settings.accept,
        "--llm-record": settings.record,
        "--llm-set": settings.overrides,
    }
    for flag, given in asked.items():
        if given:
            raise ConfigError(
                f"{flag}: nothing is sent to 'recorded', the recording itself; name a target "
                "with --llm-model (same is the recorded model)"
            )
