"""The judges of a run: which one judges an event, begun ahead, told at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_llmreplay.compare.check import Pair
from pytest_llmreplay.compare.judged import Score
from pytest_llmreplay.judge.asking.bill import Bill
from pytest_llmreplay.judge.own.workers import Workers
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.items.sampled import Further, Samples, item_of
from pytest_llmreplay.plugin.settings.settings import Settings
from pytest_llmreplay.plugin.terms.gating import Gating
from pytest_llmreplay.plugin.terms.judged_items import JudgedItems
from pytest_llmreplay.replay.calls.call import CallStore
from pytest_llmreplay.replay.money.estimate import Estimate
from pytest_llmreplay.replay.sending.engine import Engine
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.report.header import TargetPlan
from pytest_llmreplay.report.summary.judged import JudgeView

from .duels import Duels
from .opponents import Opponents
from .plans import JudgePlans

if TYPE_CHECKING:
    from pytest_llmreplay.judge.judges import Judge

__all__ = ["Judging"]


class Judging:
    """Finds the judge of each event, and asks it.

    Args:
        settings: The options of the run.
        judged: Knows what is judged, and by whom.
        gating: Knows whose answers are those of the recorded model.
        store: Keeps the answers of judges, and knows those of earlier runs.
        opponents: Knows what the answers of targets are compared with over the run.
    """

    def __init__(
        self,
        settings: Settings,
        judged: JudgedItems,
        gating: Gating,
        *,
        store: CallStore,
        opponents: Opponents,
    ) -> None:
        self._settings, self._judged, self._gating = settings, judged, gating
        self._store, self._opponents = store, opponents
        self.duels = Duels(
            opponents, judge=self._judge, compares=judged.compares, by_run=gating.by_run
        )
        """What is compared in pairs for verdicts over the run."""
        self._engine: Engine | None = None
        self._workers = Workers(settings.concurrency)
        self._judges: dict[Path | None, Judge | None] = {}
        """By the config file that names them."""

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
        plans = self._plans(items, endpoints, engine, samples).plans(self._settings.money)
        if self:
            engine.start((), arrived=lambda _: None)
        return plans

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
        return self._plans(items, endpoints, engine, samples).estimates()

    def __bool__(self) -> bool:
        """Whether anything is judged at all."""
        return any(judge is not None for judge in self._judges.values())

    def wants(self, entry: ReplayItem | Further) -> bool:
        """Whether a judge is asked about an answer to an item."""
        item = item_of(entry)
        if entry.purpose == "round" or self._judge(item) is None:
            return False
        if self._judged.compares(item) and entry.purpose != "answer":
            return item in self.duels and entry.purpose == "calibration"
        return self._judged.asks(item)

    def begin(self, entry: ReplayItem | Further, pair: Pair) -> None:
        """Begin to ask about an answer."""
        item = item_of(entry)
        if item in self.duels:
            self.duels.begin(entry, pair)
        elif (judge := self._judge(item)) is not None:
            judge.begin(pair.baseline, pair.replayed, over_run=self._judged.over_run(item))

    def scores(self, entry: ReplayItem | Further, pair: Pair) -> Mapping[str, Score]:
        """Wait for the scores of both answers."""
        item = item_of(entry)
        if item in self.duels:
            return self.duels.scores(entry, pair)
        if (judge := self._judge(item)) is None:
            return {}
        return judge.scores(pair.baseline, pair.replayed, over_run=self._judged.over_run(item))

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
        return self._judges.get(self._judged.named(item).config.path)

    def _plans(
        self,
        items: Sequence[ReplayItem],
        endpoints: Endpoints,
        engine: Engine,
        samples: Samples,
    ) -> JudgePlans:
        """Make the judges that are needed, each with all that it is asked about."""
        self._engine = engine
        asked = list(filter(self._judged.asks, items))
        self._judged.refuse_two_kinds(asked)
        plans = JudgePlans(self._settings.foreseen)
        if not asked:
            return plans
        from .making import JudgeMaking  # noqa: PLC0415 - few runs have a judge

        making = JudgeMaking(
            settings=self._settings,
            endpoints=endpoints,
            engine=engine,
            store=self._store,
            workers=self._workers,
        )
        for item in asked:
            named = self._judged.named(item)
            path = named.config.path
            if path not in self._judges:
                self._judges[path] = judge = making.judge(named)
                plans.take(path, judge, pairwise=named.settings.pairwise)
            plans.add(path, item, samples(item), over_run=self._judged.over_run(item))
        return plans


def _view(judge: Judge) -> JudgeView:
    asking = judge.asking
    return JudgeView(
        name=judge.name,
        bill=Bill() if asking is None else asking.settled(),
        distrusted=judge.distrusted,
        own_price=asking is not None and asking.target.given.price is not None,
    )
