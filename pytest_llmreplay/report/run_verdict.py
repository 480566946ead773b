"""What is said about a run as a whole: what it can see beforehand, and its verdict afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pytest_llmreplay.compare.figures import many, money
from pytest_llmreplay.compare.statistics.reach import Preflight
from pytest_llmreplay.compare.statistics.rules import Outcome, Verdict

from .layout import fit, wrapped
from .sanitise import GUTTER, finished, guttered, safe_line
from .verdict import verdict_lines
from .verdict_figures import share

__all__ = [
    "MARGIN_TO_TRY",
    "NEVER",
    "FloorView",
    "PreflightView",
    "TargetVerdictView",
    "calibrated_lines",
    "preflight_lines",
    "verdict_text",
    "verdicts_lines",
]

NEVER = "never calibrated"
"""The reason of an event that nobody asked again."""

_TIMES = "\u00d7"
_WORST_FIRST: tuple[Outcome, ...] = ("regression", "inconclusive", "ok")
MARGIN_TO_TRY = 0.10
"""A wider margin that is proposed."""
_UNSURE = "a target that does as the recorded model did may well not end as ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorView:
    """What is known of the recorded model, and what it would take to know more."""

    missing: tuple[tuple[str, int], ...] = ()
    """Why events have no noise floor, with their number."""
    oldest: str | None = None
    """Day of the oldest calibration."""
    calls: int = 0
    """Calls that `--llm-calibrate` makes for these events."""
    cost: float | None = None
    """USD of these calls; none where it is unknown."""
    anew: str | None = None
    """Options that measure answers which are kept by the checks of now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightView:
    """A verdict that is not paid for yet."""

    target: str
    events: int
    samples: int
    """Of each event, at most."""
    staged: bool = False
    """Whether fewer may decide."""
    margin: float
    in_reach: bool
    """Whether it can be `ok` at all."""
    passes: int
    """Answers that must all hold for an `ok`."""
    groups_for_ok: int = 0
    """Events, or sessions, that an `ok` takes, whatever the samples; 0 where there are enough."""
    by_sessions: bool = False
    """Whether it is about sessions."""
    samples_for_ok: int | None
    """Samples per event with which a target that does as the recorded model did is `ok`."""
    samples_if_wider: int | None = None
    """The same at `MARGIN_TO_TRY`; none where that is no wider, or 100 are not enough."""
    smallest_drop: float | None
    """The drop that it sees at least 8 times in 10."""
    confirm: int = 0
    """Calls of the recorded model before a regression is told."""
    set_aside: int = 0
    """Events of which an answer of the target was accepted, which does not count here."""
    floor: FloorView


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


def preflight_lines(view: PreflightView, width: int) -> list[str]:
    """What a verdict can come to, before its first call."""
    lines = wrapped(f"verdict on {safe_line(view.target)}: {_size(view)}", width, indent="  ")
    for said in (*_reach(view), *_floor(view.floor, view.events)):
        lines += [f"  {line}" for line in wrapped(said, width - 2, indent="  ")]
    return finished(lines)


def verdict_text(view: TargetVerdictView, width: int) -> str:
    """The failure of a verdict: its word, and the sentences of every check."""
    room = width - len(GUTTER)
    lines = [fit(f"{_word(view)}: {safe_line(view.target)}{_on(view)}", width)]
    for block in _blocks(view, room):
        lines += ["" if len(lines) == 1 else GUTTER.rstrip(), *guttered(block)]
    return "\n".join(finished(lines))


def verdicts_lines(views: Sequence[TargetVerdictView], width: int) -> list[str]:
    """The verdicts in the summary of a run; one that fails was told as a failure already."""
    lines: list[str] = []
    for view in views:
        said = f"verdict on {safe_line(view.target)}: {_word(view)}{_on(view)}"
        lines += wrapped(said, width, indent="  ")
        for block in () if view.fails else _blocks(view, width - 2):
            lines += [f"  {line}" for line in block]
    return finished([*lines, *_false_alarms(views, width)])


