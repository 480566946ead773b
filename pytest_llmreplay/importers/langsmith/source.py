"""The importer of LangSmith's runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.event import Json
from pytest_llmreplay.importers.logs import found_call
from pytest_llmreplay.importers.reading import InputFile
from pytest_llmreplay.importers.records import records
from pytest_llmreplay.importers.source import Found, PassedOver, Place, Rejected
from pytest_llmreplay.importers.waiting import Waiting
from pytest_llmreplay.providers.fields import as_text

from .run import NO_MODEL, call_of
from .sent import Kind, Sent, is_parts, sent_in, sent_in_parts

__all__ = ["LANGSMITH"]

_HOLDERS: Final = frozenset({"runs", "data"})
_MISSING: Final[dict[Kind, str]] = {"post": "end", "patch": "beginning"}
_OTHER_HALF: Final = "stands in none of the files: import both together"

_Half: TypeAlias = tuple[str, int | str | None, Kind, dict[str, Json]]
"""What was sent of a run: its file, its place there, which half, and what it tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Langsmith:
    name: str = "langsmith"
    help: str = "Runs of LangSmith, as its API gives them, or as its SDKs send them."
    personal: bool = True
    endings: tuple[str, ...] = (".json", ".jsonl", ".ndjson")

    def read(self, files: Sequence[InputFile]) -> Iterator[Found]:
        """Every run of every file; those that were sent in two halves come last."""
        with closing(Waiting()) as waiting:
            for file in files:
                yield from _whole(file, waiting)
            for halves, whole in waiting.joined():
                yield _joined(halves, whole=whole)


def _whole(file: InputFile, waiting: Waiting) -> Iterator[Found]:
    """The runs of a file that are whole; the others wait."""
    for found in _sent(file):
        if isinstance(found, Rejected):
            yield found
            continue
        place, sent = found
        name = as_text(sent.run.get("id"))
        if sent.is_whole:
            waiting.note_whole(name)
            yield found_call(place, partial(call_of, sent.run))
        elif name is None:
            yield Rejected(place=place, reason="a half of a run, without an id")
        else:
            waiting.keep(name, [str(place.path), place.at, sent.kind, _needed(sent.run)])


def _sent(file: InputFile) -> Iterator[tuple[Place, Sent] | Rejected]:
    """Everything that a file tells of runs."""
    try:
        if is_parts(next(file.blocks(), b"")):
            yield from _numbered(Place(file.path), sent_in_parts(file.whole()))
            return
    except InputUnreadable as problem:
        yield Rejected(place=Place(file.path), reason=str(problem))
        return
    for record in records(file, _HOLDERS):
        if isinstance(record, Rejected):
            yield record
        else:
            yield from _told(*record)


def _told(place: Place, record: dict[str, Json]) -> Iterator[tuple[Place, Sent] | Rejected]:
    try:
        runs = sent_in(record)
    except InputUnreadable as problem:
        yield Rejected(place=place, reason=str(problem))
        return
    yield from [(place, one) for one in runs if one.kind == "run"] or _numbered(place, runs)


def _numbered(place: Place, runs: Iterable[Sent]) -> Iterator[tuple[Place, Sent]]:
    return ((place.inner(f"run {number}"), one) for number, one in enumerate(runs, 1))


def _needed(run: dict[str, Json]) -> dict[str, Json]:
    """What a half is kept for: of a run that is no call, that it is none."""
    kind = run.get("run_type")
    return run if kind in (None, "llm") else {"run_type": kind}


def _joined(halves: Sequence[_Half], *, whole: bool) -> Found:
    """What the halves of a run tell together; what its end tells again counts.

    Args:
        halves: Those of one id.
        whole: Whether a run of that id is whole without them.
    """
    told = sorted(halves, key=lambda half: half[2] == "patch")
    path, at, first, _ = told[0]
    place, last = Place(Path(path), at), told[-1][2]
    run: dict[str, Json] = {}
    for *_, half in told:
        run |= {key: value for key, value in half.items() if value is not None}
    if run.get("run_type") not in (None, "llm"):
        return PassedOver(place=place, reason=NO_MODEL)
    if whole:
        return PassedOver(place=place, reason="what was told of a run that is whole without it")
    if first != last or ("inputs" in run and run.keys() & {"outputs", "error"}):
        return found_call(place, partial(call_of, run))
    return Rejected(place=place, reason=f"a run whose {_MISSING[first]} {_OTHER_HALF}")


LANGSMITH: Final = _Langsmith()
