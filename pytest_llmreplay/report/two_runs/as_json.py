"""Two stored runs for a program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean

from pytest_llmreplay.compare.figures.call_figures import percentile
from pytest_llmreplay.compare.outcome import OUTCOMES
from pytest_llmreplay.event import Json
from pytest_llmreplay.report.summary.force import CheckSource
from pytest_llmreplay.report.summary.result import EventResult
from pytest_llmreplay.report.summary.tally import Compared, Tally

from .moved import TwoRuns, cause_of, reason_of
from .over_both import over_json

__all__ = ["runs_json"]


def runs_json(
    names: tuple[str, str], found: Sequence[TwoRuns], checks: Sequence[CheckSource]
) -> Json:
    """What two runs say for a program, with every event."""
    a, b = names
    return {
        "runs": [a, b],
        "targets": {
            one.target: {
                "events": one.a.events,
                "outcomes": {a: _outcomes(one.a), b: _outcomes(one.b)},
                "diverged": {
                    "only_a": [_event_value(event) for event in one.better],
                    "only_b": [_event_value(event) for event in one.worse],
                    "both": one.both,
                },
                "alone": {a: one.alone_a, b: one.alone_b},
                "not_judged": {**one.unjudged},
                "over": over_json(names, one.over),
                "figures": _figures(one.figures, a, b),
            }
            for one in found
        },
        "checks": [
            {"check": one.spec, "source": one.source, "events": one.events} for one in checks
        ],
    }


def _event_value(event: EventResult) -> dict[str, Json]:
    value: dict[str, Json] = {"event": event.node_id, "cause": cause_of(event)}
    return value if (reason := reason_of(event)) is None else value | {"reason": reason}


def _outcomes(tally: Tally) -> Json:
    return {word: tally.outcomes[word] for word in OUTCOMES if tally.outcomes[word]}


def _figures(tally: Tally, a: str, b: str) -> Json:
    """Sums, a mean score and percentiles, over the events in which both are known."""
    figures: dict[str, Json] = {}
    for name, pair in tally.figures.items():
        if not pair.recorded:
            continue
        for label, values in _reduced(name, pair):
            figures[label] = {"events": len(pair.recorded), a: values[0], b: values[1]}
    return figures


def _reduced(name: str, pair: Compared) -> Iterator[tuple[str, tuple[float, float]]]:
    sides = pair.recorded, pair.replayed
    if name == "judge":
        yield name, (fmean(sides[0]), fmean(sides[1]))
    elif name in {"duration", "time_to_first_chunk"}:
        for share in (50, 95):
            at = share / 100
            yield f"{name}.p{share}", (percentile(sides[0], at), percentile(sides[1], at))
    else:
        yield name, (sum(sides[0]), sum(sides[1]))
