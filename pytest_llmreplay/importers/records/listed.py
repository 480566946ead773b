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
_NO_JSON = "is no JSON"
_MORE = f"{_NO_JSON}: Extra data"
"""What Python says where a value is followed by another."""

_FIELDS = rb'(?:\s*"[^"\\]{0,999}+"\s*:\s*(?:"(?:[^"\\]|\\.){0,999}+"|[-+.\w]+)\s*,)*+'
"""Short texts, numbers and words, as stand in an object before its list."""

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
                told = InputUnreadable(f"{problem}{_advice(file, head[0].data)}")
                no_json = problem.args[0].startswith(_NO_JSON)
                begin = _begin_of_list(whole, holders) if no_json else None
                if begin is None:
                    raise told from None
                yield from _until_torn(file, whole, begin, told)
                return
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


def _until_torn(
    file: InputFile, data: bytes, begin: int, problem: InputUnreadable
) -> Iterator[Record | Rejected]:
    """The records of a list before the one in which it breaks off.

    Args:
        file: Where it stands.
        data: What the file holds.
        begin: Where the first record begins.
        problem: Why the file is no JSON.

    Raises:
        InputUnreadable: The list is whole, so that is the problem still.
    """
    number, at = 0, len(data[:begin].decode())
    try:
        for number, value in enumerate(json_values(data.decode(), at, "]"), 1):
            yield _record(Place(file.path, f"record {number}"), value)
    except InputUnreadable as torn:
        yield Rejected(place=Place(file.path, f"record {number + 1}"), reason=str(torn))
    else:
        raise problem


def _begin_of_list(data: bytes, holders: frozenset[str]) -> int | None:
    """Where the first record of a list begins, be the list held by an object."""
    named = b"|".join(re.escape(name.encode()) for name in sorted(holders))
    held = rb'\{%b\s*"(?:%b)"\s*:\s*' % (_FIELDS, named) if holders else b"(?!)"
    found = re.match(rb"\s*(?:%b)*\[" % held, data)
    return None if found is None else found.end()


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
        yield _record(Place(file.path, f"{where}record {number}"), record)


def _record(place: Place, value: Json) -> Record | Rejected:
    if isinstance(value, dict):
        return place, value
    return Rejected(place=place, reason=f"expected an object, found {_kind(value)}")


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
