"""`ReplayEngine`: sends recorded calls again, from a program."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_llmreplay.cassette.projects.config_file import find_config
from pytest_llmreplay.compare.specs.sets import DEFAULT
from pytest_llmreplay.compare.syntax.surroundings import OwnCheck
from pytest_llmreplay.event import Event, Json, Measured
from pytest_llmreplay.providers.registry import format_of
from pytest_llmreplay.replay.config.file import Config, load_config
from pytest_llmreplay.replay.money.estimate import Estimate, Estimates
from pytest_llmreplay.replay.money.ledger import Ledger
from pytest_llmreplay.replay.money.spender import Spender
from pytest_llmreplay.replay.simulated import FAULTS
from pytest_llmreplay.replay.targets.allowed import Allowed
from pytest_llmreplay.replay.targets.target import TargetSettings

from .asking import Asked, Asking
from .comparison import ReplayComparison
from .destination import Destination
from .finding import Shelf
from .judging import Judging
from .means import Means
from .overrides import ReplayOverrides
from .result import ReplayResult
from .streaming import ReplayStream
from .wrong_use import (
    functions,
    refuse_no_address,
    refuse_no_event,
    refuse_no_overrides,
    refuse_no_target,
    refuse_too_little,
    texts,
)

__all__ = ["ReplayEngine"]

_SHORTEST = 0.001
"""Seconds in which a call can be said to have had a chance."""


class ReplayEngine:
    """Sends recorded calls again and compares the answers; keeps nothing between two calls.

    What goes wrong with a call (no key, no connection, a refusal, no money left) is told by its
    result, not raised.

    Args:
        target: Where calls go, as `--llm-model` names it: `same` is the recorded model, live;
            `recorded` sends nothing.
        base_url: Endpoint of that target.
        cassettes: Where events are looked for by their ids: cassettes, or folders of them.
        config: The file with targets, or what it says; by default the nearest `llmreplay.yaml`
            above the working directory.
        checks: What answers are compared by; checks that an event brings along come on top.
        own_checks: Checks of your own, by the names that `checks` and events have for them, as the
            hook `pytest_llmreplay_checks` gives them. An event's that is not here is left out.
        timeout: Seconds per attempt.
        retries: Further attempts after 408, 409, 5xx or a lost connection.
        max_cost: USD that this engine may spend at most.
        allow: What is let through of what acts with the account, as `--llm-allow`.
        targets_allow: Providers, hosts and models that may be asked at all, as the ini key
            `llm_targets_allow`; by default all.
        means: Another way to make calls, as the fixture `llm_replay` has it.

    Raises:
        ConfigError: The target is unknown, a check cannot be read, or the config file is wrong.
    """

    def __init__(
        self,
        *,
        target: str = "same",
        base_url: str | None = None,
        cassettes: str | Path | Iterable[str | Path] = "cassettes",
        config: str | Path | Config | None = None,
        checks: Sequence[str] = DEFAULT,
        own_checks: Mapping[str, OwnCheck] | None = None,
        timeout: float = 600.0,
        retries: int = 2,
        max_cost: float | None = None,
        allow: Sequence[str] = (),
        targets_allow: Sequence[str] = (),
        means: Means | None = None,
    ) -> None:
        self._shelf = Shelf([cassettes] if isinstance(cassettes, str | Path) else cassettes)
        self._judging = Judging(texts("checks", checks), functions(own_checks))
        refuse_too_little("timeout", timeout, _SHORTEST)
        refuse_too_little("retries", retries, 0)
        self._means = means or Means(
            timeout=timeout,
            retries=retries,
            allow=texts("allow", allow),
            allowed=Allowed.of(texts("targets_allow", targets_allow)),
            spender=None if max_cost is None else _limit(max_cost),
        )
        refuse_no_address(base_url)
        settings = TargetSettings(
            config=_config(config),
            base_url=base_url,
            base_url_place="ReplayEngine(base_url=…)",
            simulated=FAULTS,
            asked_by="ReplayEngine",
        )
        refuse_no_target(target)
        self._destination = Destination.of(target, settings, self._means.variants)

    def event(self, event_id: str) -> Event:
        """The recorded event that an id means.

        Args:
            event_id: A node id, `test_debate.yaml::0002-argument` or `test_debate.yaml::2`, or
                the id under which the provider or an imported log knows the call.

        Raises:
            ValueError: No event has it, or several have; the message names the nearest.
        """
        return self._shelf.event(event_id)

    def replay(self, *, event: Event, overrides: ReplayOverrides | None = None) -> ReplayResult:
        """Send one call again and wait for its answer.

        Args:
            event: The recorded call.
            overrides: What is changed in it.
        """
        return self.replay_batch(events=[event], overrides=overrides, max_workers=1)[0]

    async def replay_async(
        self, *, event: Event, overrides: ReplayOverrides | None = None
    ) -> ReplayResult:
        """Send one call again while other tasks go on; cancelling the task ends the call."""
        asking = Asking([self._asked(event, overrides)], self._means)
        work = asyncio.ensure_future(asyncio.to_thread(self._answered, asking, 1))
        try:
            return (await asyncio.shield(work))[0]
        except asyncio.CancelledError:
            await asyncio.gather(asyncio.to_thread(asking.stop), work, return_exceptions=True)
            raise

    async def replay_by_id(
        self, *, event_id: str, overrides: ReplayOverrides | None = None
    ) -> ReplayResult:
        """Find an event in the cassettes and send it again.

        Raises:
            ValueError: No event has the id, or several have.
        """
        event = await asyncio.to_thread(self.event, event_id)
        return await self.replay_async(event=event, overrides=overrides)

    def replay_batch(
        self,
        *,
        events: Iterable[Event],
        overrides: ReplayOverrides | None = None,
        max_workers: int = 4,
    ) -> list[ReplayResult]:
        """Send many calls again; the results have the order of the events.

        Args:
            events: The recorded calls.
            overrides: What is changed in each of them.
            max_workers: Calls in flight.
        """
        return self._results([self._asked(one, overrides) for one in events], max_workers)

    def stream(self, *, event: Event, overrides: ReplayOverrides | None = None) -> ReplayStream:
        """Send one call again and read the words of its answer while they come.

        An answer is asked for in pieces also where the recorded one came as a whole, as far as the
        API format asks for that in its body.
        """
        asked = self._asked(event, overrides)
        if _says_in_its_body(asked.api):
            pieces = {"stream": True, **asked.overrides.set}
            asked = replace(asked, overrides=replace(asked.overrides, set=pieces))
        return ReplayStream(asked, self._means, self._judging)

    def compare(
        self,
        *,
        event: Event,
        configurations: Iterable[ReplayOverrides | Mapping[str, Json]],
        max_workers: int = 4,
    ) -> ReplayComparison:
        """Send one call under several configurations.

        Args:
            event: The recorded call.
            configurations: Each a `ReplayOverrides`, or a mapping such as
                `{"provider": "openai", "model": "gpt-5-mini", "parameters": {"temperature": 0}}`.
            max_workers: Calls in flight for each target.

        Raises:
            ConfigError: A configuration has an unknown key.
        """
        asked = [self._asked(event, ReplayOverrides.of(one)) for one in configurations]
        return ReplayComparison(results=self._results(asked, max_workers))

    def estimate(
        self, *, events: Iterable[Event], overrides: ReplayOverrides | None = None
    ) -> Estimate:
        """What sending calls would cost, from recorded usage and the price list; sends nothing.

        Raises:
            ConfigError: The overrides name an unknown target.
        """
        refuse_no_overrides(overrides)
        target, changed = self._destination.of_call(overrides)
        estimates = Estimates(changed, self._means.endpoints(), allow=self._means.allow)
        for event in events:
            refuse_no_event(event)
            estimates.add(target, _AtHand(event=overrides.asked(event) if overrides else event))
        return next(iter(estimates.all), Estimate(target=target.name))

    def to(
        self, target: str, *, base_url: str | None = None, max_cost: float | None = None
    ) -> ReplayEngine:
        """An engine with these settings for another target.

        Args:
            target: As `--llm-model` names it.
            base_url: Endpoint of that target.
            max_cost: USD that may be spent there at most, in place of this engine's limit.

        Raises:
            UnknownTarget: No target, provider or simulated model has this name.
        """
        refuse_no_target(target)
        refuse_no_address(base_url)
        other, destination = copy(self), self._destination.elsewhere(target, base_url)
        means = self._means if max_cost is None else replace(self._means, spender=_limit(max_cost))
        vars(other).update(_destination=destination, _means=means)
        return other

    def _results(self, asked: Sequence[Asked], workers: int) -> list[ReplayResult]:
        return self._answered(Asking(asked, self._means), workers)

    def _answered(self, asking: Asking, workers: int) -> list[ReplayResult]:
        refuse_too_little("max_workers", workers, 1)
        with asking:
            came = asking.answers(int(workers))
            return [self._judging.result(*pair) for pair in zip(asking.asked, came, strict=True)]

    def _asked(self, event: Event, overrides: ReplayOverrides | None) -> Asked:
        refuse_no_event(event)
        refuse_no_overrides(overrides)
        return self._destination.asked(event, overrides, self._judging)


@dataclass(frozen=True, slots=True, kw_only=True)
class _AtHand:
    """An event, read as the document of a cassette is."""

    event: Event

    @property
    def head(self) -> Event:
        return self.event

    @property
    def question(self) -> Event:
        return self.event

    @property
    def measured(self) -> Measured:
        return self.event.measured


def _config(path: str | Path | Config | None) -> Config:
    if isinstance(path, Config):
        return path
    here = Path.cwd()
    found = Path(path) if path is not None else find_config(here, Path(here.anchor))
    return Config() if found is None else load_config(found)


def _says_in_its_body(api: str) -> bool:
    """Whether a format asks for a stream in its body, not in its path."""
    spoken = format_of(api)
    return spoken is not None and spoken.path == spoken.stream_path


def _limit(usd: float) -> Spender:
    refuse_too_little("max_cost", usd, 0)
    return Spender(Ledger(usd))
