"""What is said about a run as a whole: the verdict on each target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pytest_llmreplay.compare.statistics.reach import Preflight
from pytest_llmreplay.compare.statistics.rules import Outcome, Verdict
from pytest_llmreplay.report.text.layout import fit, wrapped
from pytest_llmreplay.report.text.sanitise import GUTTER, finished, guttered, safe_line

from .figures import paragraph
from .named_figures import figure_lines
from .noise_floor import NEVER, FloorView, reasons
from .preferred_words import PreferredWords
from .words import VerdictWords

__all__ = ["TargetVerdictView", "verdict_lines", "verdict_text", "verdicts_lines"]

_WORST_FIRST: tuple[Outcome, ...] = ("regression", "inconclusive", "ok")


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetVerdictView:
    """The verdict on a target."""

    target: str
    outcome: Outcome
    fails: bool
    verdicts: Sequence[tuple[Verdict, Preflight]]
    """One for each check, with what a larger run could see."""
    floor: FloorView
    alpha: float | None = None
    """How often an unchanged target is called worse; none where all targets share that."""


def verdict_text(view: TargetVerdictView, width: int) -> str:
    """The failure of a verdict: its word, and the sentences of every check."""
    room = width - len(GUTTER)
    lines = [fit(f"{_word(view)}: {safe_line(view.target)}{_on(view)}", width)]
    for block in _blocks(view, room):
        lines += ["" if len(lines) == 1 else GUTTER.rstrip(), *guttered(block)]
    return "\n".join(finished(lines))


def verdicts_lines(
    views: Sequence[TargetVerdictView], width: int, *, figures: bool = False
) -> list[str]:
    """The verdicts in the summary of a run; one that fails was told as a failure already.

    Args:
        views: All of them.
        width: Columns of a line.
        figures: Whether all that is known of each is told by its names in statistics, too.
    """
    lines: list[str] = []
    for view in views:
        headline = f"verdict on {safe_line(view.target)}: {_word(view)}{_on(view)}"
        lines += wrapped(headline, width, indent="  ")
        for block in () if view.fails else _blocks(view, width - 2):
            lines += [f"  {line}" for line in block]
        for verdict, _ in view.verdicts if figures else ():
            lines += [f"  {line}" for line in figure_lines(verdict, width - 2)]
    return finished([*lines, *_false_alarms(views, width)])


def _blocks(view: TargetVerdictView, width: int) -> Iterator[list[str]]:
    yield from _verdicts(view, width)
    if not view.verdicts:
        yield wrapped("No check gates, so there is nothing to judge by.", width)
    if any(reason != NEVER for reason, _ in view.floor.missing):
        yield wrapped(f"Without a noise floor: {reasons(view.floor)}.", width)
    if view.floor.missing and view.floor.anew:
        anew = safe_line(view.floor.anew)
        yield wrapped(f"The recorded model's answers are kept: measure them anew by {anew}.", width)


def _verdicts(view: TargetVerdictView, width: int) -> Iterator[list[str]]:
    """What is said of each check, what decides first; checks of which the same is said together."""

    def said(verdict: Verdict, reach: Preflight, metric: str) -> list[str]:
        of = replace(verdict, metric=metric)
        cost = view.floor.cost
        return verdict_lines(of, view.target, width, preflight=reach, calibration_cost=cost)

    alike: dict[tuple[str, ...], list[tuple[Verdict, Preflight]]] = {}
    for one in sorted(view.verdicts, key=lambda one: _WORST_FIRST.index(one[0].outcome)):
        alike.setdefault(tuple(said(*one, "*")), []).append(one)
    for group in alike.values():
        metrics = ", ".join(verdict.metric for verdict, _ in group)
        lines = said(*group[0], metrics)
        named = len(view.verdicts) == 1 or safe_line(metrics) in " ".join(lines)
        yield lines if named else [*wrapped(f"{safe_line(metrics)}:", width), *lines]


def _false_alarms(views: Sequence[TargetVerdictView], width: int) -> list[str]:
    """What several targets come to that are judged one by one."""
    levels = [view.alpha for view in views if view.alpha is not None]
    if len(levels) <= 1:
        return []
    return wrapped(
        f"{len(levels)} targets judged one by one: expect up to {sum(levels):.2g} false alarms; "
        "`gate: {family: run}` judges them together",
        width,
    )


def _word(view: TargetVerdictView) -> str:
    warned = " (warning)" if view.outcome != "ok" and not view.fails else ""
    return f"{view.outcome}{warned}"


def _on(view: TargetVerdictView) -> str:
    """The checks that are not `ok`."""
    broken = [one.metric for one, _ in view.verdicts if one.outcome == view.outcome != "ok"]
    return f", {', '.join(map(safe_line, broken))}" if broken else ""


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
    about = () if verdict.reason == "too_few_sessions" else (words.scope(),)
    return paragraph([*sentences, *words.stopped(), *about], width)
