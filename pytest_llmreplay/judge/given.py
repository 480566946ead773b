"""The judge that is named: what a user's hook gives (a function, a scorer), or a model."""

from __future__ import annotations

from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.judge.asking.calls import Asking
from pytest_llmreplay.judge.own.function import HOOK, function_of
from pytest_llmreplay.judge.own.own_judge import OwnJudge
from pytest_llmreplay.judge.own.workers import Workers

from .judges import Judge
from .model_judge import ModelJudge
from .scorers import is_scorer, scorer_of
from .settings import JudgeSettings

__all__ = ["given_judge", "judge_of"]


def judge_of(
    given: object,
    settings: JudgeSettings,
    asking: Asking | None,
    *,
    timeout: float,
    workers: Workers,
) -> Judge | None:
    """What the hook gives, else the model; none where nobody judges.

    Takes and raises what `given_judge` does; `given` is none where the hook gives nothing.
    """
    if given is not None:
        return given_judge(given, settings, asking, timeout=timeout, workers=workers)
    return None if asking is None else ModelJudge(asking, settings)


def given_judge(
    given: object,
    settings: JudgeSettings,
    asking: Asking | None,
    *,
    timeout: float,
    workers: Workers,
) -> OwnJudge:
    """Make the judge of what the hook gave.

    Args:
        given: By the hook.
        settings: How it is asked.
        asking: Makes the calls of a scorer that asks a model; none where no model is named.
        timeout: Seconds that one judging may take.
        workers: Call it.

    Raises:
        ConfigError: It is no judge, asks a model where none is named, or compares nothing where
            answers are compared.
    """
    scorer = scorer_of(given, asking) if is_scorer(given) else None
    if settings.pairwise and scorer is not None and not scorer.asks:
        raise ConfigError(
            f"{scorer.name}: does not say which of two answers is better, as judge.pairwise has "
            "it; autoevals.Battle does"
        )
    return OwnJudge(
        function_of(given, pairwise=settings.pairwise) if scorer is None else scorer.function,
        name=HOOK if scorer is None else scorer.name,
        samples=settings.samples or 1,
        pairwise=settings.pairwise,
        timeout=timeout,
        workers=workers,
        asking=asking if scorer is not None and scorer.asks else None,
    )
