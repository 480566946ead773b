"""The judges of a run: which one judges an event, begun ahead, told at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

from pytest_llmreplay.compare.check import Pair
from pytest_llmreplay.compare.judged import Score
from pytest_llmreplay.errors import CassetteError, ConfigError, UnknownTarget
from pytest_llmreplay.judge import (
    Asking,
    Bill,
    Forecast,
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
from pytest_llmreplay.replay.gate_plan import SamplePlan
from pytest_llmreplay.replay.money.estimate import Estimate, usage_of
from pytest_llmreplay.replay.money.guard import refuse_unlimited, refuse_unpriced
from pytest_llmreplay.replay.targets import Target, TargetSettings, resolve
from pytest_llmreplay.replay.unsendable import not_replayed
from pytest_llmreplay.report.judged import JudgeView
from pytest_llmreplay.report.summary import TargetPlan

from .collection import ReplayItem
from .configured import Configured
from .duels import Duels
from .gating import Gating
from .opponents import Opponents
from .sampled import Further, Samples, item_of
from .settings import Settings

__all__ = ["Judging"]

HOOK = "pytest_llmreplay_judge"


class Judging:
    """Finds the judge of each event, and asks it.

    Args:
        config: Of pytest; its hooks may give a judge.
        settings: The options of the run.
        configured: What the config files say.
        gating: Knows whose answers are for a verdict over the run.
        folders: Where the cassettes are.
        store: Keeps the answers of judges, and knows those of earlier runs.
        opponents: Knows what the answers of targets are compared with over the run.

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
        opponents: Opponents,
    ) -> None:
        self._hook, self._settings, self._configured = config.hook, settings, configured
        self._gating, self._store, self._opponents = gating, store, opponents
        self.duels = Duels(
            opponents, judge=self._judge, compares=self.compares, by_run=gating.by_run
        )
        """What is compared in pairs for verdicts over the run."""
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
        self,
        items: Sequence[ReplayItem],
        endpoints: Endpoints,
        engine: Engine,
        samples: Samples,
    ) -> tuple[TargetPlan, ...]:
        """Find every judge that is needed, and say what it will be asked.

        Raises:
            ConfigError: A key is missing, a host is not trusted, or a judge cannot judge.
        """
        calibrated = [item for item in items if self._gating.calibrates(item.target)]
        self._opponents.expect(filter(self.duels.__contains__, calibrated), samples)
        forecasts = self._forecasts(items, endpoints, engine, samples)
        plans = [self._plan(asking, forecast.estimate()) for asking, forecast in forecasts]
        if self:
            engine.start((), arrived=lambda _: None)
        return tuple(plan for plan in plans if plan is not None)

    def estimates(
        self,
        items: Sequence[ReplayItem],
        endpoints: Endpoints,
        engine: Engine,
        samples: Samples,
    ) -> list[Estimate]:
        """What every judge would be asked; no key is needed.

        Raises:
            ConfigError: A judge is none.
        """
        forecasts = self._forecasts(items, endpoints, engine, samples)
        return [forecast.estimate() for asking, forecast in forecasts if asking.asks]

    def __bool__(self) -> bool:
        """Whether anything is judged at all."""
        return any(judge is not None for judge in self._judges.values())

    def wants(self, entry: ReplayItem | Further) -> bool:
        """Whether a judge is asked about an answer to an item."""
        item = item_of(entry)
        if entry.purpose == "round" or self._judge(item) is None:
            return False
        if self.compares(item) and entry.purpose != "answer":
            return item in self.duels and entry.purpose == "calibration"
        return self._asks(item)

    def compares(self, item: ReplayItem) -> bool:
        """Whether answers to an item are compared in pairs, and not scored apart."""
        return self._read(self._config(item))[0].pairwise

    def begin(self, entry: ReplayItem | Further, pair: Pair) -> None:
        """Begin to ask about an answer."""
        item = item_of(entry)
        if item in self.duels:
            self.duels.begin(entry, pair)
        elif (judge := self._judge(item)) is not None:
            judge.begin(pair.baseline, pair.replayed, over_run=self._over_run(item))

    def scores(self, entry: ReplayItem | Further, pair: Pair) -> Mapping[str, Score]:
        """Wait for the scores of both answers."""
        item = item_of(entry)
        if item in self.duels:
            return self.duels.scores(entry, pair)
        if (judge := self._judge(item)) is None:
            return {}
        return judge.scores(pair.baseline, pair.replayed, over_run=self._over_run(item))

    def settings(self, item: ReplayItem) -> Mapping[str, str]:
        """What the scores of an item depend on; nothing where no judge is asked."""
        if not self._asks(item):
            return {}
        prompt, over_run = item.document.head.name, self._over_run(item)
        return self._settings_of(item.parent.folder, prompt, over_run)

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
        return self._configured.config(item.parent.folder)

    def _asks(self, item: ReplayItem) -> bool:
        """Whether anything is to be judged: checks ask for it, or a person does.

        A config file alone spends no money: its judge is asked about live targets alone. Where
        answers are compared in pairs, those of a calibration are what others are compared with.
        """
        if item.target.kind == "recorded":
            return False
        if self._gating.calibrates(item.target) and self.compares(item):
            return False
        if self._settings.judge is not None:
            return True
        _, target = self._read(self._config(item))
        given = self._given(None if target is None else target.name)
        is_free = given is not None and (target is None or not is_scorer(given))
        if not is_free and not (target is not None and item.target.live):
            return False
        try:
            return self._configured.in_force(item).asks_judge
        except CassetteError:
            return False  # the item tells it

    def _forecasts(
        self,
        items: Sequence[ReplayItem],
        endpoints: Endpoints,
        engine: Engine,
        samples: Samples,
    ) -> list[tuple[Asking, Forecast]]:
        """The judges that ask a model, each with all that it is asked about."""
        self._endpoints, self._engine = endpoints, engine
        found: dict[Path | None, tuple[Asking, Forecast]] = {}
        asked = list(filter(self._asks, items))
        self._refuse_two_kinds(asked)
        for item in asked:
            config = self._config(item)
            if config.path not in self._judges:
                self._judges[config.path] = judge = self._make(config)
                if judge is not None and judge.asking is not None:
                    judge.asking.check_target()
                    pairwise = self._read(config)[0].pairwise
                    forecast = Forecast(judge, judge.asking, pairwise=pairwise)
                    found[config.path] = judge.asking, forecast
            if config.path in found:
                self._expect(item, found[config.path][1], samples(item))
        return list(found.values())

    def _refuse_two_kinds(self, asked: Sequence[ReplayItem]) -> None:
        """Stop where one verdict would be about scores and about what was preferred.

        Raises:
            ConfigError: It would.
        """
        judged = [item for item in asked if self._gating.has_verdict(item.target)]
        kinds = {self.compares(item): self._config(item) for item in judged}
        if len(kinds) > 1:
            raise ConfigError(
                f"a verdict over the run is about scores or about what is preferred: "
                f"{kinds[True].place('judge', 'pairwise')}: judge.pairwise is true, and is not for "
                f"{kinds[False].path or 'cassettes without llmreplay.yaml'}. Write the same in "
                "both, or replay their cassettes apart"
            )

    def _expect(self, item: ReplayItem, forecast: Forecast, plan: SamplePlan) -> None:
        with suppress(CassetteError):  # the item tells it
            document = item.document
            account, allow = item.target.has_account, self._settings.allow
            if not_replayed(document.question, account=account, allow=allow) is None:
                usage, _ = usage_of(document, forecast.model)
                event = item.path, item.place
                forecast.add(event, usage, plan, over_run=self._over_run(item))

    def _plan(self, asking: Asking, estimate: Estimate) -> TargetPlan | None:
        """What a judge is going to be asked at most; none where it only tells what is stored.

        Raises:
            ConfigError: It cannot be asked, or the money has no limit that it needs, or one that
                cannot be kept.
        """
        endpoint, money = asking.check(), self._settings.money
        if not asking.asks:
            return None
        if money.cap is None and money.unwatched and not endpoint.loopback:
            refuse_unlimited(estimate.target, endpoint.host)
        if money.cap is not None and estimate.unpriced:
            refuse_unpriced(estimate.target, estimate.unpriced)
        return TargetPlan(host=endpoint.host, estimate=estimate)

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
            function_of(given, pairwise=settings.pairwise) if scorer is None else scorer.function,
            name=HOOK if scorer is None else scorer.name,
            samples=settings.samples or 1,
            pairwise=settings.pairwise,
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
        return Asking(
            target,
            engine=self._engine,
            endpoints=self._endpoints,
            store=self._store,
            ask=self._settings.rejudge is None or self._settings.judge is not None,
        )

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


def _view(judge: Judge) -> JudgeView:
    asking = judge.asking
    return JudgeView(
        name=judge.name,
        bill=Bill() if asking is None else asking.settled(),
        distrusted=judge.distrusted,
        own_price=asking is not None and asking.target.price is not None,
    )
