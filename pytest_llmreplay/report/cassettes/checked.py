"""What `check` found, a line or two for each finding, and how many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pytest_llmreplay.compare.figures.numbers import many
from pytest_llmreplay.event import Json
from pytest_llmreplay.report.text.layout import MORE
from pytest_llmreplay.report.text.sanitise import finished, safe_line

__all__ = ["checked_lines", "finding_lines"]

_LONGEST = 2000


def checked_lines(findings: Sequence[Mapping[str, Json]], cassettes: int, events: int) -> list[str]:
    """Each finding behind its place, as compilers tell theirs, and the count at the end."""
    return finished([*finding_lines(findings), _count(findings, cassettes, events)])


def finding_lines(findings: Sequence[Mapping[str, Json]]) -> list[str]:
    """A line for each finding, behind its place."""
    return finished([line for one in findings for line in _finding(one)])


def _finding(one: Mapping[str, Json]) -> Iterator[str]:
    place = f"{one['path']}:{one['line']}" if one["line"] else f"{one['path']}"
    field = f"{one['place']}: " if one["place"] else ""
    kind = f"mended, {one['kind']}" if one["mended"] else f"{one['kind']}"
    advice = "; --fix mends it" if one["fixable"] and not one["mended"] else ""
    first, *more = f"{place}: {kind}: {field}{one['problem']}{advice}".split("\n")
    for line in (first, *(f"  {line}" for line in more)):
        yield safe_line(line if len(line) <= _LONGEST else line[:_LONGEST] + MORE)


def _count(findings: Sequence[Mapping[str, Json]], cassettes: int, events: int) -> str:
    looked = f"{many(cassettes, 'cassette')}, {many(events, 'event')}"
    open_ones = Counter(f"{one['kind']}" for one in findings if not one["mended"])
    mended = len(findings) - open_ones.total()
    counts = [f"{count:,} {kind}" for kind, count in open_ones.items()]
    counts += [f"{mended:,} mended"] if mended else []
    return f"{looked}: {', '.join(counts) or 'all is well'}"
