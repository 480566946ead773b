"""The importer of MLflow's traces: `Trace.to_json()`, and rows of `mlflow.search_traces()`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from pytest_llmreplay.event import Json
from pytest_llmreplay.importers.neutral.decoding import from_text
from pytest_llmreplay.importers.reading.files import InputFile
from pytest_llmreplay.importers.records.listed import records
from pytest_llmreplay.importers.records.logs import found_call
from pytest_llmreplay.importers.source import Found, Place, Rejected
from pytest_llmreplay.providers.fields import Fields, as_objects

from .call import asks_a_model, call_of, id_of, parent_of

__all__ = ["MLFLOW", "traced"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mlflow:
    name: str = "mlflow"
    help: str = "Traces of MLflow, as Trace.to_json() and rows of search_traces() tell them."
    personal: bool = True
    endings: tuple[str, ...] = (".json", ".jsonl", ".ndjson")

    def read(self, files: Sequence[InputFile]) -> Iterator[Found]:
        """Every span of every trace."""
        for file in files:
            for record in records(file, {"traces"}):
                yield from [record] if isinstance(record, Rejected) else traced(*record)


MLFLOW: Final = _Mlflow()


def traced(place: Place, trace: dict[str, Json]) -> Iterator[Found]:
    """What became of every span of a trace."""
    spans = _spans(trace)
    if not spans:
        yield Rejected(place=place, reason="no spans: expected data.spans, as Trace.to_json() has")
    around = {parent_of(span) for span in spans if asks_a_model(span)} - {None}
    for number, span in enumerate(spans, 1):
        call = partial(call_of, trace, span, is_around=id_of(span) in around)
        yield found_call(place.inner(f"span {number}"), call)


def _spans(trace: Mapping[str, Json]) -> list[dict[str, Json]]:
    listed = Fields(trace.get("data")).items("spans") or from_text(trace.get("spans"))
    return as_objects(listed)
