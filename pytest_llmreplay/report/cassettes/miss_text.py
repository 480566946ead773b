"""What is said about a call that its cassette does not hold."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from pytest_llmreplay.compare.figures.numbers import many, money
from pytest_llmreplay.report.calls.place import command_rows
from pytest_llmreplay.report.text.diff import differences
from pytest_llmreplay.report.text.layout import columns, fit, fit_tail, right, wrapped
from pytest_llmreplay.report.text.sanitise import GUTTER, finished, guttered, safe_line

from .miss_view import Changed, MissView, Nearest

__all__ = ["miss_text"]

_LABEL = 9
_SHOWN = 3
_NARROW = 78
_ACCIDENT = "You did not? Then the recording is right and the code changed by accident."
_IMPORTED = "It was imported from a recorder that compares no bodies? To match as that does:"
_LEGEND = "- recorded  + your code now"


def miss_text(miss: MissView, width: int) -> str:
    """The failure of a call: which, from where, what is nearest, what differs, what to do."""
    room = width - len(GUTTER)
    blocks = [
        list(_call(miss, room)),
        *(list(_changed(*item, room)) for item in enumerate(miss.changed[:_SHOWN])),
        list(_rest(miss, room)),
        list(_ways_on(miss, room)),
    ]
    lines = [_headline(miss, width)]
    for block in blocks:
        if block:
            lines += ["" if len(lines) == 1 else GUTTER.rstrip(), *guttered(block)]
    return "\n".join(finished(lines))


def _headline(miss: MissView, width: int) -> str:
    line = safe_line(f"no recording for LLM call {miss.number}: {_reason(miss)}")
    whole = f"{line} (offline run)"
    return whole if columns(whole) <= width else fit(line, width)


def _reason(miss: MissView) -> str:
    if miss.nearest is None:
        return "the test has no recorded call"
    if miss.nearest.path is not None:
        return f"event {miss.nearest.number} went to {miss.nearest.path}"
    if not miss.changed:
        return f"event {miss.nearest.number} is equal but played already"
    first = miss.changed[0]
    others = len(miss.changed) - 1 + miss.more
    more = f" and {others} more differ" if others else ""
    if not first.now:
        return f"{first.path} is missing{more}"
    if not first.recorded:
        return f"{first.path} is new{more}"
    line = _line(first)
    place = f"{first.path} line {line}" if more and line else first.path
    return f"{place}{more}" if more else f"{place} differs{f' in line {line}' if line else ''}"


def _line(changed: Changed) -> int | None:
    """The first line that differs, where there are several."""
    if changed.line is not None:
        return changed.line
    if max(len(changed.recorded), len(changed.now)) == 1:
        return None
    pairs = zip(changed.recorded, changed.now, strict=False)
    at = next((place for place, (then, now) in enumerate(pairs) if then != now), None)
    return min(len(changed.recorded), len(changed.now)) + 1 if at is None else at + 1


def _call(miss: MissView, width: int) -> Iterator[str]:
    model = f"  {safe_line(miss.model)}" if miss.model else ""
    yield fit(f"{safe_line(miss.method)} {safe_line(miss.path)}{model}", width)
    for label, value in (("from", miss.frame), ("cassette", miss.cassette)):
        if value:
            yield f"{label:<{_LABEL}}{fit_tail(safe_line(value), width - _LABEL)}"
    if miss.nearest is not None:
        yield f"{'nearest':<{_LABEL}}{fit(_nearest(miss.nearest), width - _LABEL)}"


def _nearest(nearest: Nearest) -> str:
    name = f", {safe_line(nearest.name)}" if nearest.name else ""
    played = "played already" if nearest.played else "not played yet"
    path = f", {safe_line(nearest.path)}" if nearest.path is not None else ""
    return f"event {nearest.number} of {nearest.events}{name}{path}, {played}"


def _changed(index: int, place: Changed, width: int) -> Iterator[str]:
    """A place with what differs there and nothing else."""
    path = fit_tail(safe_line(place.path), width - len(_LEGEND) - 2)
    legend = right(_LEGEND, max(min(width, _NARROW) - columns(path), len(_LEGEND) + 2))
    yield path if index else path + legend
    difference = differences(place.recorded, place.now, width)
    for number, part in enumerate(difference.places):
        yield from [""] if number else []
        yield from (*part.recorded, *part.replayed)
    if difference.more:
        yield f"and {many(difference.more, 'more place')} in it"


def _rest(miss: MissView, width: int) -> Iterator[str]:
    if len(miss.changed) > _SHOWN:
        others = ", ".join(place.path for place in miss.changed[_SHOWN:])
        more = f" and {miss.more} more" if miss.more else ""
        yield from wrapped(safe_line(f"Also different: {others}{more}."), width)
    if miss.equal and miss.nearest is not None:
        what = "Everything else" if miss.changed else "Everything"
        yield from wrapped(safe_line(f"{what} is equal: {miss.equal}."), width)
    if miss.idle and miss.changed:
        paths = ", ".join(miss.idle)
        yield from wrapped(safe_line(f"To be ignored, but found in neither: {paths}."), width)


def _ways_on(miss: MissView, width: int) -> Iterator[str]:
    if miss.earlier:
        yield from _moving(miss, width)
    if miss.record:
        yield from _recording(miss, miss.record, width)
    if _differs(miss):
        yield from wrapped(_ACCIDENT, width)
    if miss.ignore and miss.served:
        yield "It differs on every run? Then serve it with:"
        options = (f"--match-ignore {shlex.quote(path)}" for path in miss.ignore)
        yield safe_line(f"  {' '.join(options)}")
    elif miss.ignore:
        yield "It differs on every run? Pin it in the test, or for this test:"
        yield f"  @pytest.mark.llm_cassette(match_ignore={_listed(miss.ignore)})"
    if miss.changed and miss.nearest and miss.nearest.imported and miss.nearest.path is None:
        yield from wrapped(_IMPORTED, width)
        yield '  @pytest.mark.llm_cassette(match_ignore=["*"])'


def _moving(miss: MissView, width: int) -> Iterator[str]:
    asked = (
        f"{miss.earlier} belongs to no test any more. Was this test renamed or moved? Then "
        "move it, and write the new name into it:"
    )
    yield from wrapped(safe_line(asked), width)
    commands = [*miss.moves, *([miss.record] if miss.record else [])]
    yield from (f"  {row}" for one in commands for row in command_rows(one, width - 2))


def _recording(miss: MissView, command: str, width: int) -> Iterator[str]:
    calls = f"{miss.missing} calls" if miss.missing > 1 else "1 call"
    if miss.cost is not None:
        calls += f", about {money(miss.cost)}"
    meant = "Else record" if miss.earlier else "Record"
    meant = "You meant this change? Record" if _differs(miss) else meant
    yield f"{meant} what is missing ({calls}):"
    yield from (f"  {row}" for row in command_rows(command, width - 2))


def _differs(miss: MissView) -> bool:
    return bool(miss.changed or (miss.nearest and miss.nearest.path is not None))


def _listed(paths: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{safe_line(path)}"' for path in paths) + "]"
