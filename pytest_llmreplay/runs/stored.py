"""A run file that is read: indexed once, each answer parsed when it is asked for.

It is data that anybody may have written. A torn tail is what a killed process leaves; a damaged
line elsewhere is told with its number, and left out.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from pytest_llmreplay.cassette.fields import Fields, WrongField
from pytest_llmreplay.errors import CassetteError, CassetteTooNew
from pytest_llmreplay.event import Json
from pytest_llmreplay.replay.calls import Call
from pytest_llmreplay.replay.decode import REFUSED
from pytest_llmreplay.replay.result import CallFailed, Reply

from .opinions import NO_OPINIONS, Opinions, read_opinions
from .rows import call_of, outcome_of
from .run_file import VERSION, RunHeader, RunTarget

__all__ = ["StoredCall", "StoredRun"]

_HEADER = frozenset(["run", "id", "started", "targets", "selection", "overrides", "calls"])
_TARGET = frozenset(["name", "kind", "provider", "model", "variant"])
_LONGEST = 256 * 1024 * 1024
"""Bytes of a line: more than a row of the largest answer that a replay takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCall:
    """One line of a run file."""

    call: Call
    line: int
    """Counted from 1."""
    begin: int
    size: int
    answered: bool
    """Whether there was an answer, not an error."""
    taken_from: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """A run as its file tells it."""

    path: Path
    header: RunHeader
    calls: tuple[StoredCall, ...] = field(repr=False)
    """The last line of each call, in the order of the file."""
    damaged: tuple[int, ...] = ()
    """Lines that could not be read, counted from 1; a torn last line is none."""
    whole: bool = False
    """Whether the run came to its end with an outcome for every event."""
    _found: dict[Call, StoredCall] = field(default_factory=dict, repr=False, compare=False)
    _opinions: dict[Call, Opinions] = field(default_factory=dict, repr=False, compare=False)

    @staticmethod
    def header_of(path: Path) -> RunHeader:
        """What stands in the first line of a run file; raises as `open` does."""
        with _opened(path) as file:
            return _first(_lines(file, path), path)

    @classmethod
    def open(cls, path: Path) -> StoredRun:
        """Read the index of a run file.

        Raises:
            CassetteTooNew: A later version of this package wrote it.
            CassetteError: It cannot be read, or is no run file.
        """
        with _opened(path) as file:
            lines = _lines(file, path)
            header = _first(lines, path)
            index = _Index()
            for line in lines:
                index.add(line)
        return cls(
            path=path,
            header=header,
            calls=tuple(sorted(index.calls.values(), key=lambda one: one.line)),
            damaged=tuple(index.damaged),
            whole=index.whole,
            _found=index.calls | index.whatever_was_sent,
            _opinions=index.opinions,
        )

    def find(self, call: Call) -> Reply | CallFailed | None:
        """What came of a call; none where it was not made."""
        stored = self._found.get(call)
        return None if stored is None else self.outcome(stored)

    def session(self, call: Call) -> str | None:
        """Id of the session in which a call was made, where sessions ran freely."""
        stored = self._found.get(call)
        return None if stored is None else stored.call.session

    def opinions(self, call: Call) -> Opinions:
        """What a judge and a user's checks thought of the answer to a call."""
        return self._opinions.get(replace(call, digest=None), NO_OPINIONS)

    def outcome(self, stored: StoredCall) -> Reply | CallFailed | None:
        """What came of a call; none where its line cannot be read, or is not what it was."""
        try:
            with _opened(self.path) as file:
                file.seek(stored.begin)
                value = _parsed(file.read(stored.size))
            return outcome_of(value) if call_of(value) == stored.call else None
        except (WrongField, CassetteError):
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    number: int
    begin: int
    size: int
    value: Json
    torn: bool


