"""A run file that is read: indexed once, each answer parsed when it is asked for.

It is data that anybody may have written. A torn tail is what a killed process leaves; a damaged
line elsewhere is told with its number, and left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from pytest_llmreplay.cassette.yaml_text.fields import WrongField
from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.event import Json
from pytest_llmreplay.replay.calls.call import Call
from pytest_llmreplay.replay.calls.result import CallFailed, Reply, is_answer

from .header import RunHeader, read_header
from .opinions import NO_OPINIONS, Opinions, read_opinions
from .row_reading import call_of, outcome_of
from .run_lines import Line, lines_of, opened, parsed

__all__ = ["StoredCall", "StoredRun"]

_MOST = 5
"""Damaged lines of a file that are told by their numbers."""


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
        with opened(path) as file:
            return _first(lines_of(file, path), path)

    @classmethod
    def open(cls, path: Path) -> StoredRun:
        """Read the index of a run file.

        Raises:
            CassetteTooNew: A later version of this package wrote it.
            CassetteError: It cannot be read, or is no run file.
        """
        with opened(path) as file:
            lines = lines_of(file, path)
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

    @property
    def damage(self) -> str | None:
        """Which lines could not be read, in a line; none where all could."""
        if not self.damaged:
            return None
        lines = ", ".join(map(str, self.damaged[:_MOST]))
        more = f" and {len(self.damaged) - _MOST} more" if len(self.damaged) > _MOST else ""
        return f"{self.path}: damaged and left out: line {lines}{more}"

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
            with opened(self.path) as file:
                file.seek(stored.begin)
                value = parsed(file.read(stored.size))
            return outcome_of(value) if call_of(value) == stored.call else None
        except (WrongField, CassetteError):
            return None


class _Index:
    """The lines of a run file by what they hold."""

    def __init__(self) -> None:
        self.calls: dict[Call, StoredCall] = {}
        self.whatever_was_sent: dict[Call, StoredCall] = {}
        self.opinions: dict[Call, Opinions] = {}
        self.damaged: list[int] = []
        self.whole = False

    def add(self, line: Line) -> None:
        if isinstance(line.value, dict) and "end" in line.value:
            self.whole = _ended_whole(line.value["end"])
            return
        try:
            self._take(line)
        except WrongField:
            if not line.torn:
                self.damaged.append(line.number)

    def _take(self, line: Line) -> None:
        if isinstance(line.value, dict) and "judged" in line.value:
            call, opinions = read_opinions(line.value)
            self.opinions[call] = opinions
            return
        stored = _stored(line)
        self.calls[stored.call] = stored
        self.whatever_was_sent[replace(stored.call, digest=None)] = stored


def _stored(line: Line) -> StoredCall:
    outcome = outcome_of(line.value)
    return StoredCall(
        call=call_of(line.value),
        line=line.number,
        begin=line.begin,
        size=line.size,
        answered=is_answer(outcome),
        taken_from=outcome.taken_from if isinstance(outcome, Reply) else None,
    )


def _ended_whole(value: Json) -> bool:
    return isinstance(value, dict) and value.get("whole") is True


def _first(lines: Iterator[Line], path: Path) -> RunHeader:
    first = next(lines, None)
    if first is None:
        raise CassetteError(f"{path}: empty; the run was stopped before it began")
    return read_header(first.value, path)
