"""What checks over sessions and over the run say to two stored runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_llmreplay.compare.check import Diverged, Finding, Held, NotMeasured
from pytest_llmreplay.compare.figures.numbers import DASH
from pytest_llmreplay.compare.outcome import Comparison
from pytest_llmreplay.event import Json
from pytest_llmreplay.report.summary.result import EventResult
from pytest_llmreplay.report.summary.table import Cell, Row
from pytest_llmreplay.report.text.layout import columns, fit_tail, left, wrapped
from pytest_llmreplay.report.text.sanitise import safe_line

__all__ = ["OverBoth", "over_json", "over_lines", "over_result", "over_rows"]

_SHOWN = 10
"""Findings that are told one by one; all of them stand in the JSON."""
_WORDS = {Held: "holds", Diverged: "DIVERGED", NotMeasured: DASH}
_OUTCOMES = {Held: "held", Diverged: "diverged", NotMeasured: "not_measured"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OverBoth:
    """A session, or all events, as both runs answered them."""

    place: str
    """`the run`, or the session in words."""
    node_id: str
    a: Comparison
    b: Comparison

    @property
    def findings(self) -> Iterator[tuple[Finding, Finding]]:
        """The finding of each check in either run."""
        both = zip(self.a.judged, self.b.judged, strict=True)
        return ((a.finding, b.finding) for a, b in both)


def over_result(one: OverBoth, comparison: Comparison, target: str) -> EventResult:
    """What came of it in one of the runs, as if it were an event."""
    return EventResult(
        node_id=one.node_id,
        target=target,
        outcome=comparison.outcome,
        fails=comparison.fails,
        comparison=comparison,
    )


def over_rows(over: Sequence[OverBoth]) -> Iterator[Row]:
    """A row for each check: its word, or how often it holds where there are several sessions."""
    found: dict[str, tuple[list[Finding], list[Finding]]] = {}
    for a, b in (both for one in over for both in one.findings):
        sides = found.setdefault(a.check, ([], []))
        sides[0].append(a)
        sides[1].append(b)
    for spec, (then, now) in found.items():
        yield Row(label=spec, cells=(Cell(recorded=_word(then), replayed=_word(now)),))


def over_lines(names: tuple[str, str], over: Sequence[OverBoth], width: int) -> Iterator[str]:
    """What each check found that does not hold in both runs."""
    rows = [
        (one, both)
        for one in over
        for both in one.findings
        if not all(isinstance(finding, Held) for finding in both)
    ]
    indent = max(map(columns, names)) + 3
    for one, both in rows[:_SHOWN]:
        place = one.place if one.node_id.startswith("llm-run::") else one.node_id
        yield fit_tail(safe_line(f"{both[0].check}, {place}"), width)
        for name, finding in zip(names, both, strict=True):
            line = safe_line(f"{left(name, indent - 2)} {_words_for(finding)}")
            yield from wrapped(f" {line}", width, indent=" " * indent)
    if len(rows) > _SHOWN:
        yield f"and {len(rows) - _SHOWN:,} more, which --json names"


def over_json(names: tuple[str, str], over: Sequence[OverBoth]) -> list[Json]:
    """The findings of both runs as JSON, with those that hold."""
    return [
        {
            "check": both[0].check,
            "place": one.place,
            "id": one.node_id,
            **{name: _as_json(finding) for name, finding in zip(names, both, strict=True)},
        }
        for one in over
        for both in one.findings
    ]


def _word(findings: Sequence[Finding]) -> str:
    if len(findings) == 1:
        return _WORDS[type(findings[0])]
    held = Counter(map(type, findings))[Held]
    return f"{held:,} of {len(findings):,}"


def _words_for(finding: Finding) -> str:
    match finding:
        case Held():
            return f"holds{f': {finding.detail}' if finding.detail else ''}"
        case Diverged():
            return f"DIVERGED: {finding.headline}"
    return f"not measured: {finding.reason}"


def _as_json(finding: Finding) -> dict[str, Json]:
    match finding:
        case Held():
            words = finding.detail
        case Diverged():
            words = finding.headline
        case NotMeasured():
            words = finding.reason
    return {"outcome": _OUTCOMES[type(finding)], "found": words}
