"""The records of lists, one by one: a list as it stands, or one that an object holds."""

from __future__ import annotations

import json
from collections.abc import Collection, Generator
from pathlib import Path
from typing import NamedTuple, TypeAlias

from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.event import Json
from pytest_llmreplay.importers.reading.bounded_json import json_of
from pytest_llmreplay.importers.reading.json_pieces import JsonPieces, TornJson
from pytest_llmreplay.importers.source import Place, Rejected

__all__ = ["Record", "Rest", "listed", "record_of"]

Record: TypeAlias = tuple[Place, dict[str, Json]]


class Rest(NamedTuple):
    """What follows the lists of a text."""

    line: int
    """Where it begins."""
    torn: bool = False
    """Whether it follows a record that does not end, and may be more of that."""


def listed(
    path: Path, pieces: JsonPieces, holders: Collection[str]
) -> Generator[Record | Rejected, None, Rest | None]:
    """The records of all lists up to something else, which it returns; None at the end.

    Args:
        path: The file.
        pieces: What it holds, or a line of it.
        holders: Names under which an object holds the records.
    """
    left = 0
    try:
        while pieces.mark():
            begun = pieces.line
            depth = _entered(pieces, holders)
            if depth is None and begun != left:
                return Rest(begun if left else 1)
            if depth is None:
                yield Rejected(place=Place(path, begun), reason="is no JSON: more follows its list")
                return Rest(begun + 1)
            torn = yield from _records(path, pieces)
            if torn:
                return Rest(pieces.line + 1, torn=True)
            pieces.leave(depth)
            left = pieces.line
    except TornJson:
        place = Place(path, pieces.line)
        yield Rejected(place=place, reason="is no JSON: breaks off behind its list")
        return None
    return None if left else Rest(1)


def _records(path: Path, pieces: JsonPieces) -> Generator[Record | Rejected, None, bool]:
    """The records of the list that is open; it returns whether the last of them is torn."""
    number = 0
    while not pieces.take(b"]"):
        if pieces.take(b","):
            continue
        number += 1
        try:
            line, data = pieces.value()
        except TornJson as torn:
            place = Place(path, f"line {pieces.line}, record {number}")
            yield Rejected(place=place, reason=str(torn))
            return True
        yield _read(Place(path, f"line {line}, record {number}"), data)
    return False


def _entered(pieces: JsonPieces, holders: Collection[str]) -> int | None:
    """Go into the list of records that follows; how many objects hold it, None where none does."""
    depth = 0
    try:
        while pieces.take(b"{"):
            depth += 1
            if not _holder_reached(pieces, holders):
                return None
    except TornJson:
        return None
    return depth if pieces.take(b"[") and pieces.mark() == b"{" else None


def _holder_reached(pieces: JsonPieces, holders: Collection[str]) -> bool:
    """Go to what an object holds under one of these names, if that may hold records."""
    names = {json.dumps(name).encode() for name in holders}
    while names and pieces.mark() == b'"':
        name = pieces.value().data
        if not pieces.take(b":"):
            return False
        if name in names and pieces.mark() in {b"[", b"{"}:
            return True
        pieces.value()
        pieces.take(b",")
    return False


def _read(place: Place, data: bytes) -> Record | Rejected:
    try:
        return record_of(place, json_of(data))
    except InputUnreadable as problem:
        return Rejected(place=place, reason=str(problem))


def record_of(place: Place, value: Json) -> Record | Rejected:
    """A record, unless it is none."""
    if isinstance(value, dict):
        return place, value
    return Rejected(place=place, reason=f"expected an object, found {_kind(value)}")


def _kind(value: Json) -> str:
    return {list: "a list", str: "a text", type(None): "null"}.get(type(value), "a number")
