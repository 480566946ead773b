"""The judges of a run: which one judges an event, begun ahead, told at the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from statistics import fmean

import pytest

from pytest_llmreplay.compare.check import Pair
from pytest_llmreplay.compare.judged import Score
from pytest_llmreplay.errors import CassetteError, ConfigError, UnknownTarget
from pytest_llmreplay.event import Usage
from pytest_llmreplay.judge import (
    Asking,
    Bill,
    Judge,
    JudgeSettings,
    ModelJudge,
    OwnJudge,
    Workers,
    function_of,
    is_scorer,
    judge_settings,
    read_settings,
    scorer_of,
)
from pytest_llmreplay.replay.calls import CallStore
from pytest_llmreplay.replay.config import Config
from pytest_llmreplay.replay.endpoints import Endpoints
from pytest_llmreplay.replay.engine import Engine
from pytest_llmreplay.replay.money.guard import refuse_unlimited, refuse_unpriced
from pytest_llmreplay.replay.targets import Target, TargetSettings, resolve
from pytest_llmreplay.report.judged import JudgeView
from pytest_llmreplay.report.summary import TargetPlan

from .collection import ReplayItem
from .configured import Configured
from .gating import Gating
from .money import Money
from .sampled import Further, item_of
from .settings import Settings

__all__ = ["Judging"]

HOOK = "pytest_llmreplay_judge"

_TASK, _SAID = 400, 80
"""Tokens of a judge's task, and of what it says, for an estimate."""

_ASKS = re.compile(r"(?:^|:)judge>=")
"""A check that a judge is asked for: of an event, a session or a run, gating or not."""


