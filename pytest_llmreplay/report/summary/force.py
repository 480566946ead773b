"""Which checks were in force, and who asked for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_llmreplay.compare.figures.numbers import many
from pytest_llmreplay.compare.ladder import FailOn
from pytest_llmreplay.compare.specs.sets import SETS
from pytest_llmreplay.report.text.layout import columns, left, wrapped
from pytest_llmreplay.report.text.sanitise import safe_line

__all__ = ["CheckSource", "Lenient", "check_lines"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSource:
    """A check as it was asked for, and where."""

    spec: str
    source: str
    """`default`, `ini`, `config`, `addopts`, `command line`, `cassette header`, `event`."""
    events: int | None = None
    """How many events it is asked for; none for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lenient:
    """The notice that some divergences did not fail."""

    rung: FailOn
    """From where on they do."""
    source: str
    """`ini`, `addopts` or `command line`."""
    let_go: int
    """Events that diverged, or had no answer, and did not fail."""


def check_lines(
    checks: Sequence[CheckSource],
    dropped: Sequence[CheckSource],
    width: int,
    *,
    lenient: Lenient | None = None,
) -> Iterator[str]:
    """Every place that asked for checks, with what it asked for."""
    if not checks and not dropped and lenient is None:
        return
    yield "checks in force"
    places = _by_source(checks)
    places |= {f"{place}, dropped": specs for place, specs in _by_source(dropped).items()}
    places |= {"fails from": [_from(lenient)]} if lenient is not None else {}
    label = max(map(columns, places)) + 3
    for place, specs in places.items():
        rows = wrapped(", ".join(specs), max(width - label, 20))
        for index, row in enumerate(rows):
            yield left("" if index else f" {place}", label) + row


def _by_source(checks: Sequence[CheckSource]) -> dict[str, list[str]]:
    places: dict[str, list[str]] = {}
    for check in checks:
        places.setdefault(safe_line(check.source), []).append(_check_line(check))
    return places


def _check_line(check: CheckSource) -> str:
    """The check, a named set with its members, and how many events it is for."""
    spec = safe_line(check.spec)
    name = check.spec.removeprefix("warn:")
    members = f" ({', '.join(SETS[name])})" if name in SETS else ""
    events = "" if check.events is None else f" [{many(check.events, 'event')}]"
    return f"{spec}{members}{events}"


def _from(lenient: Lenient) -> str:
    """From which severity on a divergence fails, and how many did not."""
    rung = "never, nothing does" if lenient.rung == "never" else f"{lenient.rung} on"
    return f"{rung} (llm_fail_on, {lenient.source}); {many(lenient.let_go, 'event')} only reported"
