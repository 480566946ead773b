"""The importer of LangSmith's runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.event import Json
from pytest_llmreplay.importers.reading.files import InputFile
from pytest_llmreplay.importers.records.halved import Half, HalfRecord, HalvedLog
from pytest_llmreplay.importers.records.listed import records
from pytest_llmreplay.importers.source import Found, Place, Rejected

from .run import call_of
from .sent import Kind, Sent, is_parts, sent_in, sent_in_parts

__all__ = ["LANGSMITH"]

_HOLDERS: Final = frozenset({"runs", "data"})
_HALVES: Final[dict[Kind, Half]] = {"post": "beginning", "patch": "end"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Langsmith:
    name: str = "langsmith"
    help: str = "Runs of LangSmith, as its API gives them, or as its SDKs send them."
    personal: bool = True
    endings: tuple[str, ...] = (".json", ".jsonl", ".ndjson")

    def read(self, files: Sequence[InputFile]) -> Iterator[Found]:
        """Every run of every file; those that were sent in two halves come last."""
        yield from _RUNS.calls(record for file in files for record in _sent(file))


def _sent(file: InputFile) -> Iterator[HalfRecord | Rejected]:
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
            yield from _half_records(*record)


def _half_records(place: Place, record: dict[str, Json]) -> Iterator[HalfRecord | Rejected]:
    try:
        runs = sent_in(record)
    except InputUnreadable as problem:
        yield Rejected(place=place, reason=str(problem))
        return
    yield from [HalfRecord(place, one.run) for one in runs if one.kind == "run"] or _numbered(
        place, runs
    )


def _numbered(place: Place, runs: Iterable[Sent]) -> Iterator[HalfRecord]:
    for number, one in enumerate(runs, 1):
        half = None if one.is_whole else _HALVES[one.kind]
        yield HalfRecord(place.inner(f"run {number}"), one.run, half)


def _needed(run: dict[str, Json]) -> dict[str, Json]:
    """What a half is kept for: of a run that is no call, that it is none."""
    kind = run.get("run_type")
    return run if kind in (None, "llm") else {"run_type": kind}


def _is_told(run: dict[str, Json]) -> bool:
    """Whether question and answer stand in it, as in the ends that LangChain sends."""
    return "inputs" in run and bool(run.keys() & {"outputs", "error"})


_RUNS: Final = HalvedLog(noun="run", call_of=call_of, needed=_needed, is_told=_is_told)
LANGSMITH: Final = _Langsmith()
