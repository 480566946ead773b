"""Records that were sent in two, as they began and as they ended: joined by their ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from pytest_llmreplay.event import Json
from pytest_llmreplay.importers.neutral.call import LoggedCall
from pytest_llmreplay.importers.source import Found, PassedOver, Place, Rejected
from pytest_llmreplay.providers.fields import as_text

from .logs import found_call
from .waiting import Waiting

__all__ = ["Half", "HalfRecord", "HalvedLog"]

Half: TypeAlias = Literal["beginning", "end"]
_OTHER: Final[dict[Half, Half]] = {"beginning": "end", "end": "beginning"}

_Kept: TypeAlias = tuple[str, int | str | None, Half, dict[str, Json]]
"""A half that waits: its file, its place there, which half, and what it tells."""


class HalfRecord(NamedTuple):
    """A record of a call, or a half of it, at one place of a log."""

    place: Place
    record: dict[str, Json]
    half: Half | None = None
    """None where the record is whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HalvedLog:
    """A log that may tell a call in two halves, its begin and its end, each a record."""

    noun: str
    """What they are halves of, as `run`."""
    call_of: Callable[[dict[str, Json]], LoggedCall]
    """The call that a record tells; raises Unimportable, or NoCall."""
    needed: Callable[[dict[str, Json]], dict[str, Json]]
    """As much of a half as is worth to be kept."""
    is_told: Callable[[dict[str, Json]], bool]
    """Whether a record tells all of a call, be it by one half alone."""

    def calls(self, records: Iterable[HalfRecord | Rejected]) -> Iterator[Found]:
        """Every record; those that were sent in two halves come last.

        Raises:
            CassetteError: The disk is full.
        """
        with closing(Waiting()) as waiting:
            for one in records:
                if isinstance(one, Rejected):
                    yield one
                elif (found := self._whole(one, waiting)) is not None:
                    yield found
            for halves, whole in waiting.joined():
                yield self._joined(halves, whole=whole)

    def _whole(self, told: HalfRecord, waiting: Waiting) -> Found | None:
        """What a record tells that is whole; a half waits."""
        place, record, half = told
        name = as_text(record.get("id"))
        if half is None:
            waiting.note_whole(name)
            return found_call(place, partial(self.call_of, record))
        if name is None:
            return Rejected(place=place, reason=f"a half of a {self.noun}, without an id")
        waiting.keep(name, [str(place.path), place.at, half, self.needed(record)])
        return None

    def _joined(self, halves: Sequence[Any], *, whole: bool) -> Found:
        """What the halves of a record tell together; what its end tells again counts.

        Args:
            halves: Those of one id.
            whole: Whether a record of that id is whole without them.
        """
        halves_kept: list[_Kept] = sorted(halves, key=lambda kept: kept[2] == "end")
        path, at, first, _ = halves_kept[0]
        place, last = Place(Path(path), at), halves_kept[-1][2]
        record: dict[str, Json] = {}
        for *_, half in halves_kept:
            record |= {key: value for key, value in half.items() if value is not None}
        found = found_call(place, partial(self.call_of, record))
        if isinstance(found, PassedOver):
            return found
        if whole:
            reason = f"what was told of a {self.noun} that is whole without it"
            return PassedOver(place=place, reason=reason)
        if first != last or self.is_told(record):
            return found
        missing = f"{_OTHER[first]} stands in none of the files: import both together"
        return Rejected(place=place, reason=f"a {self.noun} whose {missing}")
