"""The records of a log: JSON Lines, a list, or an object that holds a list under a known name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import chain, islice
from typing import TypeAlias

from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.event import Json
from pytest_llmreplay.importers.reading.bounded_json import json_of, json_values
from pytest_llmreplay.importers.reading.files import InputFile, Line
from pytest_llmreplay.importers.source import Place, Rejected

__all__ = ["Record", "records"]

_OPEN = (b"[", b"{", b",", b":")
"""How a line ends that is the first of a value over several lines."""

_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f]")
"""Bytes that no text has."""
_LOOKED_AT = 4096
_KINDS = {
    b"PAR1": "it is Parquet: write JSON Lines of it, as DataFrame.to_json(orient='records', "
    "lines=True)",
    b"\x28\xb5\x2f\xfd": "it is compressed by zstd: import what is in it (zstd -d FILE)",
    b"\xfd7zXZ": "it is compressed by xz: import what is in it (xz -dk FILE)",
    b"BZh": "it is compressed by bzip2: import what is in it (bunzip2 -k FILE)",
}
"""What to do about files of other kinds, by how they begin."""
_MORE = "is no JSON: Extra data"
"""What Python says where a value is followed by another."""

Record: TypeAlias = tuple[Place, dict[str, Json]]


def records(file: InputFile, holders: Collection[str] = ()) -> Iterator[Record | Rejected]:
    """Every record of a file, with its place; lines are read one by one.

    A file that is one JSON value over several lines is read whole, up to 64 MB.

    Args:
        file: The file.
        holders: Names under which an object holds the records, as `data`.
    """
    try:
        yield from _records(file, frozenset(holders))
    except InputUnreadable as problem:
        yield Rejected(place=Place(file.path), reason=str(problem))


def _records(file: InputFile, holders: frozenset[str]) -> Iterator[Record | Rejected]:
    lines = file.lines()
    head = [*islice(lines, 1)]
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
            if not by_line and problem.args[0].startswith(_MORE):
                yield from _one_after_another(file, whole, holders)
                return
            begun = head[0].data.endswith(_OPEN)
            if not by_line and (begun or not any(map(_looks_whole, lines))):
                raise InputUnreadable(f"{problem}{_advice(file, head[0].data)}") from None
            head, lines = [], file.lines()
        else:
            yield from _expanded(file, value, holders, "")
            return
    for line in chain(head, lines):
        yield from _of_line(file, line, holders)


def _one_after_another(
    file: InputFile, data: bytes, holders: frozenset[str]
) -> Iterator[Record | Rejected]:
    """Values over several lines each, as programs print them to a console."""
    for number, value in enumerate(json_values(data.decode()), 1):
        yield from _expanded(file, value, holders, f"value {number}, ")


def _advice(file: InputFile, first: bytes) -> str:
    """What to do about a file that holds no JSON."""
    known = next((advice for begin, advice in _KINDS.items() if first.startswith(begin)), None)
    if known is not None:
        return f"; {known}"
    if _BINARY.search(first[:_LOOKED_AT]):
        return "; it is binary: export JSON (the file exporter of OpenTelemetry: `format: json`)"
    if file.path.name.lower().removesuffix(".gz").endswith(".csv"):
        return "; it is CSV: export JSON or JSON Lines, or name a source of your own that reads it"
    return ""


def _of_line(file: InputFile, line: Line, holders: frozenset[str]) -> Iterator[Record | Rejected]:
    place = Place(file.path, line.number)
    if line.problem:
        yield Rejected(place=place, reason=line.problem)
        return
    try:
        value = json_of(line.data)
    except InputUnreadable as problem:
        yield Rejected(place=place, reason=str(problem))
        return
    if isinstance(value, dict) and not holders & value.keys():
        yield place, value
    else:
        yield from _expanded(file, value, holders, f"line {line.number}, ")


def _expanded(
    file: InputFile, value: Json, holders: frozenset[str], where: str
) -> Iterator[Record | Rejected]:
    for number, record in enumerate(_records_in(value, holders), 1):
        place = Place(file.path, f"{where}record {number}")
        if isinstance(record, dict):
            yield place, record
        else:
            yield Rejected(place=place, reason=f"expected an object, found {_kind(record)}")


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


def _kind(value: Json) -> str:
    return {list: "a list", str: "a text", type(None): "null"}.get(type(value), "a number")
