"""Makes the judges that are named: models, functions of users, scorers."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_llmreplay.judge.asking.calls import Asking
from pytest_llmreplay.judge.given import judge_of
from pytest_llmreplay.judge.judges import Judge
from pytest_llmreplay.judge.own.workers import Workers
from pytest_llmreplay.plugin.settings.settings import Settings
from pytest_llmreplay.plugin.terms.named_judges import NamedJudge
from pytest_llmreplay.replay.calls.call import CallStore
from pytest_llmreplay.replay.sending.engine import Engine
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.replay.targets.target import Target

__all__ = ["JudgeMaking"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeMaking:
    """The means that judges are made with."""

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
        return judge_of(
            named.given,
            named.settings,
            asking,
            timeout=self.settings.timeout,
            workers=self.workers,
        )

    def _asking(self, target: Target) -> Asking:
        return Asking(
            target,
            engine=self.engine,
            endpoints=self.endpoints,
            store=self.store,
            ask=self.settings.rejudge is None or self.settings.judge is not None,
        )