class Judging:
    """Finds the judge of each event, and asks it.

    Args:
        config: Of pytest; its hooks may give a judge.
        settings: The options of the run.
        configured: What the config files say.
        gating: Knows whose answers are for a verdict over the run.
        folders: Where the cassettes are.
        store: Keeps the answers of judges, and knows those of earlier runs.

    Raises:
        ConfigError: A judge is unknown, or its part of a config file is wrong.
    """

    def __init__(
        self,
        config: pytest.Config,
        settings: Settings,
        configured: Configured,
        gating: Gating,
        folders: Iterable[Path],
        *,
        store: CallStore,
    ) -> None:
        self._hook, self._settings, self._configured = config.hook, settings, configured
        self._gating, self._store = gating, store
        self._engine: Engine | None = None
        self._endpoints: Endpoints | None = None
        self._workers = Workers(settings.concurrency)
        self._judges: dict[Path | None, Judge | None] = {}
        self._given = cache(self._give)
        self._settings_of = cache(self._judge_settings)
        self._named: dict[Path | None, tuple[JudgeSettings, Target | None]] = {}
        for folder in folders:
            self._read(configured.config(folder))

    def start(
        self, items: Sequence[ReplayItem], endpoints: Endpoints, make_engine: Callable[[], Engine]
    ) -> tuple[TargetPlan, ...]:
        """Find every judge that is needed, and say what it will be asked.

        Raises:
            ConfigError: A key is missing, a host is not trusted, or a judge cannot judge.
        """
        self._endpoints = endpoints
        self._engine = make_engine()
        wanted: dict[Path | None, list[ReplayItem]] = {}
        for item in items:
            if self._asks(item):
                wanted.setdefault(self._config(item).path, []).append(item)
        plans = []
        for path, judged in wanted.items():
            self._judges[path] = judge = self._make(self._config(judged[0]))
            if judge is not None and judge.asking is not None and judge.asking.asks:
                plans.append(self._plan(judge, judge.asking, judged))
        if self:
            self._engine.start((), arrived=lambda _: None)
        return tuple(plans)

    def __bool__(self) -> bool:
        """Whether anything is judged at all."""
        return any(judge is not None for judge in self._judges.values())

    def wants(self, entry: ReplayItem | Further) -> bool:
        """Whether a judge is asked about an answer to an item."""
        item = item_of(entry)
        return self._judge(item) is not None and self._asks(item)

    def begin(self, entry: ReplayItem | Further, pair: Pair) -> None:
        """Begin to ask about an answer."""
        item = item_of(entry)
        if (judge := self._judge(item)) is not None:
            judge.begin(pair.baseline, pair.replayed, over_run=self._over_run(item))

    def scores(self, entry: ReplayItem | Further, pair: Pair) -> Mapping[str, Score]:
        """Wait for the scores of both answers."""
        item = item_of(entry)
        if (judge := self._judge(item)) is None:
            return {}
        return judge.scores(pair.baseline, pair.replayed, over_run=self._over_run(item))

    def settings(self, item: ReplayItem) -> Mapping[str, str]:
        """What the scores of an item depend on; nothing where no judge is asked."""
        if not self._asks(item):
            return {}
        prompt, over_run = item.document.head.name, self._over_run(item)
        return self._settings_of(item.path.parent, prompt, over_run)

    def _judge_settings(
        self,
        folder: Path,
        prompt: str | None,
        over_run: bool,  # noqa: FBT001 - is cached
    ) -> Mapping[str, str]:
        settings, target = self._read(self._configured.config(folder))
        given = self._given(None if target is None else target.name)
        return judge_settings(given, target, settings, prompt=prompt, over_run=over_run)

    def stop(self) -> None:
        """End all calls."""
        self._workers.stop()
        if self._engine is not None:
            self._engine.stop()

    @property
    def views(self) -> tuple[JudgeView, ...]:
        """What the judges took, and which of them cannot be trusted."""
        judges = (judge for judge in self._judges.values() if judge is not None)
        return tuple(_view(judge) for judge in dict.fromkeys(judges))

    def _judge(self, item: ReplayItem) -> Judge | None:
        return self._judges.get(self._config(item).path)

    def _config(self, item: ReplayItem) -> Config:
        return self._configured.config(item.path.parent)

    def _asks(self, item: ReplayItem) -> bool:
        """Whether anything is to be judged: checks ask for it, or a person does.

        A config file alone spends no money: its judge is asked about live targets alone.
        """
        if item.target.kind == "recorded":
            return False
        if self._settings.judge is not None:
            return True
        _, target = self._read(self._config(item))
        given = self._given(None if target is None else target.name)
        is_free = given is not None and (target is None or not is_scorer(given))
        if not is_free and not (target is not None and item.target.live):
            return False
        try:
            sources = self._configured.in_force(item).sources
        except CassetteError:
            return False  # the item tells it
        return any(_ASKS.search(spec) for spec, _ in sources)

    def _plan(self, judge: Judge, asking: Asking, items: Sequence[ReplayItem]) -> TargetPlan:
        plans = [self._gating.plan(item) for item in items]
        at_most = any(plan.first < plan.most for plan in plans)
        calls = self._most_calls(judge, items)
        return _plan(asking, calls, items, self._settings.money, at_most=at_most)

    def _most_calls(self, judge: Judge, items: Sequence[ReplayItem]) -> int:
        """With every sample that may be needed; answers that are equal are judged once."""
        calls = 0
        for over_run in (False, True):
            judged = [item for item in items if self._over_run(item) is over_run]
            if judged:
                calls += judge.most_calls(
                    answers=sum(self._gating.plan(item).most for item in judged),
                    baselines=len({(item.path, item.place) for item in judged}),
                    over_run=over_run,
                )
        return calls

    def _over_run(self, item: ReplayItem) -> bool:
        """Whether the scores of an item are for a verdict over the run."""
        return self._gating.only_reports(item.target)

    def _make(self, config: Config) -> Judge | None:
        settings, target = self._read(config)
        asking = None if target is None else self._asking(target)
        given = self._given(None if target is None else target.name)
        if given is not None:
            return self._own(given, settings, asking)
        return None if asking is None else ModelJudge(asking, settings)

    def _own(self, given: object, settings: JudgeSettings, asking: Asking | None) -> OwnJudge:
        scorer = scorer_of(given, asking) if is_scorer(given) else None
        return OwnJudge(
            function_of(given) if scorer is None else scorer.function,
            name=HOOK if scorer is None else scorer.name,
            samples=settings.samples or 1,
            timeout=self._settings.timeout,
            workers=self._workers,
            asking=asking if scorer is not None and scorer.asks else None,
        )

    def _give(self, target: str | None) -> object:
        try:
            return self._hook.pytest_llmreplay_judge(target=target)
        except Exception as error:
            raise ConfigError(f"{HOOK}: {type(error).__name__}: {error}") from error

    def _asking(self, target: Target) -> Asking:
        assert self._engine is not None  # made by the start
        assert self._endpoints is not None
        asking = Asking(
            target,
            engine=self._engine,
            endpoints=self._endpoints,
            store=self._store,
            ask=self._settings.rejudge is None or self._settings.judge is not None,
        )
        asking.check()
        return asking

    def _read(self, config: Config) -> tuple[JudgeSettings, Target | None]:
        """How answers are judged, and the target that judges; none where nobody names one."""
        if config.path not in self._named:
            settings = read_settings(config)
            self._named[config.path] = settings, self._target(settings, config)
        return self._named[config.path]

    def _target(self, settings: JudgeSettings, config: Config) -> Target | None:
        name = self._settings.judge or settings.target
        if name is None:
            return None
        place = "--llm-judge" if self._settings.judge else config.place("judge", "target")
        try:
            return resolve(name, TargetSettings(config=config))
        except UnknownTarget as error:
            said = str(error).removeprefix("--llm-model")
            raise UnknownTarget(f"{place}{said}") from None


def _plan(
    asking: Asking, calls: int, items: Sequence[ReplayItem], money: Money, *, at_most: bool
) -> TargetPlan:
    """What a judge is going to be asked.

    Raises:
        ConfigError: The money has no limit that it needs, or one that cannot be kept.
    """
    endpoint = asking.check()
    read = fmean(_tokens(item) + _TASK for item in items)
    usage = Usage(input_tokens=round(calls * read), output_tokens=calls * _SAID)
    cost = None if asking.is_free else asking.price(usage)
    if money.cap is None and money.unwatched and not endpoint.loopback:
        refuse_unlimited(asking.name, endpoint.host)
    if money.cap is not None and cost is None and not asking.is_free:
        refuse_unpriced(asking.name, [f"{endpoint.provider}/{asking.model}"])
    return TargetPlan(
        name=asking.name,
        host=endpoint.host,
        calls=calls,
        cost=cost,
        unpriced=calls if cost is None and not asking.is_free else 0,
        at_most=at_most,
    )


def _tokens(item: ReplayItem) -> int:
    """Tokens of the request and the answer of an event, which a judge reads again."""
    measured = item.document.measured
    return (measured.input_tokens or 0) + (measured.output_tokens or 0)


def _view(judge: Judge) -> JudgeView:
    bill = Bill() if judge.asking is None else judge.asking.settled()
    return JudgeView(name=judge.name, bill=bill, distrusted=judge.distrusted)
