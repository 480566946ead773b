"""A replay between pytest and the stages: items in, failures and figures out."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from pytest_llmreplay.cassette.accepted import Accepted
from pytest_llmreplay.cassette.document import EventDocument
from pytest_llmreplay.cassette.naming import project_of
from pytest_llmreplay.cassette.redaction import Redactor
from pytest_llmreplay.compare.prices import price_data
from pytest_llmreplay.errors import ConfigError, LlmReplayError
from pytest_llmreplay.event import Event
from pytest_llmreplay.replay.accept import accept_answers, accepted_baseline, accepted_of
from pytest_llmreplay.replay.config import Config, find_config, load_config
from pytest_llmreplay.replay.endpoints import Endpoints
from pytest_llmreplay.replay.engine import Engine
from pytest_llmreplay.replay.overrides import Overrides, parse_overrides
from pytest_llmreplay.replay.retry import RetryRules
from pytest_llmreplay.replay.run import Entry, Result, Run
from pytest_llmreplay.replay.simulated import FAULTS
from pytest_llmreplay.replay.targets import Target, TargetSettings, resolve_all
from pytest_llmreplay.report.junit import properties
from pytest_llmreplay.report.summary import RunView, header_lines, summary_lines
from pytest_llmreplay.report.tally import Tally

from .checks import Checks
from .collection import ReplayItem
from .failures import LlmFailure
from .plan import plan_of
from .settings import Settings
from .shelf import open_cassette
from .telling import Telling, result_of

__all__ = ["ReplayRun"]


class ReplayRun:
    """All of a replay that outlives a single item.

    Raises:
        ConfigError: A target, a check, an override or a config file is wrong.
    """

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self._config, self._settings = config, settings
        self._checks = cache(lambda found: Checks(settings, self._loaded(found)))
        self._resolved = cache(self._resolve)
        self._loaded = cache(lambda path: Config() if path is None else load_config(path))
        self._default = self._find(settings.rootdir)
        self.target_names = [target.name for target in self._resolved(self._default)]
        self._checks(self._default)
        self._overrides: Overrides = parse_overrides(settings.overrides)
        self._telling = Telling(settings, config.invocation_params.dir)
        self._tallies: dict[str, Tally] = {}
        self._entries: dict[ReplayItem, Entry] = {}
        self._last: tuple[ReplayItem, Result] | None = None
        self._accepted: dict[Path, list[Accepted]] = {}
        self._run: Run | None = None
        self._began = self._took = 0.0

    def targets(self, cassette: Path) -> tuple[Target, ...]:
        """Where the events of a cassette go."""
        return self._resolved(self._find(cassette.parent))

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
        plan = plan_of(items, endpoints, self._overrides)
        if plan is not None:
            self._say(header_lines(plan, self._width))
        self._began = time.perf_counter()
        self._run.start((entry, _document(item).head.api) for item, entry in self._entries.items())

    def replay(self, item: ReplayItem) -> None:
        """Wait for the answer of an item; raise its failure, or skip."""
        result = self._result(item)
        comparison = result.comparison
        if comparison.fails:
            raise LlmFailure(self._telling.failure(item, result, self._width))
        if comparison.outcome not in {"ok", "changed"}:
            reason = comparison.error or ", ".join(one.reason for one in comparison.not_measured)
            pytest.skip(f"{comparison.outcome.replace('_', ' ')}: {reason}")

    def complete(self, item: ReplayItem, report: pytest.TestReport) -> None:
        """Give a report what the run knows of its item."""
        if self._last is None or self._last[0] is not item:
            return
        result = self._last[1]
        report.llm_outcome = result.comparison.outcome  # type: ignore[attr-defined]  # reports carry more
        if result.reply is not None:
            report.duration = result.reply.duration
        report.user_properties += properties(result_of(item, result))

    def stop(self) -> None:
        """End all calls, and write the accepted answers."""
        self._took = time.perf_counter() - self._began
        if self._run is not None:
            self._run.stop()
        for path, answers in self._accepted.items():
            self._accept(path, answers)
        self._accepted.clear()

    def summary_lines(self, width: int) -> list[str]:
        """What the run says at its end."""
        if not self._tallies:
            return []
        tallies = tuple(self._tallies.values())
        events = max(tally.events for tally in tallies)
        checks, dropped = self._checks(self._default).told(events)
        live = any(tally.calls for tally in tallies)
        return summary_lines(
            RunView(
                tallies=tallies,
                today=datetime.now(UTC).date(),
                checks=checks,
                dropped=dropped,
                seconds=self._took if live else None,
                prices=price_data() if live else None,
                again=self._telling.again(tallies),
            ),
            width,
        )

    def _result(self, item: ReplayItem) -> Result:
        if self._last is not None and self._last[0] is item:
            return self._last[1]
        assert self._run is not None
        if self._last is not None:
            self._run.release(self._entries[self._last[0]])
        result = self._run.result(self._entries[item])
        self._last = (item, result)
        self._count(item, result)
        return result

    def _count(self, item: ReplayItem, result: Result) -> None:
        tally = self._tallies.setdefault(item.target.name, Tally(item.target.name))
        tally.add(result_of(item, result))
        self._checks(self._find(item.path.parent)).count(_document(item))
        if result.replayed is not None and self._accepts(result, item.target):
            answer = accepted_of(_document(item).event, result.replayed, item.target.name)
            self._accepted.setdefault(item.path, []).append(answer)

    def _accepts(self, result: Result, target: Target) -> bool:
        if target.kind == "recorded" or result.comparison.outcome == "error":
            return False
        holds = result.comparison.outcome in {"ok", "changed"}
        return self._settings.record or (self._settings.accept and holds)

    def _accept(self, path: Path, answers: Sequence[Accepted]) -> None:
        settings = self._settings
        shown = os.path.relpath(path, self._config.invocation_params.dir)
        try:
            redactor = Redactor(settings.redact, settings.redact_allow)
            root = project_of(path, settings.rootdir)
            changed = accept_answers(path, answers, root=root, redactor=redactor)
        except LlmReplayError as error:
            self._say([f"not accepted: {error}"])
        else:
            word = "accepted" if changed else "nothing new in"
            self._say([f"{shown}: {len(answers)} answers {word}"])

    def _entry(self, item: ReplayItem, reference: str) -> Entry:
        checks = self._checks(self._find(item.path.parent))
        return Entry(
            reference=reference,
            target=item.target,
            recorded=lambda: _document(item).event,
            baseline=lambda: _baseline(item),
            checks=lambda: checks.of(_document(item)),
        )

    def _engine(self) -> Engine:
        settings = self._settings
        stops_early = bool(self._config.getoption("maxfail"))
        return Engine(
            concurrency=settings.concurrency,
            timeout=settings.timeout,
            rules=RetryRules(retries=settings.retries),
            window=2 * settings.concurrency if stops_early else None,
        )

    def _resolve(self, found: Path | None) -> tuple[Target, ...]:
        return resolve_all(
            self._settings.models,
            TargetSettings(
                config=self._loaded(found),
                base_url=self._settings.base_url,
                base_url_typed=self._settings.base_url_typed,
                simulated=tuple(FAULTS),
            ),
        )

    def _find(self, folder: Path) -> Path | None:
        if self._settings.config_file is None:
            return find_config(folder, self._settings.rootdir)
        path = self._config.invocation_params.dir / self._settings.config_file
        if not path.is_file():
            raise ConfigError(f"--llm-config: there is no file {self._settings.config_file!r}")
        return path

    @property
    def _width(self) -> int:
        return self._config.get_terminal_writer().fullwidth

    def _say(self, lines: Sequence[str]) -> None:
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.ensure_newline()
            for line in lines:
                reporter.write_line(line)


def _document(item: ReplayItem) -> EventDocument:
    return open_cassette(item.path).document(item.place)


def _baseline(item: ReplayItem) -> Event:
    cassette = open_cassette(item.path)
    document = cassette.document(item.place)
    return accepted_baseline(cassette, document, item.target.name) or document.event
