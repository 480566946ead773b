"""A verdict in sentences that an engineer reads, without a word of statistics."""

from __future__ import annotations

from pytest_llmreplay.compare.statistics.reach import Preflight
from pytest_llmreplay.compare.statistics.rules import Verdict

from .figures import paragraph
from .preferred_words import PreferredWords
from .words import VerdictWords

__all__ = ["verdict_lines"]


def verdict_lines(
    verdict: Verdict,
    target: str,
    width: int,
    *,
    preflight: Preflight | None = None,
    calibration_cost: float | None = None,
) -> list[str]:
    """What a run says about one metric of one target.

    Args:
        verdict: What was decided.
        target: Name of the target, as people know it.
        width: Columns of a line.
        preflight: What a larger run could see, for a run that decided nothing.
        calibration_cost: Estimated dollars of a calibration, where there is none.
    """
    kind = VerdictWords if verdict.preferred is None else PreferredWords
    words = kind(verdict, target)
    if verdict.outcome == "ok":
        sentences = words.ok()
    elif verdict.outcome == "regression":
        sentences = words.regression()
    else:
        sentences = words.inconclusive(preflight, calibration_cost)
    return paragraph([*sentences, *words.stopped(), words.scope()], width)
