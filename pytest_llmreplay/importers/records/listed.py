"""The records of a log: JSON Lines, a list, or an object that holds a list under a known name."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain, islice

from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.event import Json
from pytest_llmreplay.importers.reading.bounded_json import json_of
from pytest_llmreplay.importers.reading.files import InputFile, Line
from pytest_llmreplay.importers.reading.json_pieces import JsonPieces, TornJson
from pytest_llmreplay.importers.source import Place, Rejected

from .kinds import advice_for
from .lists import Record, listed, record_of

__all__ = ["Record", "records"]

_OPEN = (b"[", b"{", b",", b":")
"""How a line ends that is the first of a value over several lines."""
_NESTED = (b"[", b"{")
_NO_JSON = "is no JSON"
_MORE = f"{_NO_JSON}: Extra data"
"""What Python says where a value is followed by another."""


def records(file: InputFile, holders: Collection[str] = ()) -> Iterator[Record | Rejected]:
    """Every record of a file, with its place; lines, and records of lists, are read one by one.

    Any other JSON value over several lines is read whole, up to 64 MB.

    Args:
        file: The file.
        holders: Names under which an object holds the records, as `data`.
    """
    try:
        yield from _records(file, frozenset(holders))
    except InputUnreadable as problem:
        yield Rejected(place=Place(file.path), reason=str(problem))


def _records(file: InputFile, holders: frozenset[str]) -> Iterator[Record | Rejected]:
    rest = yield from listed(file.path, JsonPieces(file.text_blocks()), holders)
    if rest is None:
        return
    lines = file.lines(rest.line)
    head = [*islice(lines, 1)]
    if rest.torn and not any(line.data.startswith(_NESTED) and _is_record(line) for line in head):
        return
    if rest.line == 1:
        yield from _unlisted(file, head, lines, holders)
    else:
        yield from _by_line(file, chain(head, lines), holders)


def _unlisted(
    file: InputFile, head: list[Line], lines: Iterator[Line], holders: frozenset[str]
) -> Iterator[Record | Rejected]:
    """The records of a file that does not begin with a list of them."""
    if not head:
        raise InputUnreadable("is empty")
    by_line = bool(head[0].problem) or _is_record(head[0])
    if not by_line:
        head += islice(lines, 1)
        by_line = _is_record(head[-1])
    if not by_line or head[0].data.endswith(_OPEN):
        try:
            value = json_of(whole := file.whole())
        except InputUnreadable as problem:
            if not by_line and _is_readable_apart(head[0], problem):
                yield from _one_after_another(file, whole, holders)
                return
            begun = head[0].data.endswith(_OPEN)
            if not by_line and (begun or not any(map(_looks_whole, lines))):
                advice = advice_for(file.path, head[0].data)
                raise InputUnreadable(f"{problem}{advice}") from None
            head, lines = [], file.lines()
        else:
            yield from _expanded(file, value, holders, "")
            return
    yield from _by_line(file, chain(head, lines), holders)


def _by_line(
    file: InputFile, lines: Iterator[Line], holders: frozenset[str]
) -> Iterator[Record | Rejected]:
    for line in lines:
        yield from _of_line(file, line, holders)


def _is_readable_apart(first: Line, problem: InputUnreadable) -> bool:
    """Whether a file that is not one JSON value may be several, or hold one that is sound."""
    reason = str(problem)
    return reason.startswith(_MORE) or not (
        reason.startswith(_NO_JSON) or not first.data.startswith(_NESTED)
    )


def _one_after_another(
    file: InputFile, data: bytes, holders: frozenset[str]
) -> Iterator[Record | Rejected]:
    """Values over several lines each, as programs print them to a console."""
    pieces = JsonPieces([data])
    try:
        while pieces.mark():
            line, piece = pieces.value()
            yield from _of_line(file, Line(number=line, data=piece), holders)
    except TornJson as torn:
        yield Rejected(place=Place(file.path, pieces.line), reason=str(torn))


def _of_line(file: InputFile, line: Line, holders: frozenset[str]) -> Iterator[Record | Rejected]:
    place = Place(file.path, line.number)
    if line.problem:
        yield Rejected(place=place, reason=line.problem)
        return
    try:
        value = json_of(line.data)
    except InputUnreadable as problem:
        inner = listed(file.path, JsonPieces([line.data], line.number), holders)
        found = next(inner, None)
        yield found or Rejected(place=place, reason=str(problem))
        yield from inner
        return
    if isinstance(value, dict) and not holders & value.keys():
        yield place, value
    else:
        yield from _expanded(file, value, holders, f"line {line.number}, ")


def _expanded(
    file: InputFile, value: Json, holders: frozenset[str], where: str
) -> Iterator[Record | Rejected]:
    for number, record in enumerate(_records_in(value, holders), 1):
        yield record_of(Place(file.path, f"{where}record {number}"), record)


def _records_in(value: Json, holders: frozenset[str]) -> list[Json]:
    """The list that a value is or holds; a value that holds none is the only record."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        for name in sorted(holders):
            if isinstance(inner := value.get(name), list | dict):
                return _records_in(inner, holders)
    return [value]


def _is_record(line: Line) -> bool:
    """Whether a line is a value of its own, be it a damaged one."""
    if _looks_whole(line):
        return True
    try:
        json_of(line.data)
    except InputUnreadable:
        return False
    return True


def _looks_whole(line: Line) -> bool:
    return line.data.startswith(b"{") and line.data.endswith(b"}")
