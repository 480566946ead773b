"""`--llm-replay-tests`: the tests themselves run, and all their LLM calls go to one target."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from functools import partial

import pytest

from pytest_llmreplay.capture.active import set_outside
from pytest_llmreplay.capture.routing import Live
from pytest_llmreplay.capture.tape import LetPass
from pytest_llmreplay.cassette.record_mode import RecordMode
from pytest_llmreplay.errors import ConfigError, ReplayError
from pytest_llmreplay.plugin.failures import as_failure, own_failure, tell_first
from pytest_llmreplay.plugin.markers import CassetteMark
from pytest_llmreplay.plugin.recording.deck import Deck
from pytest_llmreplay.plugin.recording.fixture_place import FixturePlace
from pytest_llmreplay.plugin.recording.openers import Opener
from pytest_llmreplay.plugin.recording.wide_fixtures import WideFixtures
from pytest_llmreplay.plugin.screen import Screen
from pytest_llmreplay.plugin.settings.settings import Settings
from pytest_llmreplay.plugin.terms.configured import Configured
from pytest_llmreplay.plugin.users.clients import Clients
from pytest_llmreplay.plugin.users.variants import user_variants
from pytest_llmreplay.plugin.uses import uses_cassette
from pytest_llmreplay.replay.calls.endpoint import Endpoint
from pytest_llmreplay.replay.overrides import parse_overrides
from pytest_llmreplay.replay.rerouting.rerouter import Rerouter
from pytest_llmreplay.replay.targets.allowed import Allowed
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.replay.targets.target import Target
from pytest_llmreplay.report.text.sanitise import safe_line

from .calls import ReroutedCalls
from .money import purse_of
from .recordings import Recordings
from .summary import WORKER_OUTPUT, summary_of
from .tape import ReroutingTape

__all__ = ["Rerouting"]

_SECTION = "llm replay of tests"
"""What a failing test should also say stands under it."""


class Rerouting:
    """Registered in the place of `Recording`.

    Args:
        config: Of the run.
        settings: What the user asked for.
        items: The collected tests.

    Raises:
        ConfigError: There is not one live target, its key is missing, or its host not trusted.
    """

    def __init__(
        self, config: pytest.Config, settings: Settings, items: Sequence[pytest.Item]
    ) -> None:
        self._config = config
        self._target = _one_target(config, settings)
        self._calls = ReroutedCalls(settings.on_loss)
        self._opener = Opener(config, replace(settings, record_mode="none"), items)
        endpoints = Endpoints(os.environ, Clients(config), Allowed.by_all(settings.targets_allow))
        endpoint = _endpoint(self._target, endpoints)
        host = _host(self._target, endpoint)
        self._rerouter = Rerouter(
            target=self._target,
            overrides=parse_overrides(settings.overrides),
            endpoints=endpoints,
            allow=settings.allow,
            on_loss=settings.on_loss,
            concurrency=settings.concurrency,
            timeout=settings.timeout,
            aside=Live,
            tell=self._calls.over,
            purse=purse_of(config, settings.money, self._target, endpoint),
        )
        self._tape = ReroutingTape(self._rerouter, self._calls, settings.hosts)
        self._deck = Deck()
        self._mode: RecordMode | None = None
        self.wide_fixtures = WideFixtures(
            self._opener, items, lambda: self._mode, self._around_fixture
        )
        set_outside(self._tape)
        if not hasattr(config, "workerinput"):
            Screen(config).lines([f"every LLM call goes to {safe_line(self._target.name)}{host}"])

    def stop(self) -> None:
        """Close all connections."""
        self._deck.put(None)
        set_outside(None)
        self._rerouter.stop()
        self._calls.close()

    def tape_of(self, node: pytest.Item) -> ReroutingTape | None:
        """Who answers the calls of a test; nobody but its own server, where it says so."""
        return None if CassetteMark.of(node).mode == "live" else self._tape

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """A test that asks for its own server is let out."""
        self._calls.sum()
        self._calls.problems.clear()
        with as_failure():
            self._deck.put(None if self.tape_of(item) else LetPass())
        self._tape.beside(Recordings(partial(self._opener.for_test, item)))
        self._mode = "none" if uses_cassette(item, autouse=self._opener.settings.autouse) else None

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_call(self) -> Generator[None, object, object]:
        """A call that could not be sent fails its test, also when its own code hides that."""
        result = yield
        self._calls.sum()
        if self._calls.problems:
            raise self._calls.problems[0]
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[object]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Our failures are their text alone; an error that hides one is told with it."""
        self._calls.sum()
        report = yield
        ours = own_failure(call.excinfo.value) if report.failed and call.excinfo else None
        if ours is not None:
            report.longrepr = str(ours)
        elif report.failed and call.when != "teardown":
            for problem in self._calls.problems[:1]:
                tell_first(problem, report)
                report.sections.append((_SECTION, str(problem)))
        return report

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Hand the sums on to where the summary is printed, once no call is on its way."""
        self._rerouter.stop()
        self._calls.sum()
        tally = self._calls.tally
        if hasattr(self._config, "workeroutput"):
            self._config.workeroutput[WORKER_OUTPUT] = [self._target.name, asdict(tally)]
        else:
            summary_of(self._config).add(self._target.name, tally)

    @contextmanager
    def _around_fixture(
        self, place: FixturePlace, _: pytest.FixtureRequest, mode: RecordMode, phase: str
    ) -> Iterator[None]:
        """What a fixture asks beside its words is in its own cassette."""
        opened = self._opener.for_fixture(place, mode, phase)
        with ExitStack() as stack:
            recordings = Recordings(lambda: stack.enter_context(opened))
            stack.enter_context(self._tape.meanwhile(recordings))
            yield


def _one_target(config: pytest.Config, settings: Settings) -> Target:
    configured = Configured(settings, own={}, variants=user_variants(config))
    found = configured.targets(settings.rootdir)
    if len(found) != 1:
        names = ", ".join(target.name for target in found)
        raise ConfigError(
            f"--llm-replay-tests: tests run against one target at a time, not {names}"
        )
    if not found[0].live:
        raise ConfigError(
            f"--llm-replay-tests: {found[0].name!r} answers recorded events alone, and tests ask "
            "anew; name a live target with --llm-model (same is the model that each call asks for)"
        )
    return found[0]


def _endpoint(target: Target, endpoints: Endpoints) -> Endpoint | None:
    """Where most calls go, once its key and trust were found to be in order; none if unknown."""
    if target.provider is None and target.base_url is None:
        return None
    try:
        return endpoints.of(
            target,
            provider=target.provider or "openai",
            api="chat_completions",
            model=target.model,
        )
    except ReplayError:
        return None  # it speaks other formats; its first call tells


def _host(target: Target, endpoint: Endpoint | None) -> str:
    if endpoint is not None:
        return f" at {endpoint.host}"
    return "" if target.provider or target.base_url else ", at the server that it means"
