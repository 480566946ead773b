"""What the scores of a judge depend on, so that those of another judge are not taken for them."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pytest_llmreplay.compare.code_digest import code_digest, digest
from pytest_llmreplay.judge.asking.question import better_question, score_question
from pytest_llmreplay.replay.targets.target import Target

from .model_judge import times_of
from .scorers import is_scorer, parts_of
from .settings import JudgeSettings

__all__ = ["JUDGINGS", "judge_settings"]

JUDGINGS = "number of judgings"
"""What the noise of a score depends on, and no mean of many."""


def judge_settings(
    given: object,
    target: Target | None,
    settings: JudgeSettings,
    *,
    prompt: str | None,
    over_run: bool,
) -> Mapping[str, str]:
    """Each thing that decides by its name, as a digest or in words; nothing where nobody judges.

    Args:
        given: What a user's hook gave.
        target: The model that judges, or that a scorer asks.
        settings: How it is asked.
        prompt: Of the event, which the rubric follows from.
        over_run: Whether it judges for a verdict over the run.
    """
    if given is not None:
        task = {"task": "pairwise"} if settings.pairwise else {}
        return {
            "judge": _scorer_digest(given, target) if is_scorer(given) else code_digest(given),
            **task,
            JUDGINGS: str(settings.samples or 1),
        }
    if target is None:
        return {}
    empty = better_question("", "", "", "") if settings.pairwise else score_question("", "", "")
    return {
        "judge": _target_name(target),
        "rubric": digest(settings.rubric(prompt)),
        "task": digest(empty.system),
        JUDGINGS: str(times_of(settings, over_run=over_run)),
    }


def _scorer_digest(given: object, target: Target | None) -> str:
    parts = list(map(code_digest, parts_of(given)))
    return f"{parts[0] if len(parts) == 1 else digest(' '.join(parts))} {_target_name(target)}"


def _target_name(target: Target | None) -> str:
    if target is None:
        return "no model"
    parameters = json.dumps(dict(target.parameters), sort_keys=True)
    return f"{target.name} {target.provider}/{target.model} {digest(parameters)}"
