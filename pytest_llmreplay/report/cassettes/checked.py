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


def checked_lines(
    findings: Sequence[Mapping[str, Json]], others: Sequence[str], cassettes: int, events: int
) -> list[str]:
    """Each finding behind its place, as compilers tell theirs, and the count at the end.

    Args:
        findings: What was found.
        others: Paths of cassettes of other tools, which were left alone.
        cassettes: How many were looked at.
        events: Those in them.
    """
    count = _count(findings, cassettes, events)
    return finished([*finding_lines(findings), *_left_alone(others), count])


def finding_lines(findings: Sequence[Mapping[str, Json]]) -> list[str]:
    """A line for each finding, behind its place."""
    return finished([line for one in findings for line in _finding(one)])


def _left_alone(others: Sequence[str]) -> Iterator[str]:
    if others:
        rest = f" and {len(others) - 1:,} more" if len(others) > 1 else ""
        yield safe_line(f"{others[0]}{rest}: left alone: begins as a cassette of another tool")


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
