"""Makes the judges that are named: models, functions of users, scorers."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_llmreplay.judge import (
    Asking,
    Judge,
    JudgeSettings,
    ModelJudge,
    OwnJudge,
    Workers,
    function_of,
    is_scorer,
    scorer_of,
)
from pytest_llmreplay.replay.calls import CallStore
from pytest_llmreplay.replay.endpoints import Endpoints
from pytest_llmreplay.replay.engine import Engine
from pytest_llmreplay.replay.targets import Target

from .named_judges import HOOK, NamedJudge
from .settings import Settings

__all__ = ["JudgeMaking"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeMaking:
    """What judges are made with."""

    settings: Settings
    """The options of the run."""
    endpoints: Endpoints
    engine: Engine
    """Makes the calls of judges that are models."""
    store: CallStore
    """Keeps their answers, and knows those of earlier runs."""
    workers: Workers
    """Run the functions of users."""

    def judge(self, named: NamedJudge) -> Judge | None:
        """The judge that is named; none where nobody judges.

        Raises:
            ConfigError: What a user's hook gives is no judge, or the hook fails.
        """
        asking = None if named.target is None else self._asking(named.target)
        if (given := named.given) is not None:
            return self._own(given, named.settings, asking)
        return None if asking is None else ModelJudge(asking, named.settings)

    def _own(self, given: object, settings: JudgeSettings, asking: Asking | None) -> OwnJudge:
        scorer = scorer_of(given, asking) if is_scorer(given) else None
        return OwnJudge(
            function_of(given, pairwise=settings.pairwise) if scorer is None else scorer.function,
            name=HOOK if scorer is None else scorer.name,
            samples=settings.samples or 1,
            pairwise=settings.pairwise,
            timeout=self.settings.timeout,
            workers=self.workers,
            asking=asking if scorer is not None and scorer.asks else None,
        )

    def _asking(self, target: Target) -> Asking:
        return Asking(
            target,
            engine=self.engine,
            endpoints=self.endpoints,
            store=self.store,
            ask=self.settings.rejudge is None or self.settings.judge is not None,
        )