class _Index:
    """What stands in which line."""

    def __init__(self) -> None:
        self.calls: dict[Call, StoredCall] = {}
        self.whatever_was_sent: dict[Call, StoredCall] = {}
        self.opinions: dict[Call, Opinions] = {}
        self.damaged: list[int] = []
        self.whole = False

    def add(self, line: _Line) -> None:
        if isinstance(line.value, dict) and "end" in line.value:
            self.whole = _ended_whole(line.value["end"])
            return
        try:
            self._take(line)
        except WrongField:
            if not line.torn:
                self.damaged.append(line.number)

    def _take(self, line: _Line) -> None:
        if isinstance(line.value, dict) and "judged" in line.value:
            call, opinions = read_opinions(line.value)
            self.opinions[call] = opinions
            return
        stored = _stored(line)
        self.calls[stored.call] = stored
        self.whatever_was_sent[replace(stored.call, digest=None)] = stored


def _lines(file: BinaryIO, path: Path) -> Iterator[_Line]:
    begin, number = 0, 1
    while data := file.readline(_LONGEST):
        if len(data) == _LONGEST:
            raise CassetteError(f"{path}:{number}: a line of {len(data):,} bytes is no call")
        torn = not data.endswith(b"\n")
        if data.strip():
            value = _parsed(data)
            yield _Line(number=number, begin=begin, size=len(data), value=value, torn=torn)
        begin += len(data)
        number += 1


def _refuse_constant(word: str) -> Json:
    raise ValueError(f"{word} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _parsed(data: bytes) -> Json:
    """The value of a line; none where it is no JSON."""
    try:
        value: Json = _DECODER.decode(data.decode())
    except (ValueError, RecursionError):
        return None
    return value


def _stored(line: _Line) -> StoredCall:
    outcome = outcome_of(line.value)
    return StoredCall(
        call=call_of(line.value),
        line=line.number,
        begin=line.begin,
        size=line.size,
        answered=isinstance(outcome, Reply) and outcome.status < REFUSED,
        taken_from=outcome.taken_from if isinstance(outcome, Reply) else None,
    )


def _ended_whole(value: Json) -> bool:
    return isinstance(value, dict) and value.get("whole") is True


def _opened(path: Path) -> BinaryIO:
    """The file, if it is one: no device, and nothing that a link leads to.

    Raises:
        CassetteError: It cannot be read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise CassetteError(f"{path}: cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise CassetteError(f"{path}: is no file")
    return os.fdopen(descriptor, "rb")


def _first(lines: Iterator[_Line], path: Path) -> RunHeader:
    first = next(lines, None)
    if first is None:
        raise CassetteError(f"{path}: empty; the run was stopped before it began")
    return _header(first.value, path)


def _header(value: Json, path: Path) -> RunHeader:
    if not isinstance(value, dict) or "run" not in value:
        raise CassetteError(f"{path}: is no run file, which begins with its version")
    if value["run"] != VERSION:
        raise CassetteTooNew(
            f"{path}: a run file of format {value['run']!r}, but this version of "
            f"pytest-llmreplay reads format {VERSION}; upgrade it "
            "(pip install --upgrade pytest-llmreplay), or replay again"
        )
    try:
        return _header_of(Fields(value, (), _HEADER))
    except WrongField as wrong:
        raise CassetteError(f"{path}:1: {wrong}") from None


def _header_of(fields: Fields) -> RunHeader:
    targets, selection = fields.value.get("targets"), fields.value.get("selection")
    if not isinstance(targets, list):
        raise WrongField(("targets",), "expected a list of targets")
    if not isinstance(selection, dict):
        raise WrongField(("selection",), "expected keys and values")
    return RunHeader(
        id=fields.text("id"),
        started=fields.text("started"),
        targets=tuple(_target(Fields(one, ("targets",), _TARGET)) for one in targets),
        selection=selection,
        overrides=fields.text("overrides"),
        calls=fields.integer("calls"),
    )


def _target(fields: Fields) -> RunTarget:
    return RunTarget(
        name=fields.text("name"),
        kind=fields.text("kind"),
        provider=fields.text_or_none("provider"),
        model=fields.text_or_none("model"),
        variant=fields.text_or_none("variant"),
    )