def calibrated_lines(
    events: int, held: Mapping[str, Sequence[float]], place: str, width: int
) -> list[str]:
    """Where the noise floor is, what it is for, and how noisy each check is.

    Args:
        events: That were calibrated.
        held: By check, 1 for each answer that it holds for, else 0.
        place: The file.
        width: Columns.
    """
    lines = wrapped(
        f"noise floor of {many(events, 'event')} kept in {safe_line(place)}: "
        "--llm-gate run compares with it",
        width,
    )
    for check, scores in held.items():
        found = f"{share(sum(scores) / len(scores))} of {many(len(scores), 'answer')}"
        lines += wrapped(f"  {safe_line(check)} held in {found}", width, indent="  ")
    return finished(lines)


def _blocks(view: TargetVerdictView, width: int) -> Iterator[list[str]]:
    yield from _verdicts(view, width)
    if not view.verdicts:
        yield wrapped("No check gates, so there is nothing to judge by.", width)
    if any(reason != NEVER for reason, _ in view.floor.missing):
        yield wrapped(f"Without a noise floor: {_reasons(view.floor)}.", width)
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


def _size(view: PreflightView) -> str:
    most = "up to " if view.staged else ""
    size = f"{many(view.events, 'event')} {_TIMES} {most}{many(view.samples, 'sample')}"
    sees = f", sees a drop of {_points(view.smallest_drop)}" if view.smallest_drop else ""
    age = f", noise floor of {view.floor.oldest}" if view.floor.oldest else ""
    return f"{size}, margin {_points(view.margin)}{sees}{age}"


def _reach(view: PreflightView) -> Iterator[str]:
    if view.confirm:
        yield f"before a regression is told: {view.confirm:,} more calls of the recorded model"
    if view.set_aside:
        yield (
            f"accepted answers of {many(view.set_aside, 'event')} do not count here: both sides "
            "are compared with the recording"
        )
    if view.groups_for_ok:
        groups = f"{view.groups_for_ok:,}"
        why = (
            f"about other sessions it takes {groups} of them"
            if view.by_sessions
            else f"answers are compared in pairs, where {groups} events are the fewest"
        )
        yield f"ok is out of reach: {why} at this margin, whatever the samples"
    elif not view.in_reach:
        have = view.events * view.samples
        fewest = -(-view.passes // max(view.events, 1))
        yield (
            f"ok is out of reach: {have:,} answers, and {view.passes:,} that all hold are the "
            f"fewest; use --llm-samples {view.samples_for_ok or fewest}{_wider(view)}"
        )
    elif view.samples_for_ok is None:
        yield f"{_UNSURE}; more events would do{_wider(view)}"
    elif view.samples_for_ok > view.samples:
        yield f"{_UNSURE}; use --llm-samples {view.samples_for_ok}{_wider(view)}"


def _wider(view: PreflightView) -> str:
    """What a wider margin would do, if it does."""
    if view.samples_if_wider is None:
        return ""
    more = f" and --llm-samples {view.samples_if_wider}"
    return f" or --llm-margin {MARGIN_TO_TRY:.2f}{more * (view.samples_if_wider > view.samples)}"


def _floor(floor: FloorView, events: int) -> Iterator[str]:
    without = sum(count for _, count in floor.missing)
    if not without:
        return
    cost = f", about {money(floor.cost)}" if floor.cost is not None else ""
    kept = f", or measure the answers that are kept by {safe_line(floor.anew or '')}"
    yield (
        f"no noise floor for {without:,} of {many(events, 'event')} ({_reasons(floor)}): "
        f"run --llm-calibrate ({many(floor.calls, 'call')}{cost})"
        f"{kept if floor.anew else ''}"
    )


def _reasons(floor: FloorView) -> str:
    return ", ".join(f"{count:,} {safe_line(reason)}" for reason, count in floor.missing)


def _points(share: float) -> str:
    return f"{100 * share:.3g} points"
